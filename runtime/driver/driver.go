// Package driver is the seam between package runtime, which generated code
// uses, and a Socket.IO engine: what database/sql/driver is to database/sql.
// Applications use it only to choose an engine.
//
// Packets cross the seam as the JSON array of their arguments plus binary
// attachments, never as decoded values: typed codecs work on those bytes.
//
// Unless a method says otherwise, everything may be called from several
// goroutines at once. No method blocks for a peer unless it takes a context.
package driver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Errors that engines return, possibly wrapped.
var (
	// ErrClosed: the socket, or the server or client as a whole, is not connected.
	ErrClosed = errors.New("socket is closed")
	// ErrQueueFull: the peer reads too slowly and the policy says that this
	// packet is dropped.
	ErrQueueFull = errors.New("outgoing queue is full")
	// ErrTooManyAcks: the limit of pending acknowledgements is reached.
	ErrTooManyAcks = errors.New("too many pending acknowledgements")
)

// RetriesError is what an AckWaiter gets for an event that was sent as often as a
// client may, and not acknowledged.
type RetriesError struct {
	// Tries is how often it was sent.
	Tries int
}

// Error implements error.
func (e *RetriesError) Error() string { return fmt.Sprintf("not acknowledged in %d tries", e.Tries) }

// Payload is the encoded arguments of one packet.
type Payload struct {
	// JSON is a JSON array. Of an event its first element is the event's name.
	// Binary values stand in it as {"_placeholder":true,"num":n}.
	JSON []byte
	// Attachments are the binary values, by num.
	Attachments [][]byte
}

// NoAck is the AckID of an event whose sender asks for no acknowledgement.
const NoAck int64 = -1

// Event is a received event.
type Event struct {
	// Payload's JSON is valid JSON, an array with a string first; its nesting
	// and attachments are within limits and its placeholders are checked.
	Payload
	// Name is the event's name, unescaped.
	Name []byte
	// AckID is what Socket.Ack takes, or NoAck.
	AckID int64
}

// Flags qualify how a packet is sent.
type Flags struct {
	// Volatile: drop rather than queue when the peer can't take it now.
	Volatile bool
	// NoCompress: don't compress, even where compression was negotiated.
	NoCompress bool
	// Local: don't leave this server (broadcasts only).
	Local bool
}

// Target says which sockets of a namespace a broadcast is for: those in any of
// Rooms (all, when empty) and in none of Except. A socket's id is a room that
// it alone is in.
type Target struct {
	Rooms, Except []string
	Flags         Flags // how to send
}

// Handshake is what the engine knows of a connection from its first request.
type Handshake struct {
	Header     http.Header // of the request
	Query      url.Values  // of the request's URL
	URL        string      // path and query, as requested
	RemoteAddr string      // the peer's network address, host and port
	Secure     bool        // the request came over TLS to this process
	Time       time.Time   // when it came
	// Auth is the JSON payload of the CONNECT packet; nil when there was none.
	Auth []byte
}

// RefusedError refuses a connection to a namespace. The client gets Message and
// Data in a CONNECT_ERROR packet. Any other error refuses with its text.
type RefusedError struct {
	Message string
	Data    []byte // JSON, or nil
}

// Error implements error.
func (e *RefusedError) Error() string { return e.Message }

// Server is the server half of an engine.
type Server interface {
	http.Handler
	// Namespace serves a namespace; h gets its connections. It fails when the
	// namespace is served already or the name is not one.
	Namespace(name string, h NamespaceHandler) (Namespace, error)
	// DynamicNamespace serves namespaces as clients ask for them: those that
	// Namespace does not serve and d matches. Several are asked in the order of the
	// calls.
	DynamicNamespace(d DynamicNamespace) (ParentNamespace, error)
	// Close stops accepting, disconnects every client with reason "server
	// shutting down", flushes, and waits, until ctx ends, for connections and for
	// SocketHandler calls to end.
	Close(ctx context.Context) error
}

// NamespaceHandler is what package runtime gives an engine for a namespace.
type NamespaceHandler interface {
	// Connect decides whether a client may join: it runs the middleware. It may
	// block; the engine calls it in a goroutine of its own and goes on serving
	// the connection. ctx ends when the socket does. An error refuses. If the
	// connection has ended before Connect returns, the handler is not called at all.
	Connect(ctx context.Context, s Socket) (SocketHandler, error)
	// ServerEvent is an event from another server (ServerToServer). reply is nil
	// when no acknowledgement is asked for; else it may be called once, later too.
	// Events of one server come in order, one at a time. It may block; the engine
	// calls it in a goroutine of its own.
	ServerEvent(e Event, reply func(Payload) error)
	// RoomEvent tells of a room of this server. Events come in order, one at a time
	// for each room. It must not block, nor call the engine: locks may be held.
	RoomEvent(e RoomEvent)
}

// RoomEvent is a change of a room.
type RoomEvent struct {
	Kind RoomEventKind // what happened
	Room string        // to which room
	// SocketID is who joined or left; empty when a room was created or deleted.
	SocketID string
}

// RoomEventKind is what happened to a room.
type RoomEventKind uint8

// The kinds of room events, in the order in which a room passes through them.
const (
	RoomCreated RoomEventKind = iota + 1 // the first member is about to join
	RoomJoined
	RoomLeft
	RoomDeleted // the last member has left
)

// DynamicNamespace is what package runtime gives an engine for namespaces that
// come and go, the children.
type DynamicNamespace interface {
	// Name tells it from others. It is the same on all servers of a cluster.
	Name() string
	// Match decides about a name that a client asks for, each time; of a child that
	// is open, the one that opened it is asked. Like NamespaceHandler.Connect it may
	// block and has a goroutine of its own. An error refuses.
	Match(ctx context.Context, name string, h *Handshake) (bool, error)
	// Open gives the handler of a new child, before its first Connect. Like Closed it
	// must not call the engine.
	Open(ns Namespace) NamespaceHandler
	// Closed: the child has had its last socket and is no longer served; Open may
	// come again for the same name.
	Closed(ns Namespace)
	// ServerEvent is as in NamespaceHandler, for an event that another server sent to
	// the parent.
	ServerEvent(e Event, reply func(Payload) error)
}

// ParentNamespace is all children of a DynamicNamespace together, on all servers.
type ParentNamespace interface {
	Namespace
	// Child returns the child of that name, opened if need be. It stays open until
	// release is called, which must be once.
	Child(name string) (ns Namespace, release func(), err error)
}

// SocketHandler is what package runtime gives an engine for a joined socket.
type SocketHandler interface {
	// Connected is called once, after the CONNECT answer is queued and before
	// any Event.
	Connected()
	// Event delivers one event. Calls come in order, one at a time, and are
	// meant to be short: the callee queues. A call may block to push back on the
	// peer. e.JSON and e.Name are valid until Event returns; e.Attachments
	// belong to the callee.
	Event(e Event)
	// Disconnected is called once, after the last Event; rooms are those the
	// socket was in. reason is one of the protocol's ("transport close",
	// "ping timeout", "client namespace disconnect", …).
	Disconnected(reason string, rooms []string)
	// Wait blocks until the application has handled everything that it was told of
	// the socket, Disconnected included, or until ctx ends, with the context's error.
	Wait(ctx context.Context) error
	// Data encodes the application's data of the socket (SocketData) as one JSON
	// value, for other servers. The Payload belongs to the caller.
	Data() (Payload, error)
}

// Namespace is a served namespace.
type Namespace interface {
	Name() string // "/" or "/admin"
	// Broadcast encodes the packet once and queues it for every socket of t.
	Broadcast(t Target, p Payload) error
	// BroadcastAck is Broadcast asking every receiver for an acknowledgement. It
	// calls w from any goroutine until cancel is called, also while it has not
	// returned. It returns who was asked, for which it may have to wait for other
	// servers. With a *ServersError, asked is what is known, and cancel is to be
	// called as without an error.
	BroadcastAck(ctx context.Context, t Target, p Payload, w BroadcastAckWaiter) (asked []string, cancel func(), err error)
	// Sockets returns the sockets of t, over all servers unless t.Flags.Local; with
	// a *ServersError, those that are known.
	Sockets(ctx context.Context, t Target) ([]RemoteSocket, error)
	// JoinRooms makes every socket of t join rooms.
	JoinRooms(t Target, rooms []string) error
	// LeaveRooms makes every socket of t leave rooms.
	LeaveRooms(t Target, rooms []string) error
	// DisconnectSockets disconnects every socket of t, from the namespace or
	// (closeConn) with its whole connection.
	DisconnectSockets(t Target, closeConn bool) error
	// ServerEmit sends an event to the other servers. With w it asks each for an
	// acknowledgement and returns the ids of those that were asked; it calls w until
	// ctx ends.
	ServerEmit(ctx context.Context, p Payload, w BroadcastAckWaiter) (asked []string, err error)
}

// BroadcastAckWaiter receives the acknowledgements of a broadcast.
type BroadcastAckWaiter interface {
	// Acked gives the answer of one receiver; p is valid until it returns, its
	// Attachments belong to the callee.
	Acked(id string, p Payload)
	// Gone: this receiver disconnected and will not answer.
	Gone(id string)
}

// ServersError: servers of the cluster did not answer in time.
type ServersError struct {
	// Missing lists their ids.
	Missing []string
	// Cause says what ended the wait.
	Cause error
}

// Error implements error.
func (e *ServersError) Error() string {
	return fmt.Sprintf("%d servers of the cluster did not answer: %v", len(e.Missing), e.Cause)
}

// Unwrap returns what ended the wait.
func (e *ServersError) Unwrap() error { return e.Cause }

// RemoteSocket is a socket of this or another server.
type RemoteSocket struct {
	ID        string     // the Socket.IO session id
	Handshake *Handshake // as its own server knows it
	Rooms     []string   // that it is in, with the one of its id
	// Data is the application's data as one JSON value; empty when Local is set.
	Data Payload
	// Local is the SocketHandler of a socket of this server, else nil.
	Local SocketHandler
}

// AckWaiter receives one acknowledgement.
type AckWaiter interface {
	// Acked is called once, from any goroutine: with the answer, valid until it
	// returns (its Attachments belong to the callee), or with an error when the
	// socket disconnected first.
	Acked(p Payload, err error)
}

// Emitter is the sending half of a socket, on the server and on the client.
type Emitter interface {
	// ID is the Socket.IO session id; on a client empty while not connected.
	ID() string
	// Emit queues an event. p.JSON may be reused after it returned;
	// p.Attachments must not be changed any more.
	Emit(p Payload, f Flags) error
	// EmitAck is Emit asking for an acknowledgement; w is called unless
	// CancelAck(id) came first or err is not nil.
	EmitAck(p Payload, f Flags, w AckWaiter) (id int64, err error)
	// CancelAck forgets a pending acknowledgement. It reports whether it was
	// still pending; if not, the waiter's Acked was called or is about to be.
	CancelAck(id int64) bool
	// Ack answers the event with that AckID, once; p as in Emit.
	Ack(id int64, p Payload) error
	// Cork tells that a run of received events is about to be handled, and
	// Uncork that it is over: in between the engine may gather what is sent into
	// fewer writes, for about a millisecond at most. Calls are paired.
	Cork()
	Uncork()
}

// Deferrer may be implemented by an Emitter whose events are delivered by a
// goroutine that can be lent: what is then done about an event needs no other.
type Deferrer interface {
	// Defer has f called when SocketHandler.Event has returned, in the goroutine that
	// called it. It is called within Event, once at most. f may take as long as it
	// likes, block, and end its goroutine: the engine then sees to the connection in
	// another, within about a millisecond, or at once when EmitAck is called. It
	// reports false when f is not going to be called.
	Defer(f func()) bool
}

// Socket is one client's membership of a namespace, on the server.
type Socket interface {
	Emitter
	Handshake() *Handshake // never nil
	// Namespace is the namespace that the socket joins: for one served by
	// DynamicNamespace, the child.
	Namespace() Namespace
	// Join and Leave do nothing after the socket disconnected.
	Join(rooms ...string)
	Leave(room string)
	Rooms() []string // that it is in, with the one of its id
	// Disconnect leaves the namespace, or (closeConn) closes the whole connection.
	Disconnect(closeConn bool)
	// Recovered tells what this socket continues (connection state recovery); nil:
	// it is new. Constant from NamespaceHandler.Connect on.
	Recovered() *Recovery
}

// Recovery is what is left of a socket that was disconnected and came back. Its id
// and rooms are the new socket's already. What it has missed follows the CONNECT
// answer.
type Recovery struct {
	// Local is the SocketHandler of the socket that came back, when it was this
	// server's; else nil, and Data has its data. Its Wait has returned.
	Local SocketHandler
	Data  Payload
}

// Client is the client half of an engine: one connection to one server, shared
// by its namespaces.
type Client interface {
	// Namespace returns the socket for a namespace; h gets its events. It fails
	// when the namespace is taken already.
	Namespace(name string, h ClientHandler) (ClientSocket, error)
	// Close disconnects every socket and waits until everything has ended.
	Close() error
}

// ClientSocket is a namespace on the client.
type ClientSocket interface {
	Emitter
	// Connect connects and joins the namespace. It returns nil once the server
	// accepted, a *RefusedError when it refused, and another error when the
	// transport failed or ctx ended. While reconnection is enabled the engine
	// keeps the socket connected afterwards.
	Connect(ctx context.Context) error
	// Connected reports whether the namespace is joined now.
	Connected() bool
	// Active reports whether it is joined, or will be without another call of
	// Connect: it is connecting, or reconnecting.
	Active() bool
	// Disconnect leaves the namespace and does not come back by itself.
	Disconnect() error
}

// ClientHandler is what package runtime gives an engine for a ClientSocket. No
// two calls run at once, except Auth.
type ClientHandler interface {
	// Auth returns the payload of the CONNECT packet, JSON or nil, for each attempt.
	Auth(ctx context.Context) ([]byte, error)
	// Connected: the server accepted, for the first time or again.
	Connected(recovered bool)
	// Event is as in SocketHandler.
	Event(e Event)
	// Disconnected: a connected namespace was left, for one of the protocol's
	// reasons ("io server disconnect", "io client disconnect", "transport close", …).
	Disconnected(reason string)
	// ConnectError: an attempt failed or was refused (*RefusedError).
	ConnectError(err error)
	// Reconnecting: attempt number n (from 1) is about to start.
	Reconnecting(attempt int)
	// ReconnectFailed: the attempts are used up.
	ReconnectFailed()
}
