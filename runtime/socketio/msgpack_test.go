package socketio

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/siogen/siogen/runtime/codec"
	"github.com/siogen/siogen/runtime/driver"
)

func fromHex(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func msgpackDecoder() *decoder {
	return &decoder{limits: Limits{MaxAttachments: 2}.withDefaults(), parser: ParserMsgpack}
}

func TestMsgpackPackets(t *testing.T) {
	tests := []struct {
		name      string
		typ       packetType
		namespace string
		ackID     int64
		payload   driver.Payload
		hex       string
	}{
		{"CONNECT", typeConnect, "/", driver.NoAck, driver.Payload{JSON: []byte(`{"a":1}`)}, "83 a474797065 00 a36e7370 a12f a464617461 81 a161 01"},
		{"CONNECT without auth", typeConnect, "/x", driver.NoAck, driver.Payload{}, "82 a474797065 00 a36e7370 a22f78"},
		{"DISCONNECT", typeDisconnect, "/", driver.NoAck, driver.Payload{}, "82 a474797065 01 a36e7370 a12f"},
		{"EVENT", typeEvent, "/", driver.NoAck, driver.Payload{JSON: []byte(`["x",1]`)}, "83 a474797065 02 a36e7370 a12f a464617461 92 a178 01"},
		{"EVENT with an acknowledgement", typeEvent, "/", 300, driver.Payload{JSON: []byte(`["x"]`)}, "84 a474797065 02 a36e7370 a12f a26964 cd012c a464617461 91 a178"},
		{"EVENT with bytes", typeEvent, "/", driver.NoAck, driver.Payload{JSON: []byte(`["x",{"_placeholder":true,"num":0}]`), Attachments: [][]byte{{7}}},
			"83 a474797065 02 a36e7370 a12f a464617461 92 a178 c40107"},
		{"ACK", typeAck, "/", 0, driver.Payload{JSON: []byte(`[]`)}, "84 a474797065 03 a36e7370 a12f a26964 00 a464617461 90"},
		{"CONNECT_ERROR", typeConnectError, "/", driver.NoAck, driver.Payload{JSON: []byte(`{"message":"no"}`)}, "83 a474797065 04 a36e7370 a12f a464617461 81 a76d657373616765 a26e6f"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := appendMsgpackPacket(nil, test.typ, test.namespace, test.ackID, test.payload)
			if packed := fromHex(t, test.hex); err != nil || !bytes.Equal(got, packed) {
				t.Fatalf("written as % x (%v), want % x", got, err, packed)
			}
			d := msgpackDecoder()
			defer d.release()
			r, complete, err := d.message(got, true)
			if err != nil || !complete {
				t.Fatalf("read: %v", err)
			}
			want(t, "packet", fmt.Sprintf("%c %s %d %s %q", r.typ, r.namespace, r.ackID, r.json, r.blobs),
				fmt.Sprintf("%c %s %d %s %q", test.typ, test.namespace, test.ackID, test.payload.JSON, test.payload.Attachments))
		})
	}
}

// What other clients write besides: undefined for what is not there, keys that only
// mean something to themselves, a query behind the namespace; python-socketio, no id
// for an id of 0.
func TestMsgpackPacketsOfOtherClients(t *testing.T) {
	tests := []struct{ name, hex, want string }{
		{"nothing as undefined", "85 a474797065 00 a464617461 d40000 a26964 d40000 a36e7370 a22f61 a76f7074696f6e73 81 a163 c3", "0 /a -1 "},
		{"nothing as null", "83 a474797065 01 a464617461 c0 a36e7370 a12f", "1 / -1 "},
		{"a query", "82 a474797065 00 a36e7370 a5 2f613f623d", "0 /a -1 "},
		{"an acknowledgement without an id", "83 a474797065 03 a36e7370 a12f a464617461 90", "3 / 0 []"},
		{"keys in another order", "83 a464617461 91 a178 a36e7370 a12f a474797065 02", `2 / -1 ["x"]`},
	}
	for _, test := range tests {
		d := msgpackDecoder()
		r, _, err := d.message(fromHex(t, test.hex), true)
		got := fmt.Sprintf("%c %s %d %s", r.typ, r.namespace, r.ackID, r.json)
		if err != nil || got != test.want {
			t.Errorf("%s: %s (%v), want %s", test.name, got, err, test.want)
		}
		d.release()
	}
}

func TestMsgpackPacketsThatAreInvalid(t *testing.T) {
	tests := []struct{ name, hex, want string }{
		{"nothing", "", "MessagePack that is not a packet"},
		{"no map", "91 00", "MessagePack that is not a packet"},
		{"something behind it", "82 a474797065 01 a36e7370 a12f 00", "MessagePack that is not a packet"},
		{"no type", "81 a36e7370 a12f", "unknown packet type"},
		{"an unknown type", "82 a474797065 05 a36e7370 a12f", "unknown packet type"},
		{"a type that is text", "82 a474797065 a130 a36e7370 a12f", "an integer was expected"},
		{"no namespace", "81 a474797065 01", "MessagePack that is not a packet"},
		{"a namespace that is a number", "82 a474797065 01 a36e7370 01", "a string was expected"},
		{"an id that is text", "84 a474797065 02 a36e7370 a12f a26964 a131 a464617461 91 a178", "illegal acknowledgement id"},
		{"a negative id", "84 a474797065 02 a36e7370 a12f a26964 ff a464617461 91 a178", "illegal acknowledgement id"},
		{"an id beyond what is exact", "84 a474797065 02 a36e7370 a12f a26964 cf0020000000000000 a464617461 91 a178", "illegal acknowledgement id"},
		{"a key twice", "83 a474797065 01 a474797065 01 a36e7370 a12f", "packet with a key twice"},
		{"an event without data", "82 a474797065 02 a36e7370 a12f", "invalid JSON"},
		{"an event whose name is a number", "83 a474797065 02 a36e7370 a12f a464617461 91 01", "the event's name is not a string"},
		{"a reserved name", "83 a474797065 02 a36e7370 a12f a464617461 91 a7636f6e6e656374", "reserved event name"},
		{"data in a DISCONNECT", "83 a474797065 01 a36e7370 a12f a464617461 80", "invalid payload"},
		{"bytes as auth", "83 a474797065 00 a36e7370 a12f a464617461 81 a161 c40101", "invalid payload"},
		{"too many attachments", "83 a474797065 02 a36e7370 a12f a464617461 94 a178 c400 c400 c400", "too many attachments"},
		{"a map that poses as an attachment", "83 a474797065 02 a36e7370 a12f a464617461 93 a178 c400 82 ac5f706c616365686f6c646572 c3 a36e756d 00",
			"placeholders and attachments do not match"},
	}
	for _, test := range tests {
		d := msgpackDecoder()
		_, complete, err := d.message(fromHex(t, test.hex), true)
		if err == nil || complete || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
		d.release()
	}
	d := msgpackDecoder()
	if _, _, err := d.message([]byte(`0`), false); err != errUnexpectedTextMessage {
		t.Errorf("a text message: %v", err)
	}
}

// As deep as the default parser lets data be, and no deeper.
func TestMsgpackDepth(t *testing.T) {
	for levels, ok := range map[int]bool{codec.DefaultMaxDepth - 1: true, codec.DefaultMaxDepth: false} {
		packed := append(fromHex(t, "83 a474797065 02 a36e7370 a12f a464617461 92 a178"), bytes.Repeat([]byte{0x91}, levels-1)...)
		packed = append(packed, 0x90)
		d := msgpackDecoder()
		_, _, err := d.message(packed, true)
		want(t, fmt.Sprintf("%d levels within the arguments", levels), err == nil, ok)
		d.release()
	}
}

// A client with the wrong parser is told by the end of its connection.
func TestTheWrongParserEndsTheConnection(t *testing.T) {
	for _, o := range []struct{ server, client Parser }{{ParserMsgpack, ParserDefault}, {ParserDefault, ParserMsgpack}} {
		s := newTestServer(t, Options{Parser: o.server})
		s.serve("/", &app{})
		u := join(t, newTestClient(t, s.url, ClientOptions{Parser: o.client, NoReconnection: true}), "/", &user{})
		if err := u.Connect(t.Context()); err == nil {
			t.Errorf("a client with the %v parser has connected to a server with the %v parser", o.client, o.server)
		}
	}
}

// Whatever comes is refused or is a packet, which reads the same when it is
// written and read again.
func FuzzMsgpackDecoder(f *testing.F) {
	for _, seed := range []string{
		"83a47479706502a36e7370a12fa46461746192a17801", "84a47479706502a36e7370a12fa26964cd012ca46461746191a178",
		"83a47479706502a36e7370a12fa46461746192a178c40107", "83a47479706500a36e7370a12fa46461746181a16101",
		"85a47479706500a464617461d40000a26964d40000a36e7370a22f61a76f7074696f6e7381a163c3",
	} {
		b, err := hex.DecodeString(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, again := msgpackDecoder(), msgpackDecoder()
		defer d.release()
		defer again.release()
		r, complete, err := d.message(data, true)
		if err != nil {
			return
		}
		if !complete {
			t.Fatal("a packet that is not complete")
		}
		packed, err := appendMsgpackPacket(nil, r.typ, string(r.namespace), r.ackID, driver.Payload{JSON: r.json, Attachments: r.blobs})
		if err != nil {
			t.Fatalf("%s can't be written: %v", r.json, err)
		}
		same, _, err := again.message(packed, true)
		if err != nil {
			t.Fatalf("% x can't be read again: %v", packed, err)
		}
		got, want := fmt.Sprintf("%c %q %d %s %q", same.typ, same.namespace, same.ackID, same.json, same.blobs),
			fmt.Sprintf("%c %q %d %s %q", r.typ, r.namespace, r.ackID, r.json, r.blobs)
		if got != want {
			t.Fatalf("%s became %s", want, got)
		}
	})
}
