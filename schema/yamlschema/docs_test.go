package yamlschema_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every whole schema in the reference is one that loads.
func TestSchemasInTheReferenceLoad(t *testing.T) {
	text, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for i, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"), -1) {
		if !strings.HasPrefix(m[1], "package:") {
			continue
		}
		count++
		t.Run(fmt.Sprint(i), func(t *testing.T) { load(t, map[string]string{"events.yaml": m[1]}) })
	}
	if count < 8 {
		t.Errorf("only %d schemas were found", count)
	}
}
