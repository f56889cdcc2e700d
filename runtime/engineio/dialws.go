package engineio

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// dialWebSocket opens a connection on WebSocket.
func (o *DialOptions) dialWebSocket(ctx context.Context, base *url.URL, handler func(*Conn) Handler) (*Conn, error) {
	nc, err := o.connect(ctx, base)
	if err != nil {
		return nil, err
	}
	c := newConn(o.clientSettings(), func() {}, func() {})
	ws := newWSConn(c, nc, nil)
	stop := context.AfterFunc(ctx, ws.closeNow)
	defer stop()

	opening := &opening{conn: c, ws: ws, handler: handler, opened: make(chan error, 1)}
	ws.receive = opening.receive
	if err := o.clientHandshake(ws, requestURL(base, WebSocket, ""), nil); err != nil {
		ws.release()
		return nil, orCause(ctx, err)
	}
	go opening.serve()
	if err := <-opening.opened; err != nil {
		return nil, orCause(ctx, &HandshakeError{Status: http.StatusSwitchingProtocols, Err: err})
	}
	if !stop() {
		c.end(ReasonTransportError, ctx.Err())
		return nil, ctx.Err()
	}
	return c, nil
}

// clientHandshake asks for the WebSocket.
func (o *DialOptions) clientHandshake(ws *wsConn, target *url.URL, cookies []*http.Cookie) error {
	header := o.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	withCookies := http.Request{Header: header}
	for _, cookie := range cookies {
		withCookies.AddCookie(cookie)
	}
	res, early, err := requestHandshake(ws.nc, target, header, o.PerMessageDeflate)
	if err != nil {
		status := 0
		if res != nil {
			status = res.StatusCode
		}
		return &HandshakeError{Status: status, Err: err}
	}
	ws.unread = early
	var ok bool
	if ws.deflate, ok = acceptedDeflate(res.Header); !ok || ws.deflate && !o.PerMessageDeflate {
		return &HandshakeError{Status: res.StatusCode, Err: errExtension}
	}
	return nil
}

// opening is a client's connection until the server's handshake came.
type opening struct {
	conn    *Conn
	ws      *wsConn
	handler func(*Conn) Handler
	opened  chan error
	isOpen  bool
}

// serve is the goroutine of the connection.
func (o *opening) serve() {
	reason, err, _ := o.ws.serve()
	if !o.isOpen {
		o.ws.release()
		if err == nil {
			err = errNoOpenPacket
		}
		o.opened <- err
		return
	}
	defer o.conn.release()
	o.conn.endOfReading(reason, err)
	o.conn.finish()
	o.ws.release()
}

// heartbeatTime takes a time that the server said, in milliseconds.
func heartbeatTime(ms int64, def time.Duration) time.Duration {
	if ms <= 0 {
		return def
	}
	return time.Duration(min(ms, longTime.Milliseconds())) * time.Millisecond
}

// readHandshake reads an open packet.
func readHandshake(p packet) (d handshakeData, ok bool) {
	ok = p.kind == packetOpen && json.Unmarshal(p.data, &d) == nil && d.SID != ""
	return d, ok
}

// opened takes what the server said when it opened the connection.
func (c *Conn) opened(d handshakeData) {
	c.id = d.SID
	c.set.PingInterval = heartbeatTime(d.PingInterval, DefaultPingInterval)
	c.set.PingTimeout = heartbeatTime(d.PingTimeout, DefaultPingTimeout)
}

// receive handles the first packet.
func (o *opening) receive(p packet, err error) {
	d, ok := readHandshake(p)
	if err != nil || !ok {
		o.ws.receive = func(packet, error) {}
		o.ws.abort()
		return
	}
	c := o.conn
	c.opened(d)
	c.ws.Store(o.ws)
	c.measureOpened()
	c.hand(o.handler(c))()
	o.ws.receive = c.packetIn
	o.isOpen = true
	c.startHeartbeat()
	o.opened <- nil
}
