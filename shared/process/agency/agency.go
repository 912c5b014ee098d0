// Package agency says which accounts may act for several subjects, and checks the consents by which they do.
//
//	consent, err := checker.Check(ctx, account, filing, register.ScopeChange)
//
// Without the setting, an account has the filing of one subject and acts for no other.
package agency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/strictjson"
)

// An Agency is an account that may act for several subjects, as messages to leaders name it.
type Agency struct {
	ChineseName string `json:"nameChinese"`
	EnglishName string `json:"nameEnglish"`
}

// Settings are the agencies by account: the token's sub. The zero value has none.
type Settings map[filing.Account]Agency

// The longest names, in characters: an SMS with one has to fit into two parts.
const (
	maxChineseName = 20
	maxEnglishName = 40
	// maxSettings is the size of the settings in bytes, about 20 agencies; see "Lambda quotas".
	maxSettings = 2000
)

// ParseSettings reads settings strictly from JSON. The empty text is the zero value.
func ParseSettings(text string) (Settings, error) {
	if text == "" {
		return nil, nil
	}
	var s Settings
	if err := strictjson.UnmarshalSettings(text, &s); err != nil {
		return nil, fmt.Errorf("agencies: %w", err)
	}
	return s, s.Check()
}

// Check returns an error with a line for each mistake: its place, and what is wrong in English and Chinese.
func (s Settings) Check() error {
	var all []error
	for _, account := range slices.Sorted(maps.Keys(s)) {
		if account == "" || strings.ContainsFunc(string(account), func(r rune) bool { return r <= ' ' || r > '~' || r == '#' }) {
			all = append(all, fmt.Errorf("agencies: %q is not an account; use the sub of its tokens / %[1]q 不是账号，请填写其令牌的 sub", account))
		}
		a := s[account]
		all = append(all, checkName(account, "nameChinese", a.ChineseName, maxChineseName), checkName(account, "nameEnglish", a.EnglishName, maxEnglishName))
	}
	if size := len(s.Text()); size > maxSettings {
		all = append(all, fmt.Errorf("agencies: %d bytes as JSON, at most %d, because the variables of a function have 4 KB together; list fewer agencies / JSON 共 %[1]d 字节，最多 %[2]d 字节，因为一个函数的环境变量合计 4 KB，请减少代办机构", size, maxSettings))
	}
	return errors.Join(all...)
}

func checkName(account filing.Account, field, name string, longest int) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("agencies.%s.%s: is missing / 未填写", account, field)
	case utf8.RuneCountInString(name) > longest || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("agencies.%s.%s: must have at most %d characters, without line breaks / 最多 %[3]d 个字符，不得换行", account, field, longest)
	}
	return nil
}

// Text returns the settings as JSON for an environment variable; "" without agencies.
func (s Settings) Text() string {
	if len(s) == 0 {
		return ""
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen: texts can be marshalled
	}
	return string(text)
}

// A Store reads consents. Package dynamo implements it.
type Store interface {
	// ConsentOf returns the newest consent that an account was given for a filing, also one that has ended; the zero Consent if there is none.
	ConsentOf(ctx context.Context, account register.Account, f register.ID) (register.Consent, error)
}

// A Checker checks consents. It is safe for concurrent use. A nil Checker knows no agencies.
type Checker struct {
	Settings Settings
	Store    Store
	// Now is the clock of decisions.
	Now func() time.Time
}

// Listed reports whether an account may act for several subjects.
func (k *Checker) Listed(account filing.Account) bool {
	if k == nil {
		return false
	}
	_, listed := k.Settings[account]
	return listed
}

// CheckListed returns a fault of kind Conflict unless an account may act for several subjects.
func (k *Checker) CheckListed(account filing.Account) error {
	if k.Listed(account) {
		return nil
	}
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeNoAgency, "")})
}

// Consent returns the newest consent of an account for a filing, also one that has ended. The zero Consent is none. The error is a fault of kind
// Forbidden if the account is no agency any more.
func (k *Checker) Consent(ctx context.Context, account filing.Account, f register.ID) (register.Consent, error) {
	if !k.Listed(account) {
		return register.Consent{}, fault.WithFindings(fault.Forbidden, finding.List{finding.New(register.CodeNoAgency, "")})
	}
	return k.Store.ConsentOf(ctx, account, f)
}
