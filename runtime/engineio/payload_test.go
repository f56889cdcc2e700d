package engineio

import (
	"bytes"
	"fmt"
	"testing"
)

func TestDecodePayload(t *testing.T) {
	for _, test := range []struct{ body, want string }{
		{"4a", "4a"},
		{"4a\x1e4b\x1e2", "4a|4b|2"},
		{"bAAE=\x1e4x", "b\x00\x01|4x"},
		{"bAAE", "b\x00\x01"},
		{"b", "b"},
		{"", "! engineio: empty packet"},
		{"4a\x1e", "4a|! engineio: empty packet"},
		{"4a\x1e\x1e4b", "4a|! engineio: empty packet"},
		{"4a\x1e8\x1e4b", `4a|! engineio: unknown packet type '8'`},
		{"bAA*=", "! engineio: binary packet is not base64"},
		{"b===", "! engineio: binary packet is not base64"},
	} {
		t.Run(fmt.Sprintf("%q", test.body), func(t *testing.T) {
			want(t, describePayload([]byte(test.body)), test.want)
		})
	}
}

func describePayload(body []byte) string {
	var out []byte
	separate := func() {
		if len(out) > 0 {
			out = append(out, '|')
		}
	}
	err := decodePayload(body, func(p packet) bool {
		separate()
		kind := p.kind
		if p.binary {
			kind = packetBase64
		}
		out = append(append(out, kind), p.data...)
		return true
	})
	if err != nil {
		separate()
		out = append(append(out, "! "...), err.Error()...)
	}
	return string(out)
}

// FuzzDecodePayload checks that what decodes is the same after encoding again.
func FuzzDecodePayload(f *testing.F) {
	for _, seed := range []string{"4hello", "4a\x1ebAQIDBA==\x1e2", "", "b", "b=", "\x1e", "1", "4\x1e4\x1e4", "bAA=\x1ebAA"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var packets []packet
		if err := decodePayload(body, func(p packet) bool {
			packets = append(packets, p)
			return true
		}); err != nil {
			return
		}
		if want := 1 + bytes.Count(body, []byte{separator}); len(packets) != want {
			t.Fatalf("%d packets, want %d", len(packets), want)
		}
		var again []byte
		for _, p := range packets {
			if p.binary {
				again = appendBinary(again, p.data)
			} else {
				again = append(append(appendSeparated(again), p.kind), p.data...)
			}
		}
		if got, want := describePayload(again), describePayload(body); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
