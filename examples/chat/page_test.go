package main

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/testjs"
)

// The page in Chromium, as web/test drives it: each file for itself.
func TestBrowser(t *testing.T) {
	testjs.Modules(t)
	env := []string{"CHROMIUM=" + testjs.Chromium(t), "CHAT=" + filepath.Join(build(t), "chat")}
	tests, err := filepath.Glob("web/test/*.test.mjs")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	for _, file := range tests {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test.mjs"), func(t *testing.T) {
			t.Parallel() // they wait more than they do
			path, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			out, code := testjs.RunEnv(t, env, "--test", path)
			if code != 0 {
				t.Errorf("exit code %d:\n%s", code, out)
			}
		})
	}
}

// What is committed under page/ is what web/ builds to.
func TestPageIsBuilt(t *testing.T) {
	dir := t.TempDir()
	vite := filepath.Join(testjs.Modules(t), "vite", "bin", "vite.js")
	if out, code := testjs.Run(t, vite, "build", "examples/chat/web", "--outDir", dir, "--logLevel", "warn"); code != 0 {
		t.Fatalf("vite build:\n%s", out)
	}
	want, got := readAll(t, os.DirFS(dir)), readAll(t, os.DirFS("page"))
	for name, text := range want {
		if got[name] != text {
			t.Errorf("page/%s is not what web/ builds to; run: make page", name)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("page/%s is left over; run: make page", name)
	}
}

func readAll(t *testing.T, files fs.FS) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		all[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The page needs nothing from elsewhere and may load nothing from there.
func TestPageIsServed(t *testing.T) {
	page, err := newPage()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/":          "text/html; charset=utf-8",
		"/chat.js":   "text/javascript; charset=utf-8",
		"/index.css": "text/css; charset=utf-8",
		"/icon.svg":  "image/svg+xml",
	} {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != want {
			t.Errorf("GET %s: %d, %s; want %s", path, w.Code, got, want)
		}
		if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; script-src 'self';") {
			t.Errorf("GET %s: policy %q", path, got)
		}
	}
	html := httptest.NewRecorder()
	page.ServeHTTP(html, httptest.NewRequest(http.MethodGet, "/", nil))
	if strings.Contains(html.Body.String(), "//") {
		t.Errorf("the page names an address:\n%s", html.Body)
	}
}
