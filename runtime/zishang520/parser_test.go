package zishang520

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/zishang520/socket.io/parsers/socket/v3/parser"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"github.com/siogen/siogen/runtime/driver"
	"github.com/siogen/siogen/runtime/socketio"
)

// decoded is what a decoder makes of messages: text, or bytes.
func decoded(t testing.TB, p *Parser, messages ...any) ([]*parser.Packet, error) {
	t.Helper()
	d := p.NewDecoder()
	defer d.Destroy()
	var packets []*parser.Packet
	_ = d.On("decoded", func(args ...any) { packets = append(packets, args[0].(*parser.Packet)) })
	for _, m := range messages {
		if err := d.Add(m); err != nil {
			return packets, err
		}
	}
	return packets, nil
}

func typed(names ...string) *Parser {
	p := NewParser(socketio.Limits{MaxDepth: 5, MaxPacketSize: 100})
	for _, name := range names {
		p.serve(name)
	}
	return p
}

// TestEventsOfTypedNamespacesStayJSON, and others are what the library makes of them.
func TestEventsOfTypedNamespacesStayJSON(t *testing.T) {
	for _, test := range []struct {
		name     string
		messages []any
		want     driver.Payload
	}{
		{"main namespace", []any{`2["a",1.50,{"b":null}]`}, driver.Payload{JSON: []byte(`["a",1.50,{"b":null}]`)}},
		{"another, with an acknowledgement", []any{`2/x,12["a",9007199254740993]`}, driver.Payload{JSON: []byte(`["a",9007199254740993]`)}},
		{"escapes in the name", []any{`2["\u0061",true]`}, driver.Payload{JSON: []byte(`["\u0061",true]`)}},
		{
			"attachments",
			[]any{`52-/x,["a",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]`, []byte{1}, types.NewBytesBuffer(nil)},
			driver.Payload{JSON: []byte(`["a",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]`), Attachments: [][]byte{{1}, {}}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			packets, err := decoded(t, typed("/", "/x"), test.messages...)
			if err != nil || len(packets) != 1 {
				t.Fatalf("%d packets, %v", len(packets), err)
			}
			args := packets[0].Data.([]any)
			if args[0] != "a" {
				t.Errorf("name %v", args[0])
			}
			got, err := receivedEvent("a", args[1:])
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			plain, err := decoded(t, typed(), test.messages...)
			if err != nil || len(plain) != 1 {
				t.Fatalf("untyped: %d packets, %v", len(plain), err)
			}
			if diff := cmp.Diff(plain[0].Data, any(append([]any{"a"}, forListeners(args[1:])...)), cmp.Transformer("bytes", func(b *types.BytesBuffer) []byte { return append([]byte{}, b.Bytes()...) })); diff != "" {
				t.Errorf("listeners get something else (-library +driver):\n%s", diff)
			}
		})
	}
}

// TestInvalidPacketsAreErrors.
func TestInvalidPacketsAreErrors(t *testing.T) {
	big := bytes.Repeat([]byte{0}, 200)
	for _, messages := range [][]any{
		{``}, {`9`}, {`2`}, {`2{}`}, {`2[]`}, {`2[1]`}, {`2["a"`}, {`2["a"]x`}, {`2["connect"]`},
		{`2["a",[[[[[]]]]]]`}, {`5["a"]`}, {`50-["a"]`}, {`5-1-["a"]`}, {`51-["a"]`, []byte{1}},
		{`51-["a",{"_placeholder":true,"num":1}]`, []byte{1}},
		{`51-["a",{"_placeholder":true,"num":0}]`, `2["b"]`},
		{`51-["a",{"_placeholder":true,"num":0}]`, big},
		{[]byte{1}}, {`51001-["a"]`}, {`299999999999999999999["a"]`},
	} {
		if packets, err := decoded(t, typed("/"), messages...); err == nil {
			t.Errorf("%q: no error, %d packets", messages[0], len(packets))
		}
	}
}

// TestArgumentsSurviveAdapters: as MessagePack and back, in which adapters send
// packets to other servers, and then on the wire.
func TestArgumentsSurviveAdapters(t *testing.T) {
	p := driver.Payload{
		JSON:        []byte(`["e",{"id":9007199254740991,"big":18446744073709551615,"f":1.5,"n":null,"s":"<☃>"},[-3,{"_placeholder":true,"num":0}],true]`),
		Attachments: [][]byte{{0, 255}},
	}
	name, args, err := event(p)
	if err != nil {
		t.Fatal(err)
	}
	sent := &parser.Packet{Type: parser.EVENT, Nsp: "/", Data: append([]any{name}, args...)}
	packed, err := msgpack.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	var arrived parser.Packet
	if err := msgpack.Unmarshal(packed, &arrived); err != nil {
		t.Fatal(err)
	}
	for encoderName, e := range map[string]parser.Encoder{"ours": NewParser(socketio.Limits{}).NewEncoder(), "the library's": parser.NewEncoder()} {
		for hop, packet := range map[string]*parser.Packet{"here": sent, "after a hop": &arrived} {
			copied := *packet
			buffers := e.Encode(&copied)
			if len(buffers) != 2 || !bytes.Equal(buffers[1].Bytes(), []byte{0, 255}) {
				t.Fatalf("%s, %s: %d buffers", encoderName, hop, len(buffers))
			}
			text := buffers[0].Bytes()
			if !bytes.HasPrefix(text, []byte(`51-["e",`)) {
				t.Errorf("%s, %s: %s", encoderName, hop, text)
			}
			if diff := cmp.Diff(plain(t, p.JSON), plain(t, text[3:])); diff != "" {
				t.Errorf("%s, %s (-sent +wire):\n%s", encoderName, hop, diff)
			}
		}
	}
}

// plain decodes JSON with numbers as they are written.
func plain(t testing.TB, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// TestEnvelopesCarryBytesThroughJSON: what adapters send between servers.
func TestEnvelopesCarryBytesThroughJSON(t *testing.T) {
	p := driver.Payload{JSON: []byte(`["e",[{"_placeholder":true,"num":0}],2]`), Attachments: [][]byte{{0, 255}}}
	args, err := wrap(p)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	var arrived []any
	if err := json.Unmarshal(text, &arrived); err != nil {
		t.Fatal(err)
	}
	rest, blobs := unwrap(arrived)
	got, err := payload(rest)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain(t, p.JSON), plain(t, got.JSON)); diff != "" || !cmp.Equal(blobs, p.Attachments) {
		t.Errorf("%v\n%s", blobs, diff)
	}
}

func TestUnsupportedNamesTheFeature(t *testing.T) {
	err := error(&UnsupportedError{Feature: "this", Reason: "no"})
	if !errors.Is(err, errors.ErrUnsupported) || err.Error() != "zishang520: this: no" {
		t.Errorf("got %v", err)
	}
}

// FuzzDecoder: whatever comes, a packet is whole or refused.
func FuzzDecoder(f *testing.F) {
	f.Add("2[\"a\",1]", []byte(nil))
	f.Add("51-/x,3[\"a\",{\"_placeholder\":true,\"num\":0}]", []byte{1})
	f.Add("61-3[{\"_placeholder\":true,\"num\":0}]", []byte{})
	f.Add("0{\"sid\":\"x\"}", []byte(nil))
	f.Fuzz(func(t *testing.T, text string, blob []byte) {
		p := typed("/", "/x")
		p.expect("/", 3)
		packets, _ := decoded(t, p, text, blob)
		for _, packet := range packets {
			args, ok := packet.Data.([]any)
			if !ok || !hasArg(args) {
				continue
			}
			got, err := receivedEvent("a", args[1:])
			if name, isName := args[0].(string); isName {
				got, err = receivedEvent(name, args[1:])
			}
			if err != nil || !json.Valid(got.JSON) {
				t.Fatalf("%q: %v, %s", text, err, got.JSON)
			}
			if _, err := msgpack.Marshal(args); err != nil {
				t.Fatal(err)
			}
		}
	})
}
