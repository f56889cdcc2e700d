package snippets

import (
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

func transports() *chatio.Client {
	c := chatio.NewClient("https://example.com", runtime.ClientOptions{
		Dial: engineio.DialOptions{
			Transports: []string{engineio.Polling, engineio.WebSocket},
			Header:     http.Header{"X-Tenant": {"blue"}},
		},
	})
	return c
}

var _ = []any{compressing, transports}
