package load

import (
	"errors"
	"fmt"
)

// readable takes what came on a connection, and sends as much in return.
func (r *run) readable(c *conn) error {
	had := len(c.unread)
	data, err := r.poll.read(c)
	if err != nil || data == nil {
		return err
	}
	r.received += len(data) - had
	var rest []byte
	var replies int
	if c.client.polling != nil {
		rest, replies, err = r.answers(c, data)
	} else {
		rest, replies, err = r.frames(c, data)
	}
	if err != nil {
		return err
	}
	c.unread = append(c.unread[:0], rest...)
	if replies == 0 {
		return nil
	}
	r.lastReply = r.now
	r.replies += replies
	switch {
	case r.task.Rate > 0:
		return nil
	case r.task.Kind == Broadcast:
		return r.delivered(replies)
	}
	return r.send(c.client, replies, r.now)
}

// delivered asks for the next broadcast when all have got one.
func (r *run) delivered(n int) error {
	before := r.deliveries / len(r.clients)
	r.deliveries += n
	if complete := r.deliveries/len(r.clients) - before; complete > 0 {
		r.asked += complete
		return r.send(r.clients[0], complete, r.now)
	}
	return nil
}

// frames takes the frames that are complete.
func (r *run) frames(c *conn, data []byte) (rest []byte, replies int, err error) {
	for len(data) > 0 {
		first, payload, rest, err := nextFrame(data)
		if err != nil || rest == nil {
			return data, replies, err
		}
		data = rest
		isReply, err := r.frame(c, first, payload)
		if err != nil {
			return nil, 0, err
		}
		if isReply {
			replies++
		}
	}
	return nil, replies, nil
}

// frame handles one frame, and reports whether a reply is complete with it.
func (r *run) frame(c *conn, first byte, payload []byte) (reply bool, err error) {
	switch first {
	case wsClose:
		return false, errClosed
	case wsPing:
		return false, errors.New("load: WebSocket ping from the server, which is not foreseen")
	}
	first, payload, err = c.client.defragment(first, payload)
	if err != nil || payload == nil {
		return false, err
	}
	if first&compressed != 0 {
		if r.wire != Deflate {
			return false, fmt.Errorf("%w: %#x", errFrame, first)
		}
		if payload, err = r.inflate.inflate(payload); err != nil {
			return false, err
		}
	}
	switch first &^ compressed {
	case finalText:
		if len(payload) == 1 && payload[0] == '2' {
			return false, r.poll.write(c, pong)
		}
		return r.message(c.client, payload, false)
	case finalBinary:
		return r.message(c.client, payload, true)
	}
	return false, fmt.Errorf("%w: %#x", errFrame, first)
}

// pong answers a heartbeat.
var pong, _ = maskedFrame(finalText, []byte("3"))

// defragment puts together what came in several frames (RFC 6455, section 5.4). It
// returns a nil payload until the last one.
func (c *client) defragment(first byte, payload []byte) (byte, []byte, error) {
	if first&final != 0 && first&opcode != 0 {
		return first, payload, nil
	}
	if first&opcode != 0 { // the first of several
		c.fragments = append(c.fragments[:0], first|final)
	}
	if len(c.fragments) == 0 || len(c.fragments)+len(payload) > maxMessage {
		return 0, nil, fmt.Errorf("%w: %#x", errFrame, first)
	}
	c.fragments = append(c.fragments, payload...)
	if first&final == 0 {
		return 0, nil, nil
	}
	whole := c.fragments
	c.fragments = c.fragments[:0]
	return whole[0], whole[1:], nil
}

// message handles a part of a reply, and reports whether it was the last.
func (r *run) message(c *client, payload []byte, binary bool) (reply bool, err error) {
	part := &r.msg.reply[c.parts]
	if err := part.check(payload, binary, c.got); err != nil {
		return false, err
	}
	if !c.checked {
		if err := part.checkWhole(payload); err != nil {
			return false, err
		}
	}
	if c.parts++; c.parts < len(r.msg.reply) {
		return false, nil
	}
	c.parts, c.checked = 0, true
	// Whoever receives a broadcast, it is the first client that asked for it.
	from := c
	if r.task.Kind == Broadcast {
		from = r.clients[0]
	}
	if r.measuring {
		r.latency.add(r.now.Sub(from.times[c.got%maxUnanswered]))
	}
	c.got++
	return true, nil
}
