package cluster

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"github.com/siogen/siogen/runtime/driver"
)

// version is the first byte of every message.
const version = 1

// kind says what a record is; see the package's documentation.
type kind byte

const (
	hello kind = iota + 1
	alive
	bye
	broadcast
	ask
	asked
	acked
	gone
	join
	leave
	disconnect
	fetch
	sockets
	serverEvent
	serverReply
	end
)

// fields are those that the records of a kind have.
type fields uint16

const (
	hasTo fields = 1 << iota
	hasRequest
	hasTimeout
	hasTarget
	hasNames
	hasID
	hasFlag
	hasPayload
	hasSockets
)

func (k kind) fields() (f fields, known bool) {
	switch k {
	case hello, alive, bye:
		return 0, true
	case broadcast:
		return hasTarget | hasPayload, true
	case ask:
		return hasRequest | hasTimeout | hasTarget | hasPayload, true
	case asked:
		return hasTo | hasRequest | hasNames | hasFlag, true
	case acked:
		return hasTo | hasRequest | hasID | hasPayload, true
	case gone:
		return hasTo | hasRequest | hasID, true
	case join, leave:
		return hasTarget | hasNames, true
	case disconnect:
		return hasTarget | hasFlag, true
	case fetch:
		return hasRequest | hasTarget, true
	case sockets:
		return hasTo | hasRequest | hasFlag | hasSockets, true
	case serverEvent:
		return hasRequest | hasPayload, true
	case serverReply:
		return hasTo | hasRequest | hasPayload, true
	case end:
		return hasRequest, true
	}
	return 0, false
}

// record is one thing that a server tells the others.
type record struct {
	kind      kind
	namespace string
	to        string
	request   uint64
	timeout   time.Duration
	target    driver.Target
	names     []string
	id        string
	flag      bool
	payload   driver.Payload
	// sockets are what was decoded; encoded, by appendSocket, what is to be sent.
	sockets []driver.RemoteSocket
	encoded [][]byte
	// size is that of the encoded record that this was decoded from.
	size int
}

// append appends the record, with its length before it.
func (r *record) append(dst []byte) []byte {
	body := []byte{byte(r.kind)}
	body = appendString(body, r.namespace)
	f, _ := r.kind.fields()
	if f&hasTo != 0 {
		body = appendString(body, r.to)
	}
	if f&hasRequest != 0 {
		body = binary.AppendUvarint(body, r.request)
	}
	if f&hasTimeout != 0 {
		body = binary.AppendUvarint(body, uint64(max(r.timeout.Milliseconds(), 0)))
	}
	if f&hasTarget != 0 {
		body = appendTarget(body, r.target)
	}
	if f&hasNames != 0 {
		body = appendStrings(body, r.names)
	}
	if f&hasID != 0 {
		body = appendString(body, r.id)
	}
	if f&hasFlag != 0 {
		body = append(body, bit(r.flag, 1))
	}
	if f&hasPayload != 0 {
		body = appendPayload(body, r.payload)
	}
	if f&hasSockets != 0 {
		body = binary.AppendUvarint(body, uint64(len(r.encoded)))
		for _, s := range r.encoded {
			body = append(body, s...)
		}
	}
	return appendString(dst, body)
}

func bit(set bool, value byte) byte {
	if set {
		return value
	}
	return 0
}

func appendString[S string | []byte](dst []byte, s S) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func appendStrings(dst []byte, list []string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, s := range list {
		dst = appendString(dst, s)
	}
	return dst
}

func appendTarget(dst []byte, t driver.Target) []byte {
	dst = appendStrings(dst, t.Rooms)
	dst = appendStrings(dst, t.Except)
	return append(dst, bit(t.Flags.Volatile, 1)|bit(t.Flags.NoCompress, 2))
}

func appendPayload(dst []byte, p driver.Payload) []byte {
	dst = appendString(dst, p.JSON)
	dst = binary.AppendUvarint(dst, uint64(len(p.Attachments)))
	for _, a := range p.Attachments {
		dst = appendString(dst, a)
	}
	return dst
}

func appendSocket(dst []byte, s driver.RemoteSocket) ([]byte, error) {
	handshake, err := json.Marshal(s.Handshake)
	if err != nil {
		return dst, err
	}
	dst = appendString(dst, s.ID)
	dst = appendString(dst, handshake)
	dst = appendStrings(dst, s.Rooms)
	return appendPayload(dst, s.Data), nil
}

var errMalformed = errors.New("malformed message")

// message is a decoded message. Its bytes are parts of the encoded one.
type message struct {
	sender  string
	records []record
}

// decode decodes a message. Records of kinds that are not known are left out: a newer
// server may know more.
func decode(b []byte) (message, error) {
	if len(b) == 0 || b[0] != version {
		return message{}, errMalformed
	}
	r := reader{rest: b[1:]}
	m := message{sender: r.string()}
	for !r.bad && len(r.rest) > 0 {
		in := reader{rest: r.bytes()}
		size := len(in.rest)
		rec, known := in.record()
		rec.size = size
		if in.bad || known && len(in.rest) > 0 {
			return message{}, errMalformed
		}
		if known && !r.bad {
			m.records = append(m.records, rec)
		}
	}
	if r.bad || m.sender == "" {
		return message{}, errMalformed
	}
	return m, nil
}

// reader reads what append… wrote. After a mistake it is bad and all that it returns
// is empty.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) fail() {
	r.bad = true
	r.rest = nil
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count is a number of things that take a byte or more each.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) bytes() []byte {
	n := r.count()
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) string() string { return string(r.bytes()) }

func (r *reader) strings() []string {
	n := r.count()
	var list []string
	for range n {
		if r.bad {
			return nil
		}
		list = append(list, r.string())
	}
	return list
}

func (r *reader) target() driver.Target {
	t := driver.Target{Rooms: r.strings(), Except: r.strings()}
	flags := r.byte()
	t.Flags = driver.Flags{Volatile: flags&1 != 0, NoCompress: flags&2 != 0}
	return t
}

func (r *reader) payload() driver.Payload {
	p := driver.Payload{JSON: r.bytes()}
	for range r.count() {
		if r.bad {
			return driver.Payload{}
		}
		p.Attachments = append(p.Attachments, r.bytes())
	}
	return p
}

func (r *reader) sockets() []driver.RemoteSocket {
	var list []driver.RemoteSocket
	for range r.count() {
		if r.bad {
			return nil
		}
		s := driver.RemoteSocket{ID: r.string(), Handshake: new(driver.Handshake)}
		if err := json.Unmarshal(r.bytes(), s.Handshake); err != nil {
			r.fail()
		}
		s.Rooms = r.strings()
		s.Data = r.payload()
		list = append(list, s)
	}
	return list
}

// maxTimeout bounds what a server may ask others to wait for.
const maxTimeout = time.Hour

func (r *reader) record() (rec record, known bool) {
	rec.kind = kind(r.byte())
	f, known := rec.kind.fields()
	if !known {
		return record{}, false
	}
	rec.namespace = r.string()
	if f&hasTo != 0 {
		rec.to = r.string()
	}
	if f&hasRequest != 0 {
		rec.request = r.uvarint()
	}
	if f&hasTimeout != 0 {
		rec.timeout = time.Duration(min(r.uvarint(), uint64(maxTimeout.Milliseconds()))) * time.Millisecond
	}
	if f&hasTarget != 0 {
		rec.target = r.target()
	}
	if f&hasNames != 0 {
		rec.names = r.strings()
	}
	if f&hasID != 0 {
		rec.id = r.string()
	}
	if f&hasFlag != 0 {
		rec.flag = r.byte() == 1
	}
	if f&hasPayload != 0 {
		rec.payload = r.payload()
	}
	if f&hasSockets != 0 {
		rec.sockets = r.sockets()
	}
	return rec, true
}
