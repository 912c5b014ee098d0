package contact

import (
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/person"
	"beian/shared/rules/text"
)

// An Email is an email address of 6 to 128 characters.
type Email string

// Codes of the findings of [Email.Check].
const (
	EmailMissing finding.Code = "email-missing"
	EmailFormat  finding.Code = "email-format"
	EmailLength  finding.Code = "email-length"
	EmailMixed   finding.Code = "email-mixed-scripts"

	emailMin, emailMax = 6, 128
)

// Format writes [redacted].
func (Email) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Email) LogValue() slog.Value { return person.RedactedValue() }

// Reveal returns the address in clear.
func (e Email) Reveal() string { return string(e) }

// Wire returns the address in clear with its domain in ASCII (IDNA), as mail services and mail servers require.
func (e Email) Wire() string {
	at := strings.LastIndexByte(string(e), '@')
	if ascii, err := idna.Lookup.ToASCII(string(e[at+1:])); err == nil {
		return string(e[:at+1]) + ascii
	}
	return string(e)
}

// Masked returns the address with only the first character of its local part visible: "w***@example.cn".
func (e Email) Masked() string {
	at := strings.LastIndexByte(string(e), '@')
	if at < 1 || e.Check() != nil {
		return person.Redacted
	}
	return string(e[:1]) + "***" + string(e[at:])
}

// Mailbox returns a key that is equal for addresses that usually reach the same mailbox: without upper case, dots and what follows "+" in the
// local part (subaddress, RFC 5233), and with the domain in its ASCII form. It is for counting messages, not for sending them.
func (e Email) Mailbox() string {
	local, domain, ok := strings.Cut(strings.ToLower(string(e)), "@")
	if !ok {
		return string(e)
	}
	local, _, _ = strings.Cut(local, "+")
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	return strings.ReplaceAll(local, ".", "") + "@" + domain
}

// NormalizeEmail returns the address without white space, without words before it ("邮箱：", "mailto:") and signs around it, with full-width
// characters mapped to ASCII and the domain in lower case. The part before the @ keeps its case, because servers may distinguish upper and
// lower case there.
func NormalizeEmail(typed string) Email {
	address := strings.ReplaceAll(text.NormalizeASCII(typed), " ", "")
	for before := ""; address != before; {
		before = address
		if at := strings.LastIndexByte(address, '@'); at >= 0 {
			address = address[strings.LastIndexByte(address[:at], ':')+1:]
		}
		address = enclosed().ReplaceAllString(strings.TrimRight(address, ".,;、"), "$1")
	}
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		address = address[:at] + strings.ToLower(address[at:])
	}
	return Email(address)
}

var enclosed = pattern.New(`^[<《“"'‘(\[]+([^<>]*?)[>》”"'’)\]]+$`)

// Check returns the findings about a normalised address: its length, its form (RFC 5322 without display name, quotes and
// address literals), and its domain (IDNA, at least two labels, no letter that looks like one of another script).
func (e Email) Check() finding.List {
	address := string(e)
	if address == "" {
		return finding.List{finding.New(EmailMissing, "")}
	}
	if len(address) < emailMin || len(address) > emailMax {
		return finding.List{finding.New(EmailLength, "")}
	}
	if !isPlainAddress(address) {
		return finding.List{finding.New(EmailFormat, "")}
	}
	if l, is := text.FindLookAlike(address); is && l.Certain {
		return finding.List{finding.New(EmailMixed, "", l.Placeholders()...)}
	}
	return nil
}

func isPlainAddress(text string) bool {
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || parsed.Name != "" {
		return false
	}
	at := strings.LastIndexByte(text, '@')
	local, domain := text[:at], text[at+1:]
	if len(local) > 64 || strings.ContainsAny(local, "\"\\") || strings.ContainsFunc(local, isNotASCII) {
		return false
	}
	_, err = idna.Lookup.ToASCII(domain)
	return err == nil && strings.Contains(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.HasPrefix(domain, "[")
}

func isNotASCII(r rune) bool { return r > unicode.MaxASCII }
