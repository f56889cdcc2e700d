package codec

import (
	"bytes"
	"math/bits"
	"strconv"
)

// placeholderKey marks an object that stands for an attachment.
var placeholderKey = []byte(`"_placeholder"`)

const (
	placeholderStart = `{"_placeholder":true,"num":`
	// maxAttachmentDigits bounds what is read as an attachment's number.
	maxAttachmentDigits = 9
)

func appendPlaceholder(dst []byte, n int) []byte {
	dst = append(dst, placeholderStart...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, '}')
}

// canonicalPlaceholder reads a placeholder at i as every known encoder writes
// it. It returns end 0 for anything else.
func canonicalPlaceholder(data []byte, i int) (num, end int) {
	if len(data)-i < len(placeholderStart)+2 || string(data[i:i+len(placeholderStart)]) != placeholderStart {
		return 0, 0
	}
	start := i + len(placeholderStart)
	i = skipDigits(data, start)
	num, ok := attachmentNumber(data[start:i])
	if !ok || i >= len(data) || data[i] != '}' {
		return 0, 0
	}
	return num, i + 1
}

// attachmentNumber reads an attachment's number: plain digits.
func attachmentNumber(token []byte) (int, bool) {
	if len(token) == 0 || len(token) > maxAttachmentDigits || len(token) > 1 && token[0] == '0' {
		return 0, false
	}
	n := 0
	for _, c := range token {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// A placeholder is an object of a JSON text that stands for an attachment.
type placeholder struct {
	start, end int
	num        int // -1 when it isn't a number of an attachment
}

// findPlaceholders appends the placeholders of a value, known to be valid JSON,
// that starts at i, and returns the index after the value. Its recursion is as
// deep as the value, which its validation has bounded. What is within a
// placeholder is none.
func findPlaceholders(found []placeholder, data []byte, i int) ([]placeholder, int) {
	i = skipSpace(data, i)
	switch data[i] {
	case '{':
		return findInObject(found, data, i)
	case '[':
		i = skipSpace(data, i+1)
		if data[i] == ']' {
			return found, i + 1
		}
		for {
			found, i = findPlaceholders(found, data, i)
			i = skipSpace(data, i)
			if data[i] == ']' {
				return found, i + 1
			}
			i++ // the comma
		}
	default:
		return found, scanScalar(data, i)
	}
}

func findInObject(found []placeholder, data []byte, i int) ([]placeholder, int) {
	if num, end := canonicalPlaceholder(data, i); end > 0 {
		return append(found, placeholder{i, end, num}), end
	}
	outer := len(found)
	this := placeholder{start: i, num: -1}
	marked := false
	if i = skipSpace(data, i+1); data[i] == '}' {
		return found, i + 1
	}
	for {
		keyEnd, _ := scanString(data, i+1)
		key := data[i:keyEnd]
		i = skipSpace(data, skipSpace(data, keyEnd)+1)
		var end int
		found, end = findPlaceholders(found, data, i)
		switch {
		case keyIs(key, "_placeholder"):
			marked = string(data[i:end]) == "true"
		case keyIs(key, "num"):
			this.num = -1
			if n, ok := attachmentNumber(data[i:end]); ok {
				this.num = n
			}
		}
		if i = skipSpace(data, end); data[i] == '}' {
			break
		}
		i = skipSpace(data, i+1)
	}
	this.end = i + 1
	if marked {
		found = append(found[:outer], this)
	}
	return found, this.end
}

// keyIs compares a quoted key, escaped or not.
func keyIs(quoted []byte, name string) bool {
	inner := quoted[1 : len(quoted)-1]
	if string(inner) == name {
		return true
	}
	return bytes.IndexByte(inner, '\\') >= 0 && unquoteKey(quoted) == name
}

// placeholdersMatch reports whether valid JSON refers to each of n attachments
// exactly once and to no other.
func placeholdersMatch(data []byte, n int) bool {
	if onlyCanonical(data, n) {
		return true
	}
	var buf [8]placeholder
	found, _ := findPlaceholders(buf[:0], data, 0)
	if len(found) != n {
		return false
	}
	// As many as there are attachments: each occurs once if none occurs twice.
	var small uint64
	var large []uint64
	if n > 64 {
		large = make([]uint64, (n+63)/64)
	}
	for _, p := range found {
		if p.num < 0 || p.num >= n {
			return false
		}
		word := &small
		if large != nil {
			word = &large[p.num/64]
		}
		bit := uint64(1) << (p.num % 64)
		if *word&bit != 0 {
			return false
		}
		*word |= bit
	}
	return true
}

// onlyCanonical reports whether valid JSON refers to each of n attachments exactly
// once and has nothing else that could be a placeholder. It may report false
// when something merely looks unusual.
func onlyCanonical(data []byte, n int) bool {
	if n > 64 || bytes.IndexByte(data, '\\') >= 0 {
		return false
	}
	var seen uint64
	for i := 0; ; {
		next := bytes.Index(data[i:], placeholderKey)
		if next < 0 {
			return bits.OnesCount64(seen) == n
		}
		if i += next; i == 0 {
			return false
		}
		num, end := canonicalPlaceholder(data, i-1)
		if end == 0 || num >= n || seen&(1<<num) != 0 {
			return false
		}
		seen |= 1 << num
		i = end
	}
}
