package codec

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"testing"
	"unicode/utf8"
)

// encoding/json is the oracle: what it accepts, this package accepts, with the
// same value, and the other way round.

var jsonSeeds = []string{
	`null`, `true`, ` [1, 2.5e-3, "x", {"a":{}}] `, `"\ud83d\ude00\ud800"`, `{"_placeholder":true,"num":0}`,
	`[1,]`, `{"a":1,}`, `01`, `-`, `1.`, `1e`, `"\x"`, "\"\x01\"", `[}`, `{"a" 1}`, `tru`, `[[[[]]]]`, `"\u00`, packet,
	`{"a":1,"a":[{"num":1,"_placeholder":true}]}`, `{"\u005fplaceholder":true,"num":1}`, "\xff", "\"\xff\"", `1 2`,
}

func FuzzValidateAgreesWithJSONValid(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, attachments uint8) {
		want := json.Valid(data)
		// Deeper than the input is long it cannot be.
		deep := Limits{MaxDepth: len(data) + 1}
		if err := ValidateValue(data, deep); (err == nil) != want {
			t.Fatalf("%q: json.Valid %v, ValidateValue: %v", data, want, err)
		}
		shallow := ValidateValue(data, Limits{MaxDepth: 2}) == nil
		if shallow != (want && depthOf(data) <= 2) {
			t.Fatalf("%q: depth limit 2: accepted %v", data, shallow)
		}
		name, err := ValidateEvent(data, int(attachments), deep)
		if err != nil {
			return
		}
		var args []json.RawMessage
		var wantName string
		if err := json.Unmarshal(data, &args); err != nil || json.Unmarshal(args[0], &wantName) != nil {
			t.Fatalf("%q: accepted as an event", data)
		}
		if utf8.Valid(data) && string(name) != wantName {
			t.Fatalf("%q: name %q, want %q", data, name, wantName)
		}
	})
}

func depthOf(data []byte) int {
	depth, deepest, inString := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == '{' || c == '['):
			depth++
			deepest = max(deepest, depth)
		case !inString && (c == '}' || c == ']'):
			depth--
		}
	}
	return deepest
}

func FuzzAnyHoldsWhatJSONHolds(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := NewDecoder(data, nil)
		a := d.Any()
		err := d.End()
		d.Free()
		if (err == nil) != (json.Valid(data) && depthOf(data) <= DefaultMaxDepth) {
			t.Fatalf("%q: json.Valid %v, got %v", data, json.Valid(data), err)
		}
		if err != nil {
			return
		}
		var want any
		wantErr := json.Unmarshal(data, &want)
		got, err := a.Value()
		if (err == nil) != (wantErr == nil) { // numbers beyond float64
			t.Fatalf("%q: json says %v, Value %v", data, wantErr, err)
		}
		if err != nil || !utf8.Valid(data) {
			return
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %#v, want %#v", data, got, want)
		}
		again, err := AnyOf(got)
		if err != nil {
			return // nested too deep, or an integer that is not exact
		}
		var back any
		if err := again.Decode(&back); err != nil || !reflect.DeepEqual(back, want) {
			t.Fatalf("%q: encoded again as %s: %v", data, again.Raw(), err)
		}
	})
}

func FuzzAnyKeepsAttachmentsApart(f *testing.F) {
	f.Add([]byte(`[{"_placeholder":true,"num":1},{"x":{"num":0,"_placeholder":true}},{"_placeholder":true,"num":1}]`))
	f.Add([]byte(`{"_placeholder":true,"num":0,"x":{"_placeholder":true,"num":1}}`))
	f.Add([]byte(`{"_placeholder":true,"_placeholder":false,"num":0}`))
	f.Add([]byte(`{"\u005fplaceholder":true,"num":0}`))
	f.Add([]byte(`{"_placeholder":true,"num":7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		received := [][]byte{{10}, {11}, {12}}
		d := NewDecoder(data, received)
		a := d.Any()
		err := d.End()
		d.Free()
		if err != nil {
			return
		}
		e := NewArgs()
		defer e.Free()
		e.Elem().Bytes([]byte("other"))
		e.Elem().Any(a)
		e.Elem().Any(a)
		packet, attachments, err := e.Finish()
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		if err := ValidateAck(packet, len(attachments), Limits{MaxDepth: DefaultMaxDepth + 1}); err != nil {
			t.Fatalf("%q sent as %s with %d attachments: %v", data, packet, len(attachments), err)
		}
		want, wantErr := a.Value()
		d = NewDecoder(packet, attachments)
		defer d.Free()
		d.BeginArgs()
		d.Arg("other")
		d.Bytes()
		for d.RestArg("copy") {
			if depthOf(data) >= DefaultMaxDepth {
				return // one level deeper than it was
			}
			got, err := d.Any().Value()
			if (err == nil) != (wantErr == nil) || !reflect.DeepEqual(got, want) {
				t.Fatalf("%q came back as %v, %v; want %v", data, got, err, want)
			}
		}
		if err := d.End(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzStringsRoundTrip(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\b\f\n\r\t\x00\x1f/", "жöx\u2028\u2029😀", "\xff\xc0a\xed\xa0\x80", "12345678\"", "</script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := NewValue()
		defer e.Free()
		e.String(s)
		out, _, err := e.FinishValue()
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(out, &want); err != nil {
			t.Fatalf("%q encodes as %q: %v", s, out, err)
		}
		oracle, _ := json.Marshal(s)
		var valid string
		if err := json.Unmarshal(oracle, &valid); err != nil || valid != want {
			t.Fatalf("%q arrives as %q, want %q", s, want, valid)
		}
		for _, text := range [][]byte{out, oracle} {
			d := NewDecoder(text, nil)
			if got := d.String(); got != want || d.End() != nil {
				t.Fatalf("%q decodes as %q, %v; want %q", text, got, d.Err(), want)
			}
			d.Free()
		}
	})
}

func FuzzStringsDecodeAsJSON(f *testing.F) {
	for _, s := range []string{`"\ud83d\ude00"`, `"\ud800\ud800\udc00"`, `"\udc00x"`, `"\ud800\u0041"`, `"\u12G4"`, `"a\/b"`, `"\ud800`, `"\uD800\`, `"`, `"ж\n"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want *string
		wantErr := json.Unmarshal(data, &want)
		d := NewDecoder(data, nil)
		defer d.Free()
		got := d.String()
		err := d.End()
		if (err == nil) != (wantErr == nil && want != nil) {
			t.Fatalf("%q: json says %v, got %v", data, wantErr, err)
		}
		if err == nil && utf8.Valid(data) && got != *want {
			t.Fatalf("%q: got %q, want %q", data, got, *want)
		}
		if !utf8.ValidString(got) {
			t.Fatalf("%q: got invalid UTF-8 %q", data, got)
		}
	})
}

func FuzzNumbersDecodeAsJSON(f *testing.F) {
	for _, s := range []string{"0", "-0", "1.0", "1e3", "100e-2", "0.1", "123456789012345.6", "1e22", "9007199254740993", "-9223372036854775808",
		"1e-400", "1e400", "01", "1.", ".5", "+1", "0x10", "1e+05", "18446744073709551615", "4.35", "3.4028236e38", "0.000001e6", "1000000000000000000000e-21", "00.5", "1e000000", "1e-00001000"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		isNumber := json.Valid(data) && !bytes.ContainsAny(data, `"[{tfn`)
		token := string(bytes.TrimSpace(data))

		d := NewDecoder(data, nil)
		got := d.Float64()
		err := d.End()
		d.Free()
		want, wantErr := strconv.ParseFloat(token, 64)
		if (err == nil) != (isNumber && wantErr == nil) || err == nil && got != want {
			t.Fatalf("%q: got %v, %v; want %v, %v", data, got, err, want, wantErr)
		}

		d = NewDecoder(data, nil)
		got32 := d.Float32()
		err = d.End()
		d.Free()
		want, wantErr = strconv.ParseFloat(token, 32)
		if (err == nil) != (isNumber && wantErr == nil) || err == nil && got32 != float32(want) {
			t.Fatalf("%q: got float32 %v, %v; want %v, %v", data, got32, err, want, wantErr)
		}

		d = NewDecoder(data, nil)
		gotInt := d.Int64()
		err = d.End()
		d.Free()
		exact, ok := exactInteger(token)
		if (err == nil) != (isNumber && ok) || err == nil && gotInt != exact {
			t.Fatalf("%q: got int64 %v, %v; want %v, %v", data, gotInt, err, exact, ok)
		}
	})
}

func FuzzFloatsPrintAsECMAScript(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1.5, 0.1, 1e21, 1e20, 1e-6, 1e-7, 123456789, 5e-324, math.MaxFloat64, 1 << 53, 1.5e300, 1e100, 1e-10} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		e := NewValue()
		defer e.Free()
		e.Float64(v)
		out, _, err := e.FinishValue()
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if err == nil {
				t.Fatalf("%v encodes as %s", v, out)
			}
			return
		}
		want, _ := json.Marshal(v) // ECMAScript's format, but for -0
		if v == 0 {
			want = []byte("0")
		}
		if string(out) != string(want) {
			t.Fatalf("%v: got %s, want %s", v, out, want)
		}
		d := NewDecoder(out, nil)
		defer d.Free()
		if got := d.Float64(); got != v || d.End() != nil {
			t.Fatalf("%s decodes as %v, %v", out, got, d.Err())
		}

		single := float32(v)
		if math.IsInf(float64(single), 0) {
			return
		}
		e32 := NewValue()
		defer e32.Free()
		e32.Float32(single)
		out, _, _ = e32.FinishValue()
		d32 := NewDecoder(out, nil)
		defer d32.Free()
		if got := d32.Float32(); got != single || d32.End() != nil {
			t.Fatalf("%s decodes as float32 %v, %v", out, got, d32.Err())
		}
	})
}

// FuzzDecoderNeverPanics reads any bytes as a message, and as everything else.
func FuzzDecoderNeverPanics(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add([]byte(s), byte(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed byte) {
		d := NewDecoder(data, [][]byte{{1}})
		defer d.Free()
		if seed&1 == 0 {
			d.SkipName()
		} else {
			d.BeginArgs()
		}
		for i := seed; d.RestArg("x"); i += 7 {
			readSomething(d, i)
		}
		if err := d.End(); err == nil && !json.Valid(data) {
			t.Fatalf("%q: accepted", data)
		} else if err != nil && err.Error() == "" {
			t.Fatalf("%q: an error without text", data)
		}
	})
}

func readSomething(d *Decoder, i byte) {
	switch i % 12 {
	case 0:
		decodeMessage(d)
	case 1:
		d.Time()
	case 2:
		d.Bytes()
	case 3:
		DecodeList(d, (*Decoder).Any)
	case 4:
		DecodeMap(d, func(d *Decoder) any { return Nullable(d, (*Decoder).Int32) })
	case 5:
		d.FailTag(d.Tag("kind"), "Message", "text")
	case 6:
		d.IntString(16)
	case 7:
		d.UintString(64)
	case 8:
		DecodeEnum(d, "Role", "admin")
	case 9:
		var v any
		d.JSON(&v)
	case 10:
		_ = d.Tag("a")
		d.Skip()
	default:
		DecodeOptional(d, (*Decoder).Bool)
	}
}
