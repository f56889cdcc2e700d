package docs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/runtime"
)

// folder is one with the npm packages of the repository.
func folder(t *testing.T) string {
	t.Helper()
	modules, dir := testjs.Modules(t), t.TempDir()
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "package.json", `{"type": "module"}`)
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TypeScript in pages compiles, strictly, beside what is generated from
// examples/events.yaml.
func TestTypeScriptInPagesCompiles(t *testing.T) {
	dir := folder(t)
	write(t, dir, "chat.ts", file(t, "../examples/chat/node/src/events.ts"))
	write(t, dir, "tsconfig.json", file(t, "../examples/quickstart/client/tsconfig.json"))
	blocks := 0
	for page, text := range read(t) {
		if base := filepath.Base(page); base == "quick-start.md" || base == "README.md" {
			continue // those are examples/quickstart
		}
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if m[1] == "ts" {
				blocks++
				write(t, dir, fmt.Sprintf("%s-%d.ts", filepath.Base(page), blocks), m[2]+"\nexport {};\n")
			}
		}
	}
	if blocks < 3 {
		t.Fatalf("only %d blocks", blocks)
	}
	if out, code := testjs.Tsc(t, testjs.TypeScript, "--noEmit", "-p", dir); code != 0 {
		t.Errorf("tsc:\n%s", out)
	}
}

func TestJSONInPagesIsJSON(t *testing.T) {
	for page, text := range read(t) {
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if m[1] == "json" && !json.Valid([]byte(m[2])) {
				t.Errorf("%s: not JSON:\n%s", page, m[2])
			}
		}
	}
}

// printLines has Python print a line in one piece: two of the client's threads do.
const printLines = `
import sys

def print(*values):
    sys.stdout.write(" ".join(map(str, values)) + "\n")

`

// What clients without generated code are shown to do reaches typed handlers.
func TestClientsWithoutGeneratedCode(t *testing.T) {
	const python = "/usr/bin/python3" // the one that Debian's python3-socketio is for
	for language, run := range map[string]func(t *testing.T, script string) *exec.Cmd{
		"js": func(t *testing.T, script string) *exec.Cmd {
			dir := folder(t)
			write(t, dir, "client.js", script)
			cmd := exec.Command(testjs.Node(t), "client.js")
			cmd.Dir = dir
			return cmd
		},
		"python": func(t *testing.T, script string) *exec.Cmd {
			if out, err := exec.Command(python, "-c", "import socketio, requests, websocket").CombinedOutput(); err != nil {
				testjs.Missing(t, fmt.Sprintf("no python3-socketio (scripts/peers.sh python): %v\n%s", err, out))
			}
			return exec.Command(python, "-u", "-c", printLines+script)
		},
	} {
		t.Run(language, func(t *testing.T) {
			script := ""
			for _, m := range block.FindAllStringSubmatch(file(t, "wire.md"), -1) {
				if m[1] == language {
					script = m[2]
				}
			}
			server := runtime.NewServer(runtime.ServerOptions{})
			avatars := serveWelcomes(chatio.NewServer(server))
			web := httptest.NewServer(server)
			defer web.Close()
			cmd := run(t, strings.ReplaceAll(script, "http://127.0.0.1:3000", web.URL))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			limit := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
			defer limit.Stop()
			var printed []string // the message and the answer come in either order
			for lines := bufio.NewScanner(out); len(printed) < 2 && lines.Scan(); {
				printed = append(printed, lines.Text())
			}
			slices.Sort(printed)
			if want := []string{"1", "lobby system"}; !slices.Equal(printed, want) {
				t.Errorf("the client printed %q, want %q", printed, want)
			}
			select {
			case image := <-avatars:
				if !slices.Equal(image, []byte{1, 2, 3}) {
					t.Errorf("setAvatar got %v", image)
				}
			case <-time.After(time.Minute):
				t.Error("no picture came")
			}
			_ = cmd.Process.Kill() // it would stay
			_ = cmd.Wait()
			if err := server.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// serveWelcomes is a chat that greets who joins, before the answer. It returns the
// pictures that come.
func serveWelcomes(srv *chatio.Server) <-chan []byte {
	avatars := make(chan []byte, 1)
	srv.OnConnection(func(_ context.Context, s *chatio.ServerSocket) error {
		s.OnJoin(func(_ context.Context, room chatio.Room) ([]chatio.User, error) {
			welcome := &chatio.SystemMessage{Text: "welcome", Level: chatio.SystemMessageLevelInfo}
			return []chatio.User{{Name: "Ann", Role: chatio.RoleGuest}}, s.EmitMessage(welcome, room)
		})
		s.OnSetAvatar(func(_ context.Context, image []byte) error {
			avatars <- image
			return nil
		})
		return nil
	})
	return avatars
}
