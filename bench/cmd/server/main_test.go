package main

import (
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
		t.Run(name, func(t *testing.T) {
			web := httptest.NewServer(handler())
			defer web.Close()
			server := load.Server{
				Addr:  netip.MustParseAddrPort(web.Listener.Addr().String()),
				Plain: name == "gws",
			}
			for _, task := range []load.Task{
				{Kind: load.Echo, InFlight: 1},
				{Kind: load.Echo, InFlight: 8},
				{Kind: load.Echo, InFlight: 8, Gather: true},
				{Kind: load.Echo, Rate: 1000},
				{Kind: load.Ack, InFlight: 8},
				{Kind: load.Broadcast, InFlight: 1},
				{Kind: load.Broadcast, InFlight: 3},
			} {
				drive(t, server, task)
			}
		})
	}
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
	if err != nil {
		t.Fatalf("%+v: %v", task, err)
	}
	if sample.Messages < clients || sample.P50 <= 0 || sample.P99 < sample.P50 {
		t.Errorf("%+v: measured %+v", task, sample)
	}
}
