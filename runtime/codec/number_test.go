package codec

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
)

// exactInteger reads a JSON number with an integral value inside ±(2⁵³−1).
func exactInteger(token string) (int64, bool) {
	if i := strings.IndexAny(token, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(token[i+1:])
		if err != nil || exponent < -1000 || exponent > 1000 {
			// math/big would compute the power. No fuzzed number has as many digits.
			return 0, strings.Trim(token[:i], "-0.") == ""
		}
	}
	r, ok := new(big.Rat).SetString(token)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	v := r.Num().Int64()
	return v, -maxSafeInteger <= v && v <= maxSafeInteger
}

func TestIntegersAreAnyNumbersWithIntegralValues(t *testing.T) {
	for _, c := range []struct {
		json string
		want int64
		ok   bool
	}{
		{"0", 0, true}, {"-0", 0, true}, {"7", 7, true}, {"-128", -128, true}, {"128", 0, false},
		{"1.0", 1, true}, {"1e2", 100, true}, {"100e-2", 1, true}, {"1.20e1", 12, true}, {"-1.5e1", -15, true},
		{"0e99999999999999999999", 0, true}, {"0.000e-5", 0, true}, {"1e99999999999999999999", 0, false},
		{"1e-99999999999999999999", 0, false}, {"0.5", 0, false}, {"15e-1", 0, false}, {"1E+1", 10, true},
		{"1" + strings.Repeat("0", 1000) + "e-1000", 1, true}, {strings.Repeat("9", 40), 0, false},
		{"0." + strings.Repeat("0", 1000) + "1e1001", 1, true}, {"18446744073709551617", 0, false},
	} {
		d := NewDecoder([]byte(c.json), nil)
		got := d.Int8()
		if err := d.End(); (err == nil) != c.ok || int64(got) != c.want {
			t.Errorf("%.40s: got %d, %v", c.json, got, err)
		}
		d.Free()
	}
}

func TestIntegersOfEveryWidthHoldTheirLimitsAndNoMore(t *testing.T) {
	signed := func(f func(*Decoder) int64, json string) (int64, bool) {
		d := NewDecoder([]byte(json), nil)
		defer d.Free()
		v := f(d)
		return v, d.End() == nil
	}
	for _, c := range []struct {
		name              string
		read              func(*Decoder) int64
		low, high         int64
		lowText, highText string // just outside
	}{
		{"int8", func(d *Decoder) int64 { return int64(d.Int8()) }, -1 << 7, 1<<7 - 1, "-129", "128"},
		{"int16", func(d *Decoder) int64 { return int64(d.Int16()) }, -1 << 15, 1<<15 - 1, "-32769", "32768"},
		{"int32", func(d *Decoder) int64 { return int64(d.Int32()) }, -1 << 31, 1<<31 - 1, "-2147483649", "2147483648"},
		{"int64", (*Decoder).Int64, -maxSafeInteger, maxSafeInteger, "-9007199254740992", "9007199254740992"},
		{"int", func(d *Decoder) int64 { return int64(d.Int()) }, -maxSafeInteger, maxSafeInteger, "-9007199254740992", "9007199254740992"},
		{"uint8", func(d *Decoder) int64 { return int64(d.Uint8()) }, 0, 1<<8 - 1, "-1", "256"},
		{"uint16", func(d *Decoder) int64 { return int64(d.Uint16()) }, 0, 1<<16 - 1, "-1", "65536"},
		{"uint32", func(d *Decoder) int64 { return int64(d.Uint32()) }, 0, 1<<32 - 1, "-1", "4294967296"},
		{"uint64", func(d *Decoder) int64 { return int64(d.Uint64()) }, 0, maxSafeInteger, "-1", "9007199254740992"},
		{"uint", func(d *Decoder) int64 { return int64(d.Uint()) }, 0, maxSafeInteger, "-1", "9007199254740992"},
	} {
		for _, v := range []int64{c.low, c.high} {
			if got, ok := signed(c.read, big.NewInt(v).String()); !ok || got != v {
				t.Errorf("%s: %d read as %d, %v", c.name, v, got, ok)
			}
		}
		for _, text := range []string{c.lowText, c.highText, "99999999999999999999"} {
			if got, ok := signed(c.read, text); ok {
				t.Errorf("%s: %s read as %d", c.name, text, got)
			}
		}
	}
}

func TestDecimalStringsCarryAll64Bits(t *testing.T) {
	for _, v := range []int64{0, -1, 1<<63 - 1, -1 << 63} {
		e := NewValue()
		e.IntString(v)
		out, _, _ := e.FinishValue()
		d := NewDecoder(out, nil)
		if got := d.IntString(64); got != v || d.End() != nil {
			t.Errorf("%d came back as %d, %v", v, got, d.Err())
		}
		d.Free()
		e.Free()
	}
	e := NewValue()
	defer e.Free()
	e.UintString(1<<64 - 1)
	out, _, _ := e.FinishValue()
	d := NewDecoder(out, nil)
	defer d.Free()
	if got := d.UintString(64); got != 1<<64-1 || d.End() != nil {
		t.Errorf("%s came back as %d, %v", out, got, d.Err())
	}
}
