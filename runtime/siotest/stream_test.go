package siotest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

func TestConnectionIsANetConn(t *testing.T) {
	nettest.TestConn(t, func() (client, server net.Conn, stop func(), err error) {
		n := newNetwork()
		accepted := make(chan net.Conn, 1)
		go func() {
			c, _ := n.Accept()
			accepted <- c
		}()
		client, err = n.dial(t.Context())
		if err != nil {
			return nil, nil, nil, err
		}
		server = <-accepted
		return client, server, func() {
			client.Close()
			server.Close()
			if len(n.links) > 0 {
				t.Error("a closed connection is remembered")
			}
		}, nil
	})
}

// pair is a connection, and the network that it is on.
func pair(t *testing.T) (n *network, client, server net.Conn) {
	n = newNetwork()
	c, s, err := n.connect()
	if err != nil {
		t.Fatal(err)
	}
	return n, c, s
}

func TestDeadlinesAreInTheBubblesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client, _ := pair(t)
		began := time.Now()
		_ = client.SetDeadline(began.Add(time.Hour))
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		if _, err := client.Write(make([]byte, streamSize+1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		if passed := time.Since(began); passed != time.Hour {
			t.Error(passed)
		}
	})
}

func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		fault     func(n *network, client net.Conn)
		read      string // what the server reads, and why it reads no more
		readErr   error
		writeErr  error // of the server
		stillDial bool
	}{
		"closed": {func(_ *network, c net.Conn) { c.Close() }, "sent", io.EOF, syscall.EPIPE, true},
		"cut":    {func(n *network, _ net.Conn) { n.cut() }, "", syscall.ECONNRESET, syscall.ECONNRESET, true},
		"down":   {func(n *network, _ net.Conn) { n.setDown(true) }, "", syscall.ECONNRESET, syscall.ECONNRESET, false},
		"down, and up again": {func(n *network, _ net.Conn) { n.setDown(true); n.setDown(false) },
			"", syscall.ECONNRESET, syscall.ECONNRESET, true},
		"stalled":           {func(n *network, _ net.Conn) { n.stall(true) }, "", os.ErrDeadlineExceeded, nil, true},
		"stalled, then not": {func(n *network, _ net.Conn) { n.stall(true); n.stall(false) }, "sent", os.ErrDeadlineExceeded, nil, true},
		"closed while stalled": {func(n *network, c net.Conn) { n.stall(true); c.Close() },
			"", os.ErrDeadlineExceeded, nil, true},
		"closed while stalled, then not": {func(n *network, c net.Conn) { n.stall(true); c.Close(); n.stall(false) },
			"sent", io.EOF, syscall.EPIPE, true},
		"the network's end": {func(n *network, _ net.Conn) { n.Close() }, "", syscall.ECONNRESET, syscall.ECONNRESET, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, client, server := pair(t)
				if _, err := client.Write([]byte("sent")); err != nil {
					t.Fatal(err)
				}
				tt.fault(n, client)
				_ = server.SetDeadline(time.Now().Add(time.Minute))
				if _, err := server.Write([]byte("answer")); !errors.Is(err, tt.writeErr) {
					t.Errorf("writing: %v, want %v", err, tt.writeErr)
				}
				var got []byte
				buf := make([]byte, 16)
				k, err := server.Read(buf)
				for ; err == nil; k, err = server.Read(buf) {
					got = append(got, buf[:k]...)
				}
				if string(got) != tt.read || !errors.Is(err, tt.readErr) {
					t.Errorf("read %q, %v, want %q, %v", got, err, tt.read, tt.readErr)
				}
				if _, _, err := n.connect(); (err == nil) != tt.stillDial {
					t.Errorf("connecting again: %v", err)
				}
			})
		})
	}
}

func TestDialEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork() // which nobody accepts from
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if _, err := n.dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		n.setDown(true)
		if _, err := n.dial(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Error(err)
		}
		if len(n.links) > 0 {
			t.Error("a connection that was not made is remembered")
		}
	})
}
