package zishang520

import (
	"sync"

	"github.com/zishang520/socket.io/parsers/socket/v3/parser"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/socketio"
)

// Parser is a parser for the library (ServerOptions.SetParser, or
// ManagerOptions.SetParser of a client): the protocol's usual encoding. Events of
// namespaces that typed code serves reach it undecoded, so that they are decoded
// once; other namespaces get what the library's own parser gives.
//
// It also bounds what a peer may send where the library does not: the nesting
// depth, and the size of a packet with its attachments; and it takes more than ten
// attachments. A Parser is for one server or for one client's Manager. Without it
// everything works, too.
type Parser struct {
	limits socketio.Limits
	usual  parser.Parser

	mu sync.Mutex
	// typed are the namespaces that typed code serves, with the acknowledgements
	// that it waits for there.
	typed map[string]map[uint64]struct{}
}

var _ parser.Parser = (*Parser)(nil)

// NewParser returns a parser. Of limits it takes MaxAttachments, MaxPacketSize and
// MaxDepth.
func NewParser(limits socketio.Limits) *Parser {
	for limit, usual := range map[*int]int{
		&limits.MaxAttachments: socketio.DefaultMaxAttachments,
		&limits.MaxPacketSize:  socketio.DefaultMaxPacketSize,
		&limits.MaxDepth:       socketio.DefaultMaxDepth,
	} {
		if *limit <= 0 {
			*limit = usual
		}
	}
	return &Parser{limits: limits, usual: parser.NewParser(), typed: make(map[string]map[uint64]struct{})}
}

// NewEncoder implements parser.Parser.
func (p *Parser) NewEncoder() parser.Encoder { return &encoder{usual: p.usual.NewEncoder()} }

// NewDecoder implements parser.Parser.
func (p *Parser) NewDecoder() parser.Decoder { return newDecoder(p) }

// serve notes that typed code serves a namespace.
func (p *Parser) serve(namespace string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.typed[namespace] == nil {
		p.typed[namespace] = make(map[uint64]struct{})
	}
}

// unserve is the end of serve.
func (p *Parser) unserve(namespace string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.typed, namespace)
}

// expect notes that typed code waits for an acknowledgement.
func (p *Parser) expect(namespace string, id uint64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if acks := p.typed[namespace]; acks != nil {
		acks[id] = struct{}{}
	}
}

// unexpect is the end of expect.
func (p *Parser) unexpect(namespace string, id uint64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.typed[namespace], id)
}

// isTyped reports whether typed code serves a namespace, and whether it waits for
// the acknowledgement with that id there.
func (p *Parser) isTyped(namespace string, id uint64) (served, expected bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	acks := p.typed[namespace]
	_, expected = acks[id]
	return acks != nil, expected
}

func (p *Parser) depth() codec.Limits { return codec.Limits{MaxDepth: p.limits.MaxDepth} }
