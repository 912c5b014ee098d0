package limits

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"beian/shared/filing"
	"beian/shared/rules/strictjson"
)

// Settings change the limits of an installation. The zero value leaves [Defaults].
type Settings struct {
	// Factor multiplies all limits; 0 is 1.
	Factor int `json:"factor,omitempty"`
	// Accounts multiply the limits of some accounts, such as an agency's, and of the addresses they come from: 10 is ten times as much.
	Accounts map[filing.Account]int `json:"accounts,omitempty"`
	// Drafts replaces [Drafts].
	Drafts int `json:"drafts,omitempty"`
	// Actions replace limits: {"open": {"account": 200}}.
	Actions map[Action]map[Scope]int `json:"actions,omitempty"`
}

// ParseSettings reads settings strictly from JSON. The empty text is the zero value.
func ParseSettings(text string) (Settings, error) {
	var s Settings
	if text == "" {
		return s, nil
	}
	if err := strictjson.UnmarshalSettings(text, &s); err != nil {
		return s, fmt.Errorf("limits: %w", err)
	}
	return s, s.Check()
}

// Check returns an error for each setting that is not possible, with its place, in English and Chinese.
func (s Settings) Check() error {
	var all []error
	const least = "must be at least 1 / 不得小于 1"
	wrong := func(place, format string, args ...any) {
		all = append(all, fmt.Errorf("limits."+place+": "+format, args...))
	}
	if s.Factor < 0 {
		wrong("factor", least)
	}
	if s.Drafts < 0 {
		wrong("drafts", least)
	}
	for _, account := range slices.Sorted(maps.Keys(s.Accounts)) {
		if s.Accounts[account] < 1 {
			wrong("accounts."+string(account), least)
		}
	}
	for _, action := range slices.Sorted(maps.Keys(s.Actions)) {
		rule, ok := Defaults[action]
		if !ok {
			wrong("actions", "there is no action %q; there are %v / 没有 %[1]q 这项操作，可填写 %[2]v", action, slices.Sorted(maps.Keys(Defaults)))
			continue
		}
		for _, scope := range slices.Sorted(maps.Keys(s.Actions[action])) {
			if _, ok := rule.Max[scope]; !ok {
				wrong("actions."+string(action), "is counted for %v, not for %q / 按 %[1]v 计数，不按 %[2]q 计数", slices.Sorted(maps.Keys(rule.Max)), scope)
			} else if s.Actions[action][scope] < 1 {
				wrong("actions."+string(action)+"."+string(scope), least)
			}
		}
	}
	return errors.Join(all...)
}

// Text returns the settings as JSON for an environment variable; "" for the zero value.
func (s Settings) Text() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen: texts and numbers can be marshalled
	}
	if string(text) == "{}" {
		return ""
	}
	return string(text)
}

// drafts returns how many orders an account may have that are not submitted.
func (s Settings) drafts(account filing.Account) int {
	return cmp.Or(s.Drafts, Drafts) * max(s.Factor, 1) * max(s.Accounts[account], 1)
}

// of returns the limits of an action. The factor of the account among the keys applies to its address, too. It does not apply to recipients,
// whom the limit protects from the account.
func (s Settings) of(action Action, keys []Key) map[Scope]int {
	all := maps.Clone(Defaults[action].Max)
	maps.Copy(all, s.Actions[action])
	trust := 1
	for _, key := range keys {
		if key.Scope == Account {
			trust = max(s.Accounts[filing.Account(key.Value)], 1)
		}
	}
	for scope := range all {
		all[scope] *= max(s.Factor, 1)
		if scope != Recipient {
			all[scope] *= trust
		}
	}
	return all
}
