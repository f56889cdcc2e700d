package goschema_test

import (
	"context"
	"fmt"

	"github.com/siogen/siogen/schema/goschema"
)

func ExampleLoad() {
	s, problems, err := goschema.Load(context.Background(), ".", goschema.Options{Dir: "../../examples/gochat/chat"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(problems), s.Namespaces[0].ServerToClient[0].Name, s.Namespaces[1].Name)
	// Output: 0 noArg /admin
}
