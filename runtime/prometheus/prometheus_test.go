package prometheus_test

import (
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/goleak"

	"github.com/siogen/siogen/runtime/internal/metricstest"
	"github.com/siogen/siogen/runtime/metrics"
	"github.com/siogen/siogen/runtime/prometheus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scrape returns the lines of what Prometheus gets.
func scrape(t *testing.T, r *client.Registry) []string {
	t.Helper()
	web := httptest.NewServer(promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	defer web.Close()
	c := web.Client()
	res, err := c.Get(web.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res.Status, err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// A scrape has what a server that was driven has counted, under the names that
// Prometheus's conventions give.
func TestScrape(t *testing.T) {
	r := client.NewRegistry()
	m, err := prometheus.New(prometheus.Options{Registerer: r})
	if err != nil {
		t.Fatal(err)
	}
	metricstest.Drive(t, m)
	lines := scrape(t, r)
	for _, want := range []string{
		`# TYPE socketio_connections gauge`,
		`socketio_connections{transport="websocket"} 0`,
		`socketio_connections_opened_total{transport="polling"} 1`,
		`socketio_upgrades_total 1`,
		`socketio_requests_refused_total{code="4"} 1`,
		`socketio_packets_invalid_total 1`,
		`socketio_sockets{namespace="/"} 0`,
		`socketio_sockets_disconnected_total{namespace="/",reason="parse error"} 1`,
		`# TYPE socketio_events_received_total counter`,
		`socketio_events_received_total{event="ask",namespace="/"} 3`,
		`socketio_events_received_total{event="(other)",namespace="/"} 2`,
		`socketio_handler_errors_total{event="panic",kind="panic",namespace="/"} 1`,
		`# TYPE socketio_handler_duration_seconds histogram`,
		`socketio_handler_duration_seconds_count{event="ask",namespace="/"} 3`,
		`socketio_acks_missing_total{event="question",namespace="/"} 1`,
		`# TYPE socketio_sent_bytes_total counter`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("the scrape has no line %s", want)
		}
	}
	if t.Failed() {
		t.Log(strings.Join(lines, "\n"))
	}
}

// A hostile peer can't make series.
func TestCardinality(t *testing.T) {
	r := client.NewRegistry()
	m, err := prometheus.New(prometheus.Options{Registerer: r})
	if err != nil {
		t.Fatal(err)
	}
	metricstest.DriveHostile(t, m)
	lines := scrape(t, r)
	if len(lines) > 200 {
		t.Errorf("the scrape has %d lines", len(lines))
	}
	for _, line := range lines {
		if strings.Contains(line, metricstest.Hostile) {
			t.Errorf("a peer made the line %s", line)
		}
	}
	want := fmt.Sprintf(`socketio_events_received_total{event="(other)",namespace="/"} %d`, metricstest.HostileEvents)
	if !slices.Contains(lines, want) {
		t.Errorf("the scrape has no line %s", want)
	}
}

// Servers that share a registry are told apart by labels, or by namespace; without
// either the second is an error, and leaves nothing registered.
func TestSeveralServers(t *testing.T) {
	r := client.NewRegistry()
	for _, o := range []prometheus.Options{
		{Registerer: r, ConstLabels: client.Labels{"server": "a"}},
		{Registerer: r, ConstLabels: client.Labels{"server": "b"}},
		{Registerer: r, Namespace: "chat"},
	} {
		if _, err := prometheus.New(o); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	_, err := prometheus.New(prometheus.Options{Registerer: r, Namespace: "chat"})
	if are, ok := errors.AsType[client.AlreadyRegisteredError](err); !ok {
		t.Errorf("the second of the same name: %v, %v", err, are)
	}
	m, err := prometheus.New(prometheus.Options{Registerer: client.WrapRegistererWithPrefix("x_", r), Buckets: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	m.Observe(metrics.HandlerDuration, 0.5, metrics.Labels{"/", "e"})
	if !slices.Contains(scrape(t, r), `x_socketio_handler_duration_seconds_bucket{event="e",namespace="/",le="1"} 1`) {
		t.Error("the bucket is not there")
	}
}

// Measuring takes no memory once a series is there.
func TestMeasuringAllocatesNothing(t *testing.T) {
	m, err := prometheus.New(prometheus.Options{Registerer: client.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(1000, func() {
		m.Add(metrics.EventsReceived, 1, metrics.Labels{"/", "e"})
		m.Add(metrics.Sockets, 1, metrics.Labels{"/"})
		m.Observe(metrics.HandlerDuration, 0.5, metrics.Labels{"/", "e"})
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What one received event costs: a counter and a histogram.
func BenchmarkReceived(b *testing.B) {
	m, err := prometheus.New(prometheus.Options{Registerer: client.NewRegistry()})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Add(metrics.EventsReceived, 1, metrics.Labels{"/", "event"})
		m.Observe(metrics.HandlerDuration, 0.001, metrics.Labels{"/", "event"})
	}
}
