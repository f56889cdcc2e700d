package engineio

import (
	"errors"
	"strconv"

	"github.com/siogen/siogen/runtime/metrics"
)

// count adds to a metric, if anybody measures.
func (s *settings) count(m metrics.Metric, n int64, labels ...string) {
	if s.Metrics == nil {
		return
	}
	var l metrics.Labels
	copy(l[:], labels)
	s.Metrics.Add(m, n, l)
}

// measureOpened counts the connection.
func (c *Conn) measureOpened() {
	if c.set.Metrics == nil {
		return
	}
	transport := c.Transport()
	c.mu.Lock()
	c.counted = transport
	c.mu.Unlock()
	c.set.count(metrics.Connections, 1, transport)
	c.set.count(metrics.ConnectionsOpened, 1, transport)
}

// measureUpgraded counts the connection as one on a WebSocket. c.mu is held.
func (c *Conn) measureUpgraded() {
	if c.counted == "" {
		return
	}
	c.set.count(metrics.Connections, -1, c.counted)
	c.counted = WebSocket
	c.set.count(metrics.Connections, 1, c.counted)
	c.set.count(metrics.Upgrades, 1)
}

// measureClosed counts the connection no more.
func (c *Conn) measureClosed(reason string) {
	c.mu.Lock()
	transport := c.counted
	c.counted = ""
	c.mu.Unlock()
	if transport == "" {
		return
	}
	c.set.count(metrics.Connections, -1, transport)
	c.set.count(metrics.ConnectionsClosed, 1, transport, metrics.Reason(reason))
}

// measureReceived counts a message.
func (c *Conn) measureReceived(p packet) {
	if c.set.Metrics != nil {
		c.set.count(metrics.ReceivedBytes, int64(len(p.data)), c.Transport())
	}
}

// messageSize is what a message counts as among the bytes sent.
func messageSize(text []byte, binary [][]byte) int {
	n := len(text)
	for _, b := range binary {
		n += len(b)
	}
	return n
}

// measureSent counts a message of n bytes that was queued, or was not.
func (c *Conn) measureSent(n int, f Flags, err error) {
	switch {
	case c.set.Metrics == nil || errors.Is(err, ErrClosed):
	case err == nil:
		c.set.count(metrics.SentBytes, int64(n), c.Transport())
	case f.Volatile:
		c.set.count(metrics.SendsDropped, 1, "volatile")
	default:
		c.set.count(metrics.SendsDropped, 1, "overflow")
	}
}

// measureRefused counts a refused request.
func (s *Server) measureRefused(code int) {
	if s.set.Metrics != nil {
		s.set.count(metrics.RequestsRefused, 1, strconv.Itoa(code))
	}
}
