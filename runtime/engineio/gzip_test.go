package engineio

import (
	"compress/gzip"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAcceptEncoding(t *testing.T) {
	for _, test := range []struct {
		header string
		want   bool
	}{
		{"", false},
		{"gzip", true},
		{"gzip, deflate, br", true},
		{"br;q=1.0, GZIP;q=0.8", true},
		{"x-gzip", true},
		{"deflate", false},
		{"identity", false},
		{"gzip;q=0", false},
		{"gzip; q=0.000", false},
		{"*", true},
		{"*;q=0", false},
		{"gzip;q=0, *", false},
		{"*, gzip;q=0", false},
	} {
		h := http.Header{}
		if test.header != "" {
			h.Set("Accept-Encoding", test.header)
		}
		if got := acceptsGzip(h); got != test.want {
			t.Errorf("%q: %v", test.header, got)
		}
	}
}

// pollRaw polls without net/http's own decompression.
func (p *pollingSession) pollRaw(t *testing.T, accept string) answer {
	t.Helper()
	req := newRequest(t, "GET", p.h.url(p.query()), "")
	req.Header.Set("Accept-Encoding", accept)
	return do(t, req)
}

func TestPollingAnswersAreCompressed(t *testing.T) {
	long := strings.Repeat("0123456789", 200)
	noise := make([]byte, 5000)
	_, _ = rand.Read(noise)
	type message struct {
		text  string
		flags Flags
	}
	for _, test := range []struct {
		name       string
		options    ServerOptions
		accept     string
		messages   []message
		compressed bool
	}{
		{"long", ServerOptions{}, "gzip", []message{{long, Flags{}}}, true},
		{"not accepted", ServerOptions{}, "deflate", []message{{long, Flags{}}}, false},
		{"off", ServerOptions{DisableHTTPCompression: true}, "gzip", []message{{long, Flags{}}}, false},
		{"short", ServerOptions{}, "gzip", []message{{"short", Flags{}}}, false},
		{"just short", ServerOptions{CompressionThreshold: 2002}, "gzip", []message{{long, Flags{}}}, false},
		{"just long enough", ServerOptions{CompressionThreshold: 2001}, "gzip", []message{{long, Flags{}}}, true},
		{"long together", ServerOptions{CompressionThreshold: 4000}, "gzip", []message{{long, Flags{}}, {long, Flags{}}}, true},
		{"NoCompress", ServerOptions{}, "gzip", []message{{long, Flags{NoCompress: true}}}, false},
		{"all NoCompress", ServerOptions{}, "gzip", []message{{long, Flags{NoCompress: true}}, {"x", Flags{NoCompress: true}}}, false},
		{"one may be", ServerOptions{}, "gzip", []message{{long, Flags{NoCompress: true}}, {"x", Flags{}}}, true},
		{"noise", ServerOptions{}, "gzip", []message{{string(noise), Flags{}}}, false},
	} {
		for _, framed := range []bool{false, true} {
			name := test.name
			if framed {
				name += ", framed"
			}
			t.Run(name, func(t *testing.T) {
				h := newHarness(t, test.options)
				p := h.openPolling(t)
				c := h.conn(t).conn
				plain := ""
				for i, m := range test.messages {
					if i > 0 {
						plain += "\x1e"
					}
					plain += "4" + m.text
					var err error
					if framed {
						err = c.SendFramed(Frame([]byte(m.text), nil), m.flags, nil)
					} else {
						err = c.Send([]byte(m.text), nil, m.flags)
					}
					want(t, err, nil)
				}
				a := p.pollRaw(t, test.accept)
				want(t, a.header.Get("Content-Encoding") == "gzip", test.compressed)
				want(t, a.header.Get("Content-Type"), "text/plain; charset=UTF-8")
				body := a.body
				if test.compressed {
					body = gunzip(t, body)
				}
				want(t, body == plain, true)
			})
		}
	}
}

func gunzip(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBroadcastToPollsIsCompressedOnce(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	long := strings.Repeat("to everybody ", 500)
	m := Frame([]byte(long), nil)
	for range 3 {
		p := h.openPolling(t)
		want(t, h.conn(t).conn.SendFramed(m, Flags{}, nil), nil)
		want(t, gunzip(t, p.pollRaw(t, "gzip").body) == "4"+long, true)
	}
	first, second := m.gzipped(), m.gzipped()
	want(t, &first[0] == &second[0], true)
}

func TestLastAnswerOfACloseIsCompressedWhole(t *testing.T) {
	h := newHarness(t, ServerOptions{})
	p := h.openPolling(t)
	c := h.conn(t).conn
	long := strings.Repeat("last words ", 500)
	want(t, c.SendFramed(Frame([]byte(long), nil), Flags{}, nil), nil)
	c.Close("forced server close")
	want(t, gunzip(t, p.pollRaw(t, "gzip").body) == "4"+long+"\x1e1", true)
}
