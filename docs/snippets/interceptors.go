package snippets

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/otel"
	"github.com/siogen/siogen/runtime/prometheus"
)

type loggerKey struct{}

var errTooFast = errors.New("too many events")

// allow stands for a rate limit by socket.
func allow(string) bool { return true }

func intercepted() *runtime.Server {
	logged := func(ctx context.Context, e *runtime.EventInfo, next func(context.Context) error) error {
		log := slog.With("namespace", e.Namespace, "event", e.Event, "socket", e.SocketID)
		start := time.Now()
		err := next(context.WithValue(ctx, loggerKey{}, log))
		log.Debug(string(e.Direction), "took", time.Since(start), "error", err)
		return err
	}
	limited := func(ctx context.Context, e *runtime.EventInfo, next func(context.Context) error) error {
		if e.Direction == runtime.Incoming && !allow(e.SocketID) {
			return errTooFast // the handler is not called
		}
		return next(ctx)
	}
	server := runtime.NewServer(runtime.ServerOptions{
		Interceptors: []runtime.Interceptor{logged, limited},
	})
	return server
}

func socketMiddleware(s *chatio.ServerSocket) {
	s.Use(func(ctx context.Context, event string, args runtime.Any) error {
		if event == "join" && s.Data().User.Name == "" {
			return &chatio.JoinError{Code: chatio.JoinErrorCodeBanned, Message: "log in first"}
		}
		return nil
	})
}

func onceAndOff(s *chatio.ServerSocket) {
	s.Once().OnHello(func(ctx context.Context) error { return s.EmitNoArg() })

	typing := s.OnTyping(func(ctx context.Context, room chatio.Room) error { return nil })
	// …
	typing.Off()
}

func measured() (*runtime.Server, error) {
	metrics, err := prometheus.New(prometheus.Options{})
	if err != nil {
		return nil, err
	}
	server := runtime.NewServer(runtime.ServerOptions{Metrics: metrics})
	http.Handle("/metrics", promhttp.Handler())
	return server, nil
}

func measuredClient() (*chatio.Client, error) {
	metrics, err := prometheus.New(prometheus.Options{Namespace: "socketio_client"})
	if err != nil {
		return nil, err
	}
	return chatio.NewClient("https://example.com", runtime.ClientOptions{Metrics: metrics}), nil
}

func traced() (*runtime.Server, error) {
	metrics, err := otel.NewMetrics(nil) // the global MeterProvider
	if err != nil {
		return nil, err
	}
	server := runtime.NewServer(runtime.ServerOptions{
		Metrics:      metrics,
		Interceptors: []runtime.Interceptor{otel.Tracing(nil)}, // the global TracerProvider
	})
	return server, nil
}

var _ = []any{intercepted, socketMiddleware, onceAndOff, measured, measuredClient, traced}
