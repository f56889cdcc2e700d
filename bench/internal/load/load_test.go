package load

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lxzan/gws"
)

// faulty is a plain echo that does something wrong with the tenth message.
type faulty struct {
	gws.BuiltinEventHandler
	wrong func(conn *gws.Conn, m *gws.Message)
	n     *int
}

func (f faulty) OnMessage(conn *gws.Conn, m *gws.Message) {
	if *f.n++; *f.n == 10 {
		f.wrong(conn, m)
		return
	}
	_ = conn.WriteMessage(m.Opcode, m.Bytes())
}

func TestRunNoticesWhatAServerDoesWrong(t *testing.T) {
	tests := []struct {
		name  string
		wrong func(conn *gws.Conn, m *gws.Message)
		want  string
	}{
		{"lost", func(*gws.Conn, *gws.Message) {}, "load: reply to message 1000010 came where that to 1000009 was due"},
		{"doubled", func(c *gws.Conn, m *gws.Message) {
			_ = c.WriteMessage(m.Opcode, m.Bytes())
			_ = c.WriteMessage(m.Opcode, m.Bytes())
		}, "load: reply to message 1000009 came where that to 1000010 was due"},
		{"cut", func(c *gws.Conn, m *gws.Message) { _ = c.WriteMessage(m.Opcode, m.Bytes()[:40]) }, "load: unexpected reply"},
		{"closed", func(c *gws.Conn, m *gws.Message) { c.WriteClose(1000, nil) }, errClosed.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			upgrader := gws.NewUpgrader(faulty{wrong: test.wrong, n: new(int)}, nil)
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if conn, err := upgrader.Upgrade(w, r); err == nil {
					go conn.ReadLoop()
				}
			}))
			defer web.Close()
			clients, err := Connect(t.Context(), Server{Addr: netip.MustParseAddrPort(web.Listener.Addr().String()), Plain: true}, Echo, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer clients.Close()
			_, err = clients.Run(t.Context(), Task{Kind: Echo, InFlight: 4, Measure: time.Minute, CPU: noCPU})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %s…", err, test.want)
			}
		})
	}
}

func TestRunNoticesAServerThatCannotKeepThePace(t *testing.T) {
	_, err := runSlow(t, Task{Kind: Echo, Rate: 2000, Measure: 100 * time.Millisecond, CPU: noCPU})
	if !errors.Is(err, ErrBehind) {
		t.Errorf("error %v, want %v", err, ErrBehind)
	}
}

// TestLatencyCountsFromWhenAMessageIsDue: and it is sent then, not with the next.
func TestLatencyCountsFromWhenAMessageIsDue(t *testing.T) {
	s, err := runSlow(t, Task{Kind: Echo, Rate: 1, Measure: 1100 * time.Millisecond, CPU: noCPU})
	if err != nil || s.P50 < 10*time.Millisecond || s.P50 > 900*time.Millisecond {
		t.Errorf("%v (%v), want little more than 10 ms", s.P50, err)
	}
}

// runSlow runs a task with one client of a slow server.
func runSlow(t *testing.T, task Task) (Sample, error) {
	t.Helper()
	upgrader := gws.NewUpgrader(slow{}, nil)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := upgrader.Upgrade(w, r); err == nil {
			go conn.ReadLoop()
		}
	}))
	defer web.Close()
	clients, err := Connect(t.Context(), Server{Addr: netip.MustParseAddrPort(web.Listener.Addr().String()), Plain: true}, Echo, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	return clients.Run(t.Context(), task)
}

// slow takes a hundredth of a second for a message.
type slow struct{ gws.BuiltinEventHandler }

func (slow) OnMessage(conn *gws.Conn, m *gws.Message) {
	time.Sleep(10 * time.Millisecond)
	_ = conn.WriteMessage(m.Opcode, m.Bytes())
}

func noCPU() (time.Duration, error) { return 0, nil }

func TestConnectNoticesWhatIsNoServer(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	_, err := Connect(t.Context(), Server{Addr: netip.MustParseAddrPort(web.Listener.Addr().String())}, Echo, 3)
	if err == nil || !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("error %v", err)
	}
}

// unmask returns the payload of a masked frame.
func unmask(t *testing.T, frame []byte) string {
	t.Helper()
	head := map[byte]int{0x80 | 126: 8, 0x80 | 127: 14}[frame[1]]
	if head == 0 {
		head = 6
	}
	payload := append([]byte(nil), frame[head:]...)
	for i := range payload {
		payload[i] ^= frame[head-4+i%4]
	}
	return string(payload)
}

func TestMessages(t *testing.T) {
	tests := []struct {
		kind    Kind
		plain   bool
		request string // of message 234
		reply   string
	}{
		{Echo, false, `42["echo",{"id":1000234` + body + `]`, `42["echo",{"id":1000234` + body + `]`},
		{Ack, false, `421000234["req",{"id":1000234` + body + `]`, `431000234[{"id":1000234` + body + `]`},
		{Broadcast, false, `42["bcast",{"id":1000234` + body + `]`, `42["msg",{"id":1000234` + body + `]`},
		{Ack, true, `421000234["req",{"id":1000234` + body + `]`, `421000234["req",{"id":1000234` + body + `]`},
	}
	for _, test := range tests {
		m, err := newMessage(test.kind, Server{Plain: test.plain})
		if err != nil {
			t.Fatal(err)
		}
		if got := unmask(t, m.append(nil, 234)); got != test.request {
			t.Errorf("%s: request %s, want %s", test.kind, got, test.request)
		}
		reply := m.reply[0]
		if err := reply.check([]byte(test.reply), false, 234); err != nil {
			t.Errorf("%s: %v", test.kind, err)
		}
		if err := reply.check([]byte(test.reply), false, 235); err == nil {
			t.Errorf("%s: a reply was taken for another's", test.kind)
		}
		if err := reply.check([]byte(test.reply), true, 234); err == nil {
			t.Errorf("%s: binary was taken for text", test.kind)
		}
		if err := reply.checkWhole([]byte(strings.Replace(test.reply, "1000234", "1000000", 2))); err != nil {
			t.Errorf("%s: %v", test.kind, err)
		}
		if err := reply.checkWhole([]byte(strings.Replace(test.reply, "alice", "Alice", 1))); err == nil {
			t.Errorf("%s: a changed reply was taken as good", test.kind)
		}
	}
}

func TestBinaryIsComparedByteForByte(t *testing.T) {
	m, err := newMessage(Binary, Server{})
	if err != nil {
		t.Fatal(err)
	}
	header, data := m.reply[0], m.reply[1]
	if err := header.check([]byte(`451-["blob",{"_placeholder":true,"num":0}]`), false, 7); err != nil {
		t.Error(err)
	}
	if err := header.check([]byte(`451-["blob",{"_placeholder":true,"num":1}]`), false, 7); err == nil {
		t.Error("another placeholder was taken as good")
	}
	_, rest, _ := strings.Cut(string(m.append(nil, 7)), "\x82")
	reply := []byte(unmask(t, []byte("\x82"+rest)))
	if len(reply) != BinarySize || string(reply[:digits]) != "1000007" {
		t.Fatalf("%d bytes that begin with %q", len(reply), reply[:digits])
	}
	if err := data.check(reply, true, 7); err != nil {
		t.Error(err)
	}
	if err := data.check(reply, true, 8); err == nil {
		t.Error("a reply was taken for another's")
	}
	reply[BinarySize-1] ^= 1
	if err := data.check(reply, true, 7); err == nil {
		t.Error("a changed reply was taken as good")
	}
}

func TestCompressedMessagesKeepTheirNumber(t *testing.T) {
	m, err := newMessage(Echo, Server{Wire: Deflate})
	if err != nil {
		t.Fatal(err)
	}
	var f inflater
	for _, seq := range []int{0, 234, 1_000_000} {
		frame := m.append(nil, seq)
		payload := unmask(t, frame)
		if frame[0] != finalText|compressed || len(payload) > longText {
			t.Errorf("a frame %#x of %d bytes", frame[0], len(payload))
		}
		text, err := f.inflate([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.reply[0].check(text, false, seq); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.inflate([]byte("\xff\xff\xff")); err == nil {
		t.Error("nonsense was decompressed")
	}
}

func TestNextAnswer(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\ncontent-LENGTH: 2\r\nX: y\r\n\r\n"
	tests := []struct{ in, body, rest string }{
		{"", "", "incomplete"},
		{"HTTP/1.1 200 OK\r\n", "", "incomplete"},
		{head + "o", "", "incomplete"},
		{head + "ok", "ok", ""},
		{head + "okHTTP", "ok", "HTTP"},
	}
	for _, test := range tests {
		body, rest, err := nextAnswer([]byte(test.in))
		if rest == nil {
			rest = []byte("incomplete")
		}
		if err != nil || string(body) != test.body || string(rest) != test.rest {
			t.Errorf("nextAnswer(%q) = %q, %q, %v", test.in, body, rest, err)
		}
	}
	for _, bad := range []string{
		"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	} {
		if _, _, err := nextAnswer([]byte(bad)); err == nil {
			t.Errorf("nextAnswer(%q): no error", bad)
		}
	}
}

func TestDefragment(t *testing.T) {
	c := &client{}
	for _, step := range []struct {
		first         byte
		payload, want string
	}{
		{finalText, "whole", "\x81whole"},
		{2 | compressed, "a", ""},
		{0, "b", ""},
		{final, "c", "\xc2abc"},
		{finalBinary, "", "\x82"},
	} {
		first, payload, err := c.defragment(step.first, []byte(step.payload))
		got := ""
		if payload != nil {
			got = string(append([]byte{first}, payload...))
		}
		if err != nil || got != step.want {
			t.Errorf("%#x: %q, %v, want %q", step.first, got, err, step.want)
		}
	}
	if _, _, err := c.defragment(final, []byte("end of nothing")); err == nil {
		t.Error("no error")
	}
}

func TestNextFrame(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct{ in, payload, rest string }{
		{"", "", "incomplete"},
		{"\x81", "", "incomplete"},
		{"\x81\x02a", "", "incomplete"},
		{"\x81\x02ab", "ab", ""},
		{"\x81\x02ab\x81\x01c", "ab", "\x81\x01c"},
		{"\x81\x7e\x01", "", "incomplete"},
		{"\x81\x7e\x01\x2c" + long, long, ""},
		{"\x81\x7f\x00\x00\x00\x00\x00\x00\x01\x2c" + long + "yz", long, "yz"},
	}
	for _, test := range tests {
		_, payload, rest, err := nextFrame([]byte(test.in))
		if rest == nil {
			rest = []byte("incomplete")
		}
		if err != nil || string(payload) != test.payload || string(rest) != test.rest {
			t.Errorf("nextFrame(%q) = %q, %q, %v", test.in, payload, rest, err)
		}
	}
	for _, bad := range []string{"\x81\x82abcdxy", "\xa1\x00", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"} {
		if _, _, _, err := nextFrame([]byte(bad)); err == nil {
			t.Errorf("nextFrame(%q): no error", bad)
		}
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Microsecond)
	}
	for _, test := range []struct {
		q    float64
		want time.Duration
	}{{0, time.Microsecond}, {0.5, 500 * time.Microsecond}, {0.99, 990 * time.Microsecond}} {
		got := h.quantile(test.q)
		if off := float64(got-test.want) / float64(test.want); off > 0.02 || off < -0.02 {
			t.Errorf("quantile(%v) = %v, want about %v", test.q, got, test.want)
		}
	}
	for v := range uint64(100_000) {
		if f := floor(bucket(v)); f > v || v-f > v/subBuckets {
			t.Fatalf("%d is counted as %d", v, f)
		}
	}
}
