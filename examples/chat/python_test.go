package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/internal/testjs"
	"github.com/siogen/siogen/runtime"
)

// python is the interpreter that Debian's python3-socketio is for.
const python = "/usr/bin/python3"

// The chat's own server, driven by Debian's python3-socketio, with each way to write
// packets.
func TestPythonClient(t *testing.T) {
	if out, err := exec.Command(python, "-c", "import socketio, requests, websocket, msgpack").CombinedOutput(); err != nil {
		testjs.Missing(t, fmt.Sprintf("no python3-socketio (scripts/peers.sh python): %v\n%s", err, out))
	}
	for _, transports := range []string{"websocket", "polling", "polling websocket"} {
		for _, parser := range []runtime.Parser{runtime.ParserDefault, runtime.ParserMsgpack} {
			t.Run(transports+" "+parser.String(), func(t *testing.T) {
				server := runtime.NewServer(runtime.ServerOptions{Logger: slog.New(slog.DiscardHandler), Parser: parser})
				newChat(server, "secret")
				web := httptest.NewServer(server)
				defer web.Close()
				defer func() {
					if err := server.Close(t.Context()); err != nil {
						t.Errorf("closing: %v", err)
					}
				}()
				ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
				defer stop()
				args := append([]string{filepath.Join(testjs.Root(t), "examples", "chat", "testdata", "client.py"), web.URL}, strings.Fields(transports)...)
				if parser == runtime.ParserMsgpack {
					args = append(args, parser.String())
				}
				if out, err := exec.CommandContext(ctx, python, args...).CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}
