package schemagen

// The words that schemas are made of: keywords and built-in names of both
// languages, names that generated code and the runtime use themselves, and
// texts that are no identifiers at all.
var (
	packageNames = []string{"chat", "runtime", "codec", "context", "time", "errors", "string", "any", "error", "json", "client", "x1"}

	typeNames = []string{
		"User", "user-name", "user_name2", "type", "func", "interface", "error", "string2", "int-", "Context", "Codec", "Runtime", "Time",
		"Server2", "Socket", "Handler", "Any", "Optional", "2fa", "日本", "größe", "Ünïcode", "Error", "Errors", "Record", "Array", "Object",
		"Promise", "String", "Number", "Function", "Buffer", "ArrayBuffer", "Map", "Set", "Date", "undefined", "never", "unknown", "object",
		"symbol", "bigint", "number", "boolean", "keyof", "readonly", "infer", "e", "v", "d", "ID", "ids", "HTTPServer", "x", "X", "init", "main",
		"iota", "nil", "true", "append", "len", "Callback", "Encoder", "Decoder", "Call", "Ack", "Fields", "constructor", "prototype", "hasOwnProperty",
	}

	fieldNames = []string{
		"id", "name", "type", "func", "range", "map", "interface", "nil", "error", "string", "Error", "String", "class", "new", "get", "set",
		"readonly", "with space", "with-dash", "1st", "42", "-1", "größe", "日本", "quote\"d", "back\\slash", "back`tick", "new\nline", "tab\t",
		"line\u2028separator", "🙂", "*/", "//", "a.b", "a,b", "a:b", "%d", "%s", "${x}", "{{.}}", "<b>", "&amp;", "\x7f", "\x00", "'", "#", " ", "$ref", "_", "__proto__", "body", "value", "raw", "data",
		"constructor", "prototype", "toString", "MarshalJSON", "UnmarshalJSON", "e", "v", "seen", "dec", "enc", "i", "err", "len", "Values", "IsAbsent", "omitempty", ",omitempty",
		"go:build", "json", "Unwrap", "Is", "As", "long name with very many words that goes on and on until nobody reads it any more",
	}

	// None of these is the name of a field.
	tags = []string{"kind", "the \"tag\"", "日本tag", "$kind", "a`b`", "*/ tag", "  ", "__tag__\n", "2nd-tag", "\u2028"}

	enumValues = []string{
		"", " ", "-", "+", "a", "admin", "type", "func", "null", "true", "1", "-1", "01", "1.2", "ä", "日本", "with space", "quote\"d", "back\\slash",
		"new\nline", "*/", "🙂", "Values", "IsKnown", "String", "Unknown", "\u2028", "`", "${a}", "IN_PROGRESS", "inProgress2", "constructor", "__proto__", "%s", "\x00",
	}

	eventNames = []string{
		"hello", "chat message", "join", "func", "type", "error", "any", "", "42", "日本", "quote\"d `tick` \\ \n", "send", "broadcast", "to", "in", "except", "local",
		"volatile", "compress", "timeout", "sockets", "target", "emit", "on", "off", "close", "auth", "data", "id", "rooms", "leave", "handle", "use", "of",
		"connection", "reconnect", "reconnect_attempt", "disconnectSockets", "socketsJoin", "invalid", "anyOutgoing", "*", "*/", "message:new", "user/left", "a.b", "with-dash",
		"__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "then", "\x00", "\u2028", "%d", "${x}", "init", "main", "nsp", "io", "client", "conn", "request",
		"handshake", "adapter", "server", "namespace", "emitWithAck", "withAck", "connected", "Context", "OnJoin", "EmitJoin", "ping", "pong", "é", "e\u0301", "🎉",
	}

	argumentNames = []string{
		"a", "b", "id", "msg", "ctx", "enc", "dec", "handler", "call", "err", "res", "item", "out", "ok", "t", "s", "c", "h", "self", "server", "client", "socket",
		"func", "go", "select", "default", "nil", "true", "int", "string", "len", "append", "error", "codec", "runtime", "context", "time", "errors", "fmt", "json",
		"callback", "args", "rest", "function", "await", "yield", "this", "arguments", "eval", "let", "static", "package", "enum", "async", "of", "undefined", "NaN",
		"first arg", "second-arg", "3rd", "größe", "日本", "*/", "quote\"d", "new\nline", "_", "$", "__proto__", "constructor", "any", "encodeUser", "decodeUser",
		"room", "rooms", "Infinity", "uuid", "big", "netip", "e", "v", "i", "n", "x", "Y", "URL", "userID", "init", "iota",
	}

	namespaceNames = []string{"admin", "type", "2 words", "news/de", "日本", "-", "Server", "Client", "func", "a b", "my-ns", "ADMIN_AREA", "*", "\"", "New", "Unimplemented", "🙂"}

	goNames = []string{"Renamed", "Any", "Disconnect", "Größe", "X_y"}

	texts = []string{
		"Plain text.", "", " ", "\n\n", "*/ the end", "/* a start", "a ${template} `tick`", "// a comment", "//go:build ignore", "//go:embed *", "+build ignore",
		"first\n\nsecond\n", "first\r\nsecond\rthird", "one\u2028two\u2029three", "Deprecated: not really.", "@deprecated @param x", "# Heading\n\n- a list\n  - nested\n",
		"\tindented code\n\tmore", "[link]: https://example.com", "%d %s %!", "line //line x.go:1", "//line x.go:1\n//export foo", "package broken", "trailing   \n  spaces  ",
		"\x00\x07", "@ts-nocheck\n@ts-ignore\n/// <reference path=\"x\" />", "import \"C\"\n#include <stdio.h>", "<script>alert(1)</script>", "\\", "\\*/", "ends with \\",
		"go:generate rm", "1. one\n2. two\n\n\tcode\n", "Deprecated: first.\n\nThen more.", "日本語。🙂", "{@link User}", "a\n//nolint\nb",
	}

	primitives = []string{
		"bool", "string", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "time", "any",
	}

	constrained = []string{
		`{type: int, minimum: -3, maximum: 7}`, `{type: int8, minimum: -128, maximum: 127}`, `{type: uint64, minimum: 0, maximum: 9007199254740991}`,
		`{type: uint, minimum: 1}`, `{type: float64, minimum: -0.5, maximum: 1e300}`, `{type: float32, maximum: 3.5}`, `{type: float64, minimum: 3}`,
		`{type: string, minLength: 0, maxLength: 5}`, `{type: string | null, minLength: 1}`, `{type: string, pattern: "^[a-z\"` + "`" + `\\\\]*$"}`, `{type: string, pattern: "日本|[*]/"}`,
		`{type: "[]int", minItems: 0, maxItems: 3}`, `{type: "[]int | null", minItems: 2}`, `{type: int64, wire: string}`, `{type: uint64 | null, wire: string, minimum: 5}`,
		`{type: "[]uint64", wire: string}`, `{type: "map[string]int", wire: string}`, `{type: int, wire: string, minimum: -9223372036854775808}`,
		`{type: int, minimum: 0, maximum: 0, doc: Always zero.}`, `{type: string, minLength: 3, maxLength: 3}`,
	}

	// Types of the standard library, so that nothing else is needed to compile.
	mappings = []string{
		`{type: int64, go: {type: time.Duration, via: convert}}`, `{type: string, go: {type: "*math/big.Int"}}`, `{type: string, go: {type: net/netip.Addr}}`,
		`{type: "map[string]([]string)", go: {type: net/url.Values, via: convert}}`,
		`{type: any, go: {type: encoding/json.RawMessage}}`, `{type: time, go: {type: time.Time}}`, `{type: string, ts: {type: "ReadonlyMap<string, number>"}}`,
		`{type: int, ts: {type: "1 | 2 | 3"}}`, `{fields: {a: int, "b c": string}, go: {type: net/url.URL, via: json}}`, `{type: string, maxLength: 3, ts: {type: "` + "`a${string}`" + `"}}`,
		`{type: string, go: {type: log/slog.Level, via: text}, ts: {type: "\"INFO\" | \"WARN\""}}`, `{type: bool, go: {type: bool, via: convert}}`, `{type: float64, go: {type: math/big.Float, via: json}}`,
	}
)
