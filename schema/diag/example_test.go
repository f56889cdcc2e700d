package diag_test

import (
	"os"

	"github.com/siogen/siogen/schema/diag"
)

func ExampleText() {
	source := []byte("package: chat\nServerToClinet: {}\n")
	problems := []diag.Diagnostic{{
		Code:    diag.CodeUnknownKey,
		Span:    diag.Span{File: "events.yaml", Line: 2, Col: 1, EndLine: 2, EndCol: 15},
		Message: `unknown key "ServerToClinet"`,
		Hint:    "did you mean ServerToClient?",
	}}
	_ = diag.Text(os.Stdout, problems, func(string) []byte { return source }, false)
	// Output:
	// events.yaml:2:1: error SIO010: unknown key "ServerToClinet"
	//    2 | ServerToClinet: {}
	//      | ^^^^^^^^^^^^^^
	//   hint: did you mean ServerToClient?
}
