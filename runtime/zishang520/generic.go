package zishang520

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/zishang520/socket.io/v3/pkg/types"

	"github.com/siogen/siogen/runtime/driver"
)

// style says what JSON is decoded to.
type style int

const (
	// asWire: what survives any adapter's encoding and comes out as it was. Integers
	// are int64 or uint64, binary values []byte.
	asWire style = iota
	// asListener: what the library's own parser gives to listeners.
	asListener
)

// errPayload: a payload that crosses the seam is not what the seam promises.
var errPayload = errors.New("not an array of arguments")

// decode makes ordinary values of a JSON text and its attachments.
func decode(text []byte, attachments [][]byte, style style) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return settle(v, attachments, style), nil
}

// settle replaces numbers and placeholders, in place where it can.
func settle(v any, attachments [][]byte, style style) any {
	switch v := v.(type) {
	case json.Number:
		return number(string(v), style)
	case []any:
		for i := range v {
			v[i] = settle(v[i], attachments, style)
		}
		return v
	case map[string]any:
		if data, ok := attachment(v, attachments); ok {
			if style == asListener {
				return types.NewBytesBuffer(data)
			}
			return data
		}
		for key := range v {
			v[key] = settle(v[key], attachments, style)
		}
		return v
	}
	return v
}

// number reads a number of JSON. One that no float64 holds becomes an infinity,
// which can't be sent: typed code neither sends nor accepts it.
func number(text string, style style) any {
	if style == asWire {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return n
		}
	}
	f, _ := strconv.ParseFloat(text, 64)
	return f
}

// attachment returns the binary value that a placeholder stands for.
func attachment(object map[string]any, attachments [][]byte) ([]byte, bool) {
	if len(attachments) == 0 || object["_placeholder"] != true {
		return nil, false
	}
	num, ok := object["num"].(json.Number)
	if !ok {
		return nil, false
	}
	n, err := strconv.Atoi(string(num))
	if err != nil || n < 0 || n >= len(attachments) {
		return nil, false
	}
	return attachments[n], true
}

// arguments splits a payload into the arguments that the library takes. Those
// without binary values stay JSON; the others must be decoded, because parsers
// and adapters look for binary values in them. The result shares nothing with
// p.JSON.
func arguments(p driver.Payload) ([]any, error) {
	var texts []json.RawMessage
	if err := json.Unmarshal(p.JSON, &texts); err != nil {
		return nil, fmt.Errorf("%w: %w", errPayload, err)
	}
	args := make([]any, len(texts))
	for i, text := range texts {
		if len(p.Attachments) == 0 || !bytes.Contains(text, []byte(`"_placeholder"`)) {
			args[i] = &Arg{json: text}
			continue
		}
		v, err := decode(text, p.Attachments, asWire)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	return args, nil
}

// event splits the payload of an event into its name and its arguments.
func event(p driver.Payload) (name string, args []any, err error) {
	all, err := arguments(p)
	if err != nil {
		return "", nil, err
	}
	if len(all) == 0 {
		return "", nil, errPayload
	}
	text, _ := all[0].(*Arg)
	if text == nil || json.Unmarshal(text.json, &name) != nil {
		return "", nil, errPayload
	}
	return name, all[1:], nil
}

// payload encodes arguments as a packet has them: of an event, with its name first.
func payload(args []any) (driver.Payload, error) {
	var p driver.Payload
	var err error
	p.JSON, err = appendValue(nil, args, &p.Attachments)
	return p, err
}

// appendValue appends a value as JSON, binary values as placeholders. It takes
// what listeners get, what comes out of an adapter's encoding, an Arg, and else
// whatever encoding/json takes.
func appendValue(dst []byte, v any, attachments *[][]byte) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case *Arg:
		if len(v.attachments()) > 0 {
			return appendValue(dst, v.value(asWire), attachments)
		}
		return append(dst, v.json...), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("JSON has no number %v", v)
		}
	case []byte:
		return appendPlaceholder(dst, v, attachments), nil
	case *types.StringBuffer:
		return appendJSON(dst, v.String())
	case *strings.Reader:
		text, err := io.ReadAll(v)
		if err != nil {
			return nil, err
		}
		return appendJSON(dst, string(text))
	case types.BufferInterface:
		return appendPlaceholder(dst, bytes.Clone(v.Bytes()), attachments), nil
	case io.Reader:
		data, err := io.ReadAll(v)
		if err != nil {
			return nil, err
		}
		return appendPlaceholder(dst, data, attachments), nil
	case []any:
		return appendArray(dst, v, attachments)
	case map[string]any:
		return appendObject(dst, v, attachments)
	}
	return appendJSON(dst, v)
}

func appendPlaceholder(dst, data []byte, attachments *[][]byte) []byte {
	dst = append(dst, `{"_placeholder":true,"num":`...)
	dst = strconv.AppendInt(dst, int64(len(*attachments)), 10)
	*attachments = append(*attachments, data)
	return append(dst, '}')
}

func appendArray(dst []byte, list []any, attachments *[][]byte) ([]byte, error) {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendValue(dst, v, attachments); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func appendObject(dst []byte, object map[string]any, attachments *[][]byte) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for key, v := range object {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var err error
		if dst, err = appendJSON(dst, key); err != nil {
			return nil, err
		}
		if dst, err = appendValue(append(dst, ':'), v, attachments); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendJSON(dst []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append(dst, text...), nil
}
