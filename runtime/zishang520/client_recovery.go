package zishang520

import (
	"encoding/json"

	"github.com/zishang520/socket.io/parsers/socket/v3/parser"

	"github.com/siogen/siogen/runtime/internal/offset"
)

// packet sees each packet before the library's sockets do.
func (c *client) packet(args ...any) {
	if len(args) == 0 {
		return
	}
	p, ok := args[0].(*parser.Packet)
	if !ok {
		return
	}
	c.mu.Lock()
	s := c.sockets[p.Nsp]
	c.mu.Unlock()
	if s == nil {
		return
	}
	switch p.Type {
	case parser.CONNECT:
		answer, _ := p.Data.(map[string]any)
		pid, _ := answer["pid"].(string)
		s.accepted(pid)
	case parser.EVENT, parser.BINARY_EVENT:
		if p.Id == nil {
			s.takeOffset(p)
		}
	}
}

// accepted notes the private id of the session that the server has accepted.
func (s *clientSocket) accepted(pid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pid != s.offsets.PID {
		s.offsets = offset.Reader{PID: pid}
	}
}

// takeOffset takes the offset of connection state recovery out of an event that a
// Parser has left undecoded. The library looks for it where the last argument is a
// string.
func (s *clientSocket) takeOffset(p *parser.Packet) {
	data, ok := p.Data.([]any)
	if !ok || len(data) < 2 {
		return
	}
	in := whole(data[1:])
	if in == nil {
		return
	}
	var text string
	if json.Unmarshal(data[len(data)-1].(*Arg).json, &text) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch stripped := s.offsets.Strip(in.payload.JSON); {
	case len(stripped) < len(in.payload.JSON):
		in.payload.JSON = stripped
		in.args--
		data[len(data)-1] = text
	case !s.offsets.Known && s.offsets.Offset == text: // it may be one
		data[len(data)-1] = text
	}
}

// cutOffset cuts the offset off the arguments of an event that asks for no
// acknowledgement.
func (s *clientSocket) cutOffset(args []any) []any {
	if len(args) == 0 {
		return args
	}
	text, ok := args[len(args)-1].(string)
	if !ok {
		return args
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.offsets.Take(text) {
		return args[:len(args)-1]
	}
	return args
}
