package rawpeer

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Answer is the answer to a request.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// String returns the status and the body, such as "200 ok".
func (a Answer) String() string { return fmt.Sprintf("%d %s", a.Status, a.Body) }

// Request is a request that was sent and whose answer may be read.
type Request struct {
	t      testing.TB
	conn   net.Conn
	method string
}

// Begin sends a request. Each element of header is a line.
func (s Server) Begin(t testing.TB, method, query, body string, header ...string) *Request {
	t.Helper()
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, s.target(query), s.Addr)
	for _, line := range header {
		head += line + "\r\n"
	}
	if body != "" || method == http.MethodPost {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return s.BeginRaw(t, method, head+"\r\n"+body)
}

// BeginRaw sends a request's bytes as they are.
func (s Server) BeginRaw(t testing.TB, method, bytes string) *Request {
	t.Helper()
	r := &Request{t: t, conn: s.dial(t), method: method}
	// A server may answer before it has read everything, and close.
	_, _ = io.WriteString(r.conn, bytes)
	return r
}

// TryWrite sends more of the request. The server may have answered already, and
// closed: it returns the error.
func (r *Request) TryWrite(bytes []byte) error {
	_, err := r.conn.Write(bytes)
	return err
}

// Answer waits for the answer.
func (r *Request) Answer() Answer {
	r.t.Helper()
	a, err := r.answer()
	if err != nil {
		r.t.Fatalf("%s: %v", r.method, err)
	}
	return a
}

// TryAnswer is Answer where the connection may also be cut instead; ok is false
// then.
func (r *Request) TryAnswer() (a Answer, ok bool) {
	a, err := r.answer()
	return a, err == nil
}

func (r *Request) answer() (Answer, error) {
	defer r.conn.Close()
	res, err := http.ReadResponse(bufio.NewReader(r.conn), &http.Request{Method: r.method})
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return Answer{res.StatusCode, res.Header, string(body)}, err
}

// Cancel closes the connection without waiting for the answer.
func (r *Request) Cancel() { _ = r.conn.Close() }

// Do sends a request and waits for the answer.
func (s Server) Do(t testing.TB, method, query, body string, header ...string) Answer {
	t.Helper()
	return s.Begin(t, method, query, body, header...).Answer()
}

// Polling is a session on polling.
type Polling struct {
	Server
	Handshake
	t testing.TB
}

// OpenPolling opens a session on polling.
func (s Server) OpenPolling(t testing.TB) *Polling {
	t.Helper()
	a := s.Do(t, http.MethodGet, "EIO=4&transport=polling", "")
	if a.Status != http.StatusOK {
		t.Fatalf("handshake: %v", a)
	}
	return &Polling{Server: s, Handshake: ParseOpen(t, a.Body), t: t}
}

// Query returns the query of the session's requests.
func (p *Polling) Query() string { return "EIO=4&transport=polling&sid=" + p.SID }

// BeginGet sends a GET.
func (p *Polling) BeginGet() *Request {
	p.t.Helper()
	return p.Begin(p.t, http.MethodGet, p.Query(), "")
}

// Get polls and waits for the answer.
func (p *Polling) Get() Answer {
	p.t.Helper()
	return p.BeginGet().Answer()
}

// Post sends packets and waits for the answer.
func (p *Polling) Post(packets ...string) Answer {
	p.t.Helper()
	return p.Do(p.t, http.MethodPost, p.Query(), Payload(packets...), "Content-Type: text/plain;charset=UTF-8")
}

// Send posts packets, which must be taken.
func (p *Polling) Send(packets ...string) {
	p.t.Helper()
	if a := p.Post(packets...); a.String() != "200 ok" {
		p.t.Fatalf("POST: %v", a)
	}
}

// Receive polls until n packets have come, which must be all.
func (p *Polling) Receive(n int) []string {
	p.t.Helper()
	var all []string
	for len(all) < n {
		a := p.Get()
		if a.Status != http.StatusOK {
			p.t.Fatalf("GET: %v, after %q", a, all)
		}
		all = append(all, Packets(a.Body)...)
	}
	if len(all) > n {
		p.t.Fatalf("%d packets, want %d: %q", len(all), n, all)
	}
	return all
}

const separator = "\x1e"

// Payload joins packets.
func Payload(packets ...string) string { return strings.Join(packets, separator) }

// Packets splits a payload.
func Packets(payload string) []string { return strings.Split(payload, separator) }
