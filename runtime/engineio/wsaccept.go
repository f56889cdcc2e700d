package engineio

import "net/http"

// acceptWebSocket takes the connection over from net/http. The answer to the
// handshake is queued, and stays so until the caller uncorks.
func (s *Server) acceptWebSocket(w http.ResponseWriter, r *http.Request, c *Conn) (*wsConn, bool) {
	if !validHandshake(r.Header) {
		s.reject(w, r, badRequest, nil, "name", nameHandshake)
		return nil, false
	}
	header := s.webSocketHeader(r, r.URL.Query().Get("sid") == "")
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.reject(w, r, badRequest, err, "name", nameHandshake)
		return nil, false
	}
	ws := newLoopWSConn(c, nc, buffered(rw.Reader))
	ws.corks.Store(1)
	ws.deflate = s.set.PerMessageDeflate && acceptsDeflate(r.Header)
	ws.handshake(handshakeAnswer(r.Header.Get("Sec-WebSocket-Key"), ws.deflate, header))
	return ws, true
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
	ws, ok := s.acceptWebSocket(w, r, c)
	if !ok {
		return
	}
	defer func() {
		if !serving {
			ws.release()
		}
	}()
	ws.receive = c.packetIn
	ws.finish = func(reason string, err error) { c.finishWebSocket(ws, reason, err) }
	c.ws.Store(ws)
	_ = ws.sendPacket(packetOpen, c.openPacket())
	s.begin(c)
	ws.uncork()
	serving = true
	go ws.run()
}

// finishWebSocket ends a connection after its WebSocket has ended.
func (c *Conn) finishWebSocket(ws *wsConn, reason string, err error) {
	defer c.release()
	c.endOfReading(reason, err)
	c.finish()
	ws.release()
}
