package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/engineio"
)

var (
	errNoAnswer = errors.New("the server did not answer in time")
	errGaveUp   = errors.New("all attempts to reconnect failed")
)

const errNoSessionID = packetError("the server accepted without a session id: it speaks Socket.IO 2 or older")

// join asks the server, over a link, to join the namespace. Client.mu is held.
func (s *clientSocket) join(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == l {
		return
	}
	j := s.joining
	if j != nil && j.link == l && j.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(l.ctx)
	if j != nil && j.link == l { // asked, then not wanted, now wanted again
		j.cancel = cancel
		s.client.running.Spawn(func() { s.await(ctx, j) })
		return
	}
	j = &joining{link: l, cancel: cancel}
	s.joining = j
	s.client.running.Spawn(func() {
		defer cancel()
		s.ask(ctx, j)
	})
}

// ask sends the CONNECT packet and waits for the answer.
func (s *clientSocket) ask(ctx context.Context, j *joining) {
	auth, ok := s.auth(ctx, j)
	if !ok {
		return
	}
	s.mu.Lock()
	ok = s.joining == j
	j.sent = ok
	auth = joinAuth(auth, s.session.ticket)
	s.mu.Unlock()
	if !ok {
		return
	}
	// An error means that the link is gone: Closed ends the attempt.
	_ = sendPacket(j.link.conn, typeConnect, s.name, driver.NoAck, driver.Payload{JSON: auth}, driver.Flags{})
	s.await(ctx, j)
}

// auth gets the payload of the CONNECT packet. When the application has none and
// the namespace is only to be joined again, it is asked again.
func (s *clientSocket) auth(ctx context.Context, j *joining) (auth []byte, ok bool) {
	for n := 1; ; n++ {
		limited, stop := context.WithTimeout(ctx, s.client.o.AttemptTimeout)
		auth, err := s.handler.Auth(limited)
		stop()
		switch {
		case err == nil:
			return auth, true
		case !s.joinFailed(j, fmt.Errorf("auth payload: %w", err)):
			return nil, false
		}
		select {
		case <-time.After(s.client.o.delay(n)):
		case <-ctx.Done():
			return nil, false
		}
	}
}

// await ends an attempt that the server doesn't answer in time.
func (s *clientSocket) await(ctx context.Context, j *joining) {
	timer := time.NewTimer(s.client.o.AttemptTimeout)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		if s.joinFailed(j, errNoAnswer) {
			s.forget(j)
			j.link.conn.Abort(engineio.ReasonTransportError) // and try another
		}
	}
}

// forget drops an attempt whose end has been told.
func (s *clientSocket) forget(j *joining) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.joining == j {
		j.stop()
		s.joining = nil
	}
}

// joinFailed notes that an attempt failed on this side, and reports whether there
// should be another.
func (s *clientSocket) joinFailed(j *joining, err error) (again bool) {
	s.mu.Lock()
	if s.joining != j || !s.wanted {
		s.mu.Unlock()
		return false
	}
	a := s.fail()
	again = s.wanted
	s.mu.Unlock()
	s.turn.post(func() { s.handler.ConnectError(err) })
	a.tell(err)
	s.client.settle()
	return again
}

// fail is what a failed attempt does: a socket that was joined before goes on
// trying, another gives up. s.mu is held.
func (s *clientSocket) fail() abandoned {
	if !s.kept || s.client.o.NoReconnection {
		return s.abandon()
	}
	a := abandoned{waiters: s.waiters}
	s.waiters = nil
	return a
}

// answered ends the attempt that the server's answer, come over l, is for. It
// reports false when there is none. s.mu is held.
func (s *clientSocket) answered(l *link) bool {
	j := s.joining
	if j == nil || j.link != l || !j.sent {
		return false
	}
	j.stop()
	s.joining = nil
	return true
}

// accepted handles a CONNECT packet. The goroutine that reads l calls it, and the
// methods below that take a link.
func (s *clientSocket) accepted(l *link, r received) error {
	var answer struct {
		SID string `json:"sid"`
		PID string `json:"pid"`
	}
	if json.Unmarshal(r.json, &answer) != nil || answer.SID == "" {
		return errNoSessionID
	}
	s.turn.enter()
	defer s.turn.leave()
	s.mu.Lock()
	if !s.answered(l) {
		s.mu.Unlock()
		return nil
	}
	if !s.wanted { // it changed its mind when the packet was under way
		s.mu.Unlock()
		_ = sendPacket(l.conn, typeDisconnect, s.name, driver.NoAck, driver.Payload{}, driver.Flags{})
		return nil
	}
	s.link, s.id = l, answer.SID
	s.session.accepted(answer.PID)
	s.mu.Unlock()
	if s.flush(l) {
		s.sendUnacked()
		s.mu.Lock()
		recovered := s.session.recovered()
		s.mu.Unlock()
		s.handler.Connected(recovered)
		s.catchUp(l)
		s.welcome(l)
	}
	return nil
}

// flush sends what is held, and then lets everything pass. It reports false when
// the socket has left, or the link is gone.
func (s *clientSocket) flush(l *link) bool {
	for {
		s.mu.Lock()
		if s.link != l {
			s.mu.Unlock()
			return false
		}
		e := s.held.first()
		if e == nil {
			s.joined, s.kept = true, true
			s.mu.Unlock()
			return true
		}
		s.mu.Unlock()
		if sendPacket(l.conn, typeEvent, s.name, e.ackID, e.payload, e.flags) != nil {
			return false // Closed is about to come; what is held stays
		}
		s.mu.Lock()
		s.held.remove(e)
		s.mu.Unlock()
	}
}

// catchUp delivers the events that came before the server's answer.
func (s *clientSocket) catchUp(l *link) {
	for {
		s.mu.Lock()
		r, ok := s.early.next()
		ok = ok && s.link == l
		if ok {
			r = s.session.strip(r)
		}
		s.mu.Unlock()
		if !ok {
			return
		}
		s.deliver(r)
	}
}

// welcome tells those who wait that the namespace is joined.
func (s *clientSocket) welcome(l *link) {
	s.mu.Lock()
	if s.link != l {
		s.mu.Unlock()
		return
	}
	waiters := s.waiters
	s.waiters = nil
	s.mu.Unlock()
	for _, w := range waiters {
		w <- nil
	}
}

// refused handles a CONNECT_ERROR packet. A refusal is not tried again.
func (s *clientSocket) refused(l *link, r received) {
	s.mu.Lock()
	if !s.answered(l) || !s.wanted {
		s.mu.Unlock()
		return
	}
	a := s.abandon()
	s.mu.Unlock()
	err := decodeRefusal(r.json)
	s.turn.post(func() { s.handler.ConnectError(err) })
	a.tell(err)
	s.client.settle()
}

// decodeRefusal reads the payload of a CONNECT_ERROR packet: an object with a
// message and perhaps data, or just a message.
func decodeRefusal(payload []byte) *driver.RefusedError {
	var r refusal
	if json.Unmarshal(payload, &r) != nil {
		r.Message = string(payload)
		_ = json.Unmarshal(payload, &r.Message) // the payload stands for itself
	}
	return &driver.RefusedError{Message: r.Message, Data: bytes.Clone(r.Data)}
}

// dismissed handles a DISCONNECT packet. The socket does not come back by itself.
func (s *clientSocket) dismissed(l *link) {
	s.mu.Lock()
	if s.link != l {
		s.mu.Unlock()
		return
	}
	joined := s.joined
	a := s.abandon()
	s.session.forget()
	s.mu.Unlock()
	a.tell(driver.ErrClosed)
	if joined {
		s.turn.post(func() { s.handler.Disconnected(reasonIOServer) })
	}
	s.client.settle()
}

func (s *clientSocket) event(l *link, r received) error {
	s.turn.enter()
	defer s.turn.leave()
	s.mu.Lock()
	switch j := s.joining; {
	case s.link == l && s.joined:
		r = s.session.strip(r)
		s.mu.Unlock()
		s.deliver(r)
		return nil
	case j != nil && j.link == l && j.sent && s.wanted:
		defer s.mu.Unlock()
		err := s.early.add(r.clone(), s.client.o.MaxBuffer)
		if err != nil { // it would be so again
			s.session.forget()
		}
		return err
	}
	s.mu.Unlock()
	return nil
}

// deliver hands an event to the handler; the turn is taken.
func (s *clientSocket) deliver(r received) {
	e := driver.Event{
		Payload: driver.Payload{JSON: r.json, Attachments: r.blobs},
		Name:    r.name,
		AckID:   driver.NoAck,
	}
	if r.hasAck() {
		s.mu.Lock()
		e.AckID = s.owed.add(r.ackID, s.client.o.Limits.MaxOwedAcks)
		s.mu.Unlock()
	}
	s.handler.Event(e)
}

func (s *clientSocket) acked(l *link, r received) {
	s.mu.Lock()
	var w driver.AckWaiter
	var retried bool
	if s.link == l {
		if w, retried = s.ackedTry(r.ackID); !retried {
			w = s.acks.take(r.ackID)
		}
	}
	s.mu.Unlock()
	if w != nil {
		w.Acked(driver.Payload{JSON: r.json, Attachments: r.blobs}, nil)
	}
	if retried {
		s.sendUnacked() // the next one
	}
}

// lost notes that a link is gone.
func (s *clientSocket) lost(l *link, reason string, cause error) {
	s.mu.Lock()
	accepted, asked := s.link == l, s.joining != nil && s.joining.link == l
	joined, wanted := accepted && s.joined, s.wanted
	if asked {
		s.joining.stop()
		s.joining = nil
	}
	if !wanted || !accepted && !asked {
		s.mu.Unlock()
		return
	}
	a := s.fail()
	if s.wanted && accepted {
		a.acks = s.acks.takeExcept(s.held.ackIDs())
		a.failed = s.missedTry()
		s.detach()
	}
	s.mu.Unlock()
	err := fmt.Errorf("joining namespace %s: the connection ended: %s", s.name, reason)
	if cause != nil {
		err = fmt.Errorf("joining namespace %s: the connection ended: %s: %w", s.name, reason, cause)
	}
	s.turn.post(func() {
		if joined {
			s.handler.Disconnected(reason)
		} else {
			s.handler.ConnectError(err)
		}
	})
	a.tell(err)
}

// attemptFailed notes that no connection could be opened.
func (s *clientSocket) attemptFailed(err error) {
	s.mu.Lock()
	if !s.wanted {
		s.mu.Unlock()
		return
	}
	a := s.fail()
	s.mu.Unlock()
	s.turn.post(func() { s.handler.ConnectError(err) })
	a.tell(err)
}

// reconnecting tells that an attempt is about to start.
func (s *clientSocket) reconnecting(attempt int) {
	s.mu.Lock()
	tell := s.wanted && s.kept
	s.mu.Unlock()
	if tell {
		s.turn.post(func() { s.handler.Reconnecting(attempt) })
	}
}

// gaveUp notes that the attempts are used up.
func (s *clientSocket) gaveUp() {
	s.mu.Lock()
	if !s.wanted {
		s.mu.Unlock()
		return
	}
	a := s.abandon()
	s.mu.Unlock()
	s.turn.post(func() { s.handler.ReconnectFailed() })
	a.tell(errGaveUp)
}
