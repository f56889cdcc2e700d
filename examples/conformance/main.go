// Command conformance is the server that the official test suites of the
// protocol talk to, one suite a run: that of Engine.IO, or that of Socket.IO.
//
//	go run ./examples/conformance --addr 127.0.0.1:3000 --suite engine
//	go run ./examples/conformance --addr 127.0.0.1:3000 --suite socket
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

//go:generate go run ../../cmd/siogen generate events.yaml --go-out echo --go-package echo

// What both suites expect of a server.
const (
	pingInterval = 300 * time.Millisecond
	pingTimeout  = 200 * time.Millisecond
	maxPayload   = 1_000_000
)

// server is a server of either protocol.
type server interface {
	http.Handler
	Close(ctx context.Context) error
}

func main() {
	addr := flag.String("addr", "127.0.0.1:3000", "address to listen on; port 0 picks a free one")
	suite := flag.String("suite", "socket", "the suite to serve: engine or socket")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *suite); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// run serves a suite until ctx ends, and then shuts down in order.
func run(ctx context.Context, addr, suite string) error {
	mux := http.NewServeMux()
	var served server
	switch suite {
	case "engine":
		served = newEngineServer()
		mux.Handle("/engine.io/", served)
	case "socket":
		served = newSocketServer()
		mux.Handle("/socket.io/", served)
	default:
		return fmt.Errorf("unknown suite %q: it is engine or socket", suite)
	}

	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// A suite leaves sessions behind: who does not say goodbye in time is cut off.
	limit, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err = served.Close(limit); errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	err = errors.Join(err, web.Close())
	if end := <-failed; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}
