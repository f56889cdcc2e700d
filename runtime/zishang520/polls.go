package zishang520

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// polls are the polling requests that are under way, by session and method. A
// session must not have two GETs or two POSTs at once (Engine.IO v4, "HTTP
// long-polling"); the library leaves the first one hanging then.
type polls struct {
	mu   sync.Mutex
	open map[pollKey]*poll
}

type pollKey struct{ sid, method string }

// poll is a request that is under way.
type poll struct {
	cancel context.CancelFunc
	// overlapped: another one like it came.
	overlapped atomic.Bool
}

// enter registers a request. It returns nil when one like it is under way, which
// it ends.
func (p *polls) enter(key pollKey, cancel context.CancelFunc) *poll {
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.open[key]; first != nil {
		first.overlapped.Store(true)
		first.cancel()
		return nil
	}
	if p.open == nil {
		p.open = make(map[pollKey]*poll)
	}
	this := &poll{cancel: cancel}
	p.open[key] = this
	return this
}

func (p *polls) leave(key pollKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, key)
}

// isPoll reports whether a request is one of a session on polling. A browser's
// preflight (OPTIONS) for one is not: several of them may be under way.
func isPoll(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodPost) && r.URL.Query().Get("sid") != ""
}

// servePoll serves a polling request of a session. Two at once end the session.
func (s *server) servePoll(h http.Handler, w http.ResponseWriter, r *http.Request) {
	key := pollKey{sid: r.URL.Query().Get("sid"), method: r.Method}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	this := s.polls.enter(key, cancel)
	if this == nil {
		s.endSession(key.sid)
		badRequest(w)
		return
	}
	defer s.polls.leave(key)
	answer := &pollAnswer{ResponseWriter: w}
	h.ServeHTTP(answer, r.WithContext(ctx))
	if this.overlapped.Load() && !answer.begun {
		badRequest(w)
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

// endSession closes a session of the library's engine.
func (s *server) endSession(sid string) {
	if e := s.io.Engine(); e != nil {
		if c, ok := e.Clients().Load(sid); ok {
			c.Close(true)
		}
	}
}
