package zishang520

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zishang520/socket.io/servers/engine/v3"
)

// polls are the polling requests that are under way, by session and method. A
// session must not have two GETs or two POSTs at once (Engine.IO v4, "HTTP
// long-polling"); the library leaves the first one hanging then.
type polls struct {
	mu   sync.Mutex
	open map[pollKey]*poll
	// watched are the sessions whose end is heard of.
	watched map[string]bool
}

type pollKey struct{ sid, method string }

// poll is a request that is under way until its context ends.
type poll struct {
	context.Context
	cancel context.CancelFunc
	// overlapped: another one like it came.
	overlapped atomic.Bool
	// late: the session ended, and the library did not answer.
	late atomic.Bool
}

// enter registers a request. It returns false, and the first one, when one like it is
// under way.
func (p *polls) enter(key pollKey, this *poll) (first *poll, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.open[key]; first != nil {
		first.overlapped.Store(true)
		return first, false
	}
	if p.open == nil {
		p.open = make(map[pollKey]*poll)
	}
	p.open[key] = this
	return this, true
}

func (p *polls) leave(key pollKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, key)
}

// watch reports, once, that a session's end is to be heard of.
func (p *polls) watch(sid string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watched[sid] {
		return false
	}
	if p.watched == nil {
		p.watched = make(map[string]bool)
	}
	p.watched[sid] = true
	return true
}

// end ends the GET of a session that has ended.
func (p *polls) end(sid string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.watched, sid)
	if this := p.open[pollKey{sid, http.MethodGet}]; this != nil {
		this.late.Store(true)
		this.cancel()
	}
}

// isPoll reports whether a request is one of a session on polling. A browser's
// preflight (OPTIONS) for one is not: several of them may be under way.
func isPoll(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodPost) && r.URL.Query().Get("sid") != ""
}

// servePoll serves a polling request of a session. Two at once end the session.
func (s *server) servePoll(h http.Handler, w http.ResponseWriter, r *http.Request) {
	key := pollKey{sid: r.URL.Query().Get("sid"), method: r.Method}
	this := new(poll)
	this.Context, this.cancel = context.WithCancel(r.Context())
	defer this.cancel()
	if first, ok := s.polls.enter(key, this); !ok {
		s.endOverlapped(key, first)
		badRequest(w)
		return
	}
	defer s.polls.leave(key)
	s.watchEnd(key.sid)
	answer := &pollAnswer{ResponseWriter: w}
	h.ServeHTTP(answer, r.WithContext(this))
	switch {
	case answer.begun:
	case this.overlapped.Load():
		badRequest(w)
	case this.late.Load():
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		_, _ = io.WriteString(w, "6") // noop
	}
}

// lateTime is how long the library may take to answer a poll of a session that has
// ended.
const lateTime = time.Second

// watchEnd has the poll of a session end after it: the library leaves one hanging that
// comes as the session ends.
func (s *server) watchEnd(sid string) {
	c := s.client(sid)
	if c == nil || !s.polls.watch(sid) {
		return
	}
	end := sync.OnceFunc(func() {
		time.AfterFunc(lateTime, func() {
			c.Transport().Writable() // synchronizes with the library, which has taken the poll
			s.polls.end(sid)
		})
	})
	_ = c.Once("close", func(...any) { end() })
	if c.ReadyState() == "closed" { // before somebody listened
		end()
	}
}

// client returns the session, or nil.
func (s *server) client(sid string) engine.Socket {
	e := s.io.Engine()
	if e == nil {
		return nil
	}
	c, _ := e.Clients().Load(sid)
	return c
}

// Bounds of the wait until the library has taken a poll.
const (
	takenTimeout = time.Second
	takenPause   = time.Millisecond
)

// endOverlapped ends the session of a request that another one like it overlaps, and
// the request. The library must have taken a GET before it may be given up: it says so
// by being writable.
func (s *server) endOverlapped(key pollKey, first *poll) {
	c := s.client(key.sid)
	if c == nil {
		first.cancel()
		return
	}
	if key.method == http.MethodGet {
		for end := time.Now().Add(takenTimeout); !c.Transport().Writable() && first.Err() == nil && time.Now().Before(end); {
			time.Sleep(takenPause)
		}
	}
	c.Close(true) // answers a POST
	if key.method == http.MethodGet {
		first.cancel()
	}
}

// badRequest answers as the protocol does, with its code 3.
func badRequest(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, `{"code":3,"message":"Bad request"}`)
}

// pollAnswer notes whether the library has answered.
type pollAnswer struct {
	http.ResponseWriter
	begun bool
}

// Unwrap is for http.ResponseController.
func (a *pollAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *pollAnswer) WriteHeader(status int) {
	a.begun = true
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *pollAnswer) Write(p []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(p)
}
