// Package charset decodes web pages in the encodings that Chinese pages have: UTF-8, UTF-16, GB 18030 and Big5. Only the function that visits sites
// imports it, because its tables of Big5 would be part of every function with the rest of package webpage.
//
//	text := charset.Decode(body, response.Header.Get("Content-Type"))
package charset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"beian/shared/rules/pattern"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// declaration finds the declared encoding in a content type, or in the first kilobyte of a page.
var declaration = pattern.New(`(?i)charset\s*=\s*["']?\s*([a-z0-9_-]+)`)

// Decode returns a page in UTF-8. The encoding is that of a byte order mark, of the content type, or of the page itself. Without any, UTF-8 is
// tried before GB 18030. Bytes that are invalid become U+FFFD.
func Decode(body []byte, contentType string) string {
	if decoder := decoderOf(body, contentType); decoder != nil {
		if text, err := decoder.NewDecoder().Bytes(body); err == nil {
			return string(text)
		}
	}
	return strings.ToValidUTF8(strings.TrimPrefix(string(body), "\ufeff"), "\ufffd")
}

// decoderOf returns the encoding of a page; nil for UTF-8.
func decoderOf(body []byte, contentType string) encoding.Encoding {
	if bytes.HasPrefix(body, []byte{0xfe, 0xff}) || bytes.HasPrefix(body, []byte{0xff, 0xfe}) {
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	declared := declaration().FindStringSubmatch(contentType)
	if declared == nil {
		declared = declaration().FindStringSubmatch(string(body[:min(len(body), 1024)]))
	}
	name := ""
	if declared != nil {
		name = strings.ToLower(declared[1])
	}
	switch {
	case strings.HasPrefix(name, "gb"):
		return simplifiedchinese.GB18030
	case strings.HasPrefix(name, "big5"):
		return traditionalchinese.Big5
	case name == "" && !utf8.Valid(cutRune(body)):
		return simplifiedchinese.GB18030
	}
	return nil
}

// cutRune removes a character at the end that the limit of the size divided.
func cutRune(body []byte) []byte {
	for i := 0; i < utf8.UTFMax && i < len(body); i++ {
		if last := body[len(body)-1-i]; utf8.RuneStart(last) {
			if !utf8.FullRune(body[len(body)-1-i:]) {
				return body[:len(body)-1-i]
			}
			break
		}
	}
	return body
}
