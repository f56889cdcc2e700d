package generators

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Files of a contract.
const (
	siogenFile  = "events.yaml"
	typesFile   = "types.yaml" // imported by siogenFile, because a file has a limit
	openAPIFile = "openapi.yaml"
)

// writeContract writes one of n calls into a folder, in both languages.
func writeContract(folder string, n int) error {
	for name, write := range map[string]func(w io.Writer, n int){
		siogenFile: writeEvents, typesFile: writeTypes, openAPIFile: writeOpenAPI,
	} {
		if err := writeFile(filepath.Join(folder, name), n, write); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, n int, write func(w io.Writer, n int)) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	write(w, n)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Close()
}

func writeEvents(w io.Writer, n int) {
	fmt.Fprintf(w, "package: events\nimports: [%s]\n\nClientToServer:\n", typesFile)
	for i := range n {
		fmt.Fprintf(w, "  call%d: {args: {value: Type%[1]d}, ack: {value: Type%[1]d}}\n", i)
	}
}

func writeTypes(w io.Writer, n int) {
	fmt.Fprint(w, "types:\n")
	for i := range n {
		fmt.Fprintf(w, "  Type%d: {fields: {id: int, name: string, active: bool, score: float64, tags: \"[]string\"}}\n", i)
	}
}

func writeOpenAPI(w io.Writer, n int) {
	fmt.Fprint(w, "openapi: 3.0.3\ninfo: {title: events, version: \"1\"}\npaths:\n")
	for i := range n {
		content := fmt.Sprintf(`content: {application/json: {schema: {$ref: "#/components/schemas/Type%d"}}}`, i)
		fmt.Fprintf(w, `  /call%d:
    post:
      operationId: call%[1]d
      requestBody: {required: true, %[2]s}
      responses: {"200": {description: The answer., %[2]s}}
`, i, content)
	}
	fmt.Fprint(w, "components:\n  schemas:\n")
	for i := range n {
		fmt.Fprintf(w, `    Type%d:
      type: object
      required: [id, name, active, score, tags]
      properties:
        id: {type: integer}
        name: {type: string}
        active: {type: boolean}
        score: {type: number, format: double}
        tags: {type: array, items: {type: string}}
`, i)
	}
}
