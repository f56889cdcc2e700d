package zishang520

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	clients "github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/servers/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/internal/offset"
)

// MaxBuffer bounds the bytes of events that wait for a client's connection to come
// back. Beyond it emitting fails with driver.ErrQueueFull.
const MaxBuffer = 2 << 20

// clientSocket is a driver.ClientSocket over a client's socket of the library.
type clientSocket struct {
	client  *client
	name    string
	io      *clients.Socket
	handler driver.ClientHandler
	ctx     context.Context // ends when the socket is left for good
	cancel  context.CancelFunc
	turn    turn
	acks    pendingAcks
	owed    owedAcks
	lastAck atomic.Int64
	// unanswered are the acknowledgements that the library waits for, also those
	// that nobody wants any more.
	unanswered atomic.Int64
	// joining lets one Connect at a time begin.
	joining sync.Mutex
	// sending guards the library's flags, which are those of the next emit.
	sending sync.Mutex

	mu      sync.Mutex
	waiters map[chan error]struct{} // of Connect
	joined  bool
	kept    bool // it was joined before, and comes back by itself
	left    bool // on purpose
	// held is how many bytes wait for the connection.
	held int
	// offsets are those of the server's session, which the library shows it.
	offsets offset.Reader
	// early are events that came before the library said that it is connected.
	early []driver.Event
}

var _ driver.ClientSocket = (*clientSocket)(nil)

// Connect implements driver.ClientSocket.
func (s *clientSocket) Connect(ctx context.Context) error {
	s.client.mu.Lock()
	closed := s.client.closed
	s.client.mu.Unlock()
	if closed {
		return driver.ErrClosed
	}
	done := make(chan error, 1)
	s.mu.Lock()
	if s.joined {
		s.mu.Unlock()
		return nil
	}
	if s.waiters == nil {
		s.waiters = make(map[chan error]struct{})
	}
	s.waiters[done] = struct{}{}
	s.left = false
	s.mu.Unlock()
	if err := s.join(ctx); err != nil {
		return s.gaveUpJoining(done, err)
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return s.gaveUpJoining(done, context.Cause(ctx))
	}
}

// join has the library ask for the namespace, once the connection is there; unless
// it does so by itself.
func (s *clientSocket) join(ctx context.Context) error {
	if s.io.Active() {
		return nil
	}
	if err := s.client.connect(ctx); err != nil {
		if ctx.Err() == nil {
			s.turn.do(func() { s.handler.ConnectError(err) })
		}
		return err
	}
	s.joining.Lock()
	defer s.joining.Unlock()
	if s.io.Active() {
		return nil
	}
	if err := s.authenticate(); err != nil {
		s.turn.do(func() { s.handler.ConnectError(err) })
		return err
	}
	s.io.Connect()
	return nil
}

// gaveUpJoining is the end of a wait in Connect.
func (s *clientSocket) gaveUpJoining(done chan error, err error) error {
	s.mu.Lock()
	_, waiting := s.waiters[done]
	delete(s.waiters, done)
	giveUp := waiting && !s.kept && len(s.waiters) == 0
	s.mu.Unlock()
	if !waiting {
		return <-done
	}
	if giveUp {
		s.io.Disconnect()
	}
	return fmt.Errorf("joining namespace %s: %w", s.name, err)
}

// answer tells those who wait in Connect.
func (s *clientSocket) answer(err error) {
	s.mu.Lock()
	waiters := s.waiters
	s.waiters = nil
	s.mu.Unlock()
	for done := range waiters {
		done <- err
	}
}

// emitted takes what the library emits for the socket.
func (s *clientSocket) emitted(name string, args []any) {
	switch name {
	case "connect":
		s.connected()
	case "disconnect":
		reason, _ := args[0].(string)
		s.disconnected(reason)
	case "connect_error":
		s.attemptFailed(errorOf(args))
	default:
		s.event(name, args)
	}
}

func (s *clientSocket) connected() {
	s.mu.Lock()
	s.joined, s.kept, s.held = true, true, 0
	early := s.early
	s.early = nil
	s.mu.Unlock()
	recovered := s.io.Recovered()
	s.turn.do(func() {
		s.handler.Connected(recovered)
		for _, e := range early {
			s.handler.Event(e)
		}
	})
	s.answer(nil)
}

func (s *clientSocket) disconnected(reason string) {
	s.mu.Lock()
	joined := s.joined
	s.joined = false
	s.mu.Unlock()
	s.owed.forget()
	if joined {
		s.turn.do(func() { s.handler.Disconnected(reason) })
	}
	s.answer(fmt.Errorf("joining namespace %s: %s: %w", s.name, reason, driver.ErrClosed))
}

// attemptFailed tells that the connection failed, or the server refused.
func (s *clientSocket) attemptFailed(err error) {
	var refused *types.ExtendedError
	if errors.As(err, &refused) {
		err = refusal(refused)
	}
	s.turn.do(func() { s.handler.ConnectError(err) })
	s.mu.Lock()
	giveUp := !s.kept
	s.mu.Unlock()
	if giveUp && s.io.Active() {
		s.io.Disconnect()
	}
	s.answer(err)
}

// refusal is what the server said in a CONNECT_ERROR packet.
func refusal(e *types.ExtendedError) error {
	r := &driver.RefusedError{Message: e.Message}
	if e.Data != nil && e.Data != (noData{}) {
		var attachments [][]byte
		if text, err := appendValue(nil, e.Data, &attachments); err == nil {
			r.Data = text
		}
	}
	return r
}

func (s *clientSocket) reconnecting(attempt int) {
	if s.isKept() {
		s.turn.do(func() { s.handler.Reconnecting(attempt) })
	}
}

func (s *clientSocket) gaveUp() {
	if s.isKept() {
		s.turn.do(s.handler.ReconnectFailed)
	}
	s.answer(errAttempt)
}

func (s *clientSocket) isKept() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept && s.io.Active()
}

// event passes on an event of the server.
func (s *clientSocket) event(name string, args []any) {
	args, ack := cutAck(args)
	if ack == nil {
		args = s.cutOffset(args)
	}
	p, err := receivedEvent(name, args)
	if err != nil {
		return // it came from a foreign parser, and is not JSON
	}
	e := driver.Event{Payload: p, Name: []byte(name), AckID: driver.NoAck}
	if ack != nil {
		e.AckID = s.owed.add(ack)
	}
	s.mu.Lock()
	if !s.joined {
		s.early = append(s.early, e)
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.turn.do(func() { s.handler.Event(e) })
}

// ID implements driver.Emitter.
func (s *clientSocket) ID() string { return s.io.Id() }

// Connected implements driver.ClientSocket.
func (s *clientSocket) Connected() bool { return s.io.Connected() }

// Active implements driver.ClientSocket.
func (s *clientSocket) Active() bool { return s.io.Active() }

// Disconnect implements driver.ClientSocket.
func (s *clientSocket) Disconnect() error {
	s.mu.Lock()
	s.kept, s.left = false, true
	s.mu.Unlock()
	s.io.Disconnect()
	s.answer(fmt.Errorf("joining namespace %s: %w", s.name, driver.ErrClosed))
	return nil
}

// Emit implements driver.Emitter.
func (s *clientSocket) Emit(p driver.Payload, f driver.Flags) error {
	return s.emit(p, f, nil)
}

func (s *clientSocket) emit(p driver.Payload, f driver.Flags, ack socket.Ack) error {
	name, args, err := event(p)
	if err != nil {
		return err
	}
	if err := s.hold(p, f); err != nil {
		return err
	}
	if ack != nil {
		args = append(args, ack)
	}
	s.sending.Lock()
	defer s.sending.Unlock()
	if f.Volatile {
		s.io.Volatile()
	}
	if f.NoCompress {
		s.io.Compress(false)
	}
	return s.io.Emit(name, args...)
}

// hold counts what waits for the connection.
func (s *clientSocket) hold(p driver.Payload, f driver.Flags) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.joined {
		return nil
	}
	if s.left || f.Volatile {
		return driver.ErrClosed
	}
	size := len(p.JSON)
	for _, a := range p.Attachments {
		size += len(a)
	}
	if s.held+size > MaxBuffer {
		return fmt.Errorf("not connected: %w", driver.ErrQueueFull)
	}
	s.held += size
	return nil
}

// EmitAck implements driver.Emitter.
func (s *clientSocket) EmitAck(p driver.Payload, f driver.Flags, w driver.AckWaiter) (int64, error) {
	if s.unanswered.Load() >= MaxPendingAcks {
		return 0, driver.ErrTooManyAcks
	}
	id := s.lastAck.Add(1)
	if err := s.acks.add(id, w); err != nil {
		return 0, err
	}
	s.unanswered.Add(1)
	var once sync.Once
	err := s.emit(p, f, func(args []any, err error) {
		once.Do(func() {
			s.unanswered.Add(-1)
			if err != nil {
				err = fmt.Errorf("%w: %w", driver.ErrClosed, err)
			}
			s.acks.answer(id, args, err)
		})
	})
	if err != nil {
		once.Do(func() { s.unanswered.Add(-1) })
		if s.CancelAck(id) {
			return 0, err
		}
	}
	return id, nil
}

// CancelAck implements driver.Emitter.
func (s *clientSocket) CancelAck(id int64) bool { return s.acks.take(id) != nil }

// Ack implements driver.Emitter.
func (s *clientSocket) Ack(id int64, p driver.Payload) error {
	if !s.io.Connected() {
		return driver.ErrClosed
	}
	return s.owed.answer(id, p)
}

// Cork implements driver.Emitter. The library writes in a goroutine of its own.
func (s *clientSocket) Cork() {}

// Uncork implements driver.Emitter.
func (s *clientSocket) Uncork() {}
