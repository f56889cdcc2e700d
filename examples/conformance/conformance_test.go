package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/internal/rawpeer"
)

// patience bounds every wait; it is no measure of speed.
const patience = 30 * time.Second

// start builds the program, runs it and returns the URL that it prints.
func start(t *testing.T, suite string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "conformance")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, "--addr", "127.0.0.1:0", "--suite", suite)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() {
		defer kill.Stop()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		t.Fatalf("first line %q (%v)", line, err)
	}
	return url
}

// suiteHandshake is what a suite expects of an open packet.
func suiteHandshake(sid string, upgrades ...string) rawpeer.Handshake {
	return rawpeer.Handshake{
		SID: sid, Upgrades: append([]string{}, upgrades...), PingInterval: 300, PingTimeout: 200, MaxPayload: 1_000_000,
	}
}

// wantServed checks the handshakes of both transports, and returns a session on
// a WebSocket.
func wantServed(t *testing.T, at rawpeer.Server) *rawpeer.WebSocket {
	t.Helper()
	a := at.Do(t, "GET", "EIO=4&transport=polling", "", "Origin: http://elsewhere.example")
	if got := a.Header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("Access-Control-Allow-Origin %q", got)
	}
	h := rawpeer.ParseOpen(t, a.Body)
	if diff := cmp.Diff(suiteHandshake(h.SID, "websocket"), h); diff != "" {
		t.Errorf("polling: (-want +got)\n%s", diff)
	}
	ws := at.OpenWebSocket(t)
	ws.AnswerPings = true
	if diff := cmp.Diff(suiteHandshake(ws.SID), ws.Handshake); diff != "" {
		t.Errorf("websocket: (-want +got)\n%s", diff)
	}
	return ws
}

func TestEngineSuite(t *testing.T) {
	ws := wantServed(t, rawpeer.At(start(t, "engine"), "/engine.io/"))
	ws.Send("4hello")
	ws.Want("4hello")
	ws.SendBinary("\x01\x02\x03\x04")
	ws.Want("b:\x01\x02\x03\x04")
}

func TestSocketSuite(t *testing.T) {
	ws := wantServed(t, rawpeer.At(start(t, "socket"), "/socket.io/"))
	connect := func(packet, prefix, auth string) {
		t.Helper()
		ws.Send(packet)
		answer := ws.Next()
		var payload map[string]string
		rest, ok := strings.CutPrefix(answer, prefix)
		if !ok || json.Unmarshal([]byte(rest), &payload) != nil || len(payload) != 1 || payload["sid"] == "" {
			t.Fatalf("answer to %s: %q", packet, answer)
		}
		ws.Want(auth)
	}
	connect("40", "40", `42["auth",{}]`)
	connect(`40/custom,{"token":"abc"}`, "40/custom,", `42/custom,["auth",{"token":"abc"}]`)

	ws.Send("40/random,")
	ws.Want(`44/random,{"message":"Invalid namespace"}`)

	ws.Send(`42["message",1,"2",{"3":[true]}]`)
	ws.Want(`42["message-back",1,"2",{"3":[true]}]`)
	ws.Write(
		rawpeer.TextFrame(`451-7["message-with-ack","a",{"_placeholder":true,"num":0}]`),
		rawpeer.BinaryFrame("\x01\x02\x03"),
	)
	ws.Want(`461-7["a",{"_placeholder":true,"num":0}]`, "b:\x01\x02\x03")
}

func TestUnknownSuite(t *testing.T) {
	err := run(t.Context(), "127.0.0.1:0", "other")
	if err == nil || !strings.Contains(err.Error(), `unknown suite "other"`) {
		t.Fatalf("error %v", err)
	}
}
