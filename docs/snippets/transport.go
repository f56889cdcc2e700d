package snippets

import "github.com/siogen/siogen/runtime"

func compressing() *runtime.Server {
	server := runtime.NewServer(runtime.ServerOptions{
		PerMessageDeflate:    true,
		CompressionThreshold: 4096,
	})
	return server
}

var _ = compressing
