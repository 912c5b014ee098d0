package eventpattern_test

import (
	"encoding/json"
	"strings"
	"testing"

	"beian/infra/local/eventpattern"
)

func TestPattern(t *testing.T) {
	const notices = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":["OUTBOX"]},"sk":{"S":[{"prefix":"notice#"}]}}}}`
	for record, want := range map[string]bool{
		`{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"OUTBOX"},"sk":{"S":"notice#1"}}}}`: true,
		`{"eventName":"MODIFY","dynamodb":{"Keys":{"pk":{"S":"OUTBOX"},"sk":{"S":"notice#1"}}}}`: false,
		`{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"OUTBOX"},"sk":{"S":"resume#1"}}}}`: false,
		`{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"N":"1"},"sk":{"S":"notice#1"}}}}`:      false,
		`{"eventName":"INSERT"}`: false,
		`{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":"OUTBOX"},"sk":{"S":"notice#1"}}}}`: false,
	} {
		p, err := eventpattern.Parse(notices)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal([]byte(record), &value); err != nil {
			t.Fatal(err)
		}
		if got := p.Fits(value); got != want {
			t.Errorf("%s fits: %t", record, got)
		}
	}
	for text, want := range map[string]string{
		`{"a":[{"exists":true}]}`:          "a: {\"exists\":true} is not known here",
		`{"a":[{"prefix":"b","x":1}]}`:     "is not known here",
		`{"a":[{"numeric":["<",1]}]}`:      "is not known here",
		`{"a":[1]}`:                        "a: 1 is not known here",
		`{"a":[null]}`:                     "a: null is not known here",
		`{"a":[]}`:                         "a has no values",
		`{"a":"b"}`:                        "a is neither a list nor an object",
		`{}`:                               "the pattern is neither",
		`{"a":["b"]} {}`:                   "something after it",
		`{"a":`:                            "unexpected EOF",
		`{"a":{"b":[{"anything-but":1}]}}`: "is not known here",
	} {
		if _, err := eventpattern.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add(`{"a":["b",{"prefix":"c"}]}`, `{"a":"b"}`)
	f.Add(`{"a":{"b":[""]}}`, `[1]`)
	f.Fuzz(func(t *testing.T, text, record string) {
		p, err := eventpattern.Parse(text)
		if err != nil {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Errorf("%q is taken", text)
		}
		var value any
		if json.Unmarshal([]byte(record), &value) == nil {
			p.Fits(value)
		}
	})
}
