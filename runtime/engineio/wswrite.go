package engineio

import (
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// chunkSize is where another buffer is begun, and what the peer must accept
	// within one WriteTimeout.
	chunkSize = 64 << 10
	// shareFrom is the size from which data is queued without copying it.
	shareFrom = 8 << 10
	// corkBytes bounds what a cork holds back; the watcher bounds for how long.
	corkBytes = chunkSize
	// turns bounds how often a sender writes what others queued meanwhile.
	turns = 4
	// lingerTime bounds how long the last bytes may take once reading has ended.
	lingerTime = time.Second
)

// chunk is a run of bytes to be written. buf is the pooled buffer that b is in;
// nil when b is shared.
type chunk struct {
	b   []byte
	buf *[]byte
}

var writeBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 2<<10); return &b }}

func (c chunk) release() {
	if c.buf != nil && cap(c.b) <= 2*chunkSize {
		*c.buf = c.b[:0]
		writeBuffers.Put(c.buf)
	}
}

// outgoing is the writing half of a WebSocket: a queue of framed bytes.
//
// One goroutine at a time is the writer. A sender that finds no writer becomes
// it, and writes without waiting for the peer; when the socket takes no more it
// hands over to a goroutine that waits, with a deadline, and ends when the
// queue is empty.
type outgoing struct {
	corks  atomic.Int32
	atTurn atomic.Bool // the loop is at this connection, and writes when it is not any more

	mu      sync.Mutex
	queue   []chunk
	spare   []chunk
	first   [1]chunk    // the first array of queue
	queued  int         // bytes, those being written included
	limit   *time.Timer // of an orderly close
	writing bool        // there is a writer
	blocked bool        // the writer waits for the peer
	closing bool        // nothing more is accepted
	moving  bool        // what was accepted for polling is being moved here
	// gathers is how many Gathers have this connection, and drains how many goroutines
	// that write to it have not ended. final: none starts any more, but that of a Gather.
	gathers, drains int32
	final           bool
	over            chan struct{} // closed when there are none after final; nil: nobody waits
}

// tail returns the buffer at the end of the queue; w.mu is held.
func (w *wsConn) tail() *chunk {
	if n := len(w.queue); n > 0 {
		if last := &w.queue[n-1]; last.buf != nil && len(last.b) < chunkSize {
			return last
		}
	}
	buf := writeBuffers.Get().(*[]byte)
	w.queue = append(w.queue, chunk{b: (*buf)[:0], buf: buf})
	return &w.queue[len(w.queue)-1]
}

// appendFrame queues one frame whose payload is head, then data. data is
// retained when it is large and shared says it may be; w.mu is held.
func (w *wsConn) appendFrame(first byte, head, data []byte, shared bool) {
	t := w.tail()
	before := len(t.b)
	switch {
	case w.set.client:
		t.b = appendMaskedFrame(t.b, first, head, data)
		w.queued += len(t.b) - before
	case shared && len(data) >= shareFrom:
		t.b = append(appendFrameHeader(t.b, first, len(head)+len(data)), head...)
		w.queued += len(t.b) - before
		w.appendShared(data)
	default:
		t.b = append(append(appendFrameHeader(t.b, first, len(head)+len(data)), head...), data...)
		w.queued += len(t.b) - before
	}
}

// appendShared queues wire bytes that nobody changes any more; w.mu is held.
func (w *wsConn) appendShared(b []byte) {
	if len(b) >= shareFrom || w.idle() {
		w.queue = append(w.queue, chunk{b: b})
	} else {
		t := w.tail()
		t.b = append(t.b, b...)
	}
	w.queued += len(b)
}

// idle reports whether what is queued next is written at once, alone; w.mu is held.
func (w *wsConn) idle() bool {
	return w.queued == 0 && !w.writing && w.corks.Load() == 0 && !w.atTurn.Load()
}

// admit decides whether n more bytes may be queued. w.mu is held, but not all the time.
func (w *wsConn) admit(n int, f Flags) error {
	full := func() bool { return w.queued > 0 && w.queued+n > w.set.MaxQueue }
	if full() && !w.writing { // the peer does not know yet of what is only held back
		w.flushNow()
		w.mu.Lock()
	}
	switch {
	case w.closing:
		return ErrClosed
	case w.moving:
		return nil
	case f.Volatile && w.stalled(), full():
		return ErrQueueFull
	}
	return nil
}

// move lets in what was accepted for polling, as long as it is on.
func (w *wsConn) move(on bool) {
	w.mu.Lock()
	w.moving = on
	w.mu.Unlock()
}

// stalled reports whether the peer can't take more now; w.mu is held. Where
// writes always wait, that is told by what has piled up.
func (w *wsConn) stalled() bool {
	return w.blocked || w.raw == nil && w.queued >= chunkSize
}

var messageHead = []byte{packetMessage}

// send queues a message.
func (w *wsConn) send(text []byte, binary [][]byte, f Flags) error {
	if w.deflate && !f.NoCompress && compressible(text, binary, w.set.CompressionThreshold) {
		return w.sendFrames(deflatedFrames(text, binary, w.set.CompressionThreshold), f)
	}
	w.mu.Lock()
	if err := w.admit(framedSize(text, binary), f); err != nil {
		w.mu.Unlock()
		return err
	}
	w.appendFrame(frameText, messageHead, text, false)
	for _, b := range binary {
		w.appendFrame(frameBinary, nil, b, true)
	}
	w.flush()
	return nil
}

// sendBinary queues a binary message by itself.
func (w *wsConn) sendBinary(data []byte, f Flags) error {
	frame := wireFrame{first: frameBinary, data: data, shared: true}
	if w.deflate && !f.NoCompress {
		frame = frame.deflated(w.set.CompressionThreshold)
	}
	return w.sendFrames([]wireFrame{frame}, f)
}

// sendFrames queues a message of which frames are made already: compressing is
// done without holding up other senders.
func (w *wsConn) sendFrames(frames []wireFrame, f Flags) error {
	w.mu.Lock()
	if err := w.admit(wireSize(frames), f); err != nil {
		w.mu.Unlock()
		return err
	}
	for _, fr := range frames {
		w.appendFrame(fr.first, fr.head, fr.data, fr.shared)
	}
	w.flush()
	return nil
}

// sendFramed queues a message that is shared. g, unless nil, may write it.
func (w *wsConn) sendFramed(m *Framed, f Flags, g *Gather) error {
	if w.set.client && m.bare() {
		return w.sendBinary(m.binary[0], f)
	}
	if w.set.client {
		return w.send(m.text, m.binary, f)
	}
	wire := m.wireFor(w.deflate && !f.NoCompress, w.set.CompressionThreshold)
	w.mu.Lock()
	if err := w.admit(len(wire), f); err != nil {
		w.mu.Unlock()
		return err
	}
	w.appendShared(wire)
	if g != nil && w.loop != nil && len(wire) <= gatherLongest {
		w.flushWith(g)
	} else {
		w.flush()
	}
	return nil
}

// sendPacket queues a packet of the protocol itself.
func (w *wsConn) sendPacket(kind byte, data string) error {
	w.mu.Lock()
	if err := w.admit(len(data)+maxFrameHeader+1, Flags{}); err != nil {
		w.mu.Unlock()
		return err
	}
	w.appendFrame(frameText, []byte{kind}, []byte(data), false)
	w.flush()
	return nil
}

// handshake queues the answer to a client's handshake, which nobody sends before
// something follows it, or uncork is called.
func (w *wsConn) handshake(answer []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.tail()
	t.b = append(t.b, answer...)
	w.queued += len(answer)
}

// pong answers a ping of WebSocket's own.
func (w *wsConn) pong(payload []byte) error {
	w.mu.Lock()
	if err := w.admit(maxFrameHeader+len(payload), Flags{}); err != nil {
		w.mu.Unlock()
		if errors.Is(err, ErrClosed) {
			return nil // the peer's close frame is still to come
		}
		return err
	}
	w.appendFrame(framePong, nil, payload, false)
	w.flush()
	return nil
}

func (w *wsConn) cork() { w.corks.Add(1) }

// uncork also takes a call whose cork was on the polling transport. Corks are
// counted without w.mu: a sender that sees the last one has queued what it holds
// back before uncork gets w.mu.
func (w *wsConn) uncork() {
	for {
		n := w.corks.Load()
		if n > 0 && !w.corks.CompareAndSwap(n, n-1) {
			continue
		}
		if n <= 1 {
			w.mu.Lock()
			w.flush()
		}
		return
	}
}

// flush makes the caller the writer when there is something to write and no
// writer. It is called with w.mu held, and unlocks it.
func (w *wsConn) flush() {
	if w.heldBack() {
		w.mu.Unlock()
		return
	}
	w.flushNow()
}

// flushWith is flush, but what is to be written is written with the rest of g.
func (w *wsConn) flushWith(g *Gather) {
	switch {
	case w.heldBack() || w.writing || w.queued == 0:
		w.mu.Unlock()
	case w.final: // nobody would wait for g
		w.flushNow()
	default:
		w.writing = true
		w.gathers++
		w.mu.Unlock()
		g.add(w)
	}
}

// heldBack reports whether what is queued is to wait; w.mu is held.
func (w *wsConn) heldBack() bool {
	if w.writing || w.queued == 0 || w.queued >= corkBytes {
		return false
	}
	if w.corks.Load() > 0 {
		w.watch()
		return true
	}
	return w.atTurn.Load()
}

// flushNow is flush whatever the corks say. It is called with w.mu held, and
// unlocks it.
func (w *wsConn) flushNow() {
	if w.writing || w.queued == 0 {
		w.mu.Unlock()
		return
	}
	w.writing = true
	w.mu.Unlock()
	w.write()
}

// write is what a sender does as the writer: it never waits for the peer.
func (w *wsConn) write() { w.writeFrom(w.take(nil)) }

// writeFrom is write, beginning with what take returned.
func (w *wsConn) writeFrom(batch []chunk) {
	for range turns {
		if batch == nil {
			return
		}
		if w.raw == nil {
			break
		}
		written := 0
		for i := range batch {
			n, err := w.raw.tryWrite(batch[i].b)
			if err != nil {
				w.writeFailed(err)
				return
			}
			if written += n; n < len(batch[i].b) {
				w.tooMuch(batch[i:], n, written)
				return
			}
			batch[i].release()
			batch[i] = chunk{}
		}
		batch = w.takeNext(batch, written)
	}
	if batch != nil {
		w.handOver(batch, false)
	}
}

// tooMuch has another goroutine write the rest of batch when the socket took only the
// first n bytes of it, and of all that was taken from the queue so many.
func (w *wsConn) tooMuch(batch []chunk, n, written int) {
	w.wrote(written)
	rest := append([]chunk(nil), batch...)
	rest[0] = chunk{b: batch[0].b[n:]} // not released: b is not its start
	clear(batch)                       // its array may be w.first, which stays
	w.handOver(rest, true)
}

// seize makes the caller the writer, and reports whether there was none. The
// caller calls write when it has queued what must go out together.
func (w *wsConn) seize() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writing {
		return false
	}
	w.writing = true
	return true
}

// take returns what is queued. With nothing queued the caller is no longer the
// writer, and done, if not nil, runs with w.mu held.
func (w *wsConn) take(done func()) []chunk {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.taken(done)
}

// takeNext is take after a batch of n bytes was written, whose array, which holds nothing
// any more, it keeps for the queue.
func (w *wsConn) takeNext(batch []chunk, n int) []chunk {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.takenNext(batch, n)
}

// takenNext is takeNext; w.mu is held.
func (w *wsConn) takenNext(batch []chunk, n int) []chunk {
	w.queued -= n
	if cap(batch) <= 4 {
		w.spare = batch[:0]
	}
	return w.taken(nil)
}

// taken is take; w.mu is held.
func (w *wsConn) taken(done func()) []chunk {
	if len(w.queue) == 0 {
		w.writing, w.blocked = false, false
		if done != nil {
			done()
		}
		return nil
	}
	batch := w.queue
	w.queue, w.spare = w.spare, nil
	return batch
}

func (w *wsConn) wrote(n int) {
	w.mu.Lock()
	w.queued -= n
	w.mu.Unlock()
}

// handOver makes a new goroutine the writer.
func (w *wsConn) handOver(batch []chunk, blocked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.final && w.gathers == 0 {
		return
	}
	w.blocked = blocked
	w.drains++
	go w.drain(batch)
}

// forget is for the end of a Gather's writing.
func (w *wsConn) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gathers--
	w.lessWriters()
}

// lessWriters tells who waits for the last one; w.mu is held.
func (w *wsConn) lessWriters() {
	if w.gathers+w.drains == 0 && w.over != nil {
		close(w.over)
	}
}

// drain writes, waiting for the peer, until the queue is empty.
func (w *wsConn) drain(batch []chunk) {
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.drains--
		w.lessWriters()
	}()
	for batch != nil {
		for _, c := range batch {
			if err := w.writeWaiting(c.b); err != nil {
				w.writeFailed(err)
				return
			}
			c.release()
		}
		clear(batch)
		batch = w.take(func() { _ = w.nc.SetWriteDeadline(time.Time{}) })
	}
}

func (w *wsConn) writeWaiting(b []byte) error {
	for len(b) > 0 {
		if err := w.nc.SetWriteDeadline(time.Now().Add(w.set.WriteTimeout)); err != nil {
			return err
		}
		n, err := w.nc.Write(b[:min(len(b), chunkSize)])
		w.wrote(n)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// writeFailed ends the connection. There stays a writer, so that nobody else
// tries.
func (w *wsConn) writeFailed(err error) {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
	w.conn.webSocketFailed(w, ReasonTransportError, fmt.Errorf("engineio: writing WebSocket: %w", err))
}

// closeFrame queues a close frame as the last thing; w.mu is held.
func (w *wsConn) closeFrame(status []byte) {
	if !w.closing {
		w.appendFrame(frameClose, nil, status, false)
		w.closing = true
	}
	w.openCorks()
}

// openCorks lets go of what is held back, for ever.
func (w *wsConn) openCorks() {
	w.corks.Store(0)
	w.atTurn.Store(false)
}

// answerClose sends a close frame unless there was one.
func (w *wsConn) answerClose(status []byte) {
	w.mu.Lock()
	w.closeFrame(status)
	w.flush()
}

// shutdown ends the connection in order: the queue, then a close frame. The
// peer's own close frame, or the end of CloseTimeout, ends reading.
func (w *wsConn) shutdown() {
	w.mu.Lock()
	w.closeFrame(nil)
	w.limit = time.AfterFunc(w.set.CloseTimeout, w.closeNow)
	w.flush()
}

// abort ends the connection at once. A close frame goes out if it can.
func (w *wsConn) abort() {
	w.mu.Lock()
	if w.raw != nil && !w.blocked {
		w.closeFrame(nil)
	}
	w.closing = true
	w.flush()
	w.closeNow()
}

// closeNow closes the network connection without waiting for anything; of TLS
// it closes what is below, because an alert could wait for the peer.
func (w *wsConn) closeNow() {
	if w.loop != nil {
		w.loop.cut()
		return
	}
	nc := w.nc
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	_ = nc.Close()
}

// refuse accepts nothing more.
func (w *wsConn) refuse() {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
}

// release closes the network connection after reading has ended: it writes what
// can be written within lingerTime, and waits for the writer.
func (w *wsConn) release() {
	w.mu.Lock()
	w.closing = true
	w.openCorks()
	w.flush()
	w.mu.Lock()
	w.final = true
	stopTimer(w.limit)
	if w.gathers+w.drains > 0 && w.over == nil {
		w.over = make(chan struct{})
	}
	over := w.over
	w.mu.Unlock()
	if over != nil {
		limit := time.AfterFunc(lingerTime, w.closeNow)
		<-over
		limit.Stop()
	}
	_ = w.nc.Close()
}

func stopTimer(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}
