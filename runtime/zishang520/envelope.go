package zishang520

import (
	"encoding/base64"
	"encoding/json"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/siogen/siogen/runtime/driver"
)

// Adapters send events between servers, and the data of sockets, as MessagePack or
// as JSON, in which bytes would become text. Payloads with binary values therefore
// keep their placeholders and take the values along in an object of their own:
// {"siogen:attachments": ["<base64>", …]}.
const attachmentsKey = "siogen:attachments"

// wrap makes arguments of a payload that may travel as JSON. Those with binary
// values get one more argument.
func wrap(p driver.Payload) ([]any, error) {
	args, err := arguments(driver.Payload{JSON: p.JSON})
	if err == nil && len(p.Attachments) > 0 {
		args = append(args, map[string]any{attachmentsKey: texts(p.Attachments)})
	}
	return args, err
}

// unwrap takes the binary values out of arguments that wrap has made.
func unwrap(args []any) ([]any, [][]byte) {
	if len(args) == 0 {
		return args, nil
	}
	object, ok := args[len(args)-1].(map[string]any)
	if !ok || len(object) != 1 {
		return args, nil
	}
	blobs, ok := blobsOf(object[attachmentsKey])
	if !ok {
		return args, nil
	}
	return args[:len(args)-1], blobs
}

func texts(blobs [][]byte) []any {
	list := make([]any, len(blobs))
	for i, blob := range blobs {
		list[i] = base64.StdEncoding.EncodeToString(blob)
	}
	return list
}

func blobsOf(v any) ([][]byte, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	blobs := make([][]byte, len(list))
	for i, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, false
		}
		blob, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, false
		}
		blobs[i] = blob
	}
	return blobs, true
}

// socketData is the data of a socket of this server: it is encoded when an adapter
// asks for it, to be sent to another server.
type socketData struct{ handler driver.SocketHandler }

var (
	_ json.Marshaler        = (*socketData)(nil)
	_ msgpack.CustomEncoder = (*socketData)(nil)
)

// MarshalJSON implements json.Marshaler.
func (d *socketData) MarshalJSON() ([]byte, error) {
	v, err := d.value()
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// EncodeMsgpack implements msgpack.CustomEncoder.
func (d *socketData) EncodeMsgpack(enc *msgpack.Encoder) error {
	v, err := d.value()
	if err != nil {
		return err
	}
	return enc.Encode(v)
}

func (d *socketData) value() (any, error) {
	encoder, ok := d.handler.(interface {
		Data() (driver.Payload, error)
	})
	if !ok {
		return nil, nil
	}
	p, err := encoder.Data()
	if err != nil || len(p.JSON) == 0 {
		return nil, err
	}
	data := &Arg{json: p.JSON}
	if len(p.Attachments) == 0 {
		return data, nil
	}
	return map[string]any{"data": data, attachmentsKey: texts(p.Attachments)}, nil
}

// dataPayload is the data of another server's socket.
func dataPayload(v any) driver.Payload {
	if v == nil {
		return driver.Payload{}
	}
	var p driver.Payload
	if object, ok := v.(map[string]any); ok && len(object) == 2 {
		if blobs, ok := blobsOf(object[attachmentsKey]); ok {
			v, p.Attachments = object["data"], blobs
		}
	}
	var more [][]byte
	text, err := appendValue(nil, v, &more)
	if err != nil {
		return driver.Payload{} // not typed code's
	}
	p.JSON, p.Attachments = text, append(p.Attachments, more...)
	return p
}
