package text

import "strings"

// Digits returns the digits of a text, as ASCII. People put spaces and signs between the digits of a code, and words before them.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, NormalizeASCII(s))
}
