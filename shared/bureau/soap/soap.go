// Package soap is the little of SOAP 1.1 that the ministry's interface uses (MIIT-IF30, 2): document/literal calls whose
// parameters are plain text, and answers that are one string. No headers, no types, no WSDL.
package soap

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"beian/shared/bureau/markup"
)

// Names on the wire.
const (
	EnvelopeNamespace = "http://schemas.xmlsoap.org/soap/envelope/"
	// Namespace of the methods; their parameters are in none.
	Namespace   = "http://www.miibeian.gov.cn"
	ContentType = "text/xml; charset=utf-8"
)

// A Parameter is one argument of a call. Data, if there is any, is sent in base64 in place of Text.
type Parameter struct {
	Name string
	Text string
	Data []byte
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Call returns the body of a request and its length in bytes. Data becomes base64 only as the body is read, so a large
// upload is never in memory twice.
func Call(method string, parameters ...Parameter) (io.Reader, int64) {
	var parts []io.Reader
	var length int64
	write := func(text string) {
		parts = append(parts, strings.NewReader(text))
		length += int64(len(text))
	}
	head := `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="` + EnvelopeNamespace +
		`"><soapenv:Body><` + method + ` xmlns="` + Namespace + `">`
	for _, p := range parameters {
		head += "<" + p.Name + ` xmlns="">`
		if len(p.Data) == 0 {
			head += escape.Replace(p.Text)
		} else {
			write(head)
			parts = append(parts, &encoder{data: p.Data})
			length += int64(base64.StdEncoding.EncodedLen(len(p.Data)))
			head = ""
		}
		head += "</" + p.Name + ">"
	}
	write(head + "</" + method + "></soapenv:Body></soapenv:Envelope>")
	return io.MultiReader(parts...), length
}

// An encoder reads as the base64 of data.
type encoder struct {
	data []byte
	rest []byte // encoded, but too long for the last buffer
}

func (e *encoder) Read(p []byte) (int, error) {
	switch {
	case len(e.rest) > 0:
		n := copy(p, e.rest)
		e.rest = e.rest[n:]
		return n, nil
	case len(e.data) == 0:
		return 0, io.EOF
	case len(p) < 4:
		n := min(3, len(e.data))
		e.rest = base64.StdEncoding.AppendEncode(nil, e.data[:n])
		e.data = e.data[n:]
		return e.Read(p)
	}
	n := min(len(p)/4*3, len(e.data))
	base64.StdEncoding.Encode(p, e.data[:n])
	e.data = e.data[n:]
	return base64.StdEncoding.EncodedLen(n), nil
}

// Answer returns the body of a response with one string.
func Answer(method, text string) []byte {
	var body strings.Builder
	body.Grow(len(text) + len(text)/8 + 512)
	body.WriteString(`<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="` + EnvelopeNamespace +
		`"><soap:Body><ns:` + method + `Response xmlns:ns="` + Namespace + `"><return>`)
	_, _ = escape.WriteString(&body, text)
	body.WriteString(`</return></ns:` + method + `Response></soap:Body></soap:Envelope>`)
	return []byte(body.String())
}

// ClientFault returns the body of a response that says the request was not understood.
func ClientFault(text string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="` + EnvelopeNamespace +
		`"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode><faultstring>` + escape.Replace(text) +
		`</faultstring></soap:Fault></soap:Body></soap:Envelope>`)
}

// ErrFault says that the other end answered with a SOAP fault.
var ErrFault = errors.New("SOAP fault")

// A Request is a call as it arrived.
type Request struct {
	Method string
	// Parameters by their local names. The bytes are those of the body, UTF-8.
	Parameters map[string][]byte
}

// ParseRequest reads the body of a request.
func ParseRequest(body []byte) (Request, error) {
	r, method, err := open(body)
	if err != nil {
		return Request{}, err
	}
	request := Request{Method: method, Parameters: map[string][]byte{}}
	for {
		token, err := r.xml.Next()
		if err != nil {
			return Request{}, err
		}
		switch token.Kind {
		case markup.End:
			return request, r.close()
		case markup.Text:
			if !token.IsSpace() {
				return Request{}, errors.New("text between parameters")
			}
			continue
		}
		_, name := split(token.Name)
		if _, twice := request.Parameters[name]; twice || len(request.Parameters) >= 32 {
			return Request{}, errors.New("a parameter is there twice, or there are too many")
		}
		if request.Parameters[name], err = r.content(); err != nil {
			return Request{}, err
		}
	}
}

// ParseAnswer reads the string in the body of a response to method. A SOAP fault is an error that wraps [ErrFault].
func ParseAnswer(body []byte, method string) ([]byte, error) {
	r, name, err := open(body)
	if err != nil {
		return nil, err
	}
	if name != method+"Response" {
		return nil, errors.New("the answer is not to this method")
	}
	for {
		token, err := r.xml.Next()
		if err != nil {
			return nil, err
		}
		switch token.Kind {
		case markup.End:
			return nil, errors.New("the answer is empty")
		case markup.Text:
			if !token.IsSpace() {
				return nil, errors.New("text beside the answer")
			}
			continue
		}
		if _, name := split(token.Name); name != "return" {
			return nil, errors.New("the answer holds another element than return")
		}
		return r.content()
	}
}

type reader struct {
	xml        *markup.Reader
	namespaces map[string]string
}

// open reads up to the start tag of the only element in the body and returns its local name.
func open(body []byte) (*reader, string, error) {
	xml, err := markup.NewReader(body, markup.Declared)
	if err != nil {
		return nil, "", err
	}
	r := &reader{xml: xml, namespaces: map[string]string{}}
	if err := r.expect("Envelope"); err != nil {
		return nil, "", err
	}
	if err := r.expect("Body"); err != nil {
		return nil, "", err
	}
	namespace, name, err := r.start()
	switch {
	case err != nil:
		return nil, "", err
	case namespace == EnvelopeNamespace && name == "Fault":
		return nil, "", ErrFault
	case namespace != Namespace:
		return nil, "", errors.New("the body holds an element of another namespace")
	}
	return r, name, nil
}

// expect reads the start tag of an element of SOAP itself, passing over headers.
func (r *reader) expect(name string) error {
	for {
		namespace, got, err := r.start()
		if err != nil {
			return err
		}
		if namespace != EnvelopeNamespace {
			return errors.New("not a SOAP 1.1 envelope")
		}
		if got == name {
			return nil
		}
		if got != "Header" {
			return fmt.Errorf("no SOAP %s where one must be", name)
		}
		if err := r.xml.Skip(); err != nil {
			return err
		}
	}
}

// start reads the next start tag. Declared prefixes add up, for what is read is one line of descent.
func (r *reader) start() (namespace, name string, err error) {
	for {
		token, err := r.xml.Next()
		if err != nil {
			return "", "", err
		}
		switch {
		case token.Kind == markup.Text && token.IsSpace():
			continue
		case token.Kind != markup.Start:
			return "", "", errors.New("an element is missing in the envelope")
		}
		for _, a := range token.Attributes {
			if a.Name == "xmlns" {
				r.namespaces[""] = a.Value
			} else if prefix, is := strings.CutPrefix(a.Name, "xmlns:"); is {
				r.namespaces[prefix] = a.Value
			}
		}
		prefix, name := split(token.Name)
		return r.namespaces[prefix], name, nil
	}
}

// content reads the text of the element that has begun, to its end.
func (r *reader) content() ([]byte, error) {
	var first []byte
	var rest strings.Builder
	pieces := 0
	for {
		token, err := r.xml.Next()
		if err != nil {
			return nil, err
		}
		switch token.Kind {
		case markup.Start:
			return nil, errors.New("an element where text must be")
		case markup.End:
			if pieces < 2 {
				return first, nil
			}
			return []byte(rest.String()), nil
		}
		piece, plain := r.xml.Raw(token)
		if !plain {
			text, err := r.xml.String(token)
			if err != nil {
				return nil, err
			}
			piece = []byte(text)
		}
		if pieces++; pieces == 1 {
			first = piece
		}
		rest.Write(piece)
	}
}

// close holds that nothing but end tags follows.
func (r *reader) close() error {
	for {
		token, err := r.xml.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case token.Kind == markup.Start:
			return errors.New("the body holds a second element")
		}
	}
}

func split(name string) (prefix, local string) {
	before, after, prefixed := strings.Cut(name, ":")
	if !prefixed {
		return "", name
	}
	return before, after
}
