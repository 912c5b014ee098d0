package wire

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// A CharacterError reports a character that is outside GBK. It does not contain the text.
type CharacterError struct{ Character rune }

func (e *CharacterError) Error() string {
	return fmt.Sprintf("character %U cannot be sent in GBK", e.Character)
}

// AppendGBK appends text in GBK (the full table, CP936). On error, a *[CharacterError], nothing is appended.
func AppendGBK(dst []byte, text string) ([]byte, error) {
	if ASCII(text) {
		return append(dst, text...), nil
	}
	encoded, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil || !utf8.ValidString(text) {
		return dst, &CharacterError{firstOutsideGBK(text)}
	}
	return append(dst, encoded...), nil
}

// DecodeGBK returns the text of GBK bytes.
func DecodeGBK(data []byte) (string, error) {
	if ASCII(data) {
		return string(data), nil
	}
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(data)
	// The decoder replaces invalid bytes by U+FFFD, which GBK does not contain.
	if err != nil || strings.ContainsRune(string(text), utf8.RuneError) {
		return "", errors.New("not GBK text")
	}
	return string(text), nil
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

func firstOutsideGBK(text string) rune {
	encoder := simplifiedchinese.GBK.NewEncoder()
	for _, r := range text {
		if r == utf8.RuneError {
			return r
		}
		if _, err := encoder.String(string(r)); err != nil {
			return r
		}
		encoder.Reset()
	}
	return utf8.RuneError
}
