// Package metrics says what a server or a client can count about itself, and through
// which interface it does: see runtime.ServerOptions.Metrics and
// runtime.ClientOptions.Metrics. The packages runtime/prometheus and runtime/otel
// implement it.
package metrics

// Recorder takes the measurements of a server or client. Its methods are called from many
// goroutines at once, often, some while connections wait: they must not block.
type Recorder interface {
	// Add adds n to a counter or, where n may be negative, to a gauge.
	Add(m Metric, n int64, l Labels)
	// Observe adds a value to a histogram, in the metric's unit.
	Observe(m Metric, v float64, l Labels)
}

// Labels are the values of a metric's labels, in the order of Info.Labels. What is
// beyond those is empty.
//
// No peer can make values up: names of namespaces and events are those that the
// application serves, handles or emits, transports, reasons and codes those of the
// protocol. What is none of these is Other.
type Labels [3]string

// Other is the label of all that has no name of its own: an event without a
// handler, a reason that is not one of the protocol's.
const Other = "(other)"

// Kind says how a metric behaves.
type Kind int

// The kinds of metrics.
const (
	Counter   Kind = iota // only grows
	Gauge                 // grows and shrinks
	Histogram             // how often which values came
)

// Info describes a metric.
type Info struct {
	// Name is in lower case, its parts joined by dots, without unit and without
	// prefix: "handler.duration".
	Name string
	// Help says in a sentence what is measured.
	Help string
	Kind Kind // what sort of metric it is
	// Unit is as UCUM has it: "s", "By", or a word in braces for what is counted.
	Unit string
	// Labels are the names of the labels.
	Labels []string
}

// Metric is one of the metrics.
type Metric int

// The metrics. Those of connections are counted by the engine that package runtime
// comes with; all others are the same with every engine.
const (
	// Connections: open connections.
	Connections Metric = iota
	ConnectionsOpened
	ConnectionsClosed
	Upgrades
	RequestsRefused
	ReceivedBytes
	SentBytes
	SendsDropped
	PacketsInvalid

	// Sockets: sockets that have joined a namespace.
	Sockets
	SocketsConnected
	SocketsDisconnected
	SocketsRefused
	SocketsRecovered
	EventsReceived
	EventsSent
	BroadcastsSent
	HandlerDuration
	HandlerErrors
	AcksMissing

	// BroadcastReceivers: the native engine's.
	BroadcastReceivers

	// ReconnectAttempts: those of a client.
	ReconnectAttempts
	ConnectErrors

	count // of metrics
)

// All are the metrics.
func All() []Metric {
	all := make([]Metric, count)
	for i := range all {
		all[i] = Metric(i)
	}
	return all
}

// Info describes the metric.
func (m Metric) Info() Info {
	switch m {
	case Connections:
		return Info{"connections", "Open connections.", Gauge, "{connection}", []string{"transport"}}
	case ConnectionsOpened:
		return Info{"connections.opened", "Connections opened, by the transport they began with.", Counter, "{connection}", []string{"transport"}}
	case ConnectionsClosed:
		return Info{"connections.closed", "Connections ended, by transport and reason.", Counter, "{connection}", []string{"transport", "reason"}}
	case Upgrades:
		return Info{"upgrades", "Connections that changed from polling to WebSocket.", Counter, "{upgrade}", nil}
	case RequestsRefused:
		return Info{"requests.refused", "HTTP requests refused, by the code of the answer: the protocol's (0 to 5), or the HTTP status (413, 431, 503).", Counter, "{request}", []string{"code"}}
	case ReceivedBytes:
		return Info{"received", "Bytes of received messages, without framing, after decompression.", Counter, "By", []string{"transport"}}
	case SentBytes:
		return Info{"sent", "Bytes of messages queued to be sent, without framing and compression.", Counter, "By", []string{"transport"}}
	case SendsDropped:
		return Info{"sends.dropped", "Messages not sent because the other end reads too slowly: volatile ones, and those that ended their connection (overflow).", Counter, "{message}", []string{"cause"}}
	case PacketsInvalid:
		return Info{"packets.invalid", "Packets that broke the protocol and ended their connection.", Counter, "{packet}", nil}
	case Sockets:
		return Info{"sockets", "Sockets that have joined a namespace.", Gauge, "{socket}", []string{"namespace"}}
	case SocketsConnected:
		return Info{"sockets.connected", "Sockets that joined a namespace.", Counter, "{socket}", []string{"namespace"}}
	case SocketsDisconnected:
		return Info{"sockets.disconnected", "Sockets that left a namespace, by reason.", Counter, "{socket}", []string{"namespace", "reason"}}
	case SocketsRefused:
		return Info{"sockets.refused", "Clients that were refused by a namespace's middleware or for their auth payload; of a client, how often it was.", Counter, "{socket}", []string{"namespace"}}
	case SocketsRecovered:
		return Info{"sockets.recovered", "Sockets that continue an earlier one (connection state recovery).", Counter, "{socket}", []string{"namespace"}}
	case EventsReceived:
		return Info{"events.received", "Events received.", Counter, "{event}", []string{"namespace", "event"}}
	case EventsSent:
		return Info{"events.sent", "Events emitted to one socket, or by a client.", Counter, "{event}", []string{"namespace", "event"}}
	case BroadcastsSent:
		return Info{"broadcasts.sent", "Events emitted to many sockets, each counted once.", Counter, "{event}", []string{"namespace", "event"}}
	case BroadcastReceivers:
		return Info{"broadcasts.receivers", "Sockets of this server that broadcasts went to.", Counter, "{socket}", []string{"namespace"}}
	case HandlerDuration:
		return Info{"handler.duration", "How long received events took to be handled, interceptors and middleware included.", Histogram, "s", []string{"namespace", "event"}}
	case HandlerErrors:
		return Info{"handler.errors", "Received events that ended with an error: declared (the other end was answered), invalid (the payload), panic, or error (any other).", Counter, "{event}", []string{"namespace", "event", "kind"}}
	case ReconnectAttempts:
		return Info{"reconnect.attempts", "Attempts of a client to come back to a namespace.", Counter, "{attempt}", []string{"namespace"}}
	case ConnectErrors:
		return Info{"connect.errors", "Attempts of a client, the first among them, that failed without a refusal.", Counter, "{attempt}", []string{"namespace"}}
	case AcksMissing:
		return Info{"acks.missing", "Acknowledgements that did not come in time.", Counter, "{ack}", []string{"namespace", "event"}}
	}
	return Info{}
}

// Reason is the label of a reason for the end of a socket or connection.
func Reason(reason string) string {
	switch reason {
	case "transport close", "transport error", "ping timeout", "parse error", "forced close", "forced server close",
		"server shutting down", "client namespace disconnect", "server namespace disconnect",
		"io server disconnect", "io client disconnect":
		return reason
	}
	return Other
}
