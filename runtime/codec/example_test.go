package codec_test

import (
	"fmt"

	"github.com/siogen/siogen/runtime/codec"
)

type node struct {
	Type     string
	Children []node
	Data     []byte
}

func encodeNode(e *codec.Encoder, v node) {
	e.BeginObject()
	codec.EncodeEnum(e.Field("type"), v.Type, "ShapeKind", "group", "circle")
	codec.EncodeList(e.Field("children"), v.Children, encodeNode)
	if v.Data != nil {
		e.Field("data").Bytes(v.Data)
	}
	e.EndObject()
}

func decodeNode(d *codec.Decoder) (v node) {
	var seen uint64
	for d.BeginObject(); d.NextField(); {
		switch string(d.Key()) {
		case "type":
			v.Type = codec.DecodeEnum(d, "ShapeKind", "group", "circle")
			seen |= 1 << 0
		case "children":
			v.Children = codec.DecodeList(d, decodeNode)
			seen |= 1 << 1
		case "data":
			v.Data = d.Bytes()
		default:
			d.Skip()
		}
	}
	d.Require(seen, "type", "children")
	return v
}

// What generated code does for an event apply(change: Node).
func Example() {
	e := codec.NewEvent(`["apply"`)
	encodeNode(e.Elem(), node{Type: "group", Children: []node{{Type: "circle", Data: []byte("png")}}})
	json, attachments, err := e.Finish()
	fmt.Println(string(json), len(attachments), err)

	d := codec.NewDecoder(json, attachments)
	d.SkipName()
	if d.Arg("change") {
		v := decodeNode(d)
		fmt.Println(v.Children[0].Type, string(v.Children[0].Data))
	}
	fmt.Println(d.End())
	d.Free()
	e.Free()

	d = codec.NewDecoder([]byte(`["apply",{"children":[],"type":"oval"}]`), nil)
	defer d.Free()
	d.SkipName()
	if d.Arg("change") {
		decodeNode(d)
	}
	fmt.Println(d.End())
	// Output:
	// ["apply",{"type":"group","children":[{"type":"circle","children":[],"data":{"_placeholder":true,"num":0}}]}] 1 <nil>
	// circle png
	// <nil>
	// apply.change.type: "oval" is not a ShapeKind
}
