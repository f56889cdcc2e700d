package engineio

import (
	"strings"
	"testing"

	"github.com/lxzan/gws"
)

func echoing(r *recorder) {
	r.onMessage = func(c *Conn, data []byte, binary bool) {
		if binary {
			_ = c.Send([]byte("attached"), [][]byte{data}, Flags{})
			return
		}
		_ = c.Send(data, nil, Flags{})
	}
}

func TestWebSocketHandshake(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	w := dialRaw(t, h.wsURL("EIO=4&transport=websocket"))
	sid := h.conn(t).conn.ID()
	want(t, w.next(t), `0{"sid":"`+sid+`","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
}

func TestWebSocketMessages(t *testing.T) {
	h := newHarness(t, ServerOptions{}, echoing)
	w := h.openRaw(t)
	w.send(t, "4hello")
	want(t, w.next(t), "4hello")
	if err := w.WriteMessage(gws.OpcodeBinary, []byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	want(t, w.next(t), "4attached")
	want(t, w.next(t), "b:\x01\x02\x03")
	long := "4" + strings.Repeat("long ", 30_000)
	w.send(t, long)
	want(t, w.next(t) == long, true)
}
