// Package prometheus gives a server's metrics to Prometheus: what New returns is
// for runtime.ServerOptions.Metrics.
package prometheus

import (
	"errors"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/siogen/siogen/runtime/metrics"
)

// DefaultNamespace is what the names of metrics begin with.
const DefaultNamespace = "socketio"

// Options configure New. The zero value is good for most.
type Options struct {
	// Registerer is where the metrics are registered; nil is
	// prometheus.DefaultRegisterer.
	Registerer prometheus.Registerer
	// Namespace is what the names begin with; default DefaultNamespace.
	Namespace string
	// ConstLabels are added to every metric: they tell several servers and clients of a
	// process apart, which share one Registerer.
	ConstLabels prometheus.Labels
	// Buckets are the upper bounds of the histogram of handler durations, in seconds;
	// nil is prometheus.DefBuckets.
	Buckets []float64
}

// Metrics is a metrics.Recorder. It may be used by several goroutines at once.
type Metrics struct {
	gauge      map[metrics.Metric]bool
	counters   metrics.Series[prometheus.Counter]
	gauges     metrics.Series[prometheus.Gauge]
	histograms metrics.Series[prometheus.Observer]
}

var _ metrics.Recorder = (*Metrics)(nil)

// New registers the metrics. It fails when that does: when metrics of the same name
// and ConstLabels are registered already. Then none is.
func New(o Options) (*Metrics, error) {
	if o.Registerer == nil {
		o.Registerer = prometheus.DefaultRegisterer
	}
	if o.Namespace == "" {
		o.Namespace = DefaultNamespace
	}
	if o.Buckets == nil {
		o.Buckets = prometheus.DefBuckets
	}
	counters := make(map[metrics.Metric]*prometheus.CounterVec)
	gauges := make(map[metrics.Metric]*prometheus.GaugeVec)
	histograms := make(map[metrics.Metric]*prometheus.HistogramVec)
	var all []prometheus.Collector
	for _, m := range metrics.All() {
		info := m.Info()
		name := fullName(o.Namespace, info)
		switch info.Kind {
		case metrics.Counter:
			counters[m] = prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: info.Help, ConstLabels: o.ConstLabels}, info.Labels)
			all = append(all, counters[m])
		case metrics.Gauge:
			gauges[m] = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: info.Help, ConstLabels: o.ConstLabels}, info.Labels)
			all = append(all, gauges[m])
		case metrics.Histogram:
			histograms[m] = prometheus.NewHistogramVec(prometheus.HistogramOpts{
				Name: name, Help: info.Help, ConstLabels: o.ConstLabels, Buckets: o.Buckets,
			}, info.Labels)
			all = append(all, histograms[m])
		}
	}
	if err := register(o.Registerer, all); err != nil {
		return nil, err
	}
	gauge := make(map[metrics.Metric]bool)
	for m := range gauges {
		gauge[m] = true
	}
	return &Metrics{
		gauge:      gauge,
		counters:   series(func(m metrics.Metric, l []string) prometheus.Counter { return counters[m].WithLabelValues(l...) }),
		gauges:     series(func(m metrics.Metric, l []string) prometheus.Gauge { return gauges[m].WithLabelValues(l...) }),
		histograms: series(func(m metrics.Metric, l []string) prometheus.Observer { return histograms[m].WithLabelValues(l...) }),
	}, nil
}

// register registers all or none.
func register(r prometheus.Registerer, all []prometheus.Collector) error {
	for i, c := range all {
		if err := r.Register(c); err != nil {
			for _, done := range all[:i] {
				r.Unregister(done)
			}
			return errors.Join(errors.New("registering the metrics of a Socket.IO server"), err)
		}
	}
	return nil
}

func series[T any](get func(metrics.Metric, []string) T) metrics.Series[T] {
	return metrics.Series[T]{New: func(m metrics.Metric, l metrics.Labels) T { return get(m, l[:len(m.Info().Labels)]) }}
}

// fullName is a metric's name by Prometheus's conventions: words joined by
// underscores, then the unit, then _total for counters.
func fullName(namespace string, info metrics.Info) string {
	name := namespace + "_" + strings.ReplaceAll(info.Name, ".", "_")
	switch info.Unit {
	case "s":
		name += "_seconds"
	case "By":
		name += "_bytes"
	}
	if info.Kind == metrics.Counter {
		name += "_total"
	}
	return name
}

// Add implements metrics.Recorder.
func (p *Metrics) Add(m metrics.Metric, n int64, l metrics.Labels) {
	if p.gauge[m] {
		p.gauges.Get(m, l).Add(float64(n))
		return
	}
	p.counters.Get(m, l).Add(float64(n))
}

// Observe implements metrics.Recorder.
func (p *Metrics) Observe(m metrics.Metric, v float64, l metrics.Labels) {
	p.histograms.Get(m, l).Observe(v)
}
