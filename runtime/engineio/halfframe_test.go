package engineio

import (
	"strings"
	"testing"
)

// TestHalfAFrameStaysWhole: what has come of a frame is in a buffer, and while the
// rest is waited for no other connection gets that.
func TestHalfAFrameStaysWhole(t *testing.T) {
	const slow, messages = 8, 100
	h := newHarness(t, ServerOptions{}, echoing)
	text := func(n int) string { return "4" + strings.Repeat(string(rune('a'+n)), 200) }
	var waiting [slow]*rawWS
	var rest [slow]string
	for n := range waiting {
		waiting[n] = h.openRaw(t)
		frame := clientFrame(frameText, text(n))
		write(t, waiting[n], frame[:100])
		rest[n] = frame[100:]
	}
	busy := h.openRaw(t)
	for range messages {
		busy.send(t, text(slow))
		want(t, busy.next(t), text(slow))
	}
	for n, w := range waiting {
		write(t, w, rest[n])
		want(t, w.next(t), text(n))
	}
}

// write sends bytes that need not be a frame.
func write(t *testing.T, w *rawWS, b string) {
	t.Helper()
	if _, err := w.NetConn().Write([]byte(b)); err != nil {
		t.Fatal(err)
	}
}
