package codec_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime/codec"
)

// msgpackText is MessagePack as hexadecimal digits, spaces between them.
func msgpackText(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The shortest form of each value, in both directions (MessagePack, "Formats").
func TestMsgpackAndJSONSayTheSame(t *testing.T) {
	long := strings.Repeat("x", 40)
	cases := []struct{ json, msgpack string }{
		{`null`, "c0"},
		{`false`, "c2"},
		{`true`, "c3"},
		{`0`, "00"},
		{`127`, "7f"},
		{`128`, "cc 80"},
		{`256`, "cd 0100"},
		{`65536`, "ce 00010000"},
		{`9007199254740991`, "cf 001fffffffffffff"},
		{`18446744073709551615`, "cf ffffffffffffffff"},
		{`-1`, "ff"},
		{`-32`, "e0"},
		{`-33`, "d0 df"},
		{`-129`, "d1 ff7f"},
		{`-32769`, "d2 ffff7fff"},
		{`-2147483649`, "d3 ffffffff7fffffff"},
		{`-9223372036854775808`, "d3 8000000000000000"},
		{`1.5`, "cb 3ff8000000000000"},
		{`1e+300`, "cb 7e37e43c8800759c"},
		{`""`, "a0"},
		{`"é\n"`, "a3 c3a9 0a"},
		{`"` + long + `"`, "d9 28" + strings.Repeat("78", 40)},
		{`[]`, "90"},
		{`[1,[2]]`, "92 01 91 02"},
		{`[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]`, "dc 0010" + strings.Repeat("00", 16)},
		{`{}`, "80"},
		{`{"a":1,"b":{"c":null}}`, "82 a161 01 a162 81 a163 c0"},
		{`{"_placeholder":true,"num":0}`, "82 ac5f706c616365686f6c646572 c3 a36e756d 00"},
	}
	for _, c := range cases {
		got, err := codec.AppendMsgpack(nil, []byte(c.json), nil, codec.Limits{})
		if want := msgpackText(t, c.msgpack); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is written as % x (%v), want % x", c.json, got, err, want)
		}
		r := codec.MsgpackReader{Data: msgpackText(t, c.msgpack)}
		text, blobs, err := r.JSON(nil, nil)
		if err != nil || string(text) != c.json || len(blobs) != 0 || !r.Done() {
			t.Errorf("% x is read as %s (%v), want %s", r.Data, text, err, c.json)
		}
	}
}

// Other ways to write a value than the shortest, and what only some encoders write.
func TestMsgpackReadsWhatOthersWrite(t *testing.T) {
	cases := []struct{ name, msgpack, json string }{
		{"long integers", "94 cc01 cd0001 ce00000001 d300000000ffffffff", `[1,1,1,4294967295]`},
		{"32-bit float", "ca 3fc00000", `1.5`},
		{"an integral float", "cb 4000000000000000", `2`},
		{"not a number", "cb 7ff8000000000001", `null`},
		{"infinity", "ca ff800000", `null`},
		{"long string head", "db 00000001 61", `"a"`},
		{"array and map heads of 32 bits", "dd 00000001 df 00000001 a161 c3", `[{"a":true}]`},
		{"undefined in an array", "92 d40000 01", `[null,1]`},
		{"undefined in a map", "83 a161 d40000 a162 01 a163 d40000", `{"b":1}`},
		{"a date of the reference's", "d7 00 0000018bcfe56800", `"2023-11-14T22:13:20.000Z"`},
		{"a timestamp of 4 bytes", "d6 ff 6553f100", `"2023-11-14T22:13:20.000Z"`},
		{"a timestamp of 8 bytes", "d7 ff 773594006553f100", `"2023-11-14T22:13:20.500Z"`},
		{"a timestamp of 12 bytes", "c7 0c ff 1dcd6500 000000006553f100", `"2023-11-14T22:13:20.500Z"`},
		{"a date beyond four digits", "d7 00 7fffffffffffffff", `null`},
		{"text that is not UTF-8", "a2 ff61", `"` + "\uFFFD" + `a"`},
		{"a duplicate key", "82 a161 01 a161 02", `{"a":1,"a":2}`},
	}
	for _, c := range cases {
		r := codec.MsgpackReader{Data: msgpackText(t, c.msgpack)}
		text, _, err := r.JSON(nil, nil)
		if err != nil || string(text) != c.json || !r.Done() {
			t.Errorf("%s: read as %s (%v), want %s", c.name, text, err, c.json)
		}
	}
}

func TestMsgpackCarriesBytes(t *testing.T) {
	text := []byte(`["file",{"_placeholder":true,"num":1},{"deep":[{"num":0,"_placeholder":true}]}]`)
	attachments := [][]byte{{1, 2, 3}, {}}
	packed, err := codec.AppendMsgpack([]byte{0xaa}, text, attachments, codec.Limits{})
	want := msgpackText(t, "aa 93 a466696c65 c400 81 a464656570 91 c403010203")
	if err != nil || !bytes.Equal(packed, want) {
		t.Fatalf("written as % x (%v), want % x", packed, err, want)
	}
	r := codec.MsgpackReader{Data: packed[1:], MaxAttachments: 2}
	got, blobs, err := r.JSON(nil, nil)
	if err != nil || string(got) != `["file",{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1}]}]` {
		t.Fatalf("read as %s (%v)", got, err)
	}
	if len(blobs) != 2 || blobs[0] == nil || len(blobs[0]) != 0 || !bytes.Equal(blobs[1], []byte{1, 2, 3}) {
		t.Errorf("attachments %v", blobs)
	}
	for _, array := range []string{"c7 01 00 07", "c8 0001 00 07", "c9 00000001 00 07"} {
		r := codec.MsgpackReader{Data: msgpackText(t, array), MaxAttachments: 1}
		if _, blobs, err := r.JSON(nil, nil); err != nil || len(blobs) != 1 || !bytes.Equal(blobs[0], []byte{7}) {
			t.Errorf("the ArrayBuffer %s is read as %v (%v)", array, blobs, err)
		}
	}
}

func TestMsgpackOfNumbersThatNoIntegerHolds(t *testing.T) {
	for text, want := range map[string]float64{
		`-0`: math.Copysign(0, -1), `1e999`: math.Inf(1), `-18446744073709551616`: -18446744073709551616, `0.1`: 0.1,
	} {
		got, err := codec.AppendMsgpack(nil, []byte(text), nil, codec.Limits{})
		if err != nil || len(got) != 9 || got[0] != 0xcb {
			t.Errorf("%s is written as % x (%v)", text, got, err)
			continue
		}
		var bits uint64
		for _, b := range got[1:] {
			bits = bits<<8 | uint64(b)
		}
		if bits != math.Float64bits(want) {
			t.Errorf("%s is written as %v", text, math.Float64frombits(bits))
		}
	}
}

func TestMsgpackRefusesBadInput(t *testing.T) {
	cases := []struct{ name, msgpack, want string }{
		{"nothing", "", "the text ends where a value was expected"},
		{"a byte that is never used", "91 c1", "a byte that begins no value at byte 1"},
		{"a string cut off", "a3 6162", "the text ends within a value at byte 1"},
		{"a string of four gigabytes", "db ffffffff 61", "a length beyond what a message can hold at byte 5"},
		{"an array of two thousand million", "dd 7fffffff 00", "the text ends where a value was expected at byte 6"},
		{"a map of as many", "df 7fffffff", "the text ends where a value was expected at byte 5"},
		{"a number cut off", "cd 01", "the text ends within a value at byte 1"},
		{"a key that is no string", "81 01 02", "a string was expected at byte 2"},
		{"an unknown extension", "d4 05 00", "an extension that no packet has at byte 3"},
		{"an extension of the reference's with an unknown length", "d5 00 0000", "an extension that no packet has at byte 4"},
		{"too many attachments", "93 c400 c400 c400", "too many attachments at byte 7"},
		{"nested too deep", "91 91 91 91 91 00", "nested deeper than 4 levels at byte 5"},
	}
	for _, c := range cases {
		r := codec.MsgpackReader{Data: msgpackText(t, c.msgpack), Limits: codec.Limits{MaxDepth: 4}, MaxAttachments: 2}
		_, _, err := r.JSON(nil, nil)
		var invalid *codec.InvalidError
		if !errors.As(err, &invalid) || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestAppendMsgpackRefusesWhatIsNoPayload(t *testing.T) {
	cases := []struct {
		text        string
		attachments [][]byte
		want        string
	}{
		{`{"a":`, nil, "invalid JSON: unexpected end at byte 5"},
		{`[[[[[1]]]]]`, nil, "nested deeper than 4 levels at byte 4"},
		{`["a"]`, [][]byte{{1}}, "placeholders and attachments do not match"},
		{`[{"_placeholder":true,"num":1}]`, [][]byte{{1}}, "placeholders and attachments do not match"},
	}
	for _, c := range cases {
		got, err := codec.AppendMsgpack([]byte("kept"), []byte(c.text), c.attachments, codec.Limits{MaxDepth: 4})
		if err == nil || err.Error() != c.want || string(got) != "kept" {
			t.Errorf("%s: %q, %v, want %s", c.text, got, err, c.want)
		}
	}
}

func TestMsgpackReaderReadsValueByValue(t *testing.T) {
	r := codec.MsgpackReader{Data: msgpackText(t, "84 a474797065 02 a36e7370 a12f a164 92 c403010203 d40000 a26964 d40000")}
	n, err := r.Map()
	if n != 4 || err != nil {
		t.Fatalf("a map of %d pairs (%v)", n, err)
	}
	for _, want := range []struct {
		key  string
		kind codec.MsgpackKind
		text string
	}{
		{"type", codec.MsgpackInteger, "02"},
		{"nsp", codec.MsgpackString, "a12f"},
		{"d", codec.MsgpackArray, "92c403010203d40000"},
		{"id", codec.MsgpackUndefined, "d40000"},
	} {
		key, err := r.String()
		kind := r.Kind()
		value, verr := r.Skip()
		if string(key) != want.key || kind != want.kind || hex.EncodeToString(value) != want.text || err != nil || verr != nil {
			t.Errorf("%s of kind %d: %x (%v, %v), want %+v", key, kind, value, err, verr, want)
		}
	}
	if !r.Done() {
		t.Error("something is left")
	}
}

// Whatever a peer sends is refused, or is JSON that says the same when it is
// packed and read again.
func FuzzMsgpack(f *testing.F) {
	for _, seed := range []string{
		"83a47479706502a36e7370a12fa46461746192a3666f6fc403010203", "93c0c2c3", "d40000", "d7000000018bcfe56800", "c70cff1dcd6500000000006553f100",
		"dc001000000000000000000000000000000000", "cb3ff8000000000000", "81a161d40000", "d9ff61",
	} {
		b, _ := hex.DecodeString(seed)
		f.Add(b)
	}
	limits := codec.Limits{MaxDepth: 32}
	f.Fuzz(func(t *testing.T, data []byte) {
		skipper := codec.MsgpackReader{Data: data, Limits: limits}
		skipped, skipErr := skipper.Skip()
		r := codec.MsgpackReader{Data: data, Limits: limits, MaxAttachments: len(data)}
		text, blobs, err := r.JSON(nil, nil)
		if (err == nil) != (skipErr == nil) {
			t.Fatalf("read with %v, skipped with %v", err, skipErr)
		}
		if err != nil {
			return
		}
		if rest := data[len(skipped):]; r.Done() != (len(rest) == 0) {
			t.Fatalf("read to another end than skipped: %x", rest)
		}
		if !json.Valid(text) {
			t.Fatalf("not JSON: %s", text)
		}
		packed, err := codec.AppendMsgpack(nil, text, blobs, limits)
		if err != nil { // objects that look like placeholders stand beside attachments
			return
		}
		again := codec.MsgpackReader{Data: packed, Limits: limits, MaxAttachments: len(blobs)}
		same, sameBlobs, err := again.JSON(nil, nil)
		if err != nil || len(sameBlobs) != len(blobs) {
			t.Fatalf("%s packed: %v", text, err)
		}
		for i := range blobs {
			if !bytes.Equal(blobs[i], sameBlobs[i]) {
				t.Fatalf("attachment %d changed", i)
			}
		}
		if !bytes.Equal(text, same) {
			t.Fatalf("%s became %s", text, same)
		}
	})
}
