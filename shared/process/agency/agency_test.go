package agency_test

import (
	"strings"
	"testing"

	"beian/shared/process/agency"
)

// TestSettings: settings are read strictly, and written as they are read.
func TestSettings(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		`{"agency-1":{"nameChinese":"示例代办","nameEnglish":"Example Agency"}}`:                            "",
		`{"agency-1":{"nameChinese":"示例代办"}}`:                                                           "agencies.agency-1.nameEnglish: is missing / 未填写",
		`{"agency-1":{"nameChinese":" ","nameEnglish":"Example Agency"}}`:                               "agencies.agency-1.nameChinese: is missing",
		`{"a b":{"nameChinese":"示例代办","nameEnglish":"Example Agency"}}`:                                 `"a b" is not an account`,
		`{"agency-1":{"nameChinese":"` + strings.Repeat("示", 21) + `","nameEnglish":"Example Agency"}}`: "at most 20 characters",
		`{"agency-1":{"nameChinese":"示例代办","nameEnglish":"Example\nAgency"}}`:                           "without line breaks",
		`{"agency-1":{"name":"x"}}`: "unknown field",
		`{"a":{"nameChinese":"示","nameEnglish":"x"},"a":{"nameChinese":"例","nameEnglish":"y"}}`: "twice",
		`{`: "unexpected EOF",
	} {
		s, err := agency.ParseSettings(text)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		case want == "" && s.Text() != text:
			t.Errorf("%s is written as %s", text, s.Text())
		}
	}
}

// TestNoSetting: without the setting, no account is an agency.
func TestNoSetting(t *testing.T) {
	var none *agency.Checker
	if none.Listed("account") || none.CheckListed("account") == nil || (&agency.Checker{}).CheckListed("") == nil {
		t.Error("an account is an agency without the setting")
	}
}
