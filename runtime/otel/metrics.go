// Package otel gives what a server measures to OpenTelemetry: NewMetrics is for
// runtime.ServerOptions.Metrics, and Tracing is a runtime.Interceptor.
package otel

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/siogen/siogen/runtime/metrics"
)

// scopeName is this package as OpenTelemetry's instrumentation scope.
const scopeName = "github.com/siogen/siogen/runtime/otel"

// prefix is what the names of metrics and attributes begin with.
const prefix = "socketio."

// Metrics is a metrics.Recorder. It may be used by several goroutines at once.
type Metrics struct {
	counters   map[metrics.Metric]metric.Int64Counter
	gauges     map[metrics.Metric]metric.Int64UpDownCounter
	histograms map[metrics.Metric]metric.Float64Histogram
	attributes metrics.Series[metric.MeasurementOption]
}

var _ metrics.Recorder = (*Metrics)(nil)

// NewMetrics makes the instruments, whose names begin with "socketio.". A nil
// provider is the global one.
func NewMetrics(provider metric.MeterProvider) (*Metrics, error) {
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	meter := provider.Meter(scopeName)
	o := &Metrics{
		counters:   make(map[metrics.Metric]metric.Int64Counter),
		gauges:     make(map[metrics.Metric]metric.Int64UpDownCounter),
		histograms: make(map[metrics.Metric]metric.Float64Histogram),
		attributes: metrics.Series[metric.MeasurementOption]{New: attributes},
	}
	var errs []error
	for _, m := range metrics.All() {
		info := m.Info()
		var err error
		switch info.Kind {
		case metrics.Counter:
			o.counters[m], err = meter.Int64Counter(prefix+info.Name, metric.WithDescription(info.Help), metric.WithUnit(info.Unit))
		case metrics.Gauge:
			o.gauges[m], err = meter.Int64UpDownCounter(prefix+info.Name, metric.WithDescription(info.Help), metric.WithUnit(info.Unit))
		case metrics.Histogram:
			o.histograms[m], err = meter.Float64Histogram(prefix+info.Name, metric.WithDescription(info.Help), metric.WithUnit(info.Unit),
				metric.WithExplicitBucketBoundaries(durationBounds()...))
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return o, nil
}

// durationBounds are those that OpenTelemetry's conventions have for durations in
// seconds.
func durationBounds() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
}

func attributes(m metrics.Metric, l metrics.Labels) metric.MeasurementOption {
	var set []attribute.KeyValue
	for i, label := range m.Info().Labels {
		set = append(set, attribute.String(prefix+label, l[i]))
	}
	return metric.WithAttributeSet(attribute.NewSet(set...))
}

// Add implements metrics.Recorder.
func (o *Metrics) Add(m metrics.Metric, n int64, l metrics.Labels) {
	with := o.attributes.Get(m, l)
	if counter, ok := o.counters[m]; ok {
		counter.Add(context.Background(), n, with)
	} else if gauge, ok := o.gauges[m]; ok {
		gauge.Add(context.Background(), n, with)
	}
}

// Observe implements metrics.Recorder.
func (o *Metrics) Observe(m metrics.Metric, v float64, l metrics.Labels) {
	if histogram, ok := o.histograms[m]; ok {
		histogram.Record(context.Background(), v, o.attributes.Get(m, l))
	}
}
