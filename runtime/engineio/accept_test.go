package engineio

import "testing"

// leaver is a recorder that also notes orderly closes.
type leaver struct {
	*recorder
	left chan string
}

func (l *leaver) Leaving(reason string) { l.left <- reason }

// TestEndedBeforeThereIsAHandler: the application has a connection before it has
// returned the handler, and so have its other goroutines.
func TestEndedBeforeThereIsAHandler(t *testing.T) {
	for _, test := range []struct {
		name, reason string
		left         int
		end          func(*Conn)
	}{
		{"at once", ReasonForcedClose, 0, func(c *Conn) { c.Abort(ReasonForcedClose) }},
		{"in order", ReasonForcedClose, 1, func(c *Conn) { c.Close(ReasonForcedClose) }},
		{"by a full queue", ReasonTransportError, 0, func(c *Conn) {
			for range 2 {
				_ = c.Send(make([]byte, 50_000), nil, Flags{})
			}
			c.Abort(ReasonTransportError) // a WebSocket may have written the first already
		}},
	} {
		for transport, open := range map[string]func(h *harness, t *testing.T){
			Polling: func(h *harness, t *testing.T) { h.openPolling(t) },
			WebSocket: func(h *harness, t *testing.T) {
				// The answer to the handshake may not leave any more.
				h.beginRaw(t, "GET", "EIO=4&transport=websocket", "", "Connection: Upgrade", "Upgrade: websocket",
					"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
			},
		} {
			for concurrency, run := range map[string]func(end func()){
				"by itself":            func(end func()) { end() },
				"by another meanwhile": func(end func()) { go end() },
			} {
				t.Run(test.name+"/"+transport+"/"+concurrency, func(t *testing.T) {
					h := newHarness(t, ServerOptions{MaxQueue: 60_000})
					l := &leaver{&recorder{messages: make(chan string, 1), closed: make(chan ended, 2)}, make(chan string, 2)}
					h.Server.accept = func(c *Conn) Handler {
						l.conn = c
						run(func() { test.end(c) })
						return l
					}
					open(h, t)
					l.wantClosed(t, test.reason)
					receive(t, l.conn.Done(), "end of the connection")
					want(t, len(l.left), test.left)
					want(t, len(l.closed), 0)
					eventually(t, "the session is forgotten", func() bool { return h.Len() == 0 })
				})
			}
		}
	}
}

// TestClientEndedBeforeThereIsAHandler is the same on a client.
func TestClientEndedBeforeThereIsAHandler(t *testing.T) {
	eachTransport(t, func(t *testing.T, transports []string) {
		h := newHarness(t, ServerOptions{})
		l := &leaver{newClientRecorder(), make(chan string, 2)}
		c, err := Dial(t.Context(), h.http.URL, DialOptions{Transports: transports}, func(c *Conn) Handler {
			go c.Close(ReasonForcedClose)
			return l
		})
		if err != nil {
			t.Fatal(err)
		}
		l.wantClosed(t, ReasonForcedClose)
		receive(t, c.Done(), "end of the connection")
		want(t, receive(t, l.left, "orderly close"), ReasonForcedClose)
		want(t, len(l.left), 0)
	})
}
