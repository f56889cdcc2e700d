package zishang520

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zishang520/socket.io/servers/engine/v3"
	"github.com/zishang520/socket.io/servers/socket/v3"
)

// inlet holds back what a client sends while it is shut: from when a socket is about to
// join until the library knows it. The library answers CONNECT before that, so that an
// event of a quick client comes too early and ends the connection.
type inlet struct {
	mu     sync.Mutex
	shut   int           // by how many sockets
	opened chan struct{} // closed when shut is 0 again
}

// inletTimeout bounds how long a read is held back.
const inletTimeout = time.Second

func (i *inlet) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.shut == 0 {
		i.opened = make(chan struct{})
	}
	i.shut++
}

func (i *inlet) open() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.shut--; i.shut == 0 {
		close(i.opened)
	}
}

// wait waits until the inlet is open.
func (i *inlet) wait() {
	i.mu.Lock()
	shut, opened := i.shut > 0, i.opened
	i.mu.Unlock()
	if !shut {
		return
	}
	timeout := time.NewTimer(inletTimeout)
	defer timeout.Stop()
	select {
	case <-opened:
	case <-timeout.C:
	}
}

// link is how a request finds the connection that it belongs to, which may be known
// only later.
type link struct {
	server *server
	sid    string // of the session; "": the request opens one
	conn   atomic.Pointer[conn]
}

type linkKey struct{}

// linked returns a request with its link.
func (s *server) linked(r *http.Request) (*http.Request, *link) {
	l := &link{server: s, sid: r.URL.Query().Get("sid")}
	return r.WithContext(context.WithValue(r.Context(), linkKey{}, l)), l
}

// wait waits until what the request brings may be handled.
func (l *link) wait() {
	c := l.conn.Load()
	if c == nil && l.sid != "" {
		if c = l.server.known(l.sid); c != nil {
			l.conn.Store(c)
		}
	}
	if c != nil {
		c.inlet.wait()
	}
}

// known returns what is kept for the connection of a session; nil: nothing.
func (s *server) known(sid string) *conn {
	e := s.io.Engine()
	if e == nil {
		return nil
	}
	c, ok := e.Clients().Load(sid)
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns[c]
}

// linkTo has the request that opened a connection find what is kept for it.
func linkTo(c engine.Socket, kept *conn) {
	if l, ok := c.Request().Request().Context().Value(linkKey{}).(*link); ok && l.sid == "" {
		l.conn.Store(kept)
	}
}

// linkedBody is the body of a POST.
type linkedBody struct {
	io.ReadCloser
	link *link
}

// Read implements io.Reader.
func (b *linkedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.link.wait()
	return n, err
}

// entering is a listener for sockets that join a room. The room of its own id is what a
// socket joins right before its client is told.
func (n *namespace) entering(args ...any) {
	if len(args) < 2 {
		return
	}
	room, _ := args[0].(socket.Room)
	id, _ := args[1].(socket.SocketId)
	if string(room) != string(id) {
		return
	}
	n.mu.Lock()
	s := n.asked[string(id)]
	n.mu.Unlock()
	if s != nil && s.unknown.CompareAndSwap(false, true) {
		s.conn.inlet.close()
	}
}

// entered is the end of entering: the library knows the socket, or it is gone.
func (s *serverSocket) entered() {
	if s.unknown.CompareAndSwap(true, false) {
		s.conn.inlet.open()
	}
}
