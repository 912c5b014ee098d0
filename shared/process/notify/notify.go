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
// An SMS has at most two segments, one if it has a code ([LengthOf]), and what has time goes by email alone ([EmailFirst]). An SMS may be visible on a locked screen, so it contains the domain and the order's id, but no person's name. Until a reviewer has passed
// the application, no message contains words that the applicant chose, so that nobody can send words of their own under the provider's
// signature: the end of the order's number takes the place of the domain. Dates are in Shanghai time. [SMSSender] and [MailSender] are the ports of the services that send.
package notify

import (
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"beian/shared/filing"
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
	// Replies says that the SMS carrier passes on what people reply. Leaders then answer a code by replying, and its SMS has no link.
	Replies bool
}

// OrderURL returns the URL of an order's page.
func (s Sender) OrderURL(id filing.ID) string { return s.PortalURL + "/orders/" + string(id) }

// OrderLink returns the short link to an order's page, for an SMS.
func (s Sender) OrderLink(id filing.ID) string { return s.PortalURL + "/o/" + id.Link() }

// CodeLink returns the short link to the page on which a leader enters the code without an account.
func (s Sender) CodeLink(id filing.ID) string { return s.PortalURL + "/s/" + id.Link() }

// A Message is the text of a notice. Subject, Text and HTML are empty for notices sent only by SMS.
type Message struct {
	SMS     string
	Subject string // of the email
	Text    string // the email's plain part; lines end in "\n"
	HTML    string // the email's HTML part, with the same text
	// Unsubscribe is the address to which a POST turns off the email's reminders (RFC 8058); "" if they cannot be turned off.
	Unsubscribe string
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
	m := Message{}
	if m.SMS, err = renderSMS(words, l, segmentLimits(notice.Kind, sender.Replies), language); err != nil {
		return Message{}, err
	}
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

func executeText(w templateSet, name string, l any) (string, error) {
	text, err := w.execute(name, l, func(text string) string { return text })
	return strings.TrimSpace(text), err
}
