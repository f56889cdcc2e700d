package zishang520

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zishang520/socket.io/servers/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// slowWriter answers when it is told to.
type slowWriter struct {
	*httptest.ResponseRecorder
	begun, answer chan struct{}
}

func (w *slowWriter) WriteHeader(status int) {
	close(w.begun)
	<-w.answer
	w.ResponseRecorder.WriteHeader(status)
}

// TestPreflightsOfPollsMayOverlap: a browser asks before a GET and before a POST of the
// same session, maybe at once. That is no second poll.
func TestPreflightsOfPollsMayOverlap(t *testing.T) {
	o := socket.DefaultServerOptions()
	o.SetCors(&types.Cors{Origin: "https://example.com"})
	s := Server(socket.NewServer(nil, o))
	do := func(w http.ResponseWriter, method, query string) {
		s.ServeHTTP(w, httptest.NewRequest(method, "/socket.io/?EIO=4&transport=polling"+query, nil))
	}
	opened := httptest.NewRecorder()
	do(opened, http.MethodGet, "")
	_, rest, ok := strings.Cut(opened.Body.String(), `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no session: %d %s", opened.Code, opened.Body)
	}
	first := &slowWriter{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(first, http.MethodOptions, "&sid="+sid)
	}()
	select {
	case <-first.begun:
	case <-done:
		t.Fatal("answered without a status")
	}
	second := httptest.NewRecorder()
	do(second, http.MethodOptions, "&sid="+sid)
	close(first.answer)
	<-done
	if first.Code != http.StatusNoContent || second.Code != http.StatusNoContent {
		t.Errorf("preflights: %d, %d, want 204", first.Code, second.Code)
	}
	post := httptest.NewRecorder()
	s.ServeHTTP(post, httptest.NewRequest(http.MethodPost, "/socket.io/?EIO=4&transport=polling&sid="+sid, strings.NewReader("40")))
	if post.Code != http.StatusOK || post.Body.String() != "ok" {
		t.Errorf("the session afterwards: %d %s", post.Code, post.Body)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAPollEndsAfterItsSession: a client that leaves has its poll answered, also when
// the library, which missed that one, does not.
func TestAPollEndsAfterItsSession(t *testing.T) {
	s := Server(socket.NewServer(nil, nil)).(*server)
	opened := httptest.NewRecorder()
	const url = "/socket.io/?EIO=4&transport=polling"
	s.ServeHTTP(opened, httptest.NewRequest(http.MethodGet, url, nil))
	_, rest, ok := strings.Cut(opened.Body.String(), `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no session: %d %s", opened.Code, opened.Body)
	}
	polling, done := make(chan struct{}), make(chan struct{})
	hangs := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(polling)
		<-r.Context().Done()
	})
	get := httptest.NewRecorder()
	go func() {
		defer close(done)
		s.servePoll(hangs, get, httptest.NewRequest(http.MethodGet, url+"&sid="+sid, nil))
	}()
	<-polling
	post := httptest.NewRecorder()
	s.ServeHTTP(post, httptest.NewRequest(http.MethodPost, url+"&sid="+sid, strings.NewReader("1")))
	if post.Code != http.StatusOK {
		t.Errorf("leaving: %d %s", post.Code, post.Body)
	}
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the poll is still open")
	}
	if get.Code != http.StatusOK || get.Body.String() != "6" {
		t.Errorf("the poll's answer: %d %s, want a noop", get.Code, get.Body)
	}
	if n := len(s.polls.watched) + len(s.polls.open); n > 0 {
		t.Errorf("%d entries are left", n)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
