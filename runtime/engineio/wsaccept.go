package engineio

import (
	"bufio"
	"net/http"
	"runtime"

	"github.com/lxzan/gws"
)

// maxDecompressors bounds how many messages gws decompresses at once; each takes
// about 100 KiB of memory from the start.
const maxDecompressors = 16

func newUpgrader(set *settings) *gws.Upgrader {
	return gws.NewUpgrader(frames{}, &gws.ServerOption{
		ParallelGolimit:    1,
		ReadMaxPayloadSize: set.MaxPayload,
		CheckUtf8Enabled:   true,
		NewSession:         newNoSession,
		PermessageDeflate:  gwsDeflate(set.PerMessageDeflate, min(runtime.GOMAXPROCS(0), maxDecompressors)),
	})
}

// acceptWebSocket takes the connection over from net/http. The answer to the
// handshake is queued, and stays so until the caller uncorks.
func (s *Server) acceptWebSocket(w http.ResponseWriter, r *http.Request, c *Conn) (*wsConn, *gws.Conn, bool) {
	if r.Header.Get("Sec-WebSocket-Version") != "13" || r.Header.Get("Sec-WebSocket-Key") == "" {
		s.reject(w, r, badRequest, nil, "name", nameHandshake)
		return nil, nil, false
	}
	header := s.webSocketHeader(r, r.URL.Query().Get("sid") == "")
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.reject(w, r, badRequest, err, "name", nameHandshake)
		return nil, nil, false
	}
	ws := newWSConn(nc, buffered(rw.Reader), s.set)
	ws.fail = func(reason string, err error) { c.webSocketFailed(ws, reason, err) }
	ws.corks = 1
	ws.header = header
	ws.deflate = s.set.PerMessageDeflate && acceptsDeflate(r.Header)
	if s.set.PerMessageDeflate {
		r = offering(r, ws.deflate)
	}
	conn, err := s.upgrader.UpgradeFromConn(ws, ws.framer, r)
	if err != nil {
		ws.uncork() // gws queued an answer
		ws.release()
		return nil, nil, false
	}
	return ws, conn, true
}

// buffered copies what the client sent right behind its handshake.
func buffered(r *bufio.Reader) []byte {
	b, err := r.Peek(r.Buffered())
	if err != nil || len(b) == 0 {
		return nil
	}
	return append([]byte(nil), b...)
}

// webSocketFailed ends the connection, or only the probe.
func (c *Conn) webSocketFailed(ws *wsConn, reason string, err error) {
	if c.ws.Load() == ws {
		c.end(reason, err)
	} else {
		ws.closeNow()
	}
}

// openWebSocket opens a session on a WebSocket.
func (s *Server) openWebSocket(w http.ResponseWriter, r *http.Request) {
	c, ok := s.newConn(w, r)
	if !ok {
		return
	}
	serving := false
	defer func() {
		if !serving { // also when accept panics
			c.release()
		}
	}()
	ws, conn, ok := s.acceptWebSocket(w, r, c)
	if !ok {
		return
	}
	defer func() {
		if !serving {
			ws.release()
		}
	}()
	ws.receive = c.packetIn
	c.ws.Store(ws)
	_ = ws.sendPacket(packetOpen, c.openPacket())
	s.begin(c)
	ws.uncork()
	serving = true
	go c.serveWebSocket(ws, conn)
}

// serveWebSocket is the goroutine of a connection on a WebSocket.
func (c *Conn) serveWebSocket(ws *wsConn, conn *gws.Conn) {
	defer c.release()
	c.endOfReading(ws.serve(conn))
	c.finish()
	ws.release()
}
