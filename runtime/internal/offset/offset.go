// Package offset tells the offsets of connection state recovery from the arguments of
// events (Socket.IO v5, "Connection state recovery").
package offset

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// The form of the private session ids (pid) of this module's servers: a random mark, a
// dot, and random text. Their offsets begin with the mark and the dot, too.
const (
	MarkLength = 8
	PIDLength  = MarkLength + 1 + 24
)

// Mark returns the mark and the dot that a pid of a server of this module begins with;
// "" for another's.
func Mark(pid string) string {
	if len(pid) != PIDLength || pid[MarkLength] != '.' {
		return ""
	}
	return pid[:MarkLength+1]
}

// Reader reads the offsets of the events that a client receives.
//
// A server appends the offset to the arguments of an event, where it looks like an
// argument. The reference client takes any string that comes last for one. But a
// volatile event has none, and may end in a string of its own; and to optional and
// variadic arguments, which are decoded by their number, an offset would be one
// more. So the offset is told by its form, where that is known, and taken off.
type Reader struct {
	// PID is what the server gave the client; "": it sends no offsets.
	PID string
	// Offset is the latest one.
	Offset string
	// Known: this server's offsets have a form that is known.
	Known bool
}

// Take takes note of the last argument of an event, a string, if it may be the offset,
// and reports whether it is surely none of the arguments.
func (r *Reader) Take(text string) bool {
	if r.PID == "" || text == "" || len(text) > maxOffset {
		return false
	}
	mark := Mark(r.PID)
	switch {
	case mark != "" && !strings.HasPrefix(text, mark):
	case mark != "" || isForeign(text, time.Now()):
		r.Offset, r.Known = text, true
		return true
	case !r.Known:
		r.Offset = text
	}
	return false
}

// Strip returns the arguments of an event, a JSON array, without its offset, and keeps
// that. It may change args.
func (r *Reader) Strip(args []byte) []byte {
	text, rest := lastString(args)
	if text == nil || !r.Take(string(text)) {
		return args
	}
	return append(rest, ']') // in place
}

// maxOffset bounds, in bytes, what is taken for an offset.
const maxOffset = 256

// lastString returns the last argument of an event, the name not being one, if it
// is a string without escapes that may be an offset, and what comes before it and
// its comma.
func lastString(args []byte) (text, rest []byte) {
	inner, ok := bytes.CutSuffix(bytes.TrimSpace(args), []byte("]"))
	if !ok {
		return nil, nil
	}
	inner, ok = bytes.CutSuffix(bytes.TrimSpace(inner), []byte(`"`))
	if !ok {
		return nil, nil
	}
	start := bytes.LastIndexByte(inner, '"')
	if start < 0 {
		return nil, nil
	}
	text = inner[start+1:]
	// A quote that is part of the string has a backslash before it, no comma.
	rest, ok = bytes.CutSuffix(bytes.TrimSpace(inner[:start]), []byte(","))
	if !ok || len(text) == 0 || len(text) > maxOffset || bytes.IndexByte(text, '\\') >= 0 {
		return nil, nil
	}
	return text, rest
}

// clockTolerance is how wrong this machine's clock, or a server's, may be for an
// offset that holds the time to be known as one.
const clockTolerance = 30 * 24 * time.Hour

// isForeign reports whether text is an offset in one of the forms of the
// reference server's adapters. All hold the time at which the event was sent.
func isForeign(text string, now time.Time) bool {
	for _, parse := range []func(string) (milliseconds int64, ok bool){yeastTime, streamTime, objectTime} {
		if ms, ok := parse(text); ok && time.UnixMilli(ms).Sub(now).Abs() <= clockTolerance {
			return true
		}
	}
	return false
}

// yeastTime reads the time of the in-memory adapter's offsets: milliseconds in base
// 64, then perhaps a dot and a count.
func yeastTime(text string) (ms int64, ok bool) {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
	text, count, dotted := strings.Cut(text, ".")
	if dotted && (count == "" || strings.Trim(count, digits) != "") {
		return 0, false
	}
	if len(text) != 7 { // so many from 2004 until 2109
		return 0, false
	}
	for _, c := range []byte(text) {
		d := strings.IndexByte(digits, c)
		if d < 0 {
			return 0, false
		}
		ms = ms*64 + int64(d)
	}
	return ms, true
}

// streamTime reads the time of an entry of a Redis stream: milliseconds, a dash and
// a count.
func streamTime(text string) (ms int64, ok bool) {
	text, count, ok := strings.Cut(text, "-")
	if _, err := strconv.ParseUint(count, 10, 64); !ok || err != nil {
		return 0, false
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	return ms, err == nil && ms >= 0
}

// objectTime reads the time of a MongoDB ObjectId: 24 hexadecimal digits, the first
// eight of which are seconds.
func objectTime(text string) (ms int64, ok bool) {
	if len(text) != 24 || strings.Trim(text, "0123456789abcdef") != "" {
		return 0, false
	}
	s, err := strconv.ParseInt(text[:8], 16, 64)
	return s * 1000, err == nil
}
