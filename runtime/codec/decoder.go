package codec

import (
	"fmt"
	"strconv"
	"sync"
)

// A Decoder reads the arguments of one packet, or one value, from JSON. It keeps
// its first error: from then on every method returns zero values and false, so
// that loops end. It trusts nothing in the JSON. It comes from a pool; call Free
// at the end. It is not safe for concurrent use.
//
// What it returns does not refer to the JSON, except Key. Attachments are
// returned as they are.
type Decoder struct {
	data        []byte // empties at the first error
	pos         int
	attachments [][]byte
	err         *DecodeError

	first bool // nothing of the innermost level was read yet
	depth int

	args    bool // the value is the array of arguments
	event   bool // whose first element is the event's name
	ended   bool // whose end was read
	argName string
	rest    int // index within a variadic argument, or -1

	key     []byte
	scratch []byte
	// shared is the text from sharedFrom on, as soon as there is a string in it.
	shared     string
	sharedFrom int
	tags       tagCache
}

// maxShared is up to how many bytes of text are copied once for all of its strings.
const maxShared = 256

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// NewDecoder returns a Decoder for JSON and the attachments that it refers to.
// Both must stay unchanged until Free.
func NewDecoder(json []byte, attachments [][]byte) *Decoder {
	d := decoders.Get().(*Decoder)
	d.data = json
	d.attachments = attachments
	d.rest = -1
	return d
}

// Free gives the Decoder back to the pool. It must not be used afterwards.
func (d *Decoder) Free() {
	if cap(d.scratch) > maxPooledBuffer {
		d.scratch = nil
	}
	d.data, d.pos, d.attachments, d.err = nil, 0, nil, nil
	d.first, d.depth = false, 0
	d.args, d.event, d.ended, d.argName = false, false, false, ""
	d.key, d.shared = nil, ""
	decoders.Put(d)
}

// Err returns the first error so far, a *DecodeError.
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Fail records an error at the current place, which is the value just read or
// about to be read, unless there is one already.
func (d *Decoder) Fail(format string, args ...any) {
	if d.err == nil {
		d.fail(fmt.Sprintf(format, args...), "")
	}
}

// fail records an error at the current place, or at a field of the object there.
func (d *Decoder) fail(message, field string) {
	if d.err != nil {
		return
	}
	levels := levelsAt(d.data[:min(d.pos, len(d.data))])
	if field != "" {
		levels = append(levels, level{key: appendString(nil, field)})
	}
	root := ""
	if d.args {
		root = d.argName
		if d.rest >= 0 {
			root += "[" + strconv.Itoa(d.rest) + "]"
		}
		if d.event {
			levels = withoutName(levels)
		}
	}
	d.err = &DecodeError{Path: pathOf(levels, root), Message: message}
	if d.event {
		d.err.Event = eventName(d.data)
	}
	d.data, d.pos, d.first = nil, 0, false
}

// eventName returns the name that the JSON of an event starts with.
func eventName(data []byte) string {
	i := skipSpace(data, 0)
	if i >= len(data) || data[i] != '[' {
		return ""
	}
	i = skipSpace(data, i+1)
	if i >= len(data) || data[i] != '"' {
		return ""
	}
	return unquoteKey(data[i:quotedEnd(data, i)])
}

// failSyntax records that data[i] cannot stand there.
func (d *Decoder) failSyntax(i int) {
	if d.err != nil {
		return
	}
	message := syntaxMessage(d.data, i)
	d.fail(message, "")
}

func syntaxMessage(data []byte, i int) string {
	if i >= len(data) {
		return "invalid JSON: unexpected end"
	}
	return "invalid JSON: unexpected " + strconv.QuoteRune(firstRune(data[i:]))
}

// failType records that the next value is not of the wanted type.
func (d *Decoder) failType(want string) {
	if d.err != nil {
		return
	}
	if d.pos >= len(d.data) {
		d.failSyntax(d.pos)
		return
	}
	switch c := d.data[d.pos]; {
	case c == '"':
		d.fail("expected "+withArticle(want)+", got a string", "")
	case c == '{':
		d.fail("expected "+withArticle(want)+", got an object", "")
	case c == '[':
		d.fail("expected "+withArticle(want)+", got an array", "")
	case c == 't', c == 'f':
		d.fail("expected "+withArticle(want)+", got a boolean", "")
	case c == 'n':
		d.fail("null is not "+withArticle(want), "")
	case c == '-', c-'0' <= 9:
		d.fail("expected "+withArticle(want)+", got a number", "")
	default:
		d.failSyntax(d.pos)
	}
}

// next moves to the next token and returns its first byte, 0 at the end. It is
// small enough to be inlined: mostly there is no white space.
func (d *Decoder) next() byte {
	if d.pos < len(d.data) && d.data[d.pos] > ' ' {
		return d.data[d.pos]
	}
	return d.nextToken()
}

func (d *Decoder) nextToken() byte {
	if d.pos = skipSpaces(d.data, d.pos); d.pos < len(d.data) {
		return d.data[d.pos]
	}
	return 0
}

// enter begins an object or array.
func (d *Decoder) enter(c byte, what string) bool {
	if d.next() != c {
		d.failType(what)
		return false
	}
	if d.depth >= DefaultMaxDepth {
		d.fail(tooDeepMessage(DefaultMaxDepth), "")
		return false
	}
	d.depth++
	d.pos++
	d.first = true
	return true
}

// more moves to the next item of the innermost level, or past its end.
func (d *Decoder) more(end byte) bool {
	c := d.next()
	if c == end {
		d.pos++
		d.depth--
		d.first = false
		return false
	}
	if d.first {
		d.first = false
		if c == 0 {
			d.failSyntax(d.pos)
			return false
		}
		return true
	}
	if c != ',' {
		d.failSyntax(d.pos)
		return false
	}
	d.pos++
	return true
}

// BeginObject begins an object; NextField then moves through it.
func (d *Decoder) BeginObject() { d.enter('{', "object") }

// NextField moves to the next field's value. It returns false after the end of
// the object, and on an error.
func (d *Decoder) NextField() bool {
	if !d.more('}') {
		return false
	}
	if d.next() != '"' {
		d.failSyntax(d.pos)
		return false
	}
	start := d.pos + 1
	end, plain := scanString(d.data, start)
	if end < 0 {
		d.failSyntax(^end)
		return false
	}
	d.pos = end
	d.key = d.data[start : end-1]
	if !plain {
		d.key = d.text(d.key)
	}
	if d.next() != ':' {
		d.failSyntax(d.pos)
		return false
	}
	d.pos++
	return true
}

// Key returns the current field's name, valid until the next method is called.
func (d *Decoder) Key() []byte { return d.key }

// text returns the text of a scanned string, given without its quotes: the same
// bytes, or a scratch buffer that the next call overwrites.
func (d *Decoder) text(inner []byte) []byte {
	if isCleanText(inner) {
		return inner
	}
	d.scratch, _ = unescape(d.scratch[:0], inner)
	return d.scratch
}

// BeginArray begins an array; NextElem then moves through it.
func (d *Decoder) BeginArray() { d.enter('[', "array") }

// NextElem moves to the next element. It returns false after the end of the
// array, and on an error.
func (d *Decoder) NextElem() bool { return d.more(']') }

// Skip reads over a value of any kind.
func (d *Decoder) Skip() { d.skip() }

func (d *Decoder) skip() (start, end int) {
	d.next()
	end, tooDeep := scanValue(d.data, d.pos, DefaultMaxDepth-d.depth)
	if end >= 0 {
		start, d.pos = d.pos, end
		return start, end
	}
	if tooDeep {
		d.fail(tooDeepMessage(DefaultMaxDepth), "")
	} else {
		d.failSyntax(^end)
	}
	return 0, 0
}

// Require checks that an object just read had all its required fields: bit i of
// seen stands for names[i].
func (d *Decoder) Require(seen uint64, names ...string) {
	if d.err != nil || seen == 1<<len(names)-1 {
		return
	}
	for i, name := range names {
		if seen&(1<<i) == 0 {
			d.fail("required field is missing", name)
			return
		}
	}
}

// IsNull reports whether the next value is null, without reading it.
func (d *Decoder) IsNull() bool { return d.next() == 'n' }

// Null reads null.
func (d *Decoder) Null() {
	if d.next() != 'n' {
		d.failType("null")
		return
	}
	d.literal("null")
}

func (d *Decoder) literal(word string) {
	end := scanLiteral(d.data, d.pos, word)
	if end < 0 {
		d.failSyntax(^end)
		return
	}
	d.pos = end
}
