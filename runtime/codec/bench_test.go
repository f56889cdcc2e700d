package codec

import (
	"encoding/json"
	"testing"
)

// packet is a typical event: 120 bytes, five fields.
const packet = `["chat message",{"id":12345,"name":"Ada Lovelace","room":"analytical engines","text":"It might act upon other things","ok":true}]`

type message struct {
	ID               int
	Name, Room, Text string
	OK               bool
}

func encodeMessage(e *Encoder, v message) {
	e.BeginObject()
	e.Field("id").Int(v.ID)
	e.Field("name").String(v.Name)
	e.Field("room").String(v.Room)
	e.Field("text").String(v.Text)
	e.Field("ok").Bool(v.OK)
	e.EndObject()
}

func decodeMessage(d *Decoder) (v message) {
	var seen uint64
	for d.BeginObject(); d.NextField(); {
		switch string(d.Key()) {
		case "id":
			v.ID = d.Int()
			seen |= 1 << 0
		case "name":
			v.Name = d.String()
			seen |= 1 << 1
		case "room":
			v.Room = d.String()
			seen |= 1 << 2
		case "text":
			v.Text = d.String()
			seen |= 1 << 3
		case "ok":
			v.OK = d.Bool()
			seen |= 1 << 4
		default:
			d.Skip()
		}
	}
	d.Require(seen, "id", "name", "room", "text", "ok")
	return v
}

func decodePacket(data []byte) (v message, err error) {
	d := NewDecoder(data, nil)
	defer d.Free()
	d.SkipName()
	if d.Arg("msg") {
		v = decodeMessage(d)
	}
	return v, d.End()
}

func BenchmarkValidate(b *testing.B) {
	data := []byte(packet)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ValidateEvent(data, 0, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidateBinary(b *testing.B) {
	data := []byte(`["basicEmit",1,"two",{"_placeholder":true,"num":0},{"name":"x","data":{"_placeholder":true,"num":1}}]`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ValidateEvent(data, 2, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(packet)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodePacket(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	v, err := decodePacket([]byte(packet))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		e := NewEvent(`["chat message"`)
		encodeMessage(e.Elem(), v)
		if _, _, err := e.Finish(); err != nil {
			b.Fatal(err)
		}
		e.Free()
	}
}

func BenchmarkStdlibValid(b *testing.B) {
	data := []byte(packet)
	b.ReportAllocs()
	for b.Loop() {
		if !json.Valid(data) {
			b.Fatal("invalid")
		}
	}
}

func BenchmarkFloats(b *testing.B) {
	data := []byte(`[1.5,-0.25,3.14159,1e10,0.1,123456.789]`)
	b.ReportAllocs()
	for b.Loop() {
		d := NewDecoder(data, nil)
		for d.BeginArray(); d.NextElem(); {
			d.Float64()
		}
		d.Free()
	}
}
