package loglimit_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/siogen/siogen/runtime/internal/loglimit"
)

// limited returns a limited logger and what is written to it.
func limited() (*slog.Logger, *loglimit.Handler, *bytes.Buffer) {
	var out bytes.Buffer
	log, h := loglimit.New(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	return log, h, &out
}

// Of each message so many lines are written in an interval, and the first line of
// the next says how many were not.
func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, _, out := limited()
		for range loglimit.Lines + 5 {
			log.Warn("flood", "n", 1)
			log.With("a", 1).WithGroup("g").Warn("other")
			log.Debug("detail")
		}
		for message, want := range map[string]int{"flood": loglimit.Lines, "other": loglimit.Lines, "detail": loglimit.Lines + 5} {
			if n := strings.Count(out.String(), "msg="+message); n != want {
				t.Errorf("%s: %d lines, want %d", message, n, want)
			}
		}
		if strings.Contains(out.String(), "suppressed") {
			t.Error("lines that were not yet counted are told of")
		}
		time.Sleep(loglimit.Interval)
		out.Reset()
		log.Warn("flood", "n", 2)
		log.Warn("flood", "n", 3)
		if n := strings.Count(out.String(), "suppressed=5"); n != 1 || !strings.Contains(out.String(), "n=2 suppressed=5") {
			t.Errorf("after the interval: %s", out)
		}
	})
}

// What was left out at the end is told by Flush, at the level that it had.
func TestFlush(t *testing.T) {
	log, h, out := limited()
	for range loglimit.Lines + 3 {
		log.Error("flood")
	}
	log.Info("calm")
	out.Reset()
	h.Flush(t.Context())
	h.Flush(t.Context())
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=ERROR msg=flood suppressed=3") {
		t.Errorf("flushed %q", got)
	}
}
