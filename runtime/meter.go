package runtime

import (
	"errors"
	"time"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/metrics"
)

// Kinds of errors of received events, as the metric handler.errors has them.
const (
	kindError    = "error"
	kindDeclared = "declared"
	kindPanic    = "panic"
	kindInvalid  = "invalid"
)

// count adds to a metric of the namespace, if anybody measures.
func (s *scope) count(m metrics.Metric, n int, labels ...string) {
	if s.metrics == nil || n == 0 {
		return
	}
	l := metrics.Labels{s.namespace}
	copy(l[1:], labels)
	s.metrics.Add(m, int64(n), l)
}

// eventLabel is the name of a received event in metrics: never one that a peer
// has made up.
func eventLabel(name string, known bool) string {
	if !known {
		return metrics.Other
	}
	return name
}

// countHandled counts a received event and how long it took.
func (s *scope) countHandled(event string, start time.Time) {
	s.count(metrics.EventsReceived, 1, event)
	if s.metrics != nil {
		s.metrics.Observe(metrics.HandlerDuration, time.Since(start).Seconds(), metrics.Labels{s.namespace, event})
	}
}

// countFailed counts a received event that ended with an error.
func (c *Call) countFailed(kind string) {
	if s := c.peer.scope; s.metrics != nil {
		s.count(metrics.HandlerErrors, 1, eventLabel(c.known()), kind)
	}
}

// kindOf tells panics from other errors.
func kindOf(err error) string {
	if _, ok := errors.AsType[*PanicError](err); ok {
		return kindPanic
	}
	return kindError
}

// countSent counts an event that was emitted.
func (s *scope) countSent(m metrics.Metric, p driver.Payload, err error) {
	if s.metrics != nil && err == nil {
		s.count(m, 1, codec.EventName(p.JSON))
	}
}

// countMissing counts acknowledgements that did not come in time.
func (s *scope) countMissing(event string, err error) {
	if s.metrics == nil || err == nil {
		return
	}
	if _, ok := errors.AsType[*AckTimeoutError](err); ok {
		s.count(metrics.AcksMissing, 1, event)
	} else if b, ok := errors.AsType[*BroadcastAckError](err); ok {
		s.count(metrics.AcksMissing, len(b.Missing), event)
	}
}
