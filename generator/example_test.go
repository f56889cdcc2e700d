package generator_test

import (
	"context"
	"fmt"

	"github.com/siogen/siogen/generator"
	"github.com/siogen/siogen/schema/diag"
	"github.com/siogen/siogen/schema/yamlschema"
)

// From a contract to files, without touching the disk.
func ExampleGenerate() {
	const contract = "package: chat\nServerToClient:\n  message: {args: {from: string, text: string}}\n"
	s, problems := yamlschema.Load("events.yaml", yamlschema.Options{
		ReadFile: func(string) ([]byte, error) { return []byte(contract), nil },
	})
	if diag.HasErrors(problems) {
		fmt.Println(problems)
		return
	}
	files, err := generator.Generate(context.Background(), s, generator.Options{
		Go:         &generator.GoOptions{},
		TypeScript: &generator.TypeScriptOptions{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range files {
		fmt.Println(file.Kind == generator.TypeScript, file.Path)
	}
	// Output:
	// false types.siogen.go
	// false codec.siogen.go
	// false server.siogen.go
	// false client.siogen.go
	// true chat.ts
}
