package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/siogen/siogen/internal/rawpeer"
)

func TestPollingCarriesPackets(t *testing.T) {
	s := engine(t, options{})
	for _, test := range []struct {
		name    string
		packets []string
	}{
		{"one", []string{"4hello"}},
		{"several", []string{"4test1", "4test2", "4test3"}},
		{"empty", []string{"4"}},
		{"binary", []string{"bAQIDBA=="}},
		{"text and binary", []string{"4hello", "bAQIDBA==", "4world"}},
		{"Unicode", []string{"4€ ŝ 𝄞 \u2028 \x00", "4\U0010ffff"}},
		{"what looks like a packet", []string{"44", "4b", "41"}},
		{"long", []string{"4" + strings.Repeat("0123456789", 10_000)}},
		{"many", strings.Split(strings.TrimSuffix(strings.Repeat("4x ", 5000), " "), " ")},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := s.OpenPolling(t)
			a := p.Post(test.packets...)
			want(t, a.String(), "200 ok")
			want(t, a.Header.Get("Content-Type"), "text/html")
			a = p.Get()
			want(t, a.Status, 200)
			want(t, a.Header.Get("Content-Type"), "text/plain; charset=UTF-8")
			want(t, a.Body, rawpeer.Payload(test.packets...))
		})
	}
}

func TestAGetWaitsForPackets(t *testing.T) {
	p := engine(t, options{}).OpenPolling(t)
	for i := range 5 {
		get := p.BeginGet()
		packet := fmt.Sprint("4", i)
		p.Send(packet)
		want(t, get.Answer().String(), "200 "+packet)
	}
}

func TestPacketsOfSeveralPostsKeepTheirOrder(t *testing.T) {
	p := engine(t, options{}).OpenPolling(t)
	var all []string
	for i := range 20 {
		all = append(all, fmt.Sprint("4", i))
		p.Send(all[i])
	}
	want(t, fmt.Sprint(p.Receive(20)), fmt.Sprint(all))
}

// TestASecondGetClosesTheSession: two requests on two connections have no order,
// so that either may be the second.
func TestASecondGetClosesTheSession(t *testing.T) {
	p := engine(t, options{}).OpenPolling(t)
	one, other := p.BeginGet(), p.BeginGet()
	a, b := one.Answer(), other.Answer()
	if a.Status != 200 {
		a, b = b, a
	}
	want(t, a.String(), "200 1")
	want(t, b.Status, 400)
	want(t, p.Get().String(), sessionUnknown)
}

func TestASecondPostClosesTheSession(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	answers := make(chan rawpeer.Answer, 2)
	for range 2 {
		// Neither is whole, so that both are open at once.
		r := s.BeginRaw(t, "POST", fmt.Sprintf(
			"POST %s?%s HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n4hel", s.Path, p.Query(), s.Addr))
		go func() {
			a, _ := r.TryAnswer()
			answers <- a
		}()
	}
	if status := (<-answers).Status; status != 400 && !reference { // which cuts the connection
		t.Errorf("status %d", status)
	}
	want(t, p.Get().String(), sessionUnknown)
}

func TestAMalformedPacketClosesTheSession(t *testing.T) {
	s := engine(t, options{})
	for _, body := range []string{"abc", "7", "4ok\x1eabc"} {
		t.Run(body, func(t *testing.T) {
			p := s.OpenPolling(t)
			if a, ok := p.Begin(t, "POST", p.Query(), body).TryAnswer(); ok && a.Status != 400 && !reference {
				t.Errorf("POST: %v", a)
			}
			want(t, p.Get().Status, 400)
		})
	}
}

// TestACancelledGetClosesTheSession: what would have been its answer is lost.
func TestACancelledGetClosesTheSession(t *testing.T) {
	p := engine(t, options{}).OpenPolling(t)
	p.BeginGet().Cancel()
	for p.Get().Status != 400 {
		// The server has not seen the first one yet: then this one is taken for it
		// or closes the session together with it.
		p.BeginGet().Cancel()
	}
	want(t, p.Get().String(), sessionUnknown)
}

// TestAClientClosesItsSession: the open GET, or the one that is still to come,
// is answered before the session is unknown.
func TestAClientClosesItsSession(t *testing.T) {
	s := engine(t, options{})
	t.Run("with a GET open", func(t *testing.T) {
		p := s.OpenPolling(t)
		get := p.BeginGet()
		p.Send("4open")
		want(t, get.Answer().String(), "200 4open")
		get = p.BeginGet()
		p.Send("1")
		want(t, get.Answer().String(), "200 6")
		want(t, p.Get().String(), sessionUnknown)
	})
	t.Run("before the GET", func(t *testing.T) {
		differs(t, "the session is unknown at once")
		p := s.OpenPolling(t)
		p.Send("1")
		want(t, p.Get().String(), "200 6")
		want(t, p.Get().String(), sessionUnknown)
	})
}

func TestAPingFromAClientClosesTheSession(t *testing.T) {
	p := engine(t, options{}).OpenPolling(t)
	p.Begin(t, "POST", p.Query(), "2").TryAnswer()
	want(t, p.Get().Status, 400)
}

func TestBinaryPayloadsOfVersion3AreRefused(t *testing.T) {
	s := engine(t, options{})
	p := s.OpenPolling(t)
	a, ok := s.Begin(t, "POST", p.Query(), "4hello", "Content-Type: application/octet-stream").TryAnswer()
	if ok && a.Status != 400 && !reference {
		t.Errorf("POST: %v", a)
	}
	want(t, p.Get().Status, 400)
}
