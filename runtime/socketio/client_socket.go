package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/siogen/siogen/runtime/driver"
)

// clientSocket is a namespace on the client.
//
// Events that are emitted before the first Connect, and while it connects or
// reconnects, are held, up to ClientOptions.MaxBuffer, and sent in order when the
// namespace is joined. When it gives up (Disconnect by either side, a refusal, a
// first attempt that fails, attempts used up) what is held is dropped, pending
// acknowledgements fail, and Emit fails with driver.ErrClosed until Connect.
type clientSocket struct {
	client  *Client
	name    string
	handler driver.ClientHandler
	turn    turn

	mu sync.Mutex
	// wanted: the application wants it to be joined.
	wanted bool
	// kept: it was joined since Connect, so that a lost connection is no failure.
	kept bool
	// left: it was wanted and is no more.
	left bool
	// joining is the CONNECT packet that the server has not answered; nil: none.
	joining *joining
	// link is where the server accepted; nil: nowhere.
	link *link
	// joined: accepted, and what was held is sent.
	joined  bool
	id      string
	waiters []chan error // calls of Connect
	lastAck int64
	acks    pendingAcks
	owed    owedAcks
	held    outbox
	unacked retryQueue
	early   earlyEvents
	session clientRecovery
	// corks counts calls of Cork without their Uncork; corked is the link that the
	// first of them was for, which a reconnection may have replaced since.
	corks  int
	corked *link
}

// joining is an attempt to join a namespace over a link.
type joining struct {
	link *link
	// cancel ends the wait, for the auth payload or the server's answer; nil when
	// nobody waits.
	cancel context.CancelFunc
	// sent: the server has been asked.
	sent bool
}

// stop ends the wait; the socket's lock is held.
func (j *joining) stop() {
	if j.cancel != nil {
		j.cancel()
		j.cancel = nil
	}
}

var _ driver.ClientSocket = (*clientSocket)(nil)

// ID implements driver.Emitter.
func (s *clientSocket) ID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// Connected implements driver.ClientSocket.
func (s *clientSocket) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.joined
}

// Active implements driver.ClientSocket.
func (s *clientSocket) Active() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wanted
}

// wants reports whether the namespace should be joined, and whether it was before.
func (s *clientSocket) wants() (wanted, kept bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wanted, s.kept
}

// Connect implements driver.ClientSocket. If it fails, nothing is tried any more
// until it is called again, unless the namespace had been joined before and is
// being reconnected.
func (s *clientSocket) Connect(ctx context.Context) error {
	done, err := s.want()
	if done == nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	if !s.unwant(done) {
		return <-done // it was decided at the last moment
	}
	s.client.settle()
	return fmt.Errorf("connecting to namespace %s: %w", s.name, context.Cause(ctx))
}

// want makes the client connect and returns where the outcome will be told; nil if
// there is nothing to wait for.
func (s *clientSocket) want() (done chan error, err error) {
	c := s.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, driver.ErrClosed
	}
	s.mu.Lock()
	if s.joined {
		s.mu.Unlock()
		return nil, nil
	}
	done = make(chan error, 1)
	s.waiters = append(s.waiters, done)
	s.wanted, s.left = true, false
	s.mu.Unlock()
	c.open(s)
	return done, nil
}

// unwant gives up a call of Connect. It reports false when that has its outcome.
func (s *clientSocket) unwant(done chan error) bool {
	s.mu.Lock()
	i := slices.Index(s.waiters, done)
	if i < 0 {
		s.mu.Unlock()
		return false
	}
	s.waiters = slices.Delete(s.waiters, i, i+1)
	var lost abandoned
	if len(s.waiters) == 0 && !s.kept {
		lost = s.abandon()
	}
	s.mu.Unlock()
	lost.tell(driver.ErrClosed)
	return true
}

// abandoned is what must be told when a socket gives up, without its lock.
type abandoned struct {
	waiters []chan error
	unacked []driver.AckWaiter
	acks    map[int64]driver.AckWaiter
	failed  failedTry
	link    *link // the link that must be told
}

// abandon makes the socket no longer wanted; s.mu is held.
func (s *clientSocket) abandon() abandoned {
	a := abandoned{waiters: s.waiters, acks: s.acks.takeAll(), unacked: s.dropUnacked(), link: s.link}
	s.wanted, s.kept, s.left = false, false, true
	s.waiters = nil
	s.held = outbox{}
	s.detach()
	if j := s.joining; j != nil {
		j.stop()
		if !j.sent {
			s.joining = nil
		}
	}
	return a
}

// detach makes the socket not joined; s.mu is held.
func (s *clientSocket) detach() {
	s.link, s.joined, s.id = nil, false, ""
	s.owed.forget()
	s.early = earlyEvents{}
}

// tell tells those who wait that it was in vain.
func (a abandoned) tell(err error) {
	for _, w := range a.waiters {
		w <- err
	}
	failAcks(a.acks, driver.ErrClosed)
	for _, w := range a.unacked {
		w.Acked(driver.Payload{}, driver.ErrClosed)
	}
	a.failed.tell()
}

// Disconnect implements driver.ClientSocket. It returns nil.
func (s *clientSocket) Disconnect() error {
	s.leave()
	s.client.settle()
	return nil
}

// leave leaves the namespace. The caller settles.
func (s *clientSocket) leave() {
	s.mu.Lock()
	joined := s.joined
	a := s.abandon()
	s.session.forget()
	s.mu.Unlock()
	if a.link != nil {
		// An error means that the connection is gone: so is the one to tell.
		_ = sendPacket(a.link.conn, typeDisconnect, s.name, driver.NoAck, driver.Payload{}, driver.Flags{})
	}
	a.tell(driver.ErrClosed)
	if joined {
		s.turn.post(func() { s.handler.Disconnected(reasonIOClient) })
	}
}

// Emit implements driver.Emitter. It fails with driver.ErrQueueFull when too much
// is held already, and with driver.ErrClosed for a volatile event that would have
// to be held, or when the socket has given up.
func (s *clientSocket) Emit(p driver.Payload, f driver.Flags) error {
	if s.retries(f) {
		_, err := s.emitRetried(p, f, unawaited{s.client.o.Logger, s.name})
		return err
	}
	return s.emit(p, f, driver.NoAck)
}

// EmitAck implements driver.Emitter.
func (s *clientSocket) EmitAck(p driver.Payload, f driver.Flags, w driver.AckWaiter) (int64, error) {
	if s.retries(f) {
		return s.emitRetried(p, f, w)
	}
	s.mu.Lock()
	id := s.nextAckID()
	err := s.acks.add(id, w, s.client.o.Limits.MaxPendingAcks)
	s.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if err := s.emit(p, f, id); err != nil && s.CancelAck(id) {
		return 0, err
	}
	return id, nil
}

// nextAckID returns an acknowledgement id; s.mu is held.
func (s *clientSocket) nextAckID() int64 {
	id := s.lastAck
	s.lastAck = (s.lastAck + 1) & maxAckID
	return id
}

func (s *clientSocket) emit(p driver.Payload, f driver.Flags, ackID int64) error {
	var failed *link // the one that was found to be gone
	for {
		s.mu.Lock()
		if ackID != driver.NoAck && !s.acks.has(ackID) {
			s.mu.Unlock()
			return nil // the waiter has been told that the connection is lost
		}
		l := s.link
		if !s.joined || l == failed {
			// Closed is yet to say that the link is gone: what is held then is sent by
			// the next.
			defer s.mu.Unlock()
			return s.hold(p, f, ackID)
		}
		s.mu.Unlock()
		err := sendPacket(l.conn, typeEvent, s.name, ackID, p, f)
		if ackID != driver.NoAck {
			l.conn.HandOver() // a handler is about to wait for the acknowledgement
		}
		if !errors.Is(err, driver.ErrClosed) || s.client.o.NoReconnection {
			return err
		}
		failed = l
	}
}

// hold keeps an event until the namespace is joined; s.mu is held.
func (s *clientSocket) hold(p driver.Payload, f driver.Flags, ackID int64) error {
	if s.left || f.Volatile {
		return driver.ErrClosed
	}
	return s.held.add(p, f, ackID, s.client.o.MaxBuffer)
}

// CancelAck implements driver.Emitter. An event that is still held is not sent.
func (s *clientSocket) CancelAck(id int64) bool {
	s.mu.Lock()
	if s.acks.take(id) != nil {
		s.held.cancel(id)
		s.mu.Unlock()
		return true
	}
	wasFirst, ok := s.cancelUnacked(id)
	s.mu.Unlock()
	if wasFirst {
		s.sendUnacked() // the next one
	}
	return ok
}

// Ack implements driver.Emitter. It fails with an *AckError when the event was
// answered already, or belongs to a connection that is gone.
func (s *clientSocket) Ack(id int64, p driver.Payload) error {
	s.mu.Lock()
	peerID, owed := s.owed.take(id)
	l := s.link
	s.mu.Unlock()
	switch {
	case l == nil:
		return driver.ErrClosed
	case !owed:
		return &AckError{ID: id}
	}
	return sendPacket(l.conn, typeAck, s.name, peerID, p, driver.Flags{})
}

// Cork implements driver.Emitter.
func (s *clientSocket) Cork() {
	s.mu.Lock()
	s.corks++
	first := s.corks == 1
	if first {
		s.corked = s.link
	}
	l := s.corked
	s.mu.Unlock()
	if first && l != nil {
		l.conn.Cork()
	}
}

// Uncork implements driver.Emitter.
func (s *clientSocket) Uncork() {
	s.mu.Lock()
	s.corks--
	last := s.corks == 0
	l := s.corked
	if last {
		s.corked = nil
	}
	s.mu.Unlock()
	if last && l != nil {
		l.conn.Uncork()
	}
}
