package naming

import (
	"go/token"
	"go/types"
)

// isReservedArg reports whether generated Go cannot use a name for a
// parameter: keywords and predeclared names, and what the bodies around it use
// themselves. This is the one list of the latter: a generated function that
// has the user's parameters in scope uses no other local, receiver or package.
func isReservedArg(name string) bool {
	if token.IsKeyword(name) || types.Universe.Lookup(name) != nil {
		return true
	}
	if isHelper(name) {
		return true
	}
	switch name {
	case "_", "init":
		return true
	case "ctx", "enc", "dec", "call", "handler", "seen", "err", "ok", "out", "res", "item",
		"server", "client", "socket", "target", "namespace", "broadcast", "emitter", "listener", "self":
		return true
	case "codec", "context", "errors", "fmt", "json", "regexp", "runtime", "strconv", "sync", "time":
		return true
	}
	return false
}

// isPromotedEvent reports whether an event called so would give a method that
// package runtime already promotes into generated types: OnAny, OnDisconnect.
// Such an event gets the suffix Event.
func isPromotedEvent(ident string) bool {
	switch ident {
	case "Any", "AnyOutgoing", "Connect", "Connection", "ConnectError",
		"Disconnect", "Disconnecting", "Error", "Invalid",
		"Reconnect", "ReconnectAttempt", "ReconnectError", "ReconnectFailed":
		return true
	}
	return false
}

// isReservedTSArg reports whether a TypeScript parameter cannot have a name:
// reserved words of ECMAScript modules and the names that generated signatures
// use themselves.
func isReservedTSArg(name string) bool {
	switch name {
	case "callback":
		return true
	case "arguments", "eval", "await", "yield", "let", "static", "implements", "interface",
		"package", "private", "protected", "public", "enum", "async":
		return true
	case "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete",
		"do", "else", "export", "extends", "false", "finally", "for", "function", "if", "import",
		"in", "instanceof", "new", "null", "return", "super", "switch", "this", "throw", "true",
		"try", "typeof", "var", "void", "while", "with", "undefined":
		return true
	}
	return false
}
