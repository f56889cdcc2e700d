package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Task is what clients do and for how long.
type Task struct {
	Kind Kind
	// InFlight is how many messages of a client wait for their replies; of a
	// broadcast, which one client asks for, how many are under way to everybody.
	InFlight int
	// Gather lets a client send in one write what it may send after one read. Real
	// clients write each message by itself.
	Gather bool
	// Rate, unless zero, is how many messages all clients together send in a second,
	// whatever comes back. Latency then counts from when a message was due.
	Rate float64
	// Warm is how long the clients send before it counts, Measure how long it counts.
	Warm, Measure time.Duration
	// CPU returns the time that the server has used so far.
	CPU func() (time.Duration, error)
}

// Sample is what was measured.
type Sample struct {
	// Messages is how many replies came; of a broadcast, one for each receiver.
	Messages int
	Elapsed  time.Duration
	// ServerCPU and LoadCPU are what the server used, and this process.
	ServerCPU, LoadCPU time.Duration
	P50, P99           time.Duration
	// Received is how many bytes came, framing and all.
	Received int
}

// PerMessage is the server's CPU time for one message.
func (s Sample) PerMessage() time.Duration {
	return s.ServerCPU / time.Duration(max(s.Messages, 1))
}

// Rate is messages in a second.
func (s Sample) Rate() float64 { return float64(s.Messages) / s.Elapsed.Seconds() }

var (
	errClosed = errors.New("load: the server closed a connection")
	// ErrBehind says that a server could not keep up with Task.Rate.
	ErrBehind = errors.New("load: the server can't keep up")
)

const (
	// stallTime is how long nothing may come.
	stallTime = 5 * time.Second
	// maxUnanswered is how many messages of a client may wait where Task.Rate sets
	// the pace.
	maxUnanswered = 128
	// keptPace is the part of Task.Rate that a server must reach.
	keptPace = 0.95
	// tick is how often is looked at what is due to be sent.
	tick = 250 * time.Microsecond
	// timerIndex stands for the timer among the events of epoll.
	timerIndex = -1
)

// run is one measurement under way.
type run struct {
	task    Task
	wire    Wire
	clients []*client
	conns   []*conn
	msg     message
	poll    poller
	inflate inflater
	out     []byte

	now       time.Time
	started   time.Time
	lastReply time.Time
	measuring bool
	begun     time.Time
	cpu       time.Duration // the server's when measuring began
	loadCPU   time.Duration
	replies   int
	received  int // bytes, of the connections as a whole
	latency   histogram

	paced int // messages sent so far where Rate sets the pace
	// A broadcast is complete when all have it.
	asked, deliveries int
}

// Run lets the clients do the task.
func (c *Clients) Run(ctx context.Context, t Task) (Sample, error) {
	msg, err := newMessage(t.Kind, c.server)
	if err != nil {
		return Sample{}, err
	}
	if t.InFlight > maxUnanswered {
		return Sample{}, fmt.Errorf("load: at most %d in flight", maxUnanswered)
	}
	r := &run{task: t, wire: c.server.Wire, clients: c.clients, msg: msg, out: make([]byte, 0, 2*maxMessage)}
	for _, client := range c.clients {
		client.sent, client.got, client.checked = 0, 0, false
		client.times = make([]time.Time, maxUnanswered)
		r.conns = append(r.conns, client.conns...)
	}
	if err := r.poll.open(r.conns, t.Rate > 0); err != nil {
		return Sample{}, err
	}
	defer r.poll.close()
	sample, err := r.loop(ctx)
	if err == nil {
		err = r.drain()
	}
	return sample, err
}

// loop sends and receives until everything is measured.
func (r *run) loop(ctx context.Context) (Sample, error) {
	r.now = time.Now()
	r.started, r.lastReply = r.now, r.now
	if err := r.begin(); err != nil {
		return Sample{}, err
	}
	for {
		if err := r.step(); err != nil {
			return Sample{}, err
		}
		switch {
		case ctx.Err() != nil:
			return Sample{}, ctx.Err()
		case r.now.Sub(r.lastReply) > stallTime:
			return Sample{}, fmt.Errorf("load: no reply for %v", stallTime)
		case !r.measuring && r.now.Sub(r.started) >= r.task.Warm:
			if err := r.measure(); err != nil {
				return Sample{}, err
			}
		case r.measuring && r.now.Sub(r.begun) >= r.task.Measure:
			return r.sample()
		}
	}
}

// step handles what epoll reports once.
func (r *run) step() error {
	ready, err := r.poll.wait()
	if err != nil {
		return err
	}
	r.now = time.Now()
	for _, e := range ready {
		if e.Fd == timerIndex {
			err = r.pace()
		} else {
			err = r.ready(r.conns[e.Fd], e.Events)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ready does what a connection is ready for.
func (r *run) ready(c *conn, events uint32) error {
	if events&unix.EPOLLOUT != 0 {
		if err := r.poll.writable(c); err != nil {
			return err
		}
	}
	if events&^unix.EPOLLOUT == 0 {
		return nil
	}
	return r.readable(c)
}

// begin sends the first messages.
func (r *run) begin() error {
	switch {
	case r.task.Rate > 0:
		return r.poll.tick(tick)
	case r.task.Kind == Broadcast:
		r.asked = r.task.InFlight
		return r.send(r.clients[0], r.task.InFlight, r.now)
	}
	for _, c := range r.clients {
		if err := r.send(c, r.task.InFlight, r.now); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) measure() (err error) {
	r.measuring = true
	r.latency.reset()
	r.replies, r.received = 0, 0
	r.cpu, err = r.task.CPU()
	r.loadCPU = ownCPU()
	r.begun = time.Now()
	return err
}

func (r *run) sample() (Sample, error) {
	s := Sample{
		Messages: r.replies,
		Elapsed:  r.now.Sub(r.begun),
		LoadCPU:  ownCPU() - r.loadCPU,
		P50:      r.latency.quantile(0.5),
		P99:      r.latency.quantile(0.99),
		Received: r.received,
	}
	cpu, err := r.task.CPU()
	s.ServerCPU = cpu - r.cpu
	if err == nil && s.Rate() < keptPace*r.task.Rate {
		err = ErrBehind
	}
	return s, err
}

// send sends n messages. They count from the given time.
func (r *run) send(c *client, n int, at time.Time) error {
	if c.polling != nil {
		return r.post(c, n, at)
	}
	r.out = r.out[:0]
	for range n {
		r.out = r.next(c, r.out, at)
		if !r.task.Gather {
			if err := r.poll.write(c.conns[0], r.out); err != nil {
				return err
			}
			r.out = r.out[:0]
		}
	}
	if len(r.out) == 0 {
		return nil
	}
	return r.poll.write(c.conns[0], r.out)
}

// post sends n messages in one request, or with those that wait for the answer to
// the last one.
func (r *run) post(c *client, n int, at time.Time) error {
	for range n {
		c.polling.separate()
		c.polling.queue = r.next(c, c.polling.queue, at)
	}
	return r.flush(c)
}

// next appends a client's next message.
func (r *run) next(c *client, dst []byte, at time.Time) []byte {
	dst = r.msg.append(dst, c.sent)
	c.times[c.sent%maxUnanswered] = at
	c.sent++
	return dst
}

// pace sends what is due by now, to one client after the other.
func (r *run) pace() error {
	if err := r.poll.acknowledgeTick(); err != nil {
		return err
	}
	due := 1 + int(r.task.Rate*r.now.Sub(r.started).Seconds()) // the first at once
	for ; r.paced < due; r.paced++ {
		c := r.clients[r.paced%len(r.clients)]
		if c.sent-c.got >= maxUnanswered {
			return nil // what is due waits, and counts from when it was
		}
		at := r.started.Add(time.Duration(float64(r.paced) / r.task.Rate * float64(time.Second)))
		if err := r.send(c, 1, at); err != nil {
			return err
		}
	}
	return nil
}

// drain takes the replies that are still due, so that the clients can be used
// again.
func (r *run) drain() error {
	r.measuring = false
	sent := func(c *client) int { return c.sent }
	if r.task.Kind == Broadcast {
		sent = func(*client) int { return r.clients[0].sent }
	}
	r.task = Task{Kind: r.task.Kind, Rate: 1} // replies to nothing any more
	for end := time.Now().Add(stallTime); slices.ContainsFunc(r.clients, func(c *client) bool { return c.got < sent(c) }); {
		if r.now.After(end) {
			return fmt.Errorf("load: replies were lost: none for %v", stallTime)
		}
		ready, err := r.poll.wait()
		if err != nil {
			return err
		}
		r.now = time.Now()
		for _, e := range ready {
			if e.Fd == timerIndex {
				err = r.poll.acknowledgeTick()
			} else {
				err = r.ready(r.conns[e.Fd], e.Events)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// ownCPU is the time that this process has used.
func ownCPU() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u) // can't fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
