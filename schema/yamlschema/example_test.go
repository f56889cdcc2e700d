package yamlschema_test

import (
	"fmt"

	"github.com/siogen/siogen/schema/yamlschema"
)

func ExampleLoad() {
	files := map[string]string{
		"events.yaml": "package: chat\nimports: [common.yaml]\nServerToClient:\n  hello: {args: {user: User}}\n",
		"common.yaml": "types:\n  User: {fields: {name: string}}\n",
	}
	s, problems := yamlschema.Load("events.yaml", yamlschema.Options{
		ReadFile: func(name string) ([]byte, error) { return []byte(files[name]), nil },
	})
	fmt.Println(len(problems), s.Package, s.Types[0].Name, s.Namespaces[0].ServerToClient[0].Name)
	// Output: 0 chat User hello
}
