// Package person defines [Name], the name of a natural person, and [Redact] and [RedactedValue], with which types of personal
// data keep it out of logs. Start with [NormalizeName].
//
//	name := person.NormalizeName(text)
//	found := name.Check()
//	log.Info("leader", "name", name) // prints [redacted]
//	send(name.Reveal())              // the only way to the text
//
// Names, certificate numbers, phones and email addresses each have a type whose values print as [Redacted] with every verb of
// fmt, in slog, and inside printed structs. Package fmt has two gaps: it cannot call the methods of a value in an unexported
// field, and it calls no method when it reports a wrong verb, such as %s for a struct that contains pointers (go vet finds
// those; use %v). The values marshal to JSON in clear, because the document of a filing is stored encrypted and shown to its
// owner. So log identifiers, never a document, because slog's JSON handler marshals structs.
package person

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/text"
)

// Redacted replaces personal data in logs.
const Redacted = "[redacted]"

// Redact writes [Redacted] to f. It ignores verb and flags.
func Redact(f fmt.State) { _, _ = io.WriteString(f, Redacted) }

// RedactedValue returns [Redacted] as a value for slog.
func RedactedValue() slog.Value { return slog.StringValue(Redacted) }

// A Name is the name of a natural person, as on the certificate: 1 to 128 characters (MIIT-IF30 10.1, Fzr/Xm).
type Name string

// Format writes [Redacted].
func (Name) Format(f fmt.State, _ rune) { Redact(f) }

// LogValue returns [Redacted].
func (Name) LogValue() slog.Value { return RedactedValue() }

// Reveal returns the name in clear. Show it only to the person, a reviewer or the bureau.
func (n Name) Reveal() string { return string(n) }

// Codes of the findings of [Name.Check].
const (
	NameMissing    finding.Code = "person-name-missing"
	NameTooLong    finding.Code = "person-name-too-long"
	NameCharacters finding.Code = "person-name-characters"
)

// NameLimit is the maximum length of a name in characters (MIIT-IF30 10.1).
const NameLimit = 128

// NormalizeName normalises a name as [text.Normalize] does. The dot inside the names of minorities ("买买提·艾力") is written in many ways
// and becomes U+00B7, the middle dot that identity cards print, without spaces around it; so does a full stop between two Chinese
// characters. A circle becomes 〇, which people write for a character that they cannot type. An asterisk stays: it hides a part of the name.
// The space beside a single Chinese character, which aligns short names in tables, is removed: "张 三" is 张三. So is a label: "姓名：张三".
func NormalizeName(typed string) Name {
	runes := []rune(text.Normalize(typed))
	for i, r := range runes {
		between := i > 0 && i+1 < len(runes) && unicode.Is(unicode.Han, runes[i-1]) && unicode.Is(unicode.Han, runes[i+1])
		switch {
		case strings.ContainsRune(dots, r), between && strings.ContainsRune(stops, r):
			runes[i] = '·'
		case strings.ContainsRune(circles, r):
			runes[i] = '〇'
		}
	}
	name := spacedDots().ReplaceAllString(string(runes), "·")
	for { // each change may show another label or single character
		next := strings.Trim(joinSingles(label().ReplaceAllString(name, "")), "· ")
		if next == name {
			return Name(name)
		}
		name = next
	}
}

// joinSingles removes a space between two Chinese characters if one of them stands alone. "示例 样例" may be two names, and keeps it.
func joinSingles(name string) string {
	parts := strings.Split(name, " ")
	joined := parts[0]
	for i, part := range parts[1:] {
		last, m := utf8.DecodeLastRuneInString(parts[i])
		first, n := utf8.DecodeRuneInString(part)
		alone := m == len(parts[i]) || n == len(part)
		if !alone || !unicode.Is(unicode.Han, last) || !unicode.Is(unicode.Han, first) {
			joined += " "
		}
		joined += part
	}
	return joined
}

// Characters that people type for the middle dot, those that are a dot only between Chinese characters, and those for 〇.
const (
	dots    = "•・ㆍ‧∙⋅．･●⦁ꞏ᛫․◦⚫﹒⸱⸳˙∘⚬ᐧ܁܂𐄁▪⸰"
	stops   = ".。｡°º٠"
	circles = "○◯⭕"
)

// label is what forms and certificates print before a name.
var label = pattern.New(`^(?:(?:姓 ?名|(?:单位|公司|企业|机构|主体)?名 ?称) ?[:：] ?)+`)

var spacedDots = pattern.New(`[ ·]*·[ ·]*`)

// Check returns the findings about a name; their pointer is "".
func (n Name) Check() finding.List {
	name := string(n)
	switch {
	case strings.TrimSpace(name) == "":
		return finding.List{finding.New(NameMissing, "")}
	case utf8.RuneCountInString(name) > NameLimit:
		return finding.List{finding.New(NameTooLong, "")}
	case strings.ContainsFunc(name, notInName):
		return finding.List{finding.New(NameCharacters, "")}
	}
	return nil
}

// notInName reports whether no name on a certificate contains the character, such as a digit, symbol or control character. Names
// contain letters of every script, and the punctuation of names in the Latin script.
func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" ·.'’-,()（）〇", r)
}
