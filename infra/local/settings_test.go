package main

import (
	"regexp"
	"strings"
	"testing"
)

// inBothLanguages matches words in English and in Chinese.
var inBothLanguages = regexp.MustCompile(`^[\x00-\x7F]*[A-Za-z]{2}[\x00-\x7F]* / .*\p{Han}`)

// TestWrongSettings: a wrong environment variable ends make run before it starts anything; the error names the variable in both languages.
func TestWrongSettings(t *testing.T) {
	for _, setting := range []string{"SMS=pigeon", "MAIL=pigeon", "MAIL=smtp", "BUREAU=fax", "BUREAU_SENDS_PLAIN=yes", "PC_UPLOADS=1", "SMS_BY_DAY=yes",
		"PORTAL_PORT=x", "AWS_PORT=65536", `LIMITS={"factor":-1}`, "LIMITS={", `AGENCIES={"agency-1":{"nameChinese":"示例代办"}}`, "AGENCIES=[]"} {
		t.Run(setting, func(t *testing.T) {
			t.Setenv("DATA", t.TempDir())
			t.Setenv("SMTP_URL", "")
			name, text, _ := strings.Cut(setting, "=")
			t.Setenv(name, text)
			err := run(t.Context(), nil)
			if err == nil || !strings.HasPrefix(err.Error(), name) || !inBothLanguages.MatchString(err.Error()) {
				t.Errorf("%v", err)
			}
		})
	}
}
