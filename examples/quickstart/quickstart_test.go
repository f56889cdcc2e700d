package main

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/siogen/siogen/internal/testjs"
)

func TestQuickstart(t *testing.T) {
	testjs.Modules(t)
	folder := filepath.Join("examples", "quickstart", "client")
	if out, code := testjs.Tsc(t, testjs.TypeScript, "-p", filepath.Join(folder, "tsconfig.json")); code != 0 {
		t.Fatalf("tsc:\n%s", out)
	}
	server := newServer()
	web := httptest.NewServer(server)
	defer web.Close()
	defer func() {
		if err := server.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	out, code := testjs.Run(t, filepath.Join(folder, "dist", "client.js"), web.URL)
	if want := "server: somebody enters\n1\n"; code != 0 || out != want {
		t.Errorf("exit code %d, printed %q, want %q", code, out, want)
	}
}
