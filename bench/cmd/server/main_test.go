package main

import (
	"errors"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/siogen/siogen/bench/internal/load"
)

// TestServersSpeakTheSchema lets the load generator, which checks every reply,
// drive each server for a moment.
func TestServersSpeakTheSchema(t *testing.T) {
	for name, handler := range engines() {
		for _, wire := range []load.Wire{load.WebSocket, load.Deflate, load.Polling} {
			plain := name == "gws"
			if plain && wire == load.Polling {
				continue
			}
			t.Run(name+"/"+string(wire), func(t *testing.T) {
				web := httptest.NewServer(handler(options{deflate: wire == load.Deflate}))
				defer web.Close()
				addr := netip.MustParseAddrPort(web.Listener.Addr().String())
				for _, task := range tasks(wire) {
					drive(t, load.Server{Addr: addr, Plain: plain, Wire: wire}, task)
				}
			})
		}
	}
}

func tasks(wire load.Wire) []load.Task {
	all := []load.Task{
		{Kind: load.Echo, InFlight: 1},
		{Kind: load.Echo, InFlight: 8},
		{Kind: load.Echo, InFlight: 8, Gather: true},
		{Kind: load.Ack, InFlight: 8},
		{Kind: load.Broadcast, InFlight: 1},
		{Kind: load.Broadcast, InFlight: 3},
	}
	if wire == load.WebSocket {
		all = append(all, load.Task{Kind: load.Echo, Rate: 500}, load.Task{Kind: load.Binary, InFlight: 1}, load.Task{Kind: load.Binary, InFlight: 4})
	}
	return all
}

func drive(t *testing.T, server load.Server, task load.Task) {
	t.Helper()
	const clients = 5
	all, err := load.Connect(t.Context(), server, task.Kind, clients)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	time.Sleep(100 * time.Millisecond) // until all are in the room
	task.Measure = 50 * time.Millisecond
	task.CPU = func() (time.Duration, error) { return 0, nil }
	sample, err := all.Run(t.Context(), task)
	if errors.Is(err, load.ErrBehind) {
		return // a busy machine; what came was right
	}
	if err != nil {
		t.Fatalf("%+v: %v", task, err)
	}
	if sample.Messages < clients || sample.P50 <= 0 || sample.P99 < sample.P50 {
		t.Errorf("%+v: measured %+v", task, sample)
	}
	// A message of more than 2 KiB arrives in less, or it was not compressed.
	if each := sample.Received / sample.Messages; server.Wire == load.Deflate && each > 2000 {
		t.Errorf("%+v: %d bytes a message", task, each)
	}
}
