package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// Connections of a client on polling.
const (
	pollConn = 0 // asks for packets
	postConn = 1 // sends them
)

// separator stands between the packets of a body.
const separator = 0x1e

// polling is what a client on polling does.
type polling struct {
	poll    []byte // the request that asks for packets
	post    []byte // the head of the request that sends them, up to their length
	posting bool   // one such request has no answer yet
	queue   []byte // packets that wait for it
}

// dialPolling opens a session, joins the namespace "/" and asks for packets.
func (c *client) dialPolling(addr netip.AddrPort) error {
	for range 2 {
		if _, err := c.connect(addr); err != nil {
			return err
		}
	}
	poll := c.conns[pollConn]
	open, err := poll.exchange(pollRequest(addr, ""))
	if err != nil {
		return err
	}
	var session struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(open, []byte("0")), &session); err != nil || session.SID == "" {
		return fmt.Errorf("handshake answered with %q", open)
	}
	c.polling = &polling{poll: pollRequest(addr, session.SID), post: postHead(addr, session.SID)}
	answer, err := c.conns[postConn].exchange(c.polling.request([]byte("40")))
	if err != nil {
		return err
	}
	if string(answer) != "ok" {
		return fmt.Errorf("post answered with %q", answer)
	}
	joined, err := poll.exchange(c.polling.poll)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(joined, []byte(`40{"sid":`)) {
		return fmt.Errorf("joining answered with %q", joined)
	}
	if err := poll.writeAll(c.polling.poll); err != nil {
		return err
	}
	return errors.Join(unix.SetNonblock(poll.fd, true), unix.SetNonblock(c.conns[postConn].fd, true))
}

func pollRequest(addr netip.AddrPort, sid string) []byte {
	return []byte("GET " + sessionPath(sid) + " HTTP/1.1\r\nHost: " + addr.String() + "\r\n\r\n")
}

func postHead(addr netip.AddrPort, sid string) []byte {
	return []byte("POST " + sessionPath(sid) + " HTTP/1.1\r\nHost: " + addr.String() +
		"\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: ")
}

func sessionPath(sid string) string {
	if sid == "" {
		return pollingPath
	}
	return pollingPath + "&sid=" + sid
}

// request is one that posts packets.
func (p *polling) request(packets []byte) []byte {
	request := strconv.AppendInt(bytes.Clone(p.post), int64(len(packets)), 10)
	return append(append(request, endOfHead...), packets...)
}

// exchange sends a request and waits for the body of its answer.
func (c *conn) exchange(request []byte) ([]byte, error) {
	if err := c.writeAll(request); err != nil {
		return nil, err
	}
	for {
		body, rest, err := nextAnswer(c.unread)
		if err != nil {
			return nil, err
		}
		if rest != nil {
			body = bytes.Clone(body)
			c.unread = bytes.Clone(rest)
			return body, nil
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// nextAnswer splits the first HTTP answer off b. It returns a nil rest while the
// answer is not complete. All servers tell the length of what they answer.
func nextAnswer(b []byte) (body, rest []byte, err error) {
	end := bytes.Index(b, endOfHead)
	if end < 0 {
		if len(b) > maxMessage {
			return nil, nil, errors.New("load: HTTP answer without an end of its head")
		}
		return nil, nil, nil
	}
	head := b[:end]
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) {
		return nil, nil, fmt.Errorf("load: answered with %.300q", b)
	}
	n, err := contentLength(head)
	if err != nil {
		return nil, nil, err
	}
	b = b[end+len(endOfHead):]
	if len(b) < n {
		return nil, nil, nil
	}
	return b[:n], b[n:], nil
}

// contentLength reads the length of a body, without allocating.
func contentLength(head []byte) (int, error) {
	name := []byte("content-length:")
	for line := range bytes.Lines(head) {
		if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], name) {
			continue
		}
		n := 0
		for _, c := range bytes.TrimSpace(line[len(name):]) {
			if n = n*10 + int(c-'0'); c < '0' || c > '9' || n > maxMessage {
				return 0, fmt.Errorf("load: HTTP answer with %q", line)
			}
		}
		return n, nil
	}
	return 0, fmt.Errorf("load: HTTP answer of unknown length: %.300q", head)
}

// enqueue adds a packet to those that are to be posted.
func (p *polling) enqueue(packet []byte) {
	p.separate()
	p.queue = append(p.queue, packet...)
}

func (p *polling) separate() {
	if len(p.queue) > 0 {
		p.queue = append(p.queue, separator)
	}
}

// flush posts what is queued, unless an answer is due.
func (r *run) flush(c *client) error {
	p := c.polling
	if p.posting || len(p.queue) == 0 {
		return nil
	}
	r.out = strconv.AppendInt(append(r.out[:0], p.post...), int64(len(p.queue)), 10)
	r.out = append(append(r.out, endOfHead...), p.queue...)
	p.queue, p.posting = p.queue[:0], true
	return r.poll.write(c.conns[postConn], r.out)
}

// answers takes the answers that a connection of a client on polling got.
func (r *run) answers(c *conn, data []byte) (rest []byte, replies int, err error) {
	client := c.client
	for len(data) > 0 {
		body, rest, err := nextAnswer(data)
		if err != nil || rest == nil {
			return data, replies, err
		}
		data = rest
		if c == client.conns[postConn] {
			if string(body) != "ok" {
				return nil, 0, fmt.Errorf("load: post answered with %.300q", body)
			}
			client.polling.posting = false
			continue
		}
		n, err := r.packets(client, body)
		if err != nil {
			return nil, 0, err
		}
		replies += n
		if err := r.poll.write(c, client.polling.poll); err != nil {
			return nil, 0, err
		}
	}
	return nil, replies, r.flush(client)
}

// packets takes those of a body.
func (r *run) packets(c *client, body []byte) (replies int, err error) {
	for more := true; more; {
		var packet []byte
		packet, body, more = bytes.Cut(body, []byte{separator})
		switch {
		case string(packet) == "2":
			c.polling.enqueue([]byte("3"))
		case string(packet) == "6": // a noop
		case string(packet) == "1":
			return 0, errClosed
		default:
			isReply, err := r.message(c, packet, false)
			if err != nil {
				return 0, err
			}
			if isReply {
				replies++
			}
		}
	}
	return replies, nil
}
