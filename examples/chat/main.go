// Command chat is the server of the example chat: a page and, on the same port,
// typed events from ../events.yaml, for Go and JavaScript clients.
//
//	go run ./examples/chat -addr 127.0.0.1:3000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/siogen/siogen/runtime"
)

//go:generate go run ../../cmd/siogen generate

func main() {
	addr := flag.String("addr", "127.0.0.1:3000", "address to listen on; port 0 picks a free one")
	token := flag.String("token", "secret", "the token that clients must send")
	var origins []string
	flag.Func("origin", "another `origin` whose pages may connect, such as https://example.com; may be repeated", func(origin string) error {
		origins = append(origins, origin)
		return nil
	})
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *addr, *token, origins); err != nil {
		fmt.Fprintln(os.Stderr, "chat:", err)
		os.Exit(1)
	}
}

// serve runs the chat until ctx ends, and then shuts it down in order.
func serve(ctx context.Context, addr, token string, origins []string) error {
	page, err := newPage()
	if err != nil {
		return err
	}
	server := runtime.NewServer(runtime.ServerOptions{
		Logger:   slog.Default(),
		Origins:  origins,
		Recovery: &runtime.RecoveryOptions{}, // who is back within two minutes misses nothing
	})
	newChat(server, token)

	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.Handle("/socket.io/", server)
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}

	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err = errors.Join(server.Close(limit), web.Shutdown(limit))
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
