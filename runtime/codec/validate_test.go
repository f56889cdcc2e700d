package codec

import (
	"strings"
	"testing"
)

func TestValidateEvent(t *testing.T) {
	many := make([]string, 70)
	for i := range many {
		many[i] = string(appendPlaceholder(nil, i))
	}
	for _, c := range []struct {
		json        string
		attachments int
		name        string
		err         string
	}{
		{json: packet, name: "chat message"},
		{json: ` [ "a" ] `, name: "a"},
		{json: `["\u0061\n"]`, name: "a\n"},
		{json: `[""]`, name: ""},
		{json: `[]`, err: "the event's name is not a string at byte 1"},
		{json: `[5]`, err: "the event's name is not a string at byte 1"},
		{json: `"a"`, err: "the arguments are not an array"},
		{json: `{"a":1}`, err: "the arguments are not an array"},
		{json: ``, err: "invalid JSON: unexpected end"},
		{json: `["a"`, err: "invalid JSON: unexpected end at byte 4"},
		{json: `["a"]x`, err: "invalid JSON: unexpected 'x' at byte 5"},
		{json: `["a",]`, err: "invalid JSON: unexpected ']' at byte 5"},
		{json: `["a",[1}]`, err: "invalid JSON: unexpected '}' at byte 7"},
		{json: `["a",` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `]`, err: "nested deeper than 128 levels at byte 132"},
		{json: `["a",` + strings.Repeat("[", 127) + strings.Repeat("]", 127) + `]`, name: "a"},
		{json: `["a",{"_placeholder":true,"num":0}]`, attachments: 1, name: "a"},
		{json: `["a",{"num":1,"_placeholder":true},[{"_placeholder":true,"num":0}]]`, attachments: 2, name: "a"},
		{json: `["a",` + strings.Join(many, ",") + `]`, attachments: 70, name: "a"},
		{json: `["a",` + strings.Join(many, ",") + `]`, attachments: 71, err: "placeholders and attachments do not match"},
		{json: `["a",` + strings.Join(append(many[:69:69], many[0]), ",") + `]`, attachments: 70, err: "placeholders and attachments do not match"},
		{json: `["a"]`, attachments: 1, err: "placeholders and attachments do not match"},
		{json: `["a",{"_placeholder":true,"num":1}]`, attachments: 1, err: "placeholders and attachments do not match"},
		{json: `["a",{"_placeholder":true,"num":-1}]`, attachments: 1, err: "placeholders and attachments do not match"},
		{json: `["a",{"_placeholder":true}]`, attachments: 1, err: "placeholders and attachments do not match"},
		{json: `["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`, attachments: 2, err: "placeholders and attachments do not match"},
		{json: `["a",{"_placeholder":true,"num":0},{"\u005fplaceholder":true,"num":9}]`, attachments: 1, err: "placeholders and attachments do not match"},
		{json: `["_placeholder","_placeholder",{"_placeholder":true,"num":0}]`, attachments: 1, name: "_placeholder"},
		// Without attachments nothing is a placeholder, as in socket.io-parser.
		{json: `["a",{"_placeholder":true,"num":7}]`, name: "a"},
	} {
		name, err := ValidateEvent([]byte(c.json), c.attachments, Limits{})
		text := ""
		if err != nil {
			text = err.Error()
		}
		if string(name) != c.name || text != c.err {
			t.Errorf("%.60s: got %q, %q; want %q, %q", c.json, name, text, c.name, c.err)
		}
	}
}

func TestValidateAckNeedsNoName(t *testing.T) {
	for text, ok := range map[string]bool{`[]`: true, `[1,{}]`: true, `{}`: false, ``: false, `[`: false} {
		if err := ValidateAck([]byte(text), 0, Limits{}); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestValidateObjectTakesObjectsOnly(t *testing.T) {
	for text, ok := range map[string]bool{`{"token":"x"}`: true, ` {}`: true, `[]`: false, `"x"`: false, ``: false, `{`: false, `{}{}`: false} {
		if err := ValidateObject([]byte(text), Limits{}); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestDepthLimitsBeyondTheUsualHold(t *testing.T) {
	for _, depth := range []int{1, 63, 64, 65, 127, 129, 1000} {
		text := []byte(strings.Repeat(`[{"a":`, depth/2) + strings.Repeat("[", depth%2) + strings.Repeat("]", depth%2) + strings.Repeat(`}]`, depth/2))
		if depth > 1 {
			text = []byte(strings.Replace(string(text), `:}`, `:1}`, 1))
		}
		if err := ValidateValue(text, Limits{MaxDepth: depth}); err != nil {
			t.Errorf("%d levels: %v", depth, err)
		}
		if err := ValidateValue(text, Limits{MaxDepth: depth - 1}); depth > 1 && err == nil {
			t.Errorf("%d levels pass a limit of %d", depth, depth-1)
		}
	}
}
