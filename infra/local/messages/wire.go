package messages

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

// Limits of the services: SNS "Publish" and SES v2 "SendEmail" in their API references.
const (
	longestSMS     = 1600      // characters
	longestPublish = 256 << 10 // bytes
	largestEmail   = 40 << 20  // bytes
	mostRecipients = 50        // of one email
	emailPath      = "/v2/email/outbound-emails"
	snsNamespace   = "http://sns.amazonaws.com/doc/2010-03-31/"
)

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// A refusal is what the services say to a request they do not take.
type refusal struct {
	status        int
	code, message string
}

func invalid(message string) *refusal {
	return &refusal{http.StatusBadRequest, "InvalidParameter", message}
}

// ServeHTTP answers POST / with Action=Publish as SNS does, POST /v2/email/outbound-emails as SES v2 does, and POST
// [CarrierPath] as package carrier asks carriers to.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largestEmail)
	switch r.URL.Path {
	case emailPath:
		s.answer(w, Email, readEmail, answerJSON, r)
	case CarrierPath:
		s.answerAsCarrier(w, r)
	default:
		s.answer(w, SMS, readPublish, answerXML, r)
	}
}

func (s *Sink) answer(w http.ResponseWriter, kind Kind, read func(*http.Request) (Message, *refusal),
	write func(w http.ResponseWriter, id string, no *refusal), r *http.Request) {
	f := s.nextFault(kind)
	if f.status != 0 && !f.taken {
		write(w, "", injected(f.status))
		return
	}
	m, no := read(r)
	if no != nil {
		write(w, "", no)
		return
	}
	id, err := s.keep(m)
	if err != nil {
		s.logf("messages: not kept: %v", err)
		write(w, "", &refusal{http.StatusInternalServerError, "InternalFailure", "The message could not be stored."})
		return
	}
	if f.taken {
		write(w, "", injected(f.status))
		return
	}
	write(w, id, nil)
}

func injected(status int) *refusal {
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		return &refusal{status, "Throttling", "Rate exceeded"}
	case status >= 500:
		return &refusal{status, "InternalFailure", "An injected failure."}
	}
	return &refusal{status, "InvalidParameter", "An injected refusal."}
}

func readPublish(r *http.Request) (Message, *refusal) {
	if r.Method != http.MethodPost || r.ParseForm() != nil {
		return Message{}, &refusal{http.StatusBadRequest, "MalformedQueryString", "A form was expected."}
	}
	form := r.PostForm
	if action := form.Get("Action"); action != "Publish" {
		return Message{}, &refusal{http.StatusBadRequest, "InvalidAction", "Only Publish is known here."}
	}
	m := Message{Text: form.Get("Message"), Subject: form.Get("Subject"), Attributes: attributes(form)}
	phone, topic := form.Get("PhoneNumber"), form.Get("TopicArn")+form.Get("TargetArn")
	switch {
	case m.Text == "":
		return m, invalid("Invalid parameter: Empty message")
	case len(m.Text) > longestPublish || !utf8.ValidString(m.Text):
		return m, invalid("Invalid parameter: Message too long")
	case (phone == "") == (topic == ""):
		return m, invalid("Invalid parameter: Exactly one of PhoneNumber, TopicArn and TargetArn is needed")
	case topic != "":
		m.Kind, m.To = Topic, []string{topic}
	case !e164.MatchString(phone):
		return m, invalid("Invalid parameter: PhoneNumber Reason: not valid to publish to")
	case utf8.RuneCountInString(m.Text) > longestSMS:
		return m, invalid("Invalid parameter: Message too long")
	default:
		m.Kind, m.To = SMS, []string{phone}
	}
	return m, nil
}

// attributes reads MessageAttributes.entry.N.Name and .Value.StringValue.
func attributes(form url.Values) map[string]string {
	all := map[string]string{}
	for n := 1; ; n++ {
		entry := fmt.Sprintf("MessageAttributes.entry.%d.", n)
		name := form.Get(entry + "Name")
		if name == "" {
			return all
		}
		all[name] = form.Get(entry + "Value.StringValue")
	}
}

func answerXML(w http.ResponseWriter, id string, no *refusal) {
	type failure struct {
		Type, Code, Message string
	}
	w.Header().Set("Content-Type", "text/xml")
	if no != nil {
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
		return
	}
	xml.NewEncoder(w).Encode(struct {
		XMLName   xml.Name `xml:"PublishResponse"`
		Space     string   `xml:"xmlns,attr"`
		MessageID string   `xml:"PublishResult>MessageId"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}{Space: snsNamespace, MessageID: id, RequestID: id})
}

func readEmail(r *http.Request) (Message, *refusal) {
	type part struct{ Data string }
	var in struct {
		FromEmailAddress string
		Destination      struct{ ToAddresses, CcAddresses, BccAddresses []string }
		Content          struct {
			Simple *struct {
				Subject part
				Body    struct{ Text, Html part }
			}
		}
		EmailTags []struct{ Name, Value string }
	}
	if r.Method != http.MethodPost {
		return Message{}, &refusal{http.StatusMethodNotAllowed, "BadRequestException", "Only POST is known here."}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return Message{}, bad("The body is not what SendEmail takes.")
	}
	to := slices.Concat(in.Destination.ToAddresses, in.Destination.CcAddresses, in.Destination.BccAddresses)
	switch {
	case in.Content.Simple == nil:
		return Message{}, bad("Only simple content is known here.")
	case in.FromEmailAddress == "":
		return Message{}, bad("FromEmailAddress is missing.")
	case len(to) == 0 || len(to) > mostRecipients:
		return Message{}, bad("Between 1 and 50 recipients are needed.")
	}
	if !plausible(in.FromEmailAddress) || !allPlausible(to) {
		return Message{}, bad("An address is not valid.")
	}
	simple := in.Content.Simple
	m := Message{
		Kind: Email, To: to, From: in.FromEmailAddress,
		Subject: simple.Subject.Data, Text: simple.Body.Text.Data, HTML: simple.Body.Html.Data,
		Attributes: map[string]string{},
	}
	for _, tag := range in.EmailTags {
		m.Attributes[tag.Name] = tag.Value
	}
	if m.Subject == "" || m.Text+m.HTML == "" {
		return Message{}, bad("Subject and body are needed.")
	}
	return m, nil
}

// plausible accepts an address with something on both sides of its last @ and nothing that ends a header.
func plausible(address string) bool {
	at := strings.LastIndexByte(address, '@')
	return at > 0 && at < len(address)-1 && !strings.ContainsAny(address, "\r\n")
}

func allPlausible(addresses []string) bool {
	return !slices.ContainsFunc(addresses, func(address string) bool { return !plausible(address) })
}

func bad(message string) *refusal {
	return &refusal{http.StatusBadRequest, "BadRequestException", message}
}

func answerJSON(w http.ResponseWriter, id string, no *refusal) {
	w.Header().Set("Content-Type", "application/json")
	if no != nil {
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
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"MessageId": id})
}
