package generators

import (
	"testing"
)

// TestBothGeneratorsMakeGoOfAContract compiles what each of them writes.
func TestBothGeneratorsMakeGoOfAContract(t *testing.T) {
	runs, err := Measure(t.Context(), "../..", Options{Sizes: []int{3}, Rounds: 2, BuildTo: 3, Log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 4 || runs[0].Generator != Siogen || runs[1].Generator != OapiCodegen || runs[2].Round != 1 {
		t.Fatalf("runs %v", runs)
	}
	for _, r := range runs {
		if r.Wall <= 0 || r.CPU <= 0 || r.Memory <= 0 || r.Lines < 30 || (r.Build > 0) != (r.Round == 0) {
			t.Errorf("measured %+v", r)
		}
	}
}

func TestAGeneratorThatFailsIsAnError(t *testing.T) {
	if _, err := measured(t.Context(), t.TempDir(), "go", "build", "."); err == nil {
		t.Error("go build of nothing succeeded")
	}
	if _, err := lines(t.TempDir()); err == nil {
		t.Error("nothing was written, and no error")
	}
}
