package socketio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/siogen/siogen/runtime/driver"
)

// The examples of the protocol's description (Socket.IO v5, "Packet encoding").
func TestPackets(t *testing.T) {
	tests := []struct {
		text        string
		typ         packetType
		attachments int
		namespace   string
		ackID       int64
		json        string
	}{
		{"0", typeConnect, 0, "/", driver.NoAck, ""},
		{`0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}`, typeConnect, 0, "/admin", driver.NoAck, `{"sid":"oSO0OpakMV_3jnilAAAA"}`},
		{`4{"message":"Not authorized"}`, typeConnectError, 0, "/", driver.NoAck, `{"message":"Not authorized"}`},
		{`2["foo"]`, typeEvent, 0, "/", driver.NoAck, `["foo"]`},
		{`2/admin,["bar"]`, typeEvent, 0, "/admin", driver.NoAck, `["bar"]`},
		{`51-["baz",{"_placeholder":true,"num":0}]`, typeBinaryEvent, 1, "/", driver.NoAck, `["baz",{"_placeholder":true,"num":0}]`},
		{`52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, typeBinaryEvent, 2, "/admin", driver.NoAck, `["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`},
		{`212["foo"]`, typeEvent, 0, "/", 12, `["foo"]`},
		{`3/admin,13["bar"]`, typeAck, 0, "/admin", 13, `["bar"]`},
		{`61-15["bar",{"_placeholder":true,"num":0}]`, typeBinaryAck, 1, "/", 15, `["bar",{"_placeholder":true,"num":0}]`},
		{"1", typeDisconnect, 0, "/", driver.NoAck, ""},
		{"1/admin,", typeDisconnect, 0, "/admin", driver.NoAck, ""},
		{`2/ä b,9007199254740991[""]`, typeEvent, 0, "/ä b", maxAckID, `[""]`},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			d := decoder{limits: Limits{}.withDefaults()}
			p, err := parsePacket([]byte(test.text))
			if err == nil {
				_, err = d.check(&p)
			}
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%c %d %s %d %s", p.typ, p.attachments, p.namespace, p.ackID, p.json)
			want(t, "decoded", got, fmt.Sprintf("%c %d %s %d %s", test.typ, test.attachments, test.namespace, test.ackID, test.json))
			want(t, "encoded", encode(p), test.text)
		})
	}
}

// encode writes a packet that was read.
func encode(p packet) string {
	typ := p.typ
	if p.attachments > 0 {
		typ -= typeBinaryEvent - typeEvent
	}
	return string(appendHeader(nil, typ, p.attachments, string(p.namespace), p.ackID)) + string(p.json)
}

func TestNamespaceWithoutACommaEndsThePacket(t *testing.T) {
	p, err := parsePacket([]byte("1/admin"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "namespace", string(p.namespace), "/admin")
}

func TestTakingAPacketApartAllocatesNothing(t *testing.T) {
	for _, text := range []string{`2["event",1]`, `213["event",1]`, `2/admin,["event",1]`, `33[1]`} {
		b := []byte(text)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := parsePacket(b); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func TestAttachmentsMayBeLong(t *testing.T) {
	d := decoder{limits: Limits{MaxAttachments: 2}.withDefaults()}
	if _, _, err := d.text([]byte(`53-["x"]`)); err != errManyAttachments {
		t.Errorf("three attachments: %v, want %v", err, errManyAttachments)
	}
}

// FuzzDecoder feeds messages, separated by line feeds, to a decoder: those that
// begin with "b" are binary.
func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{
		`0`, `0{"token":1}`, `0/admin?x=1,{}`, `1/admin,`, `2["x"]`, `2/a,12["x\u0041",{"a":[1.5e3,null]}]`, `312[]`, `4{"message":"x"}`, `4"x"`,
		"51-[\"x\",{\"_placeholder\":true,\"num\":0}]\nb\x00\x01\n2[\"y\"]",
		"62-/a,7[{\"num\":1,\"_placeholder\":true},{\"_placeholder\":true,\"num\":0}]\nb\nbx",
		`2[` + strings.Repeat("[", 200) + strings.Repeat("]", 200), `51000000-["x"]`, `29007199254740992["x"]`, `2["connect"]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		d := decoder{limits: Limits{MaxAttachments: 8, MaxPacketSize: 1 << 12}.withDefaults()}
		for message := range bytes.SplitSeq(stream, []byte("\n")) {
			var r received
			var complete bool
			var err error
			if blob, binary := bytes.CutPrefix(message, []byte("b")); binary {
				r, complete, err = d.binary(slices.Clone(blob))
			} else {
				text := slices.Clone(message)
				r, complete, err = d.text(text)
				if err == nil && !complete {
					clear(text) // the decoder must not rely on it
				}
			}
			if err != nil {
				return
			}
			if complete {
				checkReceived(t, r)
			}
		}
	})
}

func checkReceived(t *testing.T, r received) {
	t.Helper()
	if len(r.blobs) != r.attachments {
		t.Fatalf("%d attachments, %d were announced", len(r.blobs), r.attachments)
	}
	if len(r.json) > 0 && !json.Valid(r.json) {
		t.Fatalf("passed as JSON: %q", r.json)
	}
	again, err := parsePacket([]byte(encode(r.packet)))
	if err != nil || encode(again) != encode(r.packet) {
		t.Fatalf("%q is read again as %q, %v", encode(r.packet), encode(again), err)
	}
	if r.typ == typeEvent || r.typ == typeBinaryEvent {
		// Other arguments may be no Go values, such as 1e700.
		var args []json.RawMessage
		if err := json.Unmarshal(r.json, &args); err != nil {
			t.Fatal(err)
		}
		var name any
		if err := json.Unmarshal(args[0], &name); err != nil {
			t.Fatal(err)
		}
		// encoding/json puts another number of U+FFFD for what is no UTF-8 than the
		// WHATWG decoder, which JavaScript and this module's codec follow.
		same := name == string(r.name) || !utf8.Valid(r.json) && utf8.Valid(r.name)
		if !same || isReserved(r.name) {
			t.Fatalf("name %q of %q", r.name, r.json)
		}
	}
}

func TestSendingAllocatesNothingOfItsOwn(t *testing.T) {
	var c conn = nowhere{}
	p := event(`["x",1,2,3]`)
	allocs := testing.AllocsPerRun(1000, func() {
		if err := sendPacket(packetConn{conn: c}, typeEvent, "/admin", 5, p, driver.Flags{}); err != nil {
			t.Fatal(err)
		}
	})
	if raceDetector {
		t.Skip("the pool of buffers is not reliable under the race detector")
	}
	want(t, "allocations for each packet", allocs, 0)
}

func TestReceivingAllocatesNothingOfItsOwn(t *testing.T) {
	d := decoder{limits: Limits{}.withDefaults()}
	text := []byte(`2/admin,5["x",1,2,3]`)
	allocs := testing.AllocsPerRun(1000, func() {
		if _, complete, err := d.text(text); err != nil || !complete {
			t.Fatal(complete, err)
		}
	})
	want(t, "allocations for each packet", allocs, 0)
}
