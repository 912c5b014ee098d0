// Package person holds what identifies a person, and how it is kept out of logs.
//
// A filing is full of personal data: names, certificate numbers, phones, mail addresses. Each has a type of its own,
// whose values print as [Redacted] with every verb of fmt, in slog, and inside printed structs. Two gaps are fmt's own: it
// cannot call the methods of a value in an unexported field, and it calls none while it complains about a wrong verb, as
// %s for a struct that holds pointers (go vet finds those; %v is right). The values marshal to JSON as they are, because a filing's
// document is stored sealed and shown to its owner. So log identifiers, never a document: slog's JSON handler marshals
// a struct and would write what is inside. Where a value really must be seen, its Reveal method says so.
package person

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/finding"
)

// Redacted is what stands in a log for personal data.
const Redacted = "[redacted]"

// Redact writes Redacted to f, whatever the verb and flags.
func Redact(f fmt.State) { _, _ = io.WriteString(f, Redacted) }

// RedactedValue is Redacted for slog.
func RedactedValue() slog.Value { return slog.StringValue(Redacted) }

// A Name is the name of a natural person, as on the certificate: 1 to 128 characters (MIIT-IF30, Fzr/Xm).
type Name string

// Format writes [Redacted].
func (Name) Format(f fmt.State, _ rune) { Redact(f) }

// LogValue returns [Redacted].
func (Name) LogValue() slog.Value { return RedactedValue() }

// Reveal returns the name itself, for the person's own eyes, the reviewer's, and the bureau's.
func (n Name) Reveal() string { return string(n) }

// Codes of what can be wrong with a name.
const (
	NameMissing    finding.Code = "person-name-missing"
	NameTooLong    finding.Code = "person-name-too-long"
	NameCharacters finding.Code = "person-name-characters"
)

// NameLimit is the greatest length of a name in characters (MIIT-IF30).
const NameLimit = 128

// NormalizeName trims a name and makes every run of white space one space. The dot inside the names of minorities
// ("买买提·艾力") is written in many ways and becomes U+00B7, the middle dot that identity cards print.
func NormalizeName(text string) Name {
	text = strings.Join(strings.Fields(text), " ")
	return Name(strings.NewReplacer("•", "·", "・", "·", "‧", "·", "∙", "·", "⋅", "·").Replace(text))
}

// Check returns what is wrong with a name; the pointer is that of the name itself.
func (n Name) Check() finding.List {
	text := string(n)
	switch {
	case strings.TrimSpace(text) == "":
		return finding.List{finding.New(NameMissing, "")}
	case utf8.RuneCountInString(text) > NameLimit:
		return finding.List{finding.New(NameTooLong, "")}
	case strings.ContainsFunc(text, notInName):
		return finding.List{finding.New(NameCharacters, "")}
	}
	return nil
}

// notInName reports characters that no certificate shows in a name: digits, symbols, and controls. Letters of every
// script pass, and the marks of names in the Latin script.
func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" ·.'’-,()（）", r)
}
