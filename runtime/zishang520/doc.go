// Package zishang520 runs generated code over github.com/zishang520/socket.io, on
// a server or a client that an application has already: with its adapters, its
// WebTransport, and beside handlers of its own. It is for applications that come
// from there; others use the native engine, which needs nothing.
//
//	io := socket.NewServer(nil, options)
//	server := runtime.NewServer(runtime.ServerOptions{Engine: zishang520.Server(io)})
//
// Everything that generated code offers works, unless docs/engines.md says
// otherwise. What the library can't do fails with an error that wraps
// errors.ErrUnsupported and names the feature.
package zishang520
