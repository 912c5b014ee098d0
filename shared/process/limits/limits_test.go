package limits_test

import (
	"fmt"
	"strings"
	"testing"

	"beian/shared/process/limits"
	"beian/shared/rules/person"
)

func TestOfAddress(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "2001:db8:1:2:ffff::1": "2001:db8:1:2::", "fe80::1%eth0": "fe80::",
		"": "unknown", "example.cn": "unknown",
	} {
		if got := limits.OfAddress(text); got != (limits.Key{Scope: limits.Address, Value: want}) {
			t.Errorf("%q is counted as %q", text, got.Value)
		}
	}
}

func TestKeysAreRedacted(t *testing.T) {
	for _, key := range []limits.Key{limits.OfAddress("203.0.113.7"), limits.OfMobile("13900000000"), limits.OfMailbox("a@example.cn")} {
		if text := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.ReplaceAll(text, person.Redacted, "") != "   " {
			t.Errorf("a key is printed as %s", text)
		}
	}
}

// TestSettings: settings are read strictly, and written as they are read.
func TestSettings(t *testing.T) {
	for text, want := range map[string]string{
		"":             "",
		`{"factor":2}`: "",
		`{"accounts":{"agency":10},"actions":{"open":{"account":200}}}`: "",
		`{"factor":-1}`:                       "limits.factor: must be at least 1 / 不得小于 1",
		`{"accounts":{"a":0}}`:                "limits.accounts.a: must be at least 1",
		`{"actions":{"fly":{"account":1}}}`:   `there is no action "fly"`,
		`{"actions":{"staff":{"address":1}}}`: "limits.actions.staff: is counted for [account], not for \"address\"",
		`{"actions":{"open":{"account":0}}}`:  "limits.actions.open.account: must be at least 1",
		`{"openings":1}`:                      "unknown field",
		`{"factor":2} x`:                      "text after the JSON value",
		`{"factor":2,"Factor":3}`:             "twice: /Factor",
		`{`:                                   "unexpected EOF",
	} {
		s, err := limits.ParseSettings(text)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		case want == "" && s.Text() != text:
			t.Errorf("%s is written as %s", text, s.Text())
		}
	}
}

// TestDefaults: each action has words, a window and limits.
func TestDefaults(t *testing.T) {
	for action, rule := range limits.Defaults {
		if rule.Window <= 0 || len(rule.Max) == 0 || rule.Words.Chinese == "" || rule.Words.English == "" {
			t.Errorf("%s: %+v", action, rule)
		}
		for scope, limit := range rule.Max {
			if limit < 1 {
				t.Errorf("%s: the limit for an %s is %d", action, scope, limit)
			}
		}
	}
}
