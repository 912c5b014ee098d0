// Package timeline describes the history of an order to its applicant, in Chinese or English. Call [Of] with the order's ledger:
//
//	lines := timeline.Of(entries, order.ServiceAt(""), order.Language)
package timeline

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// A Line is one event in the history of an order.
type Line struct {
	At    time.Time
	Title string
	Text  string // what follows from the event; may be ""
	Who   string // the actor, such as "the reviewer"
}

// Of returns the lines for a ledger, in the order of its entries. It omits internal decisions, such as the release of a claim. Of
// consecutive lines for the same event it returns only the last. The texts are in the words of the kind of service.
func Of(entries []filing.Entry, service number.Service, language string) []Line {
	var lines []Line
	last := ""
	for _, e := range entries {
		event := eventOf(e)
		words, ok := eventWords()[event]
		if !ok {
			continue
		}
		fill := strings.NewReplacer(placeholders(e)...)
		line := Line{
			At:    e.At,
			Title: fill.Replace(service.Fit(words.Title).In(language)),
			Text:  fill.Replace(service.Fit(words.Text).In(language)),
			Who:   actorWords(e.By).In(language),
		}
		if event == last {
			lines[len(lines)-1] = line
			continue
		}
		lines, last = append(lines, line), event
	}
	return lines
}

// A description has the texts for an event. They may contain facts of the entry as {name}.
type description struct {
	Title finding.Words `json:"title"`
	Text  finding.Words `json:"text"`
}

//go:embed timeline.json
var file []byte

var eventWords = sync.OnceValue(mustLoad)

// mustLoad parses the embedded texts. A test of this package checks that they are complete.
func mustLoad() map[string]description {
	var words map[string]description
	if err := json.Unmarshal(file, &words); err != nil {
		panic(fmt.Errorf("timeline.json: %w", err))
	}
	return words
}

// eventOf returns the key of an entry's texts: the decision, with its result if the texts depend on it.
func eventOf(e filing.Entry) string {
	switch e.Decision {
	case "determine-type", "check-domains":
		if e.Facts["blocked"] != "" {
			return e.Decision + "/blocked"
		}
	case "record-page":
		if e.Facts["open"] != "true" {
			return e.Decision + "/closed"
		}
	case "repeat-type":
		if e.Facts["determined"] != "" {
			return e.Decision + "/determined"
		}
	case "check-filing-password":
		if e.Facts["refused"] != "" {
			return e.Decision + "/refused"
		}
	case "enter-details":
		if e.Facts["corrected"] != "" {
			return e.Decision + "/corrected"
		}
	case "answer-challenge":
		if e.Facts["passed"] != "true" {
			return e.Decision + "/failed"
		}
	case "claim":
		if e.Step != "" && e.Step.IsApplicantStep() {
			return e.Decision + "/appointment"
		}
	case "record-appointment":
		if outcome := filing.AppointmentOutcome(e.Facts["outcome"]); outcome == filing.AppointmentFailed || outcome == filing.AppointmentAbsent {
			return e.Decision + "/" + string(outcome)
		}
	case "record-call":
		switch filing.CallOutcome(e.Facts["outcome"]) {
		case filing.CallNoAnswer, filing.CallNoAnswerTwice:
			return e.Decision + "/unanswered"
		case filing.CallWrongNumber, filing.CallNoSuchNumber:
			return e.Decision + "/number"
		}
	case "pass":
		if e.Step == filing.MailDocuments {
			return e.Decision + "/papers"
		}
	case "answer-sms":
		switch {
		case e.Facts["lapsed"] != "":
			return e.Decision + "/lapsed"
		case e.Facts["wrong"] != "":
			return e.Decision + "/wrong"
		}
	case "send-contact-code":
		if e.Facts["known"] != "" {
			return e.Decision + "/known"
		}
	case "answer-contact-code":
		if e.Facts["wrong"] != "" {
			return e.Decision + "/wrong"
		}
	case "queue-upload", "receive":
		if e.Facts["hand"] != "" {
			return e.Decision + "/by-hand"
		}
	case "refuse":
		if e.By == filing.Beian {
			return e.Decision + "/unsent"
		}
	case "close":
		return e.Decision + "/" + strings.ToLower(e.Facts["closing"])
	case "erase":
		if e.Facts["closing"] != "" {
			return e.Decision + "/closed"
		}
	case "timeout":
		switch {
		case e.Facts["lapsed"] != "":
			return e.Decision + "/sms"
		case e.Step == filing.AwaitBureau:
			return e.Decision + "/bureau"
		}
	}
	return e.Decision
}

// placeholders returns the facts of an entry for a replacer, domains in their own script.
func placeholders(e filing.Entry) []string {
	var pairs []string
	for name, value := range e.Facts {
		if name == "domains" {
			domains := strings.Fields(value)
			for i, d := range domains {
				domains[i] = filing.Domain(d).Display()
			}
			value = strings.Join(domains, " ")
		}
		pairs = append(pairs, "{"+name+"}", value)
	}
	return pairs
}

func actorWords(by filing.Actor) finding.Words {
	switch {
	case by.Role == filing.Applicant:
		return finding.Words{Chinese: "您", English: "you"}
	case by.Role == filing.Reviewer:
		return finding.Words{Chinese: "审核员", English: "the reviewer"}
	case by.Role == filing.Admin:
		return finding.Words{Chinese: "服务商管理员", English: "the administrator"}
	case by == filing.TheBureau:
		return finding.Words{Chinese: "管局", English: "the bureau"}
	}
	return finding.Words{Chinese: "系统", English: "the system"}
}
