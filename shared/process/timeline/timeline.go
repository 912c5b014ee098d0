// Package timeline tells an applicant, in Chinese or English, what happened to an order.
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
)

// A Line is one thing that happened to an order, as its applicant is told.
type Line struct {
	At    time.Time
	Title string
	Text  string // what it means; may be ""
	Who   string // who did it, in a word
}

// Of tells an order's ledger to its applicant, in the order of the entries. What only matters inside (a claim
// given back, a challenge issued) is left out, and a repetition of the line before takes its place.
func Of(entries []filing.Entry, language string) []Line {
	var lines []Line
	last := ""
	for _, e := range entries {
		event := eventOf(e)
		words, ok := told()[event]
		if !ok {
			continue
		}
		fill := strings.NewReplacer(facts(e)...)
		one := Line{
			At:    e.At,
			Title: fill.Replace(words.Title.In(language)),
			Text:  fill.Replace(words.Text.In(language)),
			Who:   who(e.By).In(language),
		}
		if event == last {
			lines[len(lines)-1] = one
			continue
		}
		lines, last = append(lines, one), event
	}
	return lines
}

// happened are the words of an event. They may quote the entry's facts as {name}.
type happened struct {
	Title finding.Words `json:"title"`
	Text  finding.Words `json:"text"`
}

//go:embed timeline.json
var file []byte

var told = sync.OnceValue(mustLoad)

// mustLoad reads the embedded words; that they are whole is held by this package's test.
func mustLoad() map[string]happened {
	var all map[string]happened
	if err := json.Unmarshal(file, &all); err != nil {
		panic(fmt.Errorf("timeline.json: %w", err))
	}
	return all
}

// eventOf is the key of an entry's words: the decision, and what came of it where that makes a difference.
func eventOf(e filing.Entry) string {
	switch e.Decision {
	case "determine-type", "repeat-type":
		if e.Facts["blocked"] != "" {
			return e.Decision + "/blocked"
		}
	case "answer-challenge":
		if e.Facts["passed"] != "true" {
			return e.Decision + "/failed"
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
	case "refuse":
		if e.By == filing.Beian {
			return e.Decision + "/unsent"
		}
	case "close":
		return e.Decision + "/" + strings.ToLower(e.Facts["closing"])
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

func facts(e filing.Entry) []string {
	var pairs []string
	for name, value := range e.Facts {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return pairs
}

func who(by filing.Actor) finding.Words {
	switch {
	case by.Role == filing.Applicant:
		return finding.Words{Chinese: "您", English: "you"}
	case by.Role == filing.Reviewer, by.Role == filing.Admin:
		return finding.Words{Chinese: "审核员", English: "the reviewer"}
	case by == filing.TheBureau:
		return finding.Words{Chinese: "管局", English: "the bureau"}
	}
	return finding.Words{Chinese: "系统", English: "the system"}
}
