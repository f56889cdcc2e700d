// Package deptest holds the directions in which packages may depend on each
// other (docs/architecture.md).
package deptest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/siogen/siogen/"

// deps lists the module's own packages that pattern depends on, itself included,
// without the module's path.
func deps(t *testing.T, pattern string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}", pattern)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pattern, err)
	}
	var own []string
	for line := range strings.Lines(string(out)) {
		if p, ok := strings.CutPrefix(strings.TrimSpace(line), module); ok {
			own = append(own, p)
		}
	}
	return own
}

func under(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

func TestRuntimeKnowsNothingOfBuildTime(t *testing.T) {
	for _, p := range deps(t, "./runtime/...") {
		if !under(p, "runtime") {
			t.Errorf("runtime depends on %s", p)
		}
	}
}

func TestBuildTimeKnowsNothingOfRuntime(t *testing.T) {
	for _, p := range deps(t, "./cmd/siogen") {
		if under(p, "runtime") {
			t.Errorf("cmd/siogen depends on %s", p)
		}
	}
}

func TestGeneratorsDoNotKnowEachOther(t *testing.T) {
	if slices.Contains(deps(t, "./generator/golang"), "generator/typescript") {
		t.Error("generator/golang depends on generator/typescript")
	}
	if slices.Contains(deps(t, "./generator/typescript"), "generator/golang") {
		t.Error("generator/typescript depends on generator/golang")
	}
}

func TestSchemaDependsOnNothingButItself(t *testing.T) {
	for _, p := range deps(t, "./schema/...") {
		// goschema leaves out Go names that follow from the wire names.
		if !under(p, "schema") && p != "internal/naming" {
			t.Errorf("schema depends on %s", p)
		}
	}
	for _, p := range append(deps(t, "./schema"), deps(t, "./schema/yamlschema")...) {
		if !under(p, "schema") {
			t.Errorf("schema depends on %s", p)
		}
	}
}

// An application compiles neither another engine nor what measures, unless it asks
// for them.
func TestRuntimeIsFreeOfWhatIsNotAskedFor(t *testing.T) {
	foreign := []string{"zishang520", "quic-go", "github.com/prometheus/", "go.opentelemetry.io/", "google.golang.org/protobuf"}
	for _, pattern := range []string{"./runtime", "./runtime/socketio", "./testdata/golden/everything", "./examples/chat", "./cmd/siogen"} {
		cmd := exec.Command("go", "list", "-deps", pattern)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", pattern, err)
		}
		for line := range strings.Lines(string(out)) {
			if slices.ContainsFunc(foreign, func(f string) bool { return strings.Contains(line, f) }) {
				t.Errorf("%s depends on %s", pattern, strings.TrimSpace(line))
			}
		}
	}
}
