package application

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"beian/shared/filing"
	"beian/shared/web/pages"
)

// sureReading is the confidence from which a text that was read counts as certain; see assets/recognition.js.
const sureReading = 0.9

// Differs returns the readings that differ from what was entered: for the field of a pointer, or those below it. A number whose check digit is wrong was misread.
func Differs(readings []filing.Reading, d pages.Document, pointer string) []filing.Reading {
	return slices.DeleteFunc(slices.Clone(readings), func(r filing.Reading) bool {
		entered := d.Text(r.Pointer)
		return r.Pointer != pointer && !strings.HasPrefix(r.Pointer, pointer+"/") || r.Check == "failed" || entered == "" || plain(entered) == plain(r.Text)
	})
}

// plain returns a text without what does not matter: spaces, wide and small letters, the kind of the middle dot.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case strings.ContainsRune("•・‧∙⋅", r):
			return '·'
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(text))
}

// Unsure reports whether the device may have read it wrong.
func Unsure(r filing.Reading) bool { return r.Check == "" && r.Confidence < sureReading }
