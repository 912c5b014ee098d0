package outbox

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of the services, from SNS "Publish" and SES v2 "SendEmail" in their API references.
const (
	longestSMS    = 1600     // characters
	largestEmail  = 40 << 20 // bytes
	maxRecipients = 50       // of one email
)

const (
	emailPath    = "/v2/email/outbound-emails"
	snsNamespace = "http://sns.amazonaws.com/doc/2010-03-31/"
)

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// A refusal is a service's error response.
type refusal struct {
	status        int
	code, message string
}

// An api parses the requests of one service and writes its responses.
type api struct {
	kind  Kind
	read  func(*http.Request) (Message, *refusal)
	write func(w http.ResponseWriter, id string, no *refusal)
}

// ServeHTTP handles POST / with Action=Publish like SNS, POST /v2/email/outbound-emails like SES v2, and POST [CarrierPath] like a
// carrier in the comment of package carrier.
func (o *Outbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largestEmail)
	switch r.URL.Path {
	case emailPath:
		o.serve(w, r, api{Email, readEmail, writeSES})
	case CarrierPath:
		o.serveCarrier(w, r)
	default:
		o.serve(w, r, api{SMS, readPublish, writeSNS})
	}
}

func (o *Outbox) serve(w http.ResponseWriter, r *http.Request, a api) {
	f := o.nextFault(a.kind)
	if f.status != 0 && !f.stored {
		a.write(w, "", f.refusal())
		return
	}
	m, no := a.read(r)
	if no != nil {
		a.write(w, "", no)
		return
	}
	id, err := o.store(m)
	switch {
	case err != nil:
		o.config.Logf("outbox: a message was not stored: %v", err)
		no = &refusal{http.StatusInternalServerError, "InternalFailure", "The message could not be stored."}
	case f.stored:
		no = f.refusal()
	}
	a.write(w, id, no)
}

func (f fault) refusal() *refusal {
	switch {
	case f.status == http.StatusTooManyRequests || f.status == http.StatusServiceUnavailable:
		return &refusal{f.status, "Throttling", "Rate exceeded"}
	case f.status >= 500:
		return &refusal{f.status, "InternalFailure", "An injected failure."}
	}
	return &refusal{f.status, "InvalidParameter", "An injected refusal."}
}

func readPublish(r *http.Request) (Message, *refusal) {
	if r.Method != http.MethodPost || r.ParseForm() != nil {
		return Message{}, &refusal{http.StatusBadRequest, "MalformedQueryString", "A form is required."}
	}
	form := r.PostForm
	if form.Get("Action") != "Publish" {
		return Message{}, &refusal{http.StatusBadRequest, "InvalidAction", "Only Publish is supported."}
	}
	m := Message{Kind: SMS, To: []string{form.Get("PhoneNumber")}, Text: form.Get("Message"), Attributes: attributes(form)}
	invalid := ""
	switch {
	case m.Text == "":
		invalid = "Empty message"
	case utf8.RuneCountInString(m.Text) > longestSMS || !utf8.ValidString(m.Text):
		invalid = "Message too long"
	case !e164.MatchString(m.To[0]):
		invalid = "PhoneNumber Reason: not valid to publish to"
	default:
		return m, nil
	}
	return Message{}, &refusal{http.StatusBadRequest, "InvalidParameter", "Invalid parameter: " + invalid}
}

// attributes reads MessageAttributes.entry.N.Name and .Value.StringValue.
func attributes(form url.Values) map[string]string {
	found := map[string]string{}
	for n := 1; ; n++ {
		entry := fmt.Sprintf("MessageAttributes.entry.%d.", n)
		name := form.Get(entry + "Name")
		if name == "" {
			return found
		}
		found[name] = form.Get(entry + "Value.StringValue")
	}
}

func writeSNS(w http.ResponseWriter, id string, no *refusal) {
	type failure struct{ Type, Code, Message string }
	w.Header().Set("Content-Type", "text/xml")
	if no == nil {
		xml.NewEncoder(w).Encode(struct {
			XMLName   xml.Name `xml:"PublishResponse"`
			Space     string   `xml:"xmlns,attr"`
			MessageID string   `xml:"PublishResult>MessageId"`
			RequestID string   `xml:"ResponseMetadata>RequestId"`
		}{Space: snsNamespace, MessageID: id, RequestID: id})
		return
	}
	side := "Sender"
	if no.status >= 500 {
		side = "Receiver"
	}
	w.WriteHeader(no.status)
	xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Space   string   `xml:"xmlns,attr"`
		Error   failure
	}{Space: snsNamespace, Error: failure{side, no.code, no.message}})
}

func readEmail(r *http.Request) (Message, *refusal) {
	type part struct{ Data string }
	var in struct {
		FromEmailAddress string
		Destination      struct{ ToAddresses []string }
		Content          struct {
			Simple struct {
				Subject part
				Body    struct{ Text, Html part }
				Headers []struct{ Name, Value string }
			}
		}
		EmailTags []struct{ Name, Value string }
	}
	bad := func(message string) (Message, *refusal) {
		return Message{}, &refusal{http.StatusBadRequest, "BadRequestException", message}
	}
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&in) != nil {
		return bad("A POST with the JSON of SendEmail is required.")
	}
	m := Message{
		Kind: Email, To: in.Destination.ToAddresses, From: in.FromEmailAddress, Subject: in.Content.Simple.Subject.Data,
		Text: in.Content.Simple.Body.Text.Data, HTML: in.Content.Simple.Body.Html.Data, Attributes: map[string]string{},
	}
	for _, tag := range in.EmailTags {
		m.Attributes[tag.Name] = tag.Value
	}
	for _, header := range in.Content.Simple.Headers {
		if header.Name == "" || strings.ContainsAny(header.Name+header.Value, "\r\n") {
			return bad("A header is not valid.")
		}
		if m.Headers == nil {
			m.Headers = map[string]string{}
		}
		m.Headers[header.Name] = header.Value
	}
	switch {
	case m.Subject == "" || m.Text+m.HTML == "":
		return bad("Simple content with a subject and a body is required.")
	case len(m.To) == 0 || len(m.To) > maxRecipients:
		return bad("Between 1 and 50 recipients are required.")
	case slices.ContainsFunc(append([]string{m.From}, m.To...), invalidAddress):
		return bad("An address is not valid.")
	}
	return m, nil
}

// invalidAddress reports an address with nothing on one side of its last @, or with a line break.
func invalidAddress(address string) bool {
	at := strings.LastIndexByte(address, '@')
	return at <= 0 || at == len(address)-1 || strings.ContainsAny(address, "\r\n")
}

func writeSES(w http.ResponseWriter, id string, no *refusal) {
	w.Header().Set("Content-Type", "application/json")
	if no == nil {
		json.NewEncoder(w).Encode(map[string]string{"MessageId": id})
		return
	}
	code := no.code
	switch code {
	case "Throttling":
		code = "TooManyRequestsException"
	case "InvalidParameter":
		code = "BadRequestException"
	}
	w.Header().Set("X-Amzn-ErrorType", code)
	w.WriteHeader(no.status)
	json.NewEncoder(w).Encode(map[string]string{"message": no.message})
}
