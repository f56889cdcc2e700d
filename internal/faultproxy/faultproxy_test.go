package faultproxy

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// get makes a request over a connection of its own.
func get(t *testing.T, url string, timeout time.Duration, header ...string) (string, error) {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range header {
		key, value, _ := strings.Cut(h, ": ")
		req.Header.Set(key, value)
	}
	res, err := (&http.Client{Transport: transport, Timeout: timeout}).Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.Status + " " + strings.TrimSpace(string(body)), err
}

func TestFaults(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer server.Close()
	const upgrade = "Upgrade: websocket"
	for _, test := range []struct {
		name   string
		fault  Fault
		header []string
		want   string // the answer; "": an error
	}{
		{"none", Fault{}, nil, "200 OK hello"},
		{"refuse", Fault{Refuse: true}, nil, ""},
		{"delay", Fault{Delay: 5 * time.Millisecond}, nil, "200 OK hello"},
		{"cut", Fault{CutAfter: 20}, nil, ""},
		{"black hole", Fault{BlackHole: true}, nil, ""},
		{"polling", Fault{Polling: 502}, nil, "502 Bad Gateway fault"},
		{"polling, for an upgrade", Fault{Polling: 502}, []string{upgrade}, "200 OK hello"},
		{"upgrade", Fault{Upgrade: 400}, []string{upgrade}, "400 Bad Request fault"},
		{"upgrade, for polling", Fault{Upgrade: 400}, nil, "200 OK hello"},
		{"hanging upgrade", Fault{HangUpgrade: true}, []string{upgrade}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := New(t, server.URL)
			p.Set(test.fault)
			timeout := 20 * time.Second
			if test.fault.BlackHole || test.fault.HangUpgrade {
				timeout = 50 * time.Millisecond
			}
			got, err := get(t, p.URL(), timeout, test.header...)
			if test.want == "" && err == nil || test.want != "" && got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
			p.Set(Fault{})
			if got, err := get(t, p.URL(), 20*time.Second); got != "200 OK hello" {
				t.Errorf("afterwards: %q, %v", got, err)
			}
		})
	}
}
