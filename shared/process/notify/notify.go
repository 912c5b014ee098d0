// Package notify holds the words that people receive: an SMS and an email for each [filing.NoticeKind], in Chinese and
// English.
//
// A message says what happened, what to do now, until when, and where. It is written from the order as it stands when
// the message leaves, which may be later than the decision that asked for it; a notice that the order has left behind
// is [ErrOutdated].
//
// An SMS shows on a locked screen and passes through many hands: it names the domain and the order, never a person.
// Dates are those of Shanghai.
package notify

import (
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"beian/shared/filing"
	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
)

// A Sender is the access provider, as its customers know it.
type Sender struct {
	// ProviderName is the signature of every message. Carriers take only a Chinese one that is registered with them.
	ProviderName finding.Words
	// PortalURL is where the portal's paths begin, without a slash at the end.
	PortalURL string
	// SupportPhone is left out of the messages where it is "".
	SupportPhone string
	// PaperAddress is where originals are sent, with addressee and phone, on one line. It is Chinese in every language,
	// for couriers read it.
	PaperAddress string
}

// OrderURL is the page of an order.
func (s Sender) OrderURL(id filing.ID) string { return s.PortalURL + "/orders/" + string(id) }

// SMSURL is the page on which a leader answers the code, without an account.
func (s Sender) SMSURL(id filing.ID) string { return s.PortalURL + "/sms/" + string(id) }

// A Message is a notice in words. What goes only by SMS has no Subject, Text and HTML.
type Message struct {
	SMS     string
	Subject string // of the email
	Text    string // the email's plain part; lines end in "\n"
	HTML    string // the same words for mail programs that show HTML
}

// A Medium is a way in which a message goes.
type Medium string

// The media.
const (
	SMS   Medium = "sms"
	Email Medium = "email"
)

// A Recipient is where a message goes: to Mobile when Medium is SMS, to Email when it is Email.
type Recipient struct {
	Medium Medium
	Mobile contact.Mobile
	Email  contact.Email
}

// Recipients returns where a notice goes: a verification code to the leader's mobile, everything else to the applicant
// by SMS and by email (S20). It returns none when the order no longer holds them.
func Recipients(order filing.Order, notice filing.Notice) []Recipient {
	if notice.Kind == filing.NoticeSMSCode {
		if notice.Code < 0 || notice.Code >= len(order.Private.Codes) {
			return nil
		}
		return []Recipient{{Medium: SMS, Mobile: order.Private.Codes[notice.Code].Mobile}}
	}
	var all []Recipient
	if mobile := order.Private.Contact.Mobile; mobile != "" {
		all = append(all, Recipient{Medium: SMS, Mobile: mobile})
	}
	if email := order.Private.Contact.Email; email != "" {
		all = append(all, Recipient{Medium: Email, Email: email})
	}
	return all
}

// ErrOutdated says that the order has moved on, so that the notice would be wrong or empty now. It is to be dropped.
var ErrOutdated = errors.New("the notice is outdated: the order has moved on")

// Render puts a notice into words, in the order's language. It returns [ErrOutdated] for a notice that no longer holds.
func Render(order filing.Order, notice filing.Notice, sender Sender) (Message, error) {
	language := languageOf(order.Language)
	words, ok := templates()[language][notice.Kind]
	if !ok {
		return Message{}, fmt.Errorf("notice %q has no words", notice.Kind)
	}
	l, err := write(order, notice, sender, language)
	if err != nil {
		return Message{}, err
	}
	short, err := fill(words, "sms", l)
	if err != nil {
		return Message{}, err
	}
	m := Message{SMS: signed(short, l.Provider, language)}
	if words["mail"] == nil {
		return m, nil
	}
	if m.Subject, err = fill(words, "subject", l); err != nil {
		return Message{}, err
	}
	if m.Text, err = fill(words, "letter", l); err != nil {
		return Message{}, err
	}
	m.Text = tidy(m.Text)
	m.HTML, err = page(language, m.Subject, m.Text)
	return m, err
}

// languages are those that messages are written in; the first is for every order that names no other.
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

// mustParse reads the embedded templates; that they are whole is held by this package's test.
func mustParse() map[string]map[filing.NoticeKind]words {
	all := map[string]map[filing.NoticeKind]words{}
	for _, language := range languages {
		all[language] = map[filing.NoticeKind]words{}
		for _, kind := range filing.NoticeKinds {
			folder := "templates/" + language + "/"
			parsed, err := parseWords(files, folder+"common.txt", folder+string(kind)+".txt")
			if err != nil {
				panic(err)
			}
			all[language][kind] = parsed
		}
	}
	return all
}

func fill(w words, name string, l letter) (string, error) {
	text, err := w.fill(name, l, func(text string) string { return text })
	return strings.TrimSpace(text), err
}

// typographic are characters outside the GSM alphabet: a single one more than halves what an English SMS may hold.
var typographic = strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'", "–", "-", "—", "-", "…", "...", "·", ".")

// signed puts the provider's signature before an SMS, in the form that carriers ask for.
func signed(text, provider, language string) string {
	if language == "en" {
		return typographic.Replace("[" + provider + "] " + text)
	}
	return "【" + provider + "】" + text
}
