package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
	"github.com/siogen/siogen/runtime/codec"
)

func TestEventsArriveInOrderBothWays(t *testing.T) {
	const n = 500
	s := newServer(t, runtime.ServerOptions{})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("up", onString(func(_ context.Context, arg string) error { return sock.emit("down", arg) }))
		return nil
	})
	got := make(chan string, n)
	c := newClient(t, s)
	c.On("down", onString(func(_ context.Context, arg string) error { got <- arg; return nil }))
	c.connect(t)
	for i := range n {
		if err := c.emit("up", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		if arg := wait(t, got, "event"); arg != fmt.Sprint(i) {
			t.Fatalf("event %d is %q", i, arg)
		}
	}
}

func TestAHandlerMayWaitForAnAckOfItsOwnConnection(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("start", onAsk(func(ctx context.Context, arg string) (string, error) {
			answer, err := ask(ctx, sock, "question", arg)
			return "server heard " + answer, err
		}))
		return nil
	})
	c := newClient(t, s)
	c.On("question", onAsk(func(_ context.Context, arg string) (string, error) { return arg + "?", nil }))
	c.connect(t)
	got, err := ask(testContext(t), c, "start", "well")
	if err != nil || got != "server heard well?" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestHandlersOfOneSocketRunOneAtATimeAndThoseOfOthersInParallel(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	var inside, most atomic.Int32
	both := make(chan struct{}, 2)
	release := make(chan struct{})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		var mine atomic.Int32
		sock.On("work", onString(func(context.Context, string) error {
			if mine.Add(1) > 1 {
				t.Error("two handlers of one socket run at once")
			}
			defer mine.Add(-1)
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer inside.Add(-1)
			both <- struct{}{}
			<-release
			return nil
		}))
		return nil
	})
	for range 2 {
		c := newClient(t, s).connect(t)
		for range 2 {
			if err := c.emit("work", ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	wait(t, both, "first handler")
	wait(t, both, "second handler")
	close(release)
	wait(t, both, "third handler")
	wait(t, both, "fourth handler")
	if most.Load() != 2 {
		t.Errorf("at most %d handlers ran at once, want 2", most.Load())
	}
}

func TestMiddlewareRefusesWithData(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	s.Use(func(_ context.Context, sock *socket) error {
		if sock.token != "secret" {
			return runtime.Refuse("authentication error", map[string]any{"code": 401})
		}
		return nil
	})
	c := newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true})
	c.authenticate("wrong")
	err := c.Connect(testContext(t))
	refused, ok := errors.AsType[*runtime.RefusedError](err)
	if !ok || refused.Message != "authentication error" || string(refused.Data.Raw()) != `{"code":401}` {
		t.Fatalf("Connect = %#v, want a refusal with data", err)
	}
	if c.Connected() {
		t.Error("connected after a refusal")
	}
	c.authenticate("secret")
	c.connect(t)
}

func TestInvalidAuthIsRefused(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, runtime.ServerOptions{Logger: slog.New(slog.NewTextHandler(&syncWriter{w: &log}, nil))})
	c := newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true})
	runtime.ClientAuth(c.Client, func(context.Context) (int, error) { return 0, nil }, func(enc *codec.Encoder, _ int) {
		enc.BeginObject()
		enc.EndObject()
	})
	err := c.Connect(testContext(t))
	if refused, ok := errors.AsType[*runtime.RefusedError](err); !ok || !strings.Contains(refused.Message, "token: required field is missing") {
		t.Fatalf("Connect = %v", err)
	}
	if err := s.base.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if want := `level=WARN msg="invalid auth" namespace=/ field=token`; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not say %s:\n%s", want, &log)
	}
}

func TestAPanicEndsNothingButItsCall(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	failures := make(chan error, 1)
	s.OnError(func(_ context.Context, _ *socket, event string, err error) {
		failures <- fmt.Errorf("%s: %w", event, err)
	})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("boom", onString(func(context.Context, string) error { panic("ouch") }))
		sock.On("echo", onAsk(func(_ context.Context, arg string) (string, error) { return arg, nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	if err := c.emit("boom", ""); err != nil {
		t.Fatal(err)
	}
	err := wait(t, failures, "failure")
	p, ok := errors.AsType[*runtime.PanicError](err)
	if !ok || err.Error() != "boom: panic: ouch" || !strings.Contains(string(p.Stack), "runtime_test.go") {
		t.Errorf("reported %v", err)
	}
	if got, err := ask(testContext(t), c, "echo", "still here"); err != nil || got != "still here" {
		t.Errorf("after the panic: %q, %v", got, err)
	}
}

func TestAnInvalidPayloadNeverReachesTheHandler(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	invalid := make(chan string, 1)
	s.OnInvalid(func(_ context.Context, _ *socket, err *runtime.DecodeError) error {
		invalid <- err.Error()
		return failure("not understood")
	})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("echo", onAsk(func(_ context.Context, arg string) (string, error) { return arg, nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	enc := codec.NewEvent(`["echo"`)
	enc.Elem().Int(7)
	answer, err := runtime.Emit(testContext(t), c, enc, func(dec *codec.Decoder) (string, error) {
		if dec.Arg("err") {
			return stringField("failure")(dec), nil
		}
		return "", nil
	})
	if err != nil || answer != "not understood" {
		t.Errorf("answer %q, %v", answer, err)
	}
	if got, want := wait(t, invalid, "invalid payload"), "echo.arg: expected a string, got a number"; got != want {
		t.Errorf("OnInvalid got %q, want %q", got, want)
	}
	if got, err := ask(testContext(t), c, "echo", "fine"); err != nil || got != "fine" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestWhatOnInvalidReturnsIsReportedWhereTheEventDoesNotDeclareIt(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	s.OnInvalid(func(context.Context, *socket, *runtime.DecodeError) error { return errors.New("undeclared") })
	failures := make(chan error, 1)
	s.OnError(func(_ context.Context, _ *socket, event string, err error) {
		failures <- fmt.Errorf("%s: %w", event, err)
	})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("note", onString(func(context.Context, string) error { t.Error("handled"); return nil }))
		return nil
	})
	c := newClient(t, s).connect(t)
	enc := codec.NewEvent(`["note"`)
	enc.Elem().Int(7)
	if err := c.Send(enc); err != nil {
		t.Fatal(err)
	}
	if err := wait(t, failures, "failure"); err.Error() != "note: undeclared" {
		t.Errorf("reported %v", err)
	}
}

func TestADeclaredErrorIsAnsweredAndNotReported(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	s.OnError(func(_ context.Context, _ *socket, event string, err error) { t.Errorf("reported %s: %v", event, err) })
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("fail", onAsk(func(context.Context, string) (string, error) {
			return "", fmt.Errorf("wrapped: %w", failure("no"))
		}))
		return nil
	})
	c := newClient(t, s).connect(t)
	_, err := runtime.Emit(testContext(t), c, event("fail", ""), func(dec *codec.Decoder) (string, error) {
		if dec.OptArg("err") {
			return "", failure(stringField("failure")(dec))
		}
		return "", nil
	})
	if err != failure("no") {
		t.Errorf("got %v", err)
	}
}

func TestAnAckThatNeverComesTimesOut(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	c := newClientAt(t, s.url, runtime.ClientOptions{AckTimeout: 30 * time.Millisecond}).connect(t)
	_, err := ask(context.Background(), c, "nobody listens")
	timeout, ok := errors.AsType[*runtime.AckTimeoutError](err)
	if !ok || timeout.Event != "nobody listens" || !timeout.Timeout() {
		t.Errorf("default timeout: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ask(ctx, c, "nobody listens"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestPendingAcksFailAtOnceOnDisconnect(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	got := make(chan error, 1)
	s.OnConnection(func(_ context.Context, sock *socket) error {
		go func() {
			_, err := ask(context.Background(), sock, "silence")
			got <- err
		}()
		return nil
	})
	c := newClient(t, s)
	asked := make(chan struct{}, 1)
	c.AsListener().On("silence", func(context.Context, *runtime.Call) error {
		asked <- struct{}{}
		return errors.New("no answer")
	})
	c.connect(t)
	wait(t, asked, "question")
	if err := c.Disconnect(); err != nil {
		t.Fatal(err)
	}
	if err := wait(t, got, "end of the wait"); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestDisconnectHandlersSeeReasonAndRooms(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	type end struct {
		reason runtime.DisconnectReason
		rooms  []string
		id     string
		ctx    error
	}
	ends, joined := make(chan end, 2), make(chan struct{})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		defer close(joined)
		sock.Join("a", "b")
		sock.OnDisconnecting(func(ctx context.Context, reason runtime.DisconnectReason, rooms []string) {
			slices.Sort(rooms)
			ends <- end{reason, rooms, sock.ID(), ctx.Err()}
		})
		sock.OnDisconnect(func(ctx context.Context, reason runtime.DisconnectReason) {
			ends <- end{reason: reason, id: sock.ID(), ctx: ctx.Err()}
			if sock.Connected() || len(sock.Rooms()) != 0 {
				t.Error("still connected or in rooms")
			}
		})
		return nil
	})
	c := newClient(t, s).connect(t)
	wait(t, joined, "connection handler")
	if err := c.Disconnect(); err != nil {
		t.Fatal(err)
	}
	first, then := wait(t, ends, "disconnecting"), wait(t, ends, "disconnect")
	if first.reason != runtime.ClientNamespaceDisconnect || then.reason != first.reason {
		t.Errorf("reasons %q, %q", first.reason, then.reason)
	}
	if want := []string{"a", "b", first.id}; !slices.Equal(sortedSet(first.rooms), sortedSet(want)) {
		t.Errorf("rooms %q, want %q", first.rooms, want)
	}
	if first.ctx != nil || then.ctx != nil {
		t.Error("the handlers' context is cancelled")
	}
}

func sortedSet(s []string) []string { return slices.Sorted(slices.Values(s)) }

func TestBroadcasts(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	sockets := make(chan *socket, 3)
	s.OnConnection(func(_ context.Context, sock *socket) error { sockets <- sock; return nil })
	var clients [3]*client
	var serverSide [3]*socket
	heard := make(chan string, 10)
	for i := range clients {
		c := newClient(t, s)
		c.On("news", onString(func(_ context.Context, arg string) error {
			heard <- fmt.Sprintf("%d %s", i, arg)
			return nil
		}))
		c.On("vote", onAsk(func(_ context.Context, arg string) (string, error) {
			if i == 2 {
				return "", errors.New("not answered")
			}
			return fmt.Sprintf("%d %s", i, arg), nil
		}))
		clients[i] = c.connect(t)
		serverSide[i] = wait(t, sockets, "socket")
	}
	serverSide[0].Join("even", "all")
	serverSide[1].Join("odd", "all")
	serverSide[2].Join("even", "all")

	tests := []struct {
		name string
		to   broadcast
		want []string
	}{
		{"everybody", s.broadcast, []string{"0", "1", "2"}},
		{"a room", s.To("even"), []string{"0", "2"}},
		{"several rooms, each socket once", s.To("even", "all").In("odd"), []string{"0", "1", "2"}},
		{"but a room", s.Except("even"), []string{"1"}},
		{"but a socket", s.Except(serverSide[1].ID()), []string{"0", "2"}},
		{"one socket by its id", s.To(serverSide[2].ID()), []string{"2"}},
		{"the others", runtime.SocketBroadcast(serverSide[0].Socket, newBroadcast), []string{"1", "2"}},
		{"the others in a room", runtime.SocketBroadcast(serverSide[0].Socket, newBroadcast).To("even"), []string{"2"}},
		{"this server only", s.Local().Compress(false).To("odd"), []string{"1"}},
		{"nobody", s.To("nowhere"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.to.emit("news", tt.name); err != nil {
				t.Fatal(err)
			}
			if err := s.emit("news", "end"); err != nil {
				t.Fatal(err)
			}
			var got []string
			for ends := 0; ends < 3; {
				line := wait(t, heard, "event")
				if strings.HasSuffix(line, " end") {
					ends++
				} else {
					got = append(got, strings.TrimSuffix(line, " "+tt.name))
				}
			}
			if !slices.Equal(sortedSet(got), tt.want) {
				t.Errorf("heard by %q, want %q", got, tt.want)
			}
		})
	}

	t.Run("acks", func(t *testing.T) {
		answers, err := runtime.Collect(testContext(t), s.Except(serverSide[2].ID()).Broadcast, event("vote", "yes"), oneString)
		if err != nil || !slices.Equal(sortedSet(answers), []string{"0 yes", "1 yes"}) {
			t.Errorf("got %q, %v", answers, err)
		}
		answers, err = runtime.Collect(testContext(t), s.Timeout(200*time.Millisecond).Broadcast, event("vote", "no"), oneString)
		missing, ok := errors.AsType[*runtime.BroadcastAckError](err)
		if !ok || !slices.Equal(missing.Missing, []string{serverSide[2].ID()}) || len(answers) != 2 {
			t.Errorf("got %q, %v", answers, err)
		}
	})

	t.Run("sockets", func(t *testing.T) {
		serverSide[1].data = "kept"
		found, err := runtime.FetchSockets(testContext(t), s.To("odd").Broadcast, func(_ runtime.Target, r runtime.RemoteSocket) (string, error) {
			return runtime.RemoteData(r, func(s *socket) string { return s.data }, (*codec.Decoder).String)
		})
		if err != nil || !slices.Equal(found, []string{"kept"}) {
			t.Errorf("got %q, %v", found, err)
		}
		if err := s.To("even").SocketsJoin("late"); err != nil {
			t.Fatal(err)
		}
		if err := s.To("late").SocketsLeave("even"); err != nil {
			t.Fatal(err)
		}
		if rooms := serverSide[0].Rooms(); !slices.Contains(rooms, "late") || slices.Contains(rooms, "even") {
			t.Errorf("rooms are %q", rooms)
		}
	})
}

func TestUnsentValuesAreErrors(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	c := newClient(t, s).connect(t)
	enc := codec.NewEvent(`["big"`)
	enc.Elem().Int64(1 << 60)
	if _, ok := errors.AsType[*runtime.EncodeError](c.Send(enc)); !ok {
		t.Error("an integer that JavaScript can't hold was sent")
	}
}

func TestCatchAll(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	in, out := make(chan string, 1), make(chan string, 1)
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.OnAny(func(_ context.Context, event string, args runtime.Any) { in <- event + string(args.Raw()) })
		sock.OnAnyOutgoing(func(event string, args runtime.Any) { out <- event + string(args.Raw()) })
		return sock.emit("hi", "there")
	})
	c := newClient(t, s).connect(t)
	if got := wait(t, out, "outgoing event"); got != `hi["there"]` {
		t.Errorf("outgoing %s", got)
	}
	if err := c.emit("unknown", "x"); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, in, "incoming event"); got != `unknown["x"]` {
		t.Errorf("incoming %s", got)
	}
}

func TestAFloodBehindABlockedHandlerPushesBackAndIsNotLost(t *testing.T) {
	const n, size = 300, 10_000 // three times what a queue holds
	s := newServer(t, runtime.ServerOptions{})
	release, got := make(chan struct{}), make(chan int, n)
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("flood", onString(func(_ context.Context, arg string) error {
			<-release
			got <- len(arg)
			return nil
		}))
		return nil
	})
	c := newClient(t, s).connect(t)
	sent := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < n && err == nil; {
			if err = c.emit("flood", strings.Repeat("x", size)); errors.Is(err, runtime.ErrQueueFull) {
				err = nil
				time.Sleep(time.Millisecond)
				continue
			}
			i++
		}
		sent <- err
	}()
	time.Sleep(50 * time.Millisecond)
	close(release)
	for range n {
		if l := wait(t, got, "event"); l != size {
			t.Fatalf("event of %d bytes", l)
		}
	}
	if err := wait(t, sent, "end of sending"); err != nil {
		t.Errorf("sending: %v", err)
	}
}

func TestServerCloseTellsClientsAndWaitsForHandlers(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	entered, left := make(chan struct{}), make(chan struct{})
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.On("work", onString(func(ctx context.Context, _ string) error {
			close(entered)
			<-ctx.Done()
			close(left)
			return nil
		}))
		return nil
	})
	c := newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true})
	reasons := make(chan runtime.DisconnectReason, 1)
	c.OnDisconnect(func(_ context.Context, reason runtime.DisconnectReason) { reasons <- reason })
	c.connect(t)
	if err := c.emit("work", ""); err != nil {
		t.Fatal(err)
	}
	wait(t, entered, "handler")
	if err := s.base.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-left:
	default:
		t.Error("Close returned before the handler did")
	}
	if r := wait(t, reasons, "disconnect"); r != runtime.IOServerDisconnect && r != runtime.TransportClose {
		t.Errorf("the client's reason is %q", r)
	}
}

func TestAuthIsNotLogged(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, runtime.ServerOptions{Logger: slog.New(slog.NewTextHandler(&syncWriter{w: &log}, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	s.Use(func(context.Context, *socket) error { return errors.New("no") })
	c := newClientAt(t, s.url, runtime.ClientOptions{NoReconnection: true})
	c.authenticate("hunter2")
	if err := c.Connect(testContext(t)); err == nil {
		t.Fatal("connected")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.base.Close(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Errorf("the log has the token:\n%s", log.String())
	}
}

// A client that sends events until they are acknowledged, as socket.io-client does
// with its option retries, asks that of every event.
func TestAnEventThatDeclaresNoAcknowledgementIsAcknowledgedOnceHandled(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	handled := make(chan string, 1)
	s.OnConnection(func(_ context.Context, sock *socket) error {
		sock.AsListener().On("fine", onString(func(_ context.Context, arg string) error { handled <- arg; return nil }))
		sock.AsListener().On("fails", onString(func(context.Context, string) error { return errors.New("no") }))
		return nil
	})
	c := newClient(t, s).connect(t)
	nothing := func(dec *codec.Decoder) (struct{}, error) { return struct{}{}, nil }
	if _, err := runtime.Emit(testContext(t), c, event("fine", "a"), nothing); err != nil {
		t.Errorf("an event whose handler returns no error: %v", err)
	}
	if got := wait(t, handled, "event"); got != "a" {
		t.Errorf("got %q", got)
	}
	for _, bad := range []*codec.Encoder{event("fails", "a"), event("fine"), event("unknown")} {
		ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := runtime.Emit(ctx, c, bad, nothing)
		stop()
		if !errors.As(err, new(*runtime.AckTimeoutError)) {
			t.Errorf("an event that was not handled: %v, want an *AckTimeoutError", err)
		}
	}
}

func TestAnEventWhoseContextHasEndedIsNotSent(t *testing.T) {
	s := newServer(t, runtime.ServerOptions{})
	c := newClient(t, s).connect(t)
	ctx, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	_, err := ask(ctx, c, "late")
	late, ok := errors.AsType[*runtime.AckTimeoutError](err)
	if !ok || late.After != 0 || late.Error() != "late: not sent: context deadline exceeded" {
		t.Errorf("got %v", err)
	}
}
