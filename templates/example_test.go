package templates_test

import (
	"fmt"
	"io/fs"

	"github.com/siogen/siogen/templates"
)

func ExampleTypeScript() {
	names, err := fs.Glob(templates.TypeScript(), "*.tmpl")
	fmt.Println(names, err)
	// Output: [events.ts.tmpl file.ts.tmpl types.ts.tmpl] <nil>
}
