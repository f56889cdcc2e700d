package codec

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// MinLength checks that a string just read has at least n characters (Unicode
// code points, as in JSON Schema).
func (d *Decoder) MinLength(s string, n int) {
	if len(s) < n || len(s) < n*utf8.UTFMax && utf8.RuneCountInString(s) < n {
		d.fail("must be at least "+plural(n, "character")+" long", "")
	}
}

// MaxLength checks that a string just read has at most n characters (Unicode code
// points, as in JSON Schema).
func (d *Decoder) MaxLength(s string, n int) {
	if len(s) > n && utf8.RuneCountInString(s) > n {
		d.fail("must be at most "+plural(n, "character")+" long", "")
	}
}

// MinBytes checks that binary data just read has at least n bytes.
func (d *Decoder) MinBytes(b []byte, n int) {
	if len(b) < n {
		d.fail("must be at least "+plural(n, "byte")+" long", "")
	}
}

// MaxBytes checks that binary data just read has at most n bytes.
func (d *Decoder) MaxBytes(b []byte, n int) {
	if len(b) > n {
		d.fail("must be at most "+plural(n, "byte")+" long", "")
	}
}

// MinItems checks that a list or map just read has at least n items.
func (d *Decoder) MinItems(length, n int) {
	if length < n {
		d.fail("must have at least "+plural(n, "item"), "")
	}
}

// MaxItems checks that a list or map just read has at most n items.
func (d *Decoder) MaxItems(length, n int) {
	if length > n {
		d.fail("must have at most "+plural(n, "item"), "")
	}
}

// Pattern checks that a string just read matches re.
func (d *Decoder) Pattern(s string, re *regexp.Regexp) {
	if d.err == nil && !re.MatchString(s) {
		d.fail(quote(s)+" does not match the pattern "+re.String(), "")
	}
}

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Minimum checks that a number just read is at least low.
func Minimum[T number](d *Decoder, v, low T) {
	if v < low {
		d.fail(fmt.Sprintf("must be at least %v", low), "")
	}
}

// Maximum checks that a number just read is at most high.
func Maximum[T number](d *Decoder, v, high T) {
	if v > high {
		d.fail(fmt.Sprintf("must be at most %v", high), "")
	}
}
