// Package loglimit keeps peers from flooding a log: of each message only so many
// lines are written in an interval.
package loglimit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// Lines is how many lines of a message are written in each Interval.
	Lines = 20
	// Interval begins with the first line of a message.
	Interval = 10 * time.Second
	// maxMessages bounds the messages that are kept apart. They are constants of
	// this module: peers don't make any.
	maxMessages = 64
)

// suppressedKey is the attribute that says how many lines were left out before.
const suppressedKey = "suppressed"

// Handler is a slog.Handler that passes on Lines lines of each message in an
// Interval. The next one after it, or Flush, says how many were left out. Lines
// below Info, which somebody has asked for, are not counted.
type Handler struct {
	next  slog.Handler
	state *state
}

// state is shared by the handlers that WithAttrs and WithGroup return.
type state struct {
	mu       sync.Mutex
	messages map[string]*window
}

// window is the present interval of a message.
type window struct {
	since      time.Time
	lines      int
	suppressed int
	level      slog.Level
}

var _ slog.Handler = (*Handler)(nil)

// New returns a logger that writes what log does, within limits.
func New(log *slog.Logger) (*slog.Logger, *Handler) {
	h := &Handler{next: log.Handler(), state: &state{messages: make(map[string]*window)}}
	return slog.New(h), h
}

// Enabled implements slog.Handler.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelInfo {
		return h.next.Handle(ctx, r)
	}
	suppressed, ok := h.state.admit(r)
	if !ok {
		return nil
	}
	if suppressed > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int(suppressedKey, suppressed))
	}
	return h.next.Handle(ctx, r)
}

// admit decides about a line, and returns how many were left out before it.
func (s *state) admit(r slog.Record) (suppressed int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.messages[r.Message]
	if w == nil {
		if len(s.messages) >= maxMessages {
			return 0, true
		}
		w = &window{since: r.Time}
		s.messages[r.Message] = w
	}
	if r.Time.Sub(w.since) >= Interval {
		suppressed = w.suppressed
		*w = window{since: r.Time}
	}
	w.level = max(w.level, r.Level)
	if w.lines == Lines {
		w.suppressed++
		return 0, false
	}
	w.lines++
	return suppressed, true
}

// Flush writes how many lines were left out since the last that says so.
func (h *Handler) Flush(ctx context.Context) {
	type line struct {
		message    string
		suppressed int
		level      slog.Level
	}
	var lines []line
	h.state.mu.Lock()
	for message, w := range h.state.messages {
		if w.suppressed > 0 {
			lines = append(lines, line{message, w.suppressed, w.level})
			w.suppressed = 0
		}
	}
	h.state.mu.Unlock()
	log := slog.New(h.next)
	for _, l := range lines {
		log.Log(ctx, l.level, l.message, suppressedKey, l.suppressed)
	}
}

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Handler{next: h.next.WithAttrs(attrs), state: h.state}
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{next: h.next.WithGroup(name), state: h.state}
}
