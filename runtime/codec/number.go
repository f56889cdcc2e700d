package codec

import (
	"math"
	"strconv"
)

const (
	inexact    = " is outside ±(2^53-1), where JSON numbers are exact"
	outOfRange = " is out of the range of "
)

// appendFloat appends a finite number as ECMAScript's Number::toString prints it
// (ECMA-262, 6.1.6.1.20), except that bits 32 asks for the digits that tell a
// float32 apart.
func appendFloat(dst []byte, v float64, bits int) []byte {
	if v == 0 {
		return append(dst, '0') // -0 too
	}
	abs := math.Abs(v)
	if abs < 1<<53 && v == math.Trunc(v) {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	small, large := abs < 1e-6, abs >= 1e21
	if bits == 32 {
		small, large = float32(abs) < 1e-6, float32(abs) >= 1e21
	}
	if !small && !large {
		return strconv.AppendFloat(dst, v, 'f', -1, bits)
	}
	dst = strconv.AppendFloat(dst, v, 'e', -1, bits)
	// strconv writes two digits of exponent at least, ECMAScript as few as it can.
	if n := len(dst); dst[n-2] == '0' && (dst[n-3] == '-' || dst[n-3] == '+') {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// A magnitude is what parseInteger makes of a number.
type magnitude struct {
	value    uint64
	negative bool
	fraction bool // not an integer
	overflow bool // an integer beyond uint64
}

// parseInteger reads a scanned number. Exponents and zero fractions are fine as
// long as the value is integral: 1.0, 1e3, 100e-2.
func parseInteger(token []byte) (m magnitude) {
	if token[0] == '-' {
		m.negative = true
		token = token[1:]
	}
	digits, exponent := splitExponent(token)
	// zeros counts zero digits not yet multiplied in: those at the end may be
	// taken back by the exponent.
	zeros := int64(0)
	point := false
	for _, c := range digits {
		if c == '.' {
			point = true
			continue
		}
		if point {
			exponent--
		}
		if c == '0' {
			zeros++
			continue
		}
		m.shift(zeros)
		zeros = 0
		m.push(c - '0')
	}
	if m.value == 0 && !m.overflow {
		return m // zero, whatever the exponent
	}
	exponent += zeros
	if exponent < 0 {
		m.fraction = true
		return m
	}
	m.shift(exponent)
	return m
}

func (m *magnitude) push(digit byte) {
	if m.overflow {
		return
	}
	if m.value > (math.MaxUint64-uint64(digit))/10 {
		m.overflow = true
		return
	}
	m.value = m.value*10 + uint64(digit)
}

func (m *magnitude) shift(zeros int64) {
	if m.value == 0 {
		return
	}
	for ; zeros > 0 && !m.overflow; zeros-- {
		m.push(0)
	}
}

// splitExponent cuts the exponent off a scanned number. One too large to matter
// is clamped far beyond the length of any number.
func splitExponent(token []byte) (digits []byte, exponent int64) {
	for i, c := range token {
		if c|0x20 != 'e' {
			continue
		}
		negative := false
		for _, c := range token[i+1:] {
			switch c {
			case '+':
			case '-':
				negative = true
			default:
				exponent = min(exponent*10+int64(c-'0'), 1<<40)
			}
		}
		if negative {
			exponent = -exponent
		}
		return token[:i], exponent
	}
	return token, 0
}

// exactPowers are the powers of ten that a float64 holds exactly.
var exactPowers = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// shortDecimal reads a number at i of the form -123.45 with at most 15 digits,
// for which one division rounds correctly: both operands are exact. It returns 0
// as end for anything else, which strconv then reads.
func shortDecimal(data []byte, i int) (v float64, end int) {
	negative := i < len(data) && data[i] == '-'
	if negative {
		i++
	}
	start := i
	mantissa := uint64(0)
	for ; i < len(data) && data[i]-'0' <= 9; i++ {
		mantissa = mantissa*10 + uint64(data[i]-'0')
	}
	whole := i - start
	if whole == 0 || whole > 15 || whole > 1 && data[start] == '0' {
		return 0, 0
	}
	fraction := 0
	if i < len(data) && data[i] == '.' {
		i++
		for ; i < len(data) && data[i]-'0' <= 9; i++ {
			mantissa = mantissa*10 + uint64(data[i]-'0')
			fraction++
		}
		if fraction == 0 || whole+fraction > 15 {
			return 0, 0
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		return 0, 0
	}
	v = float64(mantissa) / exactPowers[fraction]
	if negative {
		v = -v
	}
	return v, i
}
