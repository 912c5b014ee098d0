// Package text normalises what a person typed or pasted, before any rule looks at it.
//
// Use [Normalize] for text that people read, such as names and addresses, and [NormalizeASCII] for fields that have only ASCII,
// such as numbers, domains and email addresses. Both are idempotent.
package text

import (
	"strings"
	"unicode"
)

// Normalize removes characters that nobody sees: format characters, variation selectors, fillers and controls. It
// replaces each run of white space, line breaks included, by one space, and trims the text.
func Normalize(text string) string {
	return strings.Join(strings.Fields(strings.Map(visible, text)), " ")
}

// NormalizeASCII is like [Normalize], and replaces full-width forms by ASCII: "１３８" by "138", "（Ｂ）" by "(B)", "。" by ".".
// Dashes become hyphens.
func NormalizeASCII(text string) string {
	return Normalize(strings.Map(halfWidth, text))
}

// visible returns a character, a space for white space, or -1 for what nobody sees.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r), r == '\u2800': // the blank of Braille
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return -1
	}
	return r
}

func halfWidth(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '。', r == '｡':
		return '.'
	case unicode.Is(unicode.Pd, r), r == '−': // Pd are the dashes
		return '-'
	}
	return r
}
