package siotest

import (
	"context"
	"net"

	"github.com/siogen/siogen/runtime"
)

// NewClient returns a client of the server, made by the NewClient function of a
// generated package, which is not connected yet:
//
//	c := siotest.NewClient(s, chatio.NewClient, runtime.ClientOptions{})
//
// It is closed when the test ends, unless it was before. o's dialer is the server's;
// without a Logger, it logs to the test's output. o.Dial.HTTPClient, if it is set,
// must use [Server.DialContext] itself.
func NewClient[C interface{ Close() error }](s *Server, newClient func(url string, o runtime.ClientOptions) C, o runtime.ClientOptions) C {
	c := newClient(s.URL, s.options(o))
	s.closeLater(func(context.Context) error { return c.Close() })
	return c
}

// Manager returns a connection to the server, for clients of several namespaces that
// share it. The options, and the end of the test, are as NewClient has them.
func (s *Server) Manager(o runtime.ClientOptions) *runtime.Manager {
	m := runtime.NewManager(s.URL, s.options(o))
	s.closeLater(m.Close)
	return m
}

// ClientOptions returns the options with which a client finds the server at its URL.
// A client that is made with them by itself must be closed before the test ends.
func (s *Server) ClientOptions() runtime.ClientOptions { return s.options(runtime.ClientOptions{}) }

// DialContext opens a network connection to the server, whatever the address: for an
// http.Transport, or to speak the protocol by hand.
func (s *Server) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return s.network.dial(ctx)
}

func (s *Server) options(o runtime.ClientOptions) runtime.ClientOptions {
	o.Dial.DialContext = s.DialContext
	if o.Logger == nil {
		o.Logger = s.log
	}
	return o
}

// closeLater has a client closed when the test ends.
func (s *Server) closeLater(f func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closers = append(s.closers, f)
}
