// Package finding says what is wrong with an application: where, why, how bad, and how to mend it.
//
// A [Finding] is made from one catalogue of [Code]s, which serves the automatic checks, the reviewer's reasons and
// the bureau's result codes alike, so that the same mistake is told in the same words whoever noticed it.
package finding

import "strings"

// A Code names one way of being wrong, for example "resident-id-check-digit". Codes are stable: callers may switch on them.
type Code string

// A Severity says what a finding does to the application.
type Severity string

const (
	Block  Severity = "block"  // the application cannot go on until it is mended
	Warn   Severity = "warn"   // a reviewer will look at it
	Inform Severity = "inform" // good to know
)

// Words are one sentence in each language that Beian speaks.
type Words struct {
	Chinese string `json:"zh-CN" doc:"Simplified Chinese"`
	English string `json:"en" doc:"English"`
}

// In returns the words in a language tag: English for "en" and its variants, Chinese for all else.
func (w Words) In(language string) string {
	if strings.HasPrefix(strings.ToLower(language), "en") {
		return w.English
	}
	return w.Chinese
}

// A Finding is one thing to know about an application.
type Finding struct {
	// Pointer is the JSON pointer (RFC 6901) of the field in the document that was checked; "" is the whole document.
	Pointer  string   `json:"pointer" doc:"JSON pointer (RFC 6901) to the field"`
	Code     Code     `json:"code" doc:"stable rule code"`
	Severity Severity `json:"severity" enum:"block,warn,inform"`
	Message  Words    `json:"message" doc:"what is wrong"`
	Remedy   Words    `json:"remedy" doc:"how to mend it"`
}

// New makes the finding that the catalogue holds for code, at pointer. Args are pairs of a placeholder's name and its
// value: New(c, p, "min", "18") puts 18 where the words say {min}. A value must not be personal data, for findings
// are logged and stored in clear.
func New(code Code, pointer string, args ...string) Finding {
	e, ok := catalogue()[code]
	if !ok {
		e = unknown
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

// A List holds everything found, in the order of the checks.
type List []Finding

// Blocking reports whether any finding stops the application.
func (l List) Blocking() bool {
	for _, f := range l {
		if f.Severity == Block {
			return true
		}
	}
	return false
}

// Has reports whether the list holds a finding with code.
func (l List) Has(code Code) bool {
	for _, f := range l {
		if f.Code == code {
			return true
		}
	}
	return false
}

// Under returns the findings with their pointers moved below prefix: "/name" under "/subject" is "/subject/name".
func (l List) Under(prefix string) List {
	moved := make(List, len(l))
	for i, f := range l {
		f.Pointer = prefix + f.Pointer
		moved[i] = f
	}
	return moved
}
