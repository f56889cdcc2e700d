package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Kind is what a client asks of the server.
type Kind string

const (
	// Echo asks for an event in return.
	Echo Kind = "echo"
	// Ack asks for an acknowledgement.
	Ack Kind = "ack"
	// Broadcast asks for an event to everybody.
	Broadcast Kind = "broadcast"
	// Binary is Echo with BinarySize bytes.
	Binary Kind = "binary"
)

// BinarySize is the length of what Binary sends, in bytes.
const BinarySize = 64 << 10

const (
	// Numbers of messages have seven digits.
	firstNumber = 1_000_000
	numbers     = 9_000_000
	digits      = 7
	// body is the message behind its number, about 120 bytes as a whole.
	body = `,"user":"alice","text":"The quick brown fox jumps over the lazy dog, as it did yesterday","tags":["a","bb","ccc"]}`
)

// longText is how long the text of a message is that is to be compressed.
const longText = 2 << 10

// longBody is body with a text of words that seem to come at random, so that it
// shrinks as prose does.
func longBody() string {
	words := strings.Fields("the quick brown fox jumps over lazy dog as it did yesterday when rain fell on every roof of our town")
	var text strings.Builder
	for n := uint32(1); text.Len() < longText; n = n*1664525 + 1013904223 {
		fmt.Fprintf(&text, "%s %d ", words[n>>16%uint32(len(words))], n>>26)
	}
	return `,"user":"alice","text":"` + text.String() + `","tags":["a","bb","ccc"]}`
}

// message is the request of a kind, and what the reply to it looks like.
type message struct {
	// packet is the request as it travels, in masked frames, or for polling as a
	// packet.
	packet []byte
	// places are where the number stands in it.
	places []place
	// reply is what comes in return, in the order of its parts.
	reply []part
}

// place is a number's place in a request.
type place struct {
	at int
	// mask is its place in the payload of a frame, whose bytes are masked; -1: there
	// is no mask.
	mask int
}

// part is one message of a reply.
type part struct {
	binary bool
	// sample is the part as a whole, with the first number.
	sample []byte
	// number is where the number is; -1: nowhere.
	number int
}

// newMessage makes the message of a kind. A plain server returns what it gets.
func newMessage(kind Kind, s Server) (message, error) {
	number := fmt.Sprint(firstNumber)
	msg := `{"id":` + number + body
	if s.Wire == Deflate {
		msg = `{"id":` + number + longBody()
	}
	var requests, replies []string
	switch kind {
	case Echo:
		requests, replies = []string{`42["echo",` + msg + `]`}, []string{`42["echo",` + msg + `]`}
	case Ack:
		requests, replies = []string{`42` + number + `["req",` + msg + `]`}, []string{`43` + number + `[` + msg + `]`}
	case Broadcast:
		requests, replies = []string{`42["bcast",` + msg + `]`}, []string{`42["msg",` + msg + `]`}
	case Binary:
		if s.Wire != WebSocket {
			return message{}, fmt.Errorf("load: %s goes over plain WebSocket only", kind)
		}
		requests = []string{`451-["blob",{"_placeholder":true,"num":0}]`, number + string(noise(BinarySize-digits))}
		replies = requests
	default:
		return message{}, fmt.Errorf("load: unknown kind %q", kind)
	}
	if s.Plain {
		replies = requests
	}
	var m message
	for i, request := range requests {
		m.add(request, s.Wire, kind == Binary && i == 1)
	}
	for i, reply := range replies {
		m.reply = append(m.reply, part{kind == Binary && i == 1, []byte(reply), strings.Index(reply, number)})
	}
	return m, nil
}

// noise is bytes that seem to come at random.
func noise(n int) []byte {
	b := make([]byte, n)
	for i, v := 0, uint32(1); i < n; i++ {
		v = v*1664525 + 1013904223
		b[i] = byte(v >> 24)
	}
	return b
}

// add appends one message of the request.
func (m *message) add(request string, wire Wire, binary bool) {
	number := fmt.Sprint(firstNumber)
	payload, first := []byte(request), byte(finalText)
	if binary {
		first = finalBinary
	}
	if wire == Deflate {
		payload, first = deflateAround(request, number), first|compressed
	}
	start, masked := len(m.packet), wire != Polling
	if masked {
		frame, head := maskedFrame(first, payload)
		m.packet = append(m.packet, frame...)
		start += head
	} else {
		m.packet = append(m.packet, payload...)
	}
	for at := 0; ; at += digits {
		i := bytes.Index(payload[at:], []byte(number))
		if i < 0 {
			return
		}
		at += i
		p := place{start + at, -1}
		if masked {
			p.mask = at
		}
		m.places = append(m.places, p)
	}
}

// append appends the request with its number set.
func (m *message) append(dst []byte, seq int) []byte {
	start := len(dst)
	dst = append(dst, m.packet...)
	for _, p := range m.places {
		p.put(dst[start+p.at:start+p.at+digits], seq)
	}
	return dst
}

// put writes a number to its place.
func (p place) put(dst []byte, seq int) {
	n := firstNumber + seq%numbers
	for i := digits - 1; i >= 0; i-- {
		dst[i] = byte('0' + n%10)
		if p.mask >= 0 {
			dst[i] ^= maskByte(p.mask + i)
		}
		n /= 10
	}
}

// check reports whether a part of a reply is that to the message with number seq.
func (p *part) check(reply []byte, binary bool, seq int) error {
	if binary != p.binary || len(reply) != len(p.sample) {
		return p.unexpected(reply)
	}
	if p.number < 0 {
		if !bytes.Equal(reply, p.sample) {
			return p.unexpected(reply)
		}
		return nil
	}
	if !bytes.HasPrefix(reply, p.sample[:p.number]) {
		return p.unexpected(reply)
	}
	n := 0
	for _, c := range reply[p.number : p.number+digits] {
		n = n*10 + int(c-'0')
	}
	if want := firstNumber + seq%numbers; n != want {
		return fmt.Errorf("load: reply to message %d came where that to %d was due", n, want)
	}
	if p.binary && !bytes.Equal(reply[p.number+digits:], p.sample[p.number+digits:]) {
		return p.unexpected(reply)
	}
	return nil
}

func (p *part) unexpected(reply []byte) error {
	return fmt.Errorf("load: unexpected reply of %d bytes, %.200q, want one of %d like %.200q", len(reply), reply, len(p.sample), p.sample)
}

// checkWhole compares the first reply as JSON: the order of keys is free. What is
// binary was compared as a whole already.
func (p *part) checkWhole(reply []byte) error {
	if p.binary {
		return nil
	}
	got, err := arguments(reply)
	if err != nil {
		return err
	}
	want, err := arguments(p.sample)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("load: first reply %q, want one like %q", reply, p.sample)
	}
	return nil
}

// arguments decodes what follows the header of a packet.
func arguments(packet []byte) (v any, err error) {
	i := bytes.IndexByte(packet, '[')
	if i < 0 {
		return nil, fmt.Errorf("load: no event: %q", packet)
	}
	if err := json.Unmarshal(packet[i:], &v); err != nil {
		return nil, fmt.Errorf("load: reply %q: %w", packet, err)
	}
	return v, nil
}
