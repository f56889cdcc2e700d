package naming

import (
	"strconv"
	"strings"

	"github.com/siogen/siogen/schema"
)

// helperVerbs begin the unexported functions and variables of generated Go. No
// argument is called like one of them, so that none hides one.
var helperVerbs = [...]string{"encode", "decode", "declare", "serve", "pattern"}

// isHelper reports whether an identifier may be one of generated Go's helpers.
func isHelper(ident string) bool {
	for _, verb := range helperVerbs {
		if rest, ok := strings.CutPrefix(ident, verb); ok && rest != "" && letterFirst(rest) == rest && lowerFirst(rest) != rest {
			return true
		}
	}
	return false
}

// Encode is the Go function that encodes a type.
func (n *Names) Encode(d *schema.Decl) string { return "encode" + n.types[d] }

// Decode is the Go function that decodes a type.
func (n *Names) Decode(d *schema.Decl) string { return "decode" + n.types[d] }

// Declare is the Go function that encodes an error of a type.
func (n *Names) Declare(d *schema.Decl) string { return "declare" + n.types[d] }

// Serve is the Go function that decodes an event, calls its handler and replies.
func (n *Names) Serve(e *schema.Event) string { return n.helpers[e].serve }

// DecodeAck is the Go function that decodes the acknowledgement of an event.
func (n *Names) DecodeAck(e *schema.Event) string { return n.helpers[e].decodeAck }

// AckStruct is the Go struct of an acknowledgement with several values: an
// exported one where a broadcast returns it.
func (n *Names) AckStruct(e *schema.Event) string { return n.helpers[e].ackStruct }

// eventHelpers are what generated Go has for one event.
type eventHelpers struct{ serve, decodeAck, ackStruct string }

// direction is a list of events with the word that tells its names from those
// of the other directions.
type direction struct {
	word      string
	broadcast bool // several may acknowledge
	events    []*schema.Event
}

// helperNames names what is generated for each event, after the types and the
// namespaces have their names.
func (r *resolver) helperNames(s *schema.Schema) {
	taken := make(map[string]bool)
	for _, d := range s.Types {
		taken[r.names.Decode(d)] = true
	}
	for _, ns := range s.Namespaces {
		for _, dir := range []direction{
			{"Client", false, ns.ClientToServer},
			{"Server", true, ns.ServerToClient},
			{"Inter", true, ns.ServerToServer},
		} {
			for _, e := range dir.events {
				r.eventHelpers(ns, dir, e, taken)
			}
		}
	}
}

func (r *resolver) eventHelpers(ns *schema.Namespace, dir direction, e *schema.Event, taken map[string]bool) {
	prefix, event := r.names.prefixes[ns], r.names.events[e]
	free := func(verb, tail string) string {
		name := verb + prefix + event + tail
		if taken[name] {
			name = verb + prefix + dir.word + event + tail
		}
		for n, long := 2, name; taken[name]; n++ {
			name = long + "_" + strconv.Itoa(n)
		}
		taken[name] = true
		return name
	}
	h := eventHelpers{serve: free("serve", "")}
	if e.Ack != nil {
		h.decodeAck = free("decode", "Ack")
	}
	if e.Ack != nil && len(e.Ack.Args) > 1 {
		h.ackStruct = r.ackStruct(ns, dir, e, free)
	}
	r.names.helpers[e] = h
}

func (r *resolver) ackStruct(ns *schema.Namespace, dir direction, e *schema.Event, free func(verb, tail string) string) string {
	if !dir.broadcast {
		return free("ack", "Values")
	}
	prefix := r.names.prefixes[ns]
	if dir.word == "Inter" {
		prefix += dir.word
	}
	name := prefix + r.names.events[e] + "Ack"
	r.goScope.declare(name, owner{what: "event " + strconv.Quote(e.Name), span: e.Span, generated: true})
	return name
}
