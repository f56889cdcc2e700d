package otel

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/metrics"
)

// Tracing is an interceptor, for servers and clients, that makes a span of each
// event: of a received one while it is handled, of an emitted one while it is sent
// and, where an acknowledgement is asked for, until that came. A nil provider is
// the global one.
//
// The handler's context has the span. An emitted event's span has as parent what
// the context of the emit says; one that asks for no acknowledgement has no context
// and begins a trace. Socket.IO has no headers: a trace does not cross to the peer.
func Tracing(provider trace.TracerProvider) runtime.Interceptor {
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	tracer := provider.Tracer(scopeName)
	return func(ctx context.Context, e *runtime.EventInfo, next func(context.Context) error) error {
		ctx, span := tracer.Start(ctx, spanName(e), trace.WithSpanKind(spanKind(e)), trace.WithAttributes(
			attribute.String("messaging.system", "socketio"),
			attribute.String(prefix+"namespace", e.Namespace),
			attribute.String(prefix+"socket.id", e.SocketID),
			attribute.Bool(prefix+"ack", e.WantsAck),
			attribute.Bool(prefix+"broadcast", e.Broadcast),
		))
		defer span.End()
		err := next(ctx)
		if err != nil {
			span.RecordError(err)
			span.SetStatus(codes.Error, err.Error())
		}
		return err
	}
}

// spanName has no name in it that a peer has made up.
func spanName(e *runtime.EventInfo) string {
	event := e.Event
	if !e.Known {
		event = metrics.Other
	}
	switch {
	case e.Direction == runtime.Incoming:
		return "receive " + event
	case e.Broadcast:
		return "broadcast " + event
	}
	return "send " + event
}

func spanKind(e *runtime.EventInfo) trace.SpanKind {
	switch {
	case e.Direction == runtime.Incoming && e.WantsAck:
		return trace.SpanKindServer
	case e.Direction == runtime.Incoming:
		return trace.SpanKindConsumer
	case e.WantsAck:
		return trace.SpanKindClient
	}
	return trace.SpanKindProducer
}
