package diag

import "unicode"

// confusing reports whether a character would move the cursor of a terminal or
// turn the direction of its text.
func confusing(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

// cells is the width of a text in terminal cells; a tab counts as one.
func cells(text []rune) int {
	n := 0
	for _, r := range text {
		n += cellWidth(r)
	}
	return n
}

// cellWidth is the width of a character in terminal cells: none for what
// combines with the character before it, two for East Asian wide characters
// and emoji (Unicode Standard Annex 11).
func cellWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case confusing(r): // shown as U+FFFD
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me), r == '\u200B', r == '\u200C', r == '\u200D':
		return 0
	}
	for _, w := range [...][2]rune{
		{0x1100, 0x115F}, {0x231A, 0x231B}, {0x2329, 0x232A}, {0x23E9, 0x23EC}, {0x2614, 0x2615},
		{0x26A1, 0x26A1}, {0x2705, 0x2705}, {0x2728, 0x2728}, {0x274C, 0x274C}, {0x2753, 0x2755},
		{0x2795, 0x2797}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2E80, 0x303E}, {0x3041, 0x33FF},
		{0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3},
		{0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
		{0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
	} {
		if r >= w[0] && r <= w[1] {
			return 2
		}
	}
	return 1
}
