// Package finding describes what is wrong with an application: the field, the rule, the severity, and how to correct it.
// Create findings with [New]; [Catalogue] lists all codes.
//
//	found = append(found, finding.New("text-too-long", "/subject/remark", "max", "500"))
//	if found.Blocking() { … }
//
// One catalogue of codes serves the automatic checks, the reviewer's reasons and the bureau's result codes, so the same
// mistake has the same words whether a check, a reviewer or the bureau reports it.
package finding

import (
	"regexp"
	"strings"
)

// A Code identifies a rule, for example "resident-id-check-digit". Codes are stable: callers may switch on them.
type Code string

// Overridable reports whether a reviewer may override the rule; see [Entry].
func (c Code) Overridable() bool {
	e, _ := lookUp(c)
	return e.Overridable
}

// Source is the code of the rule's source, as of an [Entry].
func (c Code) Source() string {
	e, _ := lookUp(c)
	return e.Source
}

// A Severity says how a finding affects the application.
type Severity string

const (
	Block  Severity = "block"  // the application cannot continue until it is corrected
	Warn   Severity = "warn"   // a reviewer will check it
	Inform Severity = "inform" // for information
)

// Words are a text in both languages of Beian.
type Words struct {
	Chinese string `json:"zh-CN" doc:"Simplified Chinese"`
	English string `json:"en" doc:"English"`
}

// In returns the text in a language: English for "en" and its variants, Chinese for every other tag.
func (w Words) In(language string) string {
	if strings.HasPrefix(strings.ToLower(language), "en") {
		return w.English
	}
	return w.Chinese
}

// A Finding is one problem or note about an application.
type Finding struct {
	// Pointer is the JSON pointer (RFC 6901) of the field in the document that was checked; "" is the whole document.
	Pointer  string   `json:"pointer" doc:"JSON pointer (RFC 6901) to the field"`
	Code     Code     `json:"code" doc:"stable rule code"`
	Severity Severity `json:"severity" enum:"block,warn,inform"`
	Message  Words    `json:"message" doc:"what is wrong"`
	Remedy   Words    `json:"remedy" doc:"how to correct it"`
	// Order and Filing are ids of the account that the finding is shown to, never of another.
	Order  string `json:"order,omitempty" doc:"the order of your account that is in the way: GET /orders/{id}"`
	Filing string `json:"filing,omitempty" doc:"the filing of your account that the finding is about: GET /filings/{id}"`
	// Overridable is set by [Finding.OfferExplanation].
	Overridable bool `json:"overridable,omitempty" doc:"whether the applicant can explain instead of correcting: send the same request with an explanation of this code and pointer"`
}

// explain follows the remedy of a finding that the applicant can explain.
var explain = Words{
	Chinese: "如果核对后确认实际情况就是这样，不用改：写一句原因，再提交一次，由审核人员判断。",
	English: "If you have checked it and it is right as it is, leave it: write in a sentence why, submit again, and a reviewer decides.",
}

// OfferExplanation returns the finding with the offer to explain instead of correcting, if it blocks and its rule is overridable.
func (f Finding) OfferExplanation() Finding {
	if f.Severity == Block && f.Code.Overridable() {
		f.Overridable = true
		f.Remedy.Chinese += explain.Chinese
		f.Remedy.English += " " + explain.English
	}
	return f
}

// New returns the catalogue's finding for code, at pointer. Args are pairs of a placeholder's name and its value: New(c, p,
// "min", "18") replaces {min} by 18. Values must not be personal data, because the store keeps the result of a request, findings
// included, in clear beside its idempotency key. Only a reviewer's text may name people: an order's findings are stored encrypted.
func New(code Code, pointer string, args ...string) Finding {
	e, ok := lookUp(code)
	if !ok {
		e = unknownEntry
	}
	fill := strings.NewReplacer(placeholders(args)...)
	return Finding{
		Pointer:  pointer,
		Code:     code,
		Severity: e.Severity,
		Message:  Words{fill.Replace(e.Message.Chinese), fill.Replace(e.Message.English)},
		Remedy:   Words{fill.Replace(e.Remedy.Chinese), fill.Replace(e.Remedy.English)},
	}
}

func placeholders(args []string) []string {
	pairs := make([]string, len(args)-len(args)%2)
	for i := 0; i+1 < len(args); i += 2 {
		pairs[i], pairs[i+1] = "{"+args[i]+"}", args[i+1]
	}
	return pairs
}

// What to do about a finding that the applicant explained.
var (
	explained  = Words{"您已说明原因，现在不用做什么，审核人员会判断。", "You have explained it. You do not need to do anything; a reviewer decides."}
	overridden = Words{"审核人员看过您的说明，已同意，不用改。", "A reviewer has read your explanation and agreed; leave it as it is."}
)

// Explained returns the finding as a warning, after the applicant explained it, or after a reviewer accepted the explanation.
func (f Finding) Explained(accepted bool) Finding {
	f.Severity, f.Remedy = Warn, explained
	if accepted {
		f.Remedy = overridden
	}
	return f
}

var argument = regexp.MustCompile(`\{[a-z-]+\}`)

// WithoutArguments returns the finding with "…" for each argument of its texts, so that it quotes nothing that somebody entered. ok is false if
// the message is not the catalogue's: a reviewer or the bureau wrote it. fits are what may have been applied to the catalogue's texts, such as
// number.Service.Fit.
func (f Finding) WithoutArguments(fits ...func(Words) Words) (plain Finding, ok bool) {
	e, known := lookUp(f.Code)
	same := func() bool {
		return fills(e.Message.Chinese, f.Message.Chinese) && fills(e.Message.English, f.Message.English)
	}
	for _, fit := range fits {
		if known && !same() {
			e.Message, e.Remedy = fit(e.Message), fit(e.Remedy)
		}
	}
	if !known || !same() {
		return Finding{}, false
	}
	cut := func(w Words) Words {
		return Words{argument.ReplaceAllString(w.Chinese, "…"), argument.ReplaceAllString(w.English, "…")}
	}
	plain = Finding{Pointer: f.Pointer, Code: f.Code, Severity: f.Severity, Message: cut(e.Message), Remedy: cut(e.Remedy)}
	if f.Remedy == explained || f.Remedy == overridden {
		plain.Remedy = f.Remedy
	}
	if f.Overridable {
		plain = plain.OfferExplanation()
	}
	return plain, true
}

// fills reports whether a text is a text of the catalogue with its arguments.
func fills(template, text string) bool {
	parts := argument.Split(template, -1)
	last := parts[len(parts)-1]
	if len(parts) == 1 {
		return text == template
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		if ok {
			_, rest, ok = strings.Cut(rest, part)
		}
	}
	return ok && strings.HasSuffix(rest, last)
}

// A List is a list of findings, in the order of the checks.
type List []Finding

// Blocking reports whether any finding blocks the application.
func (l List) Blocking() bool {
	for _, f := range l {
		if f.Severity == Block {
			return true
		}
	}
	return false
}

// Has reports whether the list contains a finding with code.
func (l List) Has(code Code) bool {
	for _, f := range l {
		if f.Code == code {
			return true
		}
	}
	return false
}

// Under returns the findings with prefix prepended to their pointers: "/name" under "/subject" is "/subject/name".
func (l List) Under(prefix string) List {
	moved := make(List, len(l))
	for i, f := range l {
		f.Pointer = prefix + f.Pointer
		moved[i] = f
	}
	return moved
}
