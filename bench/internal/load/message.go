package load

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"reflect"
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
)

const (
	// Numbers of messages have seven digits.
	firstNumber = 1_000_000
	numbers     = 9_000_000
	digits      = 7
	// maskKey is no zero, so that the server has something to undo.
	maskKey = 0x5aa53cc3
	// body is the message behind its number, about 120 bytes as a whole.
	body = `,"user":"alice","text":"The quick brown fox jumps over the lazy dog, as it did yesterday","tags":["a","bb","ccc"]}`
)

// message is the request of a kind, as a masked frame, and what the reply to it
// looks like.
type message struct {
	frame []byte
	head  int   // where the payload begins in frame
	at    []int // the places of the number in the payload

	replyHead []byte // before the number
	replyLen  int
	sample    []byte // a whole reply, with the first number
}

// newMessage makes the message of a kind. A plain server returns what it gets.
func newMessage(kind Kind, plain bool) (message, error) {
	number := fmt.Sprint(firstNumber)
	msg := `{"id":` + number + body
	var request, reply string
	switch kind {
	case Echo:
		request, reply = `42["echo",`+msg+`]`, `42["echo",`+msg+`]`
	case Ack:
		request, reply = `42`+number+`["req",`+msg+`]`, `43`+number+`[`+msg+`]`
	case Broadcast:
		request, reply = `42["bcast",`+msg+`]`, `42["msg",`+msg+`]`
	default:
		return message{}, fmt.Errorf("load: unknown kind %q", kind)
	}
	if plain {
		reply = request
	}
	frame, head := maskedFrame([]byte(request))
	m := message{
		frame:     frame,
		head:      head,
		replyHead: []byte(reply[:bytes.Index([]byte(reply), []byte(number))]),
		replyLen:  len(reply),
		sample:    []byte(reply),
	}
	for at := 0; ; {
		i := bytes.Index([]byte(request[at:]), []byte(number))
		if i < 0 {
			return m, nil
		}
		m.at = append(m.at, at+i)
		at += i + digits
	}
}

// maskedFrame returns a text frame as clients send it, and where its payload
// begins.
func maskedFrame(payload []byte) (frame []byte, head int) {
	frame = []byte{0x81}
	if n := len(payload); n < 126 {
		frame = append(frame, 0x80|byte(n))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	}
	frame = binary.BigEndian.AppendUint32(frame, maskKey)
	head = len(frame)
	for i, b := range payload {
		frame = append(frame, b^maskByte(i))
	}
	return frame, head
}

// maskByte is what the i-th byte of a payload is masked with.
func maskByte(i int) byte { return byte(uint32(maskKey) >> (24 - 8*(i&3))) }

// append appends the frame with its number set.
func (m *message) append(dst []byte, seq int) []byte {
	start := len(dst) + m.head
	dst = append(dst, m.frame...)
	for _, at := range m.at {
		putNumber(dst[start+at:start+at+digits], seq, at)
	}
	return dst
}

// putNumber writes a masked number whose place in the payload is offset.
func putNumber(dst []byte, seq, offset int) {
	n := firstNumber + seq%numbers
	for i := digits - 1; i >= 0; i-- {
		dst[i] = byte('0'+n%10) ^ maskByte(offset+i)
		n /= 10
	}
}

// check reports whether a reply is the one to the message with number seq.
func (m *message) check(reply []byte, seq int) error {
	if len(reply) != m.replyLen || !bytes.HasPrefix(reply, m.replyHead) {
		return fmt.Errorf("load: unexpected reply %.200q, want one like %q", reply, m.sample)
	}
	n := 0
	for _, c := range reply[len(m.replyHead) : len(m.replyHead)+digits] {
		n = n*10 + int(c-'0')
	}
	if want := firstNumber + seq%numbers; n != want {
		return fmt.Errorf("load: reply to message %d came where that to %d was due", n, want)
	}
	return nil
}

// checkWhole compares the first reply as JSON: the order of keys is free.
func (m *message) checkWhole(reply []byte) error {
	got, err := arguments(reply)
	if err != nil {
		return err
	}
	want, err := arguments(m.sample)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("load: first reply %q, want one like %q", reply, m.sample)
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
