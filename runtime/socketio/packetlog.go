package socketio

import (
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// packetLog keeps the latest events that clients may miss, numbered without gaps.
// Its owner's lock guards it.
type packetLog struct {
	entries []logEntry // the oldest first
	// first is the number of entries[0], or of the next one when there is none. The
	// first event of all has number 1.
	first uint64
	bytes int
}

// logEntry is an event and whom it is for.
type logEntry struct {
	namespace     string
	rooms, except []string
	payload       driver.Payload // with its offset
	at            time.Time
	size          int
}

// logOverhead is added for each entry, so that tiny ones count too.
const logOverhead = 200

// last is the number of the newest entry that there has been; 0: none.
func (l *packetLog) last() uint64 { return l.first + uint64(len(l.entries)) - 1 }

// add appends an entry, and drops the oldest beyond the limits.
func (l *packetLog) add(e logEntry, maxPackets, maxBytes int) {
	e.size = logOverhead + len(e.payload.JSON)
	for _, a := range e.payload.Attachments {
		e.size += len(a)
	}
	for _, list := range [][]string{e.rooms, e.except} {
		for _, room := range list {
			e.size += len(room) + 16
		}
	}
	l.entries = append(l.entries, e)
	l.bytes += e.size
	for len(l.entries) > maxPackets || l.bytes > maxBytes {
		l.drop()
	}
}

// drop removes the oldest entry.
func (l *packetLog) drop() {
	l.bytes -= l.entries[0].size
	l.entries[0] = logEntry{}
	l.entries = l.entries[1:]
	l.first++
	if len(l.entries) == 0 {
		l.entries = nil
	}
}

// expire drops the entries from before a time.
func (l *packetLog) expire(before time.Time) {
	for len(l.entries) > 0 && l.entries[0].at.Before(before) {
		l.drop()
	}
}

// covers reports whether everything after an entry is still there.
func (l *packetLog) covers(number uint64) bool {
	return number+1 >= l.first && number <= l.last()
}

// missed returns the events after an entry, which the log covers, that a session
// is meant by, and their size.
func (l *packetLog) missed(s *session, after uint64) (list []driver.Payload, size int) {
	for i := int(after + 1 - l.first); i < len(l.entries); i++ {
		e := &l.entries[i]
		if e.namespace == s.namespace && s.isMeant(l.first+uint64(i), e.rooms, e.except) {
			list = append(list, e.payload)
			size += e.size
		}
	}
	return list, size
}
