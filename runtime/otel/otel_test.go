package otel_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/internal/metricstest"
	"github.com/siogen/siogen/runtime/metrics"
	"github.com/siogen/siogen/runtime/otel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collected returns the sums, and the counts of histograms, by metric.
func collected(t *testing.T, reader sdk.Reader) map[string]map[attribute.Distinct]int64 {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]map[attribute.Distinct]int64)
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			points := make(map[attribute.Distinct]int64)
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					points[p.Attributes.Equivalent()] = p.Value
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					points[p.Attributes.Equivalent()] = int64(p.Count)
				}
			default:
				t.Errorf("%s is a %T", m.Name, d)
			}
			all[m.Name] = points
		}
	}
	return all
}

// distinct is what a data point with these labels is found by.
func distinct(m metrics.Metric, l metrics.Labels) attribute.Distinct {
	var set []attribute.KeyValue
	for i, label := range m.Info().Labels {
		set = append(set, attribute.String("socketio."+label, l[i]))
	}
	s := attribute.NewSet(set...)
	return s.Equivalent()
}

// A reader of the SDK gets what a server that was driven has counted.
func TestMetrics(t *testing.T) {
	reader := sdk.NewManualReader()
	m, err := otel.NewMetrics(sdk.NewMeterProvider(sdk.WithReader(reader)))
	if err != nil {
		t.Fatal(err)
	}
	metricstest.Drive(t, m)
	got := collected(t, reader)
	for m, want := range metricstest.Want() {
		points := got["socketio."+m.Info().Name]
		if len(points) != len(want) {
			t.Errorf("%s has %d data points, want %d", m.Info().Name, len(points), len(want))
		}
		for l, n := range want {
			if v, ok := points[distinct(m, l)]; !ok || v != n {
				t.Errorf("%s%q is %d, %v, want %d", m.Info().Name, l, v, ok, n)
			}
		}
	}
	if n := got["socketio.handler.duration"][distinct(metrics.HandlerDuration, metrics.Labels{"/", "ask"})]; n != 3 {
		t.Errorf("the duration of the handler was observed %d times, want 3", n)
	}
}

// spans are what an interceptor made of calls.
func spans(t *testing.T, run func(runtime.Interceptor)) []sdktrace.ReadOnlySpan {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	run(otel.Tracing(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))))
	return recorder.Ended()
}

// An event is a span, with the handler's in it, named only after events that are
// known.
func TestTracing(t *testing.T) {
	failed := errors.New("failed")
	tests := []struct {
		event  runtime.EventInfo
		err    error
		name   string
		kind   trace.SpanKind
		status codes.Code
	}{
		{runtime.EventInfo{Event: "join", Known: true, Direction: runtime.Incoming, WantsAck: true}, nil, "receive join", trace.SpanKindServer, codes.Unset},
		{runtime.EventInfo{Event: "join", Known: true, Direction: runtime.Incoming}, failed, "receive join", trace.SpanKindConsumer, codes.Error},
		{runtime.EventInfo{Event: "made up", Direction: runtime.Incoming}, nil, "receive (other)", trace.SpanKindConsumer, codes.Unset},
		{runtime.EventInfo{Event: "ask", Known: true, Direction: runtime.Outgoing, WantsAck: true}, failed, "send ask", trace.SpanKindClient, codes.Error},
		{runtime.EventInfo{Event: "news", Known: true, Direction: runtime.Outgoing, Broadcast: true}, nil, "broadcast news", trace.SpanKindProducer, codes.Unset},
	}
	for _, test := range tests {
		ended := spans(t, func(f runtime.Interceptor) {
			err := f(t.Context(), &test.event, func(ctx context.Context) error {
				_, inner := trace.SpanFromContext(ctx).TracerProvider().Tracer("test").Start(ctx, "inner")
				inner.End()
				return test.err
			})
			if !errors.Is(err, test.err) {
				t.Errorf("%s: returned %v", test.name, err)
			}
		})
		if len(ended) != 2 {
			t.Fatalf("%s: %d spans", test.name, len(ended))
		}
		inner, span := ended[0], ended[1]
		if span.Name() != test.name || span.SpanKind() != test.kind || span.Status().Code != test.status {
			t.Errorf("%q %v %v, want %q %v %v", span.Name(), span.SpanKind(), span.Status(), test.name, test.kind, test.status)
		}
		if inner.Parent().SpanID() != span.SpanContext().SpanID() {
			t.Errorf("%s: the handler's span is not in it", test.name)
		}
		if !slices.Contains(span.Attributes(), attribute.String("messaging.system", "socketio")) {
			t.Errorf("%s: attributes %v", test.name, span.Attributes())
		}
	}
}
