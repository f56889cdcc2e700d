// Command gochat is a chat whose contract is Go: the interfaces in package chat
// say what ../events.yaml says, and the handlers work with chat's own types.
//
//	go run ./examples/gochat -addr 127.0.0.1:3000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/siogen/siogen/runtime"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:3000", "address to listen on")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "gochat:", err)
		os.Exit(1)
	}
}

// serve runs the chat until ctx ends.
func serve(ctx context.Context, addr string) error {
	server := runtime.NewServer(runtime.ServerOptions{})
	newRooms(server)
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", server)
	web := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 10 * time.Second}

	failed := make(chan error, 1)
	go func() { failed <- web.ListenAndServe() }()
	fmt.Println("listening on", addr)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(server.Close(end), web.Shutdown(end))
}
