package socketio

import (
	"log/slog"
	"sync"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// retryQueue holds the events of a socket that are sent until the server has
// acknowledged them: one at a time, in order (ClientOptions.Retries). It outlives
// connections. The socket's lock guards it, but for sending.
type retryQueue struct {
	outbox
	// tries is how often the first event was sent, and over is the link that it was
	// last sent over and may still be acknowledged on; nil: it must be sent.
	tries int
	over  *link
	// limit ends the wait for the acknowledgement of the first event. waiting tells
	// one wait from another: a timer may fire just as it is stopped.
	limit   *time.Timer
	waiting int
	// sending is held from the decision what to send until that is done, so that
	// nothing is sent again behind what follows it. The socket's lock comes after it.
	sending sync.Mutex
}

// retries reports whether an event is one to be sent until it is acknowledged.
func (s *clientSocket) retries(f driver.Flags) bool {
	return s.client.o.Retries > 0 && !f.Volatile
}

// emitRetried queues an event behind those that are not acknowledged yet.
func (s *clientSocket) emitRetried(p driver.Payload, f driver.Flags, w driver.AckWaiter) (id int64, err error) {
	s.mu.Lock()
	switch {
	case s.left:
		err = driver.ErrClosed
	case len(s.unacked.events) >= s.client.o.Limits.MaxPendingAcks:
		err = driver.ErrTooManyAcks
	default:
		id = s.nextAckID()
		err = s.unacked.add(p, f, id, s.client.o.MaxBuffer)
	}
	if err == nil {
		s.unacked.last().waiter = w
	}
	s.mu.Unlock()
	if err != nil {
		return 0, err
	}
	s.sendUnacked()
	return id, nil
}

// sendUnacked sends the first event that is not acknowledged, unless that was done
// already or the namespace is not joined. Every try has the same acknowledgement
// id, so that an answer that comes late is one nevertheless.
func (s *clientSocket) sendUnacked() {
	q := &s.unacked
	q.sending.Lock()
	defer q.sending.Unlock()
	s.mu.Lock()
	e, l := q.first(), s.link
	if e == nil || !s.joined || q.over == l {
		s.mu.Unlock()
		return
	}
	q.over = l
	q.tries++
	waiting := q.await()
	q.limit = time.AfterFunc(s.client.o.AckTimeout, func() { s.unansweredTry(waiting) })
	s.mu.Unlock()
	// An error means that the link is gone: the next one sends the event again.
	_ = sendPacket(l.conn, typeEvent, s.name, e.ackID, e.payload, e.flags)
}

// await ends the wait for an acknowledgement and begins another.
func (q *retryQueue) await() (waiting int) {
	if q.limit != nil {
		q.limit.Stop()
		q.limit = nil
	}
	q.waiting++
	return q.waiting
}

// pop removes and returns the first event, and how often it was sent.
func (q *retryQueue) pop() (e *heldEvent, tries int) {
	e, tries = q.first(), q.tries
	q.remove(e)
	q.await()
	q.tries, q.over = 0, nil
	return e, tries
}

// unansweredTry notes that the server has not acknowledged an event in time.
func (s *clientSocket) unansweredTry(waiting int) {
	s.mu.Lock()
	if s.unacked.waiting != waiting {
		s.mu.Unlock()
		return
	}
	failed := s.missedTry()
	s.mu.Unlock()
	failed.tell()
	s.sendUnacked()
}

// missedTry notes that the event that was sent last was not acknowledged. It
// returns the event if it is given up. s.mu is held.
func (s *clientSocket) missedTry() failedTry {
	q := &s.unacked
	if q.over == nil {
		return failedTry{}
	}
	q.over = nil
	q.await()
	if q.tries <= s.client.o.Retries {
		return failedTry{}
	}
	e, tries := q.pop()
	return failedTry{e.waiter, &driver.RetriesError{Tries: tries}}
}

// failedTry is who must be told that an event is given up, without the socket's
// lock.
type failedTry struct {
	waiter driver.AckWaiter
	err    error
}

func (f failedTry) tell() {
	if f.waiter != nil {
		f.waiter.Acked(driver.Payload{}, f.err)
	}
}

// ackedTry returns who waits for an acknowledgement, if it is that of the event
// that was sent last. s.mu is held.
func (s *clientSocket) ackedTry(id int64) (w driver.AckWaiter, ok bool) {
	q := &s.unacked
	if e := q.first(); e == nil || e.ackID != id || q.tries == 0 {
		return nil, false
	}
	e, _ := q.pop()
	return e.waiter, true
}

// cancelUnacked forgets an event; it is not sent again. s.mu is held.
func (s *clientSocket) cancelUnacked(id int64) (wasFirst, ok bool) {
	q := &s.unacked
	e := q.withAckID(id)
	switch {
	case e == nil:
		return false, false
	case e == q.first():
		q.pop()
		return true, true
	}
	q.remove(e)
	return false, true
}

// dropUnacked empties the queue and returns whom to tell. s.mu is held.
func (s *clientSocket) dropUnacked() []driver.AckWaiter {
	q := &s.unacked
	var waiters []driver.AckWaiter
	for _, e := range q.events {
		waiters = append(waiters, e.waiter)
	}
	q.outbox = outbox{}
	q.tries, q.over = 0, nil
	q.await()
	return waiters
}

// unawaited is the AckWaiter of an event whose acknowledgement nobody asked for.
type unawaited struct {
	log       *slog.Logger
	namespace string
}

// Acked implements driver.AckWaiter.
func (u unawaited) Acked(_ driver.Payload, err error) {
	if err != nil {
		u.log.Warn("socket.io: an event did not reach the server", "namespace", u.namespace, "reason", err.Error())
	}
}
