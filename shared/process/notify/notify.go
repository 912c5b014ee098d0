// Package notify writes and sends the messages of an order: an SMS and an email for each [filing.NoticeKind], in Chinese and
// English. [Render] writes a message, [Recipients] lists its recipients, [Messenger.Send] sends it to one of them.
//
//	message, err := notify.Render(order, notice, sender)
//	for _, to := range notify.Recipients(order, notice) {
//		err = messenger.Send(ctx, to, message, key)
//	}
//
// A message says what happened, what the recipient has to do, until when, and where. It describes the order at the time of sending,
// which may be later than the decision that created the notice. Render returns [ErrOutdated] for a notice that no longer applies.
//
// An SMS may be visible on a locked screen, so it contains the domain and the order's id, but no person's name. Until a reviewer has passed
// the application, no message contains words that the applicant chose, so that nobody can send words of their own under the provider's
// signature: the end of the order's number takes the place of the domain. Dates are in Shanghai time. [SMSSender] and [MailSender] are the ports of the services that send.
package notify

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"beian/shared/filing"
	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
)

// A Sender is the access provider as the sender of messages.
type Sender struct {
	// ProviderName is the signature of every message. Carriers accept only a registered Chinese signature.
	ProviderName finding.Words
	// PortalURL is the base URL of the portal, without a trailing slash.
	PortalURL string
	// SupportPhone is omitted from messages if it is "".
	SupportPhone string
	// PaperAddress is the postal address for originals, with addressee and phone, on one line. It is in Chinese in messages of every
	// language, because couriers read it.
	PaperAddress string
}

// OrderURL returns the URL of an order's page.
func (s Sender) OrderURL(id filing.ID) string { return s.PortalURL + "/orders/" + string(id) }

// SMSURL returns the URL of the page on which a leader enters the code without an account.
func (s Sender) SMSURL(id filing.ID) string { return s.PortalURL + "/sms/" + string(id) }

// A Message is the text of a notice. Subject, Text and HTML are empty for notices sent only by SMS.
type Message struct {
	SMS     string
	Subject string // of the email
	Text    string // the email's plain part; lines end in "\n"
	HTML    string // the email's HTML part, with the same text
	// Unsubscribe is the address to which a POST turns off the email's reminders (RFC 8058); "" if they cannot be turned off.
	Unsubscribe string
}

// A Medium is a way to send a message.
type Medium string

const (
	SMS   Medium = "sms"
	Email Medium = "email"
)

// A Recipient is one address of a message: Mobile if Medium is SMS, Email if it is Email.
type Recipient struct {
	Medium Medium
	Mobile contact.Mobile
	Email  contact.Email
}

// Recipients returns the recipients of a notice. The code of the SMS verification goes to the leader's mobile, a reminder also to the applicant's
// verified email (once for all leaders), the code that verifies a
// channel of the contact to that channel, the notice of a changed contact to the former contact, and other notices to the applicant's
// verified mobile and email (S20). Recipients returns none if the order's personal data are erased.
func Recipients(order filing.Order, notice filing.Notice) []Recipient {
	switch p := order.Private; notice.Kind {
	case filing.NoticeSMSCode:
		if notice.Code < 0 || notice.Code >= len(p.Codes) {
			return nil
		}
		return recipientsOf(filing.Contact{Mobile: p.Codes[notice.Code].Mobile})
	case filing.NoticeSMSReminder:
		open := unansweredCodes(order)
		if !slices.Contains(open, notice.Code) {
			return nil
		}
		to := recipientsOf(filing.Contact{Mobile: p.Codes[notice.Code].Mobile})
		if notice.Code == open[0] { // one email for all
			to = append(to, recipientsOf(p.Verified.Only(filing.ChannelEmail))...)
		}
		return to
	case filing.NoticeContactCode:
		return recipientsOf(p.Contact.Only(notice.Channel))
	case filing.NoticeContactChanged:
		if notice.Former < 0 || notice.Former >= len(p.Former) {
			return nil
		}
		return recipientsOf(p.Former[notice.Former].Contact)
	default:
		return recipientsOf(p.Verified)
	}
}

func recipientsOf(c filing.Contact) []Recipient {
	var recipients []Recipient
	if c.Mobile != "" {
		recipients = append(recipients, Recipient{Medium: SMS, Mobile: c.Mobile})
	}
	if c.Email != "" {
		recipients = append(recipients, Recipient{Medium: Email, Email: c.Email})
	}
	return recipients
}

// ErrOutdated is returned for a notice that no longer applies to the order. Drop the notice.
var ErrOutdated = errors.New("the notice no longer applies to the order")

// Render returns the message of a notice in the order's language, or [ErrOutdated]. The notice of a change of rules needs the order's Codes.
func Render(order filing.Order, notice filing.Notice, sender Sender) (Message, error) {
	if order.Erasure != nil {
		return Message{}, ErrOutdated
	}
	language := languageOf(order.Language)
	words, ok := templates()[language][notice.Kind]
	if !ok {
		return Message{}, fmt.Errorf("notice %q has no template", notice.Kind)
	}
	l, err := newTemplateData(order, notice, sender, language)
	if err != nil {
		return Message{}, err
	}
	short, err := executeText(words, "sms", l)
	if err != nil {
		return Message{}, err
	}
	m := Message{SMS: addSignature(short, l.Provider, language)}
	if words["subject"] == nil {
		return m, nil
	}
	if m.Subject, err = executeText(words, "subject", l); err != nil {
		return Message{}, err
	}
	if m.Text, err = executeText(words, "letter", l); err != nil {
		return Message{}, err
	}
	m.Text = collapseBlankLines(m.Text)
	m.HTML, err = renderHTML(language, m.Subject, m.Text)
	return m, err
}

// languages lists the languages of messages.
var languages = []string{"zh-CN", "en"}

func languageOf(tag string) string {
	if strings.HasPrefix(strings.ToLower(tag), "en") {
		return "en"
	}
	return "zh-CN"
}

//go:embed templates
var files embed.FS

var templates = sync.OnceValue(mustParse)

// mustParse parses the embedded templates. It panics if one is invalid, which this package's test excludes.
func mustParse() map[string]map[filing.NoticeKind]templateSet {
	all := map[string]map[filing.NoticeKind]templateSet{}
	for _, language := range languages {
		all[language] = map[filing.NoticeKind]templateSet{}
		for _, kind := range filing.NoticeKinds {
			folder := "templates/" + language + "/"
			parsed, err := parseTemplates(files, folder+"common.txt", folder+string(kind)+".txt")
			if err != nil {
				panic(err)
			}
			all[language][kind] = parsed
		}
	}
	return all
}

func executeText(w templateSet, name string, l templateData) (string, error) {
	text, err := w.execute(name, l, func(text string) string { return text })
	return strings.TrimSpace(text), err
}

// gsmReplacer replaces characters outside the GSM alphabet. A single one of them more than halves the capacity of an English SMS.
var gsmReplacer = strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'", "–", "-", "—", "-", "…", "...", "·", ".")

// addSignature puts the provider's signature before the text of an SMS, in the form that carriers require.
func addSignature(text, provider, language string) string {
	if language == "en" {
		return gsmReplacer.Replace("[" + provider + "] " + text)
	}
	return "【" + provider + "】" + text
}
