package engineio

import (
	"bytes"
	"testing"
)

// TestBinaryMessageByItself: it arrives without a text message before it,
// whichever side sends it, on each transport, also compressed, and when it is
// sent on one transport and leaves on the other; framed beforehand or not.
func TestBinaryMessageByItself(t *testing.T) {
	short, long := []byte{1, 2, 3, 4}, bytes.Repeat([]byte("long "), 1000)
	for _, test := range []struct {
		name string
		o    DialOptions
	}{
		{"websocket", DialOptions{Transports: []string{WebSocket}}},
		{"websocket compressed", DialOptions{Transports: []string{WebSocket}, PerMessageDeflate: true}},
		{"polling", byPolling},
		{"polling, then websocket", DialOptions{Transports: []string{Polling, WebSocket}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, ServerOptions{PerMessageDeflate: true}, func(r *recorder) {
				r.onMessage = func(c *Conn, data []byte, binary bool) {
					if !binary {
						t.Errorf("text message %q", data)
					}
					if err := c.SendBinary(data, Flags{}); err != nil {
						t.Error(err)
					}
					if err := c.SendFramed(FrameBinary(data), Flags{}, nil); err != nil {
						t.Error(err)
					}
				}
			})
			c, _ := h.connect(t, test.o)
			for i := range 50 {
				for _, data := range [][]byte{short, long, {}} {
					if err := sendBare(c.conn, data, i%2 == 0); err != nil {
						t.Fatal(err)
					}
				}
			}
			for range 50 {
				for _, data := range [][]byte{short, long, {}} {
					want(t, c.next(t), "b:"+string(data))
					want(t, c.next(t), "b:"+string(data))
				}
			}
		})
	}
}

func sendBare(c *Conn, data []byte, framed bool) error {
	if framed {
		return c.SendFramed(FrameBinary(data), Flags{}, nil)
	}
	return c.SendBinary(data, Flags{})
}
