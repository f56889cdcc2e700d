package engineio

import (
	"bytes"
	"encoding/base64"
)

// separator stands between the packets of a polling payload.
const separator = 0x1e

// appendSeparated starts another packet of a payload.
func appendSeparated(dst []byte) []byte {
	if len(dst) > 0 {
		dst = append(dst, separator)
	}
	return dst
}

// appendMessage appends a text message and its binary messages to a payload.
func appendMessage(dst, text []byte, binary [][]byte) []byte {
	dst = append(append(appendSeparated(dst), packetMessage), text...)
	for _, b := range binary {
		dst = appendBinary(dst, b)
	}
	return dst
}

func appendBinary(dst, b []byte) []byte {
	dst = append(appendSeparated(dst), packetBase64)
	return base64.StdEncoding.AppendEncode(dst, b)
}

// decodePayload calls yield for each packet of a polling body until it returns
// false. It stops at the first malformed packet.
func decodePayload(body []byte, yield func(packet) bool) error {
	for more := true; more; {
		var b []byte
		b, body, more = bytes.Cut(body, []byte{separator})
		p, err := decodeText(b)
		if err != nil {
			return err
		}
		if !yield(p) {
			return nil
		}
	}
	return nil
}
