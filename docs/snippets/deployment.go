package snippets

import (
	"net/http"

	"github.com/siogen/siogen/examples/chat/chatio"
	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/engineio"
)

func underAPath(server *runtime.Server) (http.Handler, *chatio.Client) {
	mux := http.NewServeMux()
	mux.Handle("/chat/socket.io/", server)
	client := chatio.NewClient("https://example.com", runtime.ClientOptions{
		Dial: engineio.DialOptions{Path: "/chat/socket.io/"},
	})
	return mux, client
}

// Nobody calls it: it is here to be compiled.
var _ = underAPath
