package markup

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"beian/shared/rules/gbk"
)

// skipDeclaration skips <?xml …?>.
func (r *Reader) skipDeclaration() error {
	if !bytes.HasPrefix(r.data, []byte("<?xml")) {
		return nil
	}
	end := bytes.Index(r.data, []byte("?>"))
	if end < 0 || end > 256 {
		return r.syntaxError("the declaration is not closed")
	}
	r.at = end + 2
	return nil
}

// Raw returns the bytes of a text token without a copy, and whether they are the text itself: ASCII without references, such as
// base64.
func (r *Reader) Raw(t Token) ([]byte, bool) {
	return t.raw, (t.literal || bytes.IndexByte(t.raw, '&') < 0) && gbk.ASCII(t.raw)
}

// String returns the characters of a text token.
func (r *Reader) String(t Token) string { return r.decode(t.raw, t.literal) }

// IsSpace reports whether a text token is white space only.
func (t Token) IsSpace() bool { return len(bytes.TrimSpace(t.raw)) == 0 }

func (r *Reader) decode(raw []byte, literal bool) string {
	text := string(raw)
	if r.charset == GBK || !utf8.Valid(raw) {
		text, _ = gbk.Decode(raw)
	}
	if !literal && strings.Contains(text, "&") {
		text = replaceReferences(text)
	}
	return strings.Map(replaceForbidden, text)
}

func replaceForbidden(c rune) rune {
	if Allowed(c) {
		return c
	}
	return utf8.RuneError
}

// Allowed reports whether XML 1.0 allows the character.
func Allowed(c rune) bool {
	return c >= 0x20 && c <= 0xd7ff || c == '\t' || c == '\n' || c == '\r' ||
		c >= 0xe000 && c <= 0xfffd || c >= 0x10000 && c <= 0x10ffff
}

// maxReference is the longest reference that is replaced, in bytes. Without a limit, a text of only & would be searched for ; again and again.
const maxReference = 32

// replaceReferences replaces the references that it knows, and keeps others, such as the & of "A&B".
func replaceReferences(text string) string {
	var plain strings.Builder
	plain.Grow(len(text))
	for {
		before, after, found := strings.Cut(text, "&")
		plain.WriteString(before)
		if !found {
			return plain.String()
		}
		name, _, closed := strings.Cut(after[:min(len(after), maxReference)], ";")
		c, known := parseReference(name)
		rest := after
		if closed && known {
			rest = after[len(name)+1:]
		} else {
			c = '&'
		}
		plain.WriteRune(c)
		text = rest
	}
}

func parseReference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, numeric := strings.CutPrefix(name, "#")
	if !numeric {
		return 0, false
	}
	base := 10
	if hex, is := strings.CutPrefix(digits, "x"); is {
		digits, base = hex, 16
	}
	c, err := strconv.ParseUint(digits, base, 21)
	return rune(c), err == nil && Allowed(rune(c))
}

func (r *Reader) readName() (string, error) {
	start := r.at
	for r.at < len(r.data) && nameByte(r.data[r.at], r.at == start) {
		r.at++
	}
	raw := r.data[start:r.at]
	if len(raw) == 0 || len(raw) > 128 {
		return "", r.syntaxError("a name is missing")
	}
	if known, ok := r.names[string(raw)]; ok {
		return known, nil
	}
	name := string(raw)
	if len(r.names) < 1024 {
		r.names[name] = name
	}
	return name, nil
}

func nameByte(b byte, first bool) bool {
	switch {
	case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b == ':':
		return true
	case b >= '0' && b <= '9', b == '-', b == '.':
		return !first
	}
	return false
}

// skipSpace skips white space and reports whether there was any.
func (r *Reader) skipSpace() bool {
	start := r.at
	for r.at < len(r.data) && strings.IndexByte(" \t\r\n", r.data[r.at]) >= 0 {
		r.at++
	}
	return r.at > start
}

func (r *Reader) consume(text string) bool {
	if !bytes.HasPrefix(r.data[r.at:], []byte(text)) {
		return false
	}
	r.at += len(text)
	return true
}

func (r *Reader) skipTo(end string, from int) error {
	n := bytes.Index(r.data[r.at+from:], []byte(end))
	if n < 0 {
		return r.syntaxError("a comment or instruction is not closed")
	}
	r.at += from + n + len(end)
	return nil
}

func (r *Reader) syntaxError(reason string) error { return &SyntaxError{Offset: r.at, Reason: reason} }
