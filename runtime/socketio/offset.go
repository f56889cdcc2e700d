package socketio

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/siogen/siogen/runtime/internal/offset"
)

// A server's private session ids (pid) and its offsets begin with the same random
// mark and a dot, which tells a client of ours an offset from an argument, and a
// server its own pids from an auth field of that name:
//
//	pid     <mark>.<144 random bits>
//	offset  <mark>.<number of the event, in base 36>
const markLength = offset.MarkLength

// newMark returns the mark of a server.
func newMark() string {
	var b [markLength * 6 / 8]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func newPID(mark string) string { return mark + "." + newID() }

func appendOffset(dst []byte, mark string, number uint64) []byte {
	dst = append(append(dst, mark...), '.')
	return strconv.AppendUint(dst, number, 36)
}

// parseOffset returns the number of the event that an offset stands for.
func parseOffset(mark, offset string) (number uint64, ok bool) {
	digits, ok := strings.CutPrefix(offset, mark+".")
	if !ok || len(digits) > 13 {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, 36, 64)
	return number, err == nil
}

// withOffset returns a copy of an event's arguments with an offset as the last.
func withOffset(args []byte, mark string, number uint64) []byte {
	b := append(make([]byte, 0, len(args)+markLength+20), args[:len(args)-1]...)
	b = append(b, `,"`...)
	b = appendOffset(b, mark, number)
	return append(b, `"]`...)
}

// endsInString reports whether the last argument of an event, its name if it has
// none, is a string.
func endsInString(args []byte) bool { return bytes.HasSuffix(args, []byte(`"]`)) }

// ticket is what a client that comes back shows: the pid that it was given, and the
// last offset that it received; "" when there was none.
type ticket struct{ pid, offset string }

// noOffset stands for an auth field of the application's that hides the offset: what
// the client has received can't be known.
const noOffset = "?"

// splitAuth takes the ticket out of a CONNECT packet's payload, an object. The
// application's auth is what remains; nil: nothing. Clients put them side by side.
func splitAuth(payload []byte) (auth []byte, t ticket) {
	if !bytes.Contains(payload, []byte(`"pid"`)) {
		return payload, ticket{}
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil || json.Unmarshal(fields["pid"], &t.pid) != nil || offset.Mark(t.pid) == "" {
		return payload, ticket{} // an auth field of the application's
	}
	delete(fields, "pid")
	if raw, ok := fields["offset"]; ok {
		if json.Unmarshal(raw, &t.offset) == nil && strings.HasPrefix(t.offset, offset.Mark(t.pid)) {
			delete(fields, "offset")
		} else {
			t.offset = noOffset
		}
	}
	if len(fields) == 0 {
		return nil, t
	}
	auth, err := json.Marshal(fields)
	if err != nil {
		return nil, t
	}
	return auth, t
}

// joinAuth puts a ticket beside the application's auth, an object or nothing. As
// with the reference client, a field of the application's wins over the ticket's
// of that name.
func joinAuth(auth []byte, t ticket) []byte {
	rest := bytes.TrimSpace(auth)
	if t.pid == "" || len(rest) > 0 && rest[0] != '{' {
		return auth
	}
	fields := struct {
		PID    string `json:"pid"`
		Offset string `json:"offset,omitempty"`
	}{t.pid, t.offset}
	head, err := json.Marshal(fields)
	if err != nil {
		return auth
	}
	if len(rest) > 0 {
		rest = bytes.TrimSpace(rest[1:])
	}
	if len(rest) <= 1 { // nothing, or "}"
		return head
	}
	return append(append(head[:len(head)-1], ','), rest...)
}
