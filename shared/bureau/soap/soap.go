// Package soap implements the part of SOAP 1.1 that the ministry's interface uses (MIIT-IF30 2): document/literal calls with plain
// text parameters ([Call], [ParseRequest]) and answers of one string ([Answer], [ParseAnswer]). Calls need no WSDL; [WSDL] is for other
// clients.
//
//	body, length := soap.Call("isp_download", soap.Parameter{Name: "ispID", Text: "990000000001"})
//	text, err := soap.ParseAnswer(response, "isp_download")
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
	// Namespace of the methods. Parameters have no namespace.
	Namespace   = "http://www.miibeian.gov.cn"
	ContentType = "text/xml; charset=utf-8"
)

// A Parameter is one argument of a call. Data, if not empty, is sent in base64 instead of Text.
type Parameter struct {
	Name string
	Text string
	Data []byte
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Call returns the body of a request and its length in bytes. Data is encoded while the body is read, so that a large upload is not
// in memory twice.
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

// An encoder is a reader of the base64 of data.
type encoder struct {
	data []byte
	rest []byte // encoded, not read yet
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

// ClientFault returns the body of a response to an invalid request.
func ClientFault(text string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="` + EnvelopeNamespace +
		`"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode><faultstring>` + escape.Replace(text) +
		`</faultstring></soap:Fault></soap:Body></soap:Envelope>`)
}

// ErrFault is returned for a response that is a SOAP fault.
var ErrFault = errors.New("SOAP fault")

// A Request is a received call.
type Request struct {
	Method string
	// Parameters by local name, in UTF-8. The bytes may alias the body.
	Parameters map[string][]byte
}

// ParseRequest parses the body of a request.
func ParseRequest(body []byte) (Request, error) {
	r, method, err := openBody(body)
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
			return request, r.expectEnd()
		case markup.Text:
			if !token.IsSpace() {
				return Request{}, errors.New("text between parameters")
			}
			continue
		}
		_, name := splitName(token.Name)
		if _, twice := request.Parameters[name]; twice || len(request.Parameters) >= 32 {
			return Request{}, errors.New("a parameter is repeated, or there are too many")
		}
		if request.Parameters[name], err = r.readText(); err != nil {
			return Request{}, err
		}
	}
}

// ParseAnswer returns the string in the body of a response to method. The error for a SOAP fault is [ErrFault].
func ParseAnswer(body []byte, method string) ([]byte, error) {
	r, name, err := openBody(body)
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
		if _, name := splitName(token.Name); name != "return" {
			return nil, errors.New("the answer has another element than return")
		}
		return r.readText()
	}
}

type reader struct {
	xml        *markup.Reader
	namespaces map[string]string
}

// openBody reads up to the start tag of the element in the body and returns its local name.
func openBody(body []byte) (*reader, string, error) {
	xml, err := markup.NewReader(body, markup.Detected)
	if err != nil {
		return nil, "", err
	}
	r := &reader{xml: xml, namespaces: map[string]string{}}
	if err := r.expectElement("Envelope"); err != nil {
		return nil, "", err
	}
	if err := r.expectElement("Body"); err != nil {
		return nil, "", err
	}
	namespace, name, err := r.nextStart()
	switch {
	case err != nil:
		return nil, "", err
	case namespace == EnvelopeNamespace && name == "Fault":
		return nil, "", ErrFault
	case namespace != Namespace:
		return nil, "", errors.New("the body has an element of another namespace")
	}
	return r, name, nil
}

// expectElement reads the start tag of a SOAP element and skips headers.
func (r *reader) expectElement(name string) error {
	for {
		namespace, got, err := r.nextStart()
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
			return fmt.Errorf("no SOAP %s element where one is required", name)
		}
		if err := r.xml.Skip(); err != nil {
			return err
		}
	}
}

// nextStart reads the next start tag. Namespace prefixes accumulate, because each tag is a child of the one before.
func (r *reader) nextStart() (namespace, name string, err error) {
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
		prefix, name := splitName(token.Name)
		return r.namespaces[prefix], name, nil
	}
}

// readText reads the text of an element whose start tag has been read, up to its end tag.
func (r *reader) readText() ([]byte, error) {
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
			return nil, errors.New("an element where text is expected")
		case markup.End:
			if pieces < 2 {
				return first, nil
			}
			return []byte(rest.String()), nil
		}
		piece, plain := r.xml.Raw(token)
		if !plain {
			piece = []byte(r.xml.String(token))
		}
		if pieces++; pieces == 1 {
			first = piece
		}
		rest.Write(piece)
	}
}

// expectEnd checks that only end tags follow.
func (r *reader) expectEnd() error {
	for {
		token, err := r.xml.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case token.Kind == markup.Start:
			return errors.New("the body has a second element")
		}
	}
}

func splitName(name string) (prefix, local string) {
	before, after, prefixed := strings.Cut(name, ":")
	if !prefixed {
		return "", name
	}
	return before, after
}
