// Command drive lets clients send to one server that runs already, and prints what
// they see: for profiles.
//
//	go run ./cmd/server -cpuprofile cpu.out -addr 127.0.0.1:3000 &
//	go run ./cmd/drive -addr 127.0.0.1:3000 -in-flight 8
package main

import (
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"time"

	"github.com/siogen/siogen/bench/internal/load"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:3000", "the server's address")
	plain := flag.Bool("plain", false, "the server speaks no Socket.IO: -engine gws")
	kind := flag.String("kind", string(load.Echo), "echo, ack, broadcast or binary")
	wire := flag.String("wire", string(load.WebSocket), "deflate or polling; empty: WebSocket without compression")
	clients := flag.Int("clients", 50, "how many clients")
	var t load.Task
	flag.IntVar(&t.InFlight, "in-flight", 8, "messages of a client that wait for replies")
	flag.Float64Var(&t.Rate, "rate", 0, "messages in a second; 0: as many as are answered")
	flag.BoolVar(&t.Gather, "gather", false, "clients send in one write what they may send after one read")
	flag.DurationVar(&t.Measure, "time", 5*time.Second, "how long")
	flag.Parse()
	t.Kind = load.Kind(*kind)
	t.CPU = func() (time.Duration, error) { return 0, nil }

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, load.Server{Plain: *plain, Wire: load.Wire(*wire)}, *clients, t); err != nil {
		fmt.Fprintln(os.Stderr, "drive:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string, server load.Server, n int, t load.Task) (err error) {
	server.Addr, err = netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	clients, err := load.Connect(ctx, server, t.Kind, n)
	if err != nil {
		return err
	}
	defer clients.Close()
	time.Sleep(300 * time.Millisecond) // until all are in the room
	s, err := clients.Run(ctx, t)
	if err != nil {
		return err
	}
	fmt.Printf("%d messages, %.0f/s, p50 %v, p99 %v\n", s.Messages, s.Rate(), s.P50, s.P99)
	return nil
}
