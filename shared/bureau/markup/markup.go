// Package markup is a tokenizer for the part of XML that the bureau's interface uses: elements, attributes, text, CDATA and
// comments, in GBK or UTF-8.
//
//	r, err := markup.NewReader(data, markup.Detected)
//	for token, err := r.Next(); err == nil; token, err = r.Next() { … }
//
// Tokens alias the input, for documents of 50 MB that are mostly base64. The reader is strict about the structure: one root, matching
// tags, no document types. Nesting is limited to [MaxDepth].
//
// It is lenient about texts, because a bureau's file with one wrong byte must not be lost as a whole. It reads texts in the encoding that
// they are in, whatever the declaration says, keeps references other than those to the five entities of XML and to characters as text, and
// replaces what no XML contains by U+FFFD.
package markup

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"beian/shared/rules/gbk"
)

// MaxDepth is the maximum nesting; the deepest document of the interface has eleven levels.
const MaxDepth = 32

// A Charset is the encoding of a document.
type Charset int

const (
	// Detected is UTF-8 if all bytes are, else GBK. Declarations are often wrong.
	Detected Charset = iota
	// UTF8 is the encoding of a document inside another one that has been decoded.
	UTF8
	GBK
)

// A Kind is the kind of a token.
type Kind int

const (
	Start Kind = iota + 1
	End
	Text
)

// A Token is a start tag, an end tag or a run of text.
type Token struct {
	Kind Kind
	// Name is the name of a tag, with its prefix; "" for text.
	Name string
	// Attributes of a start tag, valid until the next call of Next.
	Attributes []Attribute
	raw        []byte
	literal    bool
}

// An Attribute is one name and value of a start tag.
type Attribute struct{ Name, Value string }

// A SyntaxError reports where a document is not XML. It contains nothing of the document.
type SyntaxError struct {
	Offset int // in bytes
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not XML at byte %d: %s", e.Offset, e.Reason)
}

// A Reader yields the tokens of one document.
type Reader struct {
	data       []byte
	at         int
	charset    Charset
	open       []string
	rooted     bool
	pendingEnd bool
	unaligned  bool // see readCDATA
	names      map[string]string
	attributes []Attribute
}

// NewReader returns a reader of data, which must not be changed while it is read.
func NewReader(data []byte, charset Charset) (*Reader, error) {
	r := &Reader{data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), charset: charset, names: map[string]string{}}
	if err := r.skipDeclaration(); err != nil {
		return nil, err
	}
	if r.charset == Detected {
		r.charset = GBK
		if isUTF8(data) {
			r.charset = UTF8
		}
	}
	return r, nil
}

// isUTF8 reports whether a document is in UTF-8. Chinese texts in GBK are hardly ever valid UTF-8 with characters of three bytes.
func isUTF8(data []byte) bool {
	return utf8.Valid(data) && (gbk.ASCII(data) || bytes.ContainsFunc(data, func(r rune) bool { return r > 0x7ff }))
}

// Next returns the next token, or io.EOF after the end of the root.
func (r *Reader) Next() (Token, error) {
	if r.pendingEnd {
		r.pendingEnd = false
		return r.endElement(), nil
	}
	for {
		rest := r.data[r.at:]
		switch {
		case len(rest) == 0 && !r.rooted:
			return Token{}, r.syntaxError("no root element")
		case len(rest) == 0 && len(r.open) > 0:
			return Token{}, r.syntaxError("an element is not closed")
		case len(rest) == 0:
			return Token{}, io.EOF
		case rest[0] != '<':
			token, err := r.readText(rest)
			if err != nil || token.Kind == Text {
				return token, err
			}
		case bytes.HasPrefix(rest, []byte("<!--")):
			if err := r.skipTo("-->", 4); err != nil {
				return Token{}, err
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			return r.readCDATA(rest)
		case bytes.HasPrefix(rest, []byte("<!")):
			return Token{}, r.syntaxError("document types are not allowed")
		case bytes.HasPrefix(rest, []byte("<?")):
			if err := r.skipTo("?>", 2); err != nil {
				return Token{}, err
			}
		case bytes.HasPrefix(rest, []byte("</")):
			return r.readEndTag()
		default:
			return r.readStartTag()
		}
	}
}

// readText returns the text at the current position, or no token if it is white space outside the root.
func (r *Reader) readText(rest []byte) (Token, error) {
	n := bytes.IndexByte(rest, '<')
	if n < 0 {
		n = len(rest)
	}
	run := rest[:n]
	if len(r.open) == 0 {
		if len(bytes.TrimSpace(run)) > 0 {
			return Token{}, r.syntaxError("text outside the root")
		}
		r.at += n
		return Token{}, nil
	}
	r.at += n
	return Token{Kind: Text, raw: run}, nil
}

// readCDATA returns a CDATA section. It skips the second byte of GBK characters, which may be a bracket. Once a section has no end that
// way, because it contains half a character, the sections after it are not searched to the end of the document again.
func (r *Reader) readCDATA(rest []byte) (Token, error) {
	if len(r.open) == 0 {
		return Token{}, r.syntaxError("text outside the root")
	}
	const opening = len("<![CDATA[")
	for i := opening; i < len(rest) && !r.unaligned; i++ {
		if r.charset == GBK && rest[i] >= 0x81 {
			i++
			continue
		}
		if bytes.HasPrefix(rest[i:], []byte("]]>")) {
			r.at += i + 3
			return Token{Kind: Text, raw: rest[opening:i], literal: true}, nil
		}
	}
	if end := bytes.Index(rest, []byte("]]>")); end >= 0 { // the first bracket follows half a character
		r.unaligned = true
		r.at += end + 3
		return Token{Kind: Text, raw: rest[opening:end], literal: true}, nil
	}
	return Token{}, r.syntaxError("CDATA is not closed")
}

func (r *Reader) readStartTag() (Token, error) {
	r.at++
	name, err := r.readName()
	if err != nil {
		return Token{}, err
	}
	switch {
	case len(r.open) == 0 && r.rooted:
		return Token{}, r.syntaxError("a second root")
	case len(r.open) >= MaxDepth:
		return Token{}, r.syntaxError("nested too deep")
	}
	r.rooted = true
	r.attributes = r.attributes[:0]
	for {
		spaced := r.skipSpace()
		switch {
		case r.consume("/>"):
			r.pendingEnd = true
			r.open = append(r.open, name)
			return Token{Kind: Start, Name: name, Attributes: r.attributes}, nil
		case r.consume(">"):
			r.open = append(r.open, name)
			return Token{Kind: Start, Name: name, Attributes: r.attributes}, nil
		case !spaced:
			return Token{}, r.syntaxError("a tag is not closed")
		}
		attribute, err := r.readAttribute()
		if err != nil {
			return Token{}, err
		}
		r.attributes = append(r.attributes, attribute)
	}
}

func (r *Reader) readAttribute() (Attribute, error) {
	if len(r.attributes) >= MaxDepth {
		return Attribute{}, r.syntaxError("too many attributes")
	}
	name, err := r.readName()
	if err != nil {
		return Attribute{}, err
	}
	for _, other := range r.attributes {
		if other.Name == name {
			return Attribute{}, r.syntaxError("an attribute is repeated")
		}
	}
	r.skipSpace()
	if !r.consume("=") {
		return Attribute{}, r.syntaxError("an attribute has no value")
	}
	r.skipSpace()
	if r.at >= len(r.data) || (r.data[r.at] != '"' && r.data[r.at] != '\'') {
		return Attribute{}, r.syntaxError("an attribute's value is not quoted")
	}
	quote := r.data[r.at]
	r.at++
	n := bytes.IndexByte(r.data[r.at:], quote)
	if n < 0 {
		return Attribute{}, r.syntaxError("an attribute's value is not closed")
	}
	raw := r.data[r.at : r.at+n]
	if bytes.IndexByte(raw, '<') >= 0 {
		return Attribute{}, r.syntaxError("an attribute's value contains a tag")
	}
	r.at += n + 1
	return Attribute{name, r.decode(raw, false)}, nil
}

func (r *Reader) readEndTag() (Token, error) {
	r.at += 2
	name, err := r.readName()
	if err != nil {
		return Token{}, err
	}
	r.skipSpace()
	if !r.consume(">") {
		return Token{}, r.syntaxError("a tag is not closed")
	}
	if len(r.open) == 0 || r.open[len(r.open)-1] != name {
		return Token{}, r.syntaxError("an end tag does not match its start tag")
	}
	return r.endElement(), nil
}

func (r *Reader) endElement() Token {
	name := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	return Token{Kind: End, Name: name}
}

// Skip skips the rest of the element whose start tag was the last token.
func (r *Reader) Skip() error {
	for depth := 1; depth > 0; {
		token, err := r.Next()
		if err != nil {
			return err
		}
		switch token.Kind {
		case Start:
			depth++
		case End:
			depth--
		}
	}
	return nil
}
