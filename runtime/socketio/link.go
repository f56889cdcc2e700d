package socketio

import (
	"context"
	"fmt"

	"github.com/siogen/siogen/runtime/engineio"
	"github.com/siogen/siogen/runtime/metrics"
)

// link is one connection of a Client: its engineio.Handler. A Client that
// reconnects has one link after the other.
type link struct {
	client *Client
	conn   packetConn
	// ctx ends with the link.
	ctx    context.Context
	cancel context.CancelFunc
	// ended: Closed was called, so that nobody may join any more. Client.mu guards it.
	ended bool

	// decoder, attachments and dead belong to the goroutine that reads the connection.
	decoder     decoder
	attachments attachmentWait
	dead        bool
}

// openLink opens a connection. The caller makes it the client's.
func (c *Client) openLink(ctx context.Context) (*link, error) {
	ctx, stop := context.WithTimeout(ctx, c.o.AttemptTimeout)
	defer stop()
	var l *link
	_, err := engineio.Dial(ctx, c.url, c.o.Engine, func(conn *engineio.Conn) engineio.Handler {
		c.running.Start()
		l = &link{client: c, conn: packetConn{conn, c.o.Parser}, decoder: decoder{limits: c.o.Limits, parser: c.o.Parser}}
		l.attachments = attachmentWait{limit: c.o.Limits.AttachmentTimeout, expired: func() { l.abort(errAttachmentsLate) }}
		l.ctx, l.cancel = context.WithCancel(c.ctx)
		return l
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", c.url, err)
	}
	return l, nil
}

// Message implements engineio.Handler.
func (l *link) Message(data []byte, binary bool) {
	if l.dead {
		return
	}
	r, complete, err := l.decoder.message(data, binary)
	defer l.decoder.release()
	l.attachments.follow(err == nil && l.decoder.partial != nil)
	if err == nil && complete {
		err = l.handle(r)
	}
	if err != nil {
		l.dead = true
		l.abort(err)
	}
}

// abort ends a connection whose server broke the protocol.
func (l *link) abort(err error) {
	if m := l.client.o.Engine.Metrics; m != nil {
		m.Add(metrics.PacketsInvalid, 1, metrics.Labels{})
	}
	l.client.o.Logger.Info("socket.io: invalid packet from the server, closing the connection", "reason", err.Error())
	l.conn.Abort(engineio.ReasonParseError)
}

// handle passes a packet on. One for a namespace that is not ours, or no longer,
// is no mistake of the server's: it may have been under way.
func (l *link) handle(r received) error {
	s := l.client.socket(r.namespace)
	if s == nil {
		return nil
	}
	switch r.typ {
	case typeConnect:
		return s.accepted(l, r)
	case typeConnectError:
		s.refused(l, r)
	case typeDisconnect:
		s.dismissed(l)
	case typeEvent, typeBinaryEvent:
		return s.event(l, r)
	case typeAck, typeBinaryAck:
		s.acked(l, r)
	}
	return nil
}

// Closed implements engineio.Handler. The next link is opened only when every
// socket knows that this one is gone.
func (l *link) Closed(reason string, err error) {
	c := l.client
	defer c.running.End()
	l.attachments.follow(false)
	c.mu.Lock()
	l.ended = true
	sockets := c.all()
	c.mu.Unlock()
	l.cancel()
	for _, s := range sockets {
		s.lost(l, reason, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == l {
		c.link = nil
		c.reopen()
	}
}

// reopen connects again, if a socket wants that: after a delay, or at once for one
// that was not connected before. c.mu is held and nobody connects.
func (c *Client) reopen() {
	dial := c.reconnect
	wanted := false
	for _, s := range c.sockets {
		w, kept := s.wants()
		wanted = wanted || w
		if w && !kept {
			dial = c.connect
		}
	}
	if wanted && !c.closed {
		c.dial(dial)
	}
}
