// Package gbk says which characters a bureau can read, and encodes and decodes the texts of the ministry's interface, whose
// documents are in GBK (MIIT-IF30, 5.4).
//
// Several tables are called GBK, and they differ. A bureau's system may use any of them, so Beian sends only the characters
// that GBK of Java, GBK of glibc, code page 936 of Windows and GB18030 encode alike: ASCII and 21,790 others. [Repertoire.Check]
// finds the first other character of a text; use it where the text is entered. [Repertoire.Append] encodes, and [Decode] decodes.
//
// A bureau whose system is known to read GB18030 can read every character: [GB18030].
package gbk

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// A Repertoire is the set of characters that a bureau's system can read.
type Repertoire string

const (
	GBK     Repertoire = ""        // the characters that all tables of GBK encode alike
	GB18030 Repertoire = "gb18030" // all characters of Unicode, except those for private use
)

// common has a bit for each character of the Basic Multilingual Plane, set if all tables encode the character alike. It is read instead of the tables of package
// simplifiedchinese, so that only functions that encode or decode contain these. This package's test writes it with -update.
//
//go:embed common.bin
var common string

// isCommon reports whether all tables encode a character alike.
func isCommon(character rune) bool {
	return int(character) < 8*len(common) && common[character/8]>>(character%8)&1 == 1
}

// A CharacterError reports a character that cannot be sent. It does not contain the text.
type CharacterError struct{ Character rune }

func (e *CharacterError) Error() string {
	return fmt.Sprintf("character %U cannot be sent in GBK", e.Character)
}

// Check returns the first character of a text that the bureau cannot read, and whether there is one. For a byte that is
// not UTF-8 the character is [utf8.RuneError].
func (r Repertoire) Check(text string) (first rune, found bool) {
	if ASCII(text) {
		return 0, false
	}
	for _, character := range text {
		switch {
		case character < utf8.RuneSelf:
		case character == utf8.RuneError, unicode.Is(unicode.Co, character), r == GBK && !isCommon(character):
			return character, true
		}
	}
	return 0, false
}

// Append appends an encoded text. On error, a *[CharacterError], nothing is appended.
func (r Repertoire) Append(dst []byte, text string) ([]byte, error) {
	if ASCII(text) {
		return append(dst, text...), nil
	}
	if character, found := r.Check(text); found {
		return dst, &CharacterError{character}
	}
	table := simplifiedchinese.GBK
	if r == GB18030 {
		table = simplifiedchinese.GB18030
	}
	encoded, err := table.NewEncoder().String(text)
	if err != nil {
		return dst, fmt.Errorf("gbk: %w", err)
	}
	return append(dst, encoded...), nil
}

// Decode returns a text. It reads every table: what the tables have in common, and the rest as GB18030. Bytes that have no
// meaning, or one that only the sender knows (characters for private use), become U+FFFD; replaced is their number.
func Decode(data []byte) (text string, replaced int) {
	if ASCII(data) {
		return string(data), 0
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil { // the decoder replaces what it cannot read
		return strings.Repeat(string(utf8.RuneError), len(data)), len(data)
	}
	return strings.Map(func(character rune) rune {
		if character == utf8.RuneError || unicode.Is(unicode.Co, character) {
			replaced++
			return utf8.RuneError
		}
		return character
	}, string(decoded)), replaced
}

// ASCII reports whether every byte is below 0x80, so that GBK and UTF-8 agree.
func ASCII[T string | []byte](text T) bool {
	for len(text) >= 8 {
		if (text[0]|text[1]|text[2]|text[3]|text[4]|text[5]|text[6]|text[7])&0x80 != 0 {
			return false
		}
		text = text[8:]
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
