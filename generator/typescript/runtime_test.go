package typescript_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/siogen/siogen/generator/typescript"
	"github.com/siogen/siogen/internal/testjs"
)

// TestBytesAtRunTime runs the official client, to see that it takes and hands
// out what the generated types say of bytes.
func TestBytesAtRunTime(t *testing.T) {
	testjs.Modules(t)
	script := filepath.Join(testjs.Root(t), "test", "ts", "runtime", "bytes.js")
	if _, err := os.Stat(script); err != nil { // for the test cache, too
		t.Fatal(err)
	}
	for platform, want := range map[string]string{
		typescript.BytesNode:    "10 round trips\n",
		typescript.BytesBrowser: "5 round trips\n",
	} {
		t.Run(platform, func(t *testing.T) {
			if out, code := testjs.Run(t, script, platform); code != 0 || out != want {
				t.Errorf("exit code %d:\n%s", code, out)
			}
		})
	}
}
