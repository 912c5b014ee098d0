// Package deliverystatus reads delivery status notifications (RFC 3464): the messages with which mail servers report that they could not deliver an email.
//
//	id, reason := deliverystatus.FailedMessageID(message)
//
// A notification is a multipart/report with a part for people, one for programs and the email, or its header. What comes to a mailbox is not always that, and anyone may
// send anything to it: the package reads as much as it can of a message that is cut off or malformed, and never more than its limits.
package deliverystatus

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
)

// Reasons why a message is no report of an email that is lost.
const (
	CodeUnreadable   finding.Code = "bounce-unreadable"    // not an email
	CodeOther        finding.Code = "bounce-other-message" // an answer of a person or a program, such as "out of office"
	CodeNotPermanent finding.Code = "bounce-not-permanent" // the email is delayed or was delivered, or the error may pass
	CodeNoOriginal   finding.Code = "bounce-no-original"   // the notification does not quote the Message-ID of the email
)

// Limits on a message. One of Beian has one recipient.
const (
	maxDepth     = 4   // of parts in parts
	maxParts     = 50  // altogether
	maxBlocks    = 50  // of a delivery status: one for the message, and one for each recipient
	maxMalformed = 100 // lines of a header that are no fields
)

// FailedMessageID returns the Message-ID, as written, of the email that a notification reports as lost for good: the action is "failed" and the status is permanent
// (5.x.x). For other messages it returns "" and the reason.
func FailedMessageID(message []byte) (id string, reason finding.Code) {
	if bytes.HasPrefix(message, []byte("From ")) { // the line that mail servers put before the message that they pipe to a program
		_, message, _ = bytes.Cut(message, []byte("\n"))
	}
	reader := textproto.NewReader(bufio.NewReader(bytes.NewReader(message)))
	header, _ := readFields(reader)
	n := notification{}
	n.readPart(header, reader.R, 0)
	switch {
	case len(header) == 0:
		return "", CodeUnreadable
	case !n.hasStatus:
		return "", CodeOther
	case !n.failed:
		return "", CodeNotPermanent
	case n.original == "":
		return "", CodeNoOriginal
	}
	return n.original, ""
}

// A notification is what was read of one.
type notification struct {
	parts     int
	hasStatus bool   // it has a delivery status
	failed    bool   // a recipient never gets the email
	original  string // Message-ID of the email
	found     bool   // a multipart in it reports a lost email: what follows is about others
}

// readPart reads a part of the message, and the parts in it. Status and email belong together if they are in the same multipart.
func (n *notification) readPart(header textproto.MIMEHeader, body io.Reader, depth int) {
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return
	}
	if strings.EqualFold(header.Get("Content-Transfer-Encoding"), "base64") {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		if !n.hasStatus {
			n.hasStatus = true
			n.readStatus(body)
		}
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers":
		if n.original == "" {
			fields, _ := readFields(textproto.NewReader(bufio.NewReader(body)))
			n.original = fields.Get("Message-Id")
		}
	default:
		if !strings.HasPrefix(kind, "multipart/") || parameters["boundary"] == "" || depth == maxDepth {
			return
		}
		inner := notification{parts: n.parts}
		for parts := multipart.NewReader(body, parameters["boundary"]); inner.parts < maxParts && !inner.found; inner.parts++ {
			part, err := parts.NextPart()
			if err != nil { // the end, or what is left cannot be read
				break
			}
			inner.readPart(part.Header, part, depth+1)
		}
		n.parts = inner.parts
		if inner.hasStatus && (!n.hasStatus || inner.failed) {
			n.hasStatus, n.failed, n.original, n.found = true, inner.failed, inner.original, inner.failed
		}
	}
}

var permanent = pattern.New(`^5\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// readStatus reads a delivery status: blocks of fields, separated by empty lines.
func (n *notification) readStatus(body io.Reader) {
	reader := textproto.NewReader(bufio.NewReader(body))
	for range maxBlocks {
		fields, err := readFields(reader)
		action, _, _ := strings.Cut(fields.Get("Action"), "(") // a comment may follow
		if strings.EqualFold(strings.TrimSpace(action), "failed") && permanent().MatchString(fields.Get("Status")) {
			n.failed = true
		}
		if err != nil {
			return
		}
	}
}

// readFields reads the fields up to an empty line. It passes over lines that are no fields. At the end of the body, the error is not nil.
func readFields(r *textproto.Reader) (fields textproto.MIMEHeader, err error) {
	fields = textproto.MIMEHeader{}
	for range maxMalformed {
		var more textproto.MIMEHeader
		more, err = r.ReadMIMEHeader()
		maps.Copy(fields, more)
		if _, malformed := errors.AsType[textproto.ProtocolError](err); !malformed {
			return fields, err
		}
	}
	return fields, err
}
