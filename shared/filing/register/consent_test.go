package register_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

var consentDay = time.Date(2021, 3, 1, 1, 30, 0, 0, time.UTC)

// asked is the request of a consent for a filing.
func asked(t *testing.T) register.Consent {
	t.Helper()
	n, err := number.ParseSubject("浙ICP备12345678号")
	if err != nil {
		t.Fatal(err)
	}
	return register.Consent{ID: "01CONSENT", Account: "agency", Number: n, Scopes: []register.Scope{"cancel", "change"}, Until: "2021-06-01",
		LeaderCode: register.LeaderCode{Code: "482913"}}
}

// TestConsent: a consent is given by the code, permits its scopes and reading until its last day in Shanghai, and ends at once.
func TestConsent(t *testing.T) {
	c, err := register.RequestConsent(asked(t), consentDay)
	if err != nil || !slices.Equal(c.Scopes, []register.Scope{"read", "change", "cancel"}) || c.StateAt(consentDay) != register.ConsentRequested {
		t.Fatalf("%+v, %v", c, err)
	}
	if code := codeOf(c.Check(register.ScopeRead, consentDay)); code != register.CodeConsentMissing {
		t.Errorf("a request permits reading: %s", code)
	}
	c, changed, err := c.Answer("482 913", consentDay)
	if err != nil || !changed {
		t.Fatal(err)
	}
	c = c.Give("01FILING", "leader", consentDay)
	last := time.Date(2021, 6, 1, 15, 59, 0, 0, time.UTC) // 23:59 in Shanghai
	for _, step := range []struct {
		scope register.Scope
		at    time.Time
		want  finding.Code
	}{
		{"read", last, ""}, {"change", last, ""}, {"cancel", last, ""}, {"file", last, register.CodeConsentScope},
		{"change", last.Add(time.Minute), register.CodeConsentExpired}, {"read", last.Add(time.Minute), register.CodeConsentExpired},
	} {
		if got := codeOf(c.Check(step.scope, step.at)); got != step.want {
			t.Errorf("%s at %s: %q, want %q", step.scope, step.at, got, step.want)
		}
	}
	if _, changed, err = c.Answer("482913", consentDay); changed || codeOf(err) != register.CodeConsentCodeExpired {
		t.Errorf("the code counts twice: %v", err)
	}
	ended, err := c.End(register.EndedByLeader, "", consentDay)
	if err != nil || ended.Version != c.Version+1 || codeOf(ended.Check("read", consentDay)) != register.CodeConsentRevoked {
		t.Errorf("%+v, %v", ended, err)
	}
	if _, err := ended.End(register.EndedByStaff, "admin", consentDay); codeOf(err) != register.CodeConsentEnded {
		t.Errorf("a revoked consent ends again: %v", err)
	}
	if _, err := c.End(register.EndedByStaff, "admin", last.Add(time.Minute)); codeOf(err) != register.CodeConsentEnded {
		t.Errorf("an expired consent ends: %v", err)
	}
}

// TestWrongConsents: all mistakes of a request are reported at once.
func TestWrongConsents(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*register.Consent)
		want   []string
	}{
		"no target":       {func(c *register.Consent) { c.Number = number.Subject{} }, []string{"consent-target "}},
		"two targets":     {func(c *register.Consent) { c.Order = "01ORDER" }, []string{"consent-target "}},
		"no scope":        {func(c *register.Consent) { c.Scopes = nil }, []string{"consent-scopes /scopes"}},
		"unknown scope":   {func(c *register.Consent) { c.Scopes[1] = "own" }, []string{"consent-scopes /scopes/1"}},
		"yesterday":       {func(c *register.Consent) { c.Until = "2021-02-28" }, []string{"consent-until /until"}},
		"over a year":     {func(c *register.Consent) { c.Until = "2022-03-02" }, []string{"consent-until /until"}},
		"no date":         {func(c *register.Consent) { c.Until = "2021-02-30" }, []string{"consent-until /until"}},
		"several at once": {func(c *register.Consent) { c.Scopes, c.Until = nil, "" }, []string{"consent-scopes /scopes", "consent-until /until"}},
		"today":           {func(c *register.Consent) { c.Until = "2021-03-01" }, nil},
		"a year":          {func(c *register.Consent) { c.Until = "2022-03-01" }, nil},
	} {
		wrong := asked(t)
		c.change(&wrong)
		_, err := register.RequestConsent(wrong, consentDay)
		var got []string
		if err != nil {
			for _, f := range fault.Of(err).Findings {
				got = append(got, string(f.Code)+" "+f.Pointer)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestLeaderCode: five wrong codes are permitted, malformed ones do not count, and a code is valid for 30 minutes.
func TestLeaderCode(t *testing.T) {
	r := register.ConsentRevocation{ID: "01REVOCATION", Version: 1, LeaderCode: register.LeaderCode{Code: "482913", At: consentDay}}
	if _, changed, err := r.Answer("48291", consentDay); changed || codeOf(err) != register.CodeConsentCodeFormat {
		t.Errorf("five digits: %v, %v", changed, err)
	}
	if _, changed, err := r.Answer("482913", consentDay.Add(register.CodeLifetime)); changed || codeOf(err) != register.CodeConsentCodeExpired {
		t.Errorf("after 30 minutes: %v, %v", changed, err)
	}
	for left := register.MaxWrongCodes; left >= 0; left-- {
		want := register.CodeConsentCodeWrong
		if left == 0 {
			want = register.CodeConsentCodeExpired
		}
		var err error
		if r, _, err = r.Answer("000000", consentDay); codeOf(err) != want || r.TriesLeft() != left {
			t.Errorf("%d tries left, %v; want %d, %s", r.TriesLeft(), err, left, want)
		}
	}
	if _, _, err := r.Answer("482913", consentDay); codeOf(err) != register.CodeConsentCodeExpired {
		t.Errorf("the right code after six wrong ones: %v", err)
	}
}

func codeOf(err error) finding.Code {
	if err == nil {
		return ""
	}
	return fault.Of(err).Findings[0].Code
}
