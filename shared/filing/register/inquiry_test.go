package register_test

import (
	"testing"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// TestStateCodes: the code of an inquiry can be entered again until it expires; six wrong ones end it.
func TestStateCodes(t *testing.T) {
	now := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	i := register.StateInquiry{ID: "01INQUIRY", Version: 1, LeaderCode: register.LeaderCode{Code: "482913", At: now}}
	enter := func(typed string, at time.Time, want finding.Code) {
		t.Helper()
		after, changed, err := i.Answer(typed, at)
		if want == "" && (err != nil || changed) || want != "" && !fault.Of(err).Findings.Has(want) {
			t.Errorf("%s: %v, %v, want %q", typed, changed, err, want)
		}
		if changed && after.Version != i.Version+1 {
			t.Errorf("version %d after %d", after.Version, i.Version)
		}
		i = after
	}
	for range 2 {
		enter("４８２ ９１３", now.Add(time.Minute), "")
	}
	enter("48291", now, register.CodeStateCodeFormat)
	for range register.MaxWrongCodes {
		enter("000000", now, register.CodeStateCodeWrong)
	}
	enter("482913", now, "")
	enter("482913", now.Add(register.CodeLifetime), register.CodeStateCodeExpired)
	enter("000000", now, register.CodeStateCodeExpired)
	enter("482913", now, register.CodeStateCodeExpired)
	if _, changed, err := (register.StateInquiry{}).Answer("", now); changed || !fault.Of(err).Findings.Has(register.CodeStateCodeExpired) {
		t.Errorf("an unknown inquiry: %v", err)
	}
}
