package schema_test

import (
	"fmt"

	"github.com/siogen/siogen/schema"
	"github.com/siogen/siogen/schema/yamlschema"
)

// A loader makes the representation, whoever wants to know what a contract says
// walks over it.
func Example() {
	const contract = `
package: chat
ClientToServer:
  join: {args: {room: string, rooms: "...string"}, ack: {members: "[]string"}}
`
	s, _ := yamlschema.Load("events.yaml", yamlschema.Options{
		ReadFile: func(string) ([]byte, error) { return []byte(contract), nil },
	})
	for _, event := range s.Namespaces[0].ClientToServer {
		for _, arg := range event.Args {
			t := arg.Type.(*schema.Primitive)
			fmt.Println(event.Name, arg.Name, t.Kind == schema.String, arg.Variadic)
		}
	}
	// Output:
	// join room true false
	// join rooms true true
}
