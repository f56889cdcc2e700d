package snippets

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

func compressing() *runtime.Server {
	server := runtime.NewServer(runtime.ServerOptions{
		PerMessageDeflate:    true,
		CompressionThreshold: 4096,
	})
	return server
}

func hooks() *runtime.Server {
	server := runtime.NewServer(runtime.ServerOptions{
		AllowRequest: func(r *http.Request) error {
			if r.Header.Get("X-Api-Version") == "1" {
				return errors.New("please update") // 403, {"code":4,"message":"please update"}
			}
			return nil
		},
		Headers: func(h http.Header, r *http.Request) { h.Set("Strict-Transport-Security", "max-age=31536000") },
		Cookie:  &runtime.Cookie{Name: "node", Secure: true},
		OnConnectionError: func(e *runtime.ConnectionError) {
			slog.Warn("refused", "code", e.Code, "message", e.Message, "context", e.Context)
		},
	})
	return server
}

func transports() *chatio.Client {
	c := chatio.NewClient("https://example.com", runtime.ClientOptions{
		Dial: engineio.DialOptions{
			Transports: []string{engineio.Polling, engineio.WebSocket},
			Header:     http.Header{"X-Tenant": {"blue"}},
		},
	})
	return c
}

var _ = []any{compressing, hooks, transports, msgpackServer, msgpackClient}

func msgpackServer() *runtime.Server {
	server := runtime.NewServer(runtime.ServerOptions{Parser: runtime.ParserMsgpack})
	return server
}

func msgpackClient() *chatio.Client {
	c := chatio.NewClient("https://example.com", runtime.ClientOptions{Parser: runtime.ParserMsgpack})
	return c
}
