package filing_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// TestMatches: details and confirmation replace the warnings about leaders of other subjects. Each value is one warning, also if other
// orders have it under several names.
func TestMatches(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectDetails)
	number := []string{"/subject/leader/certificate/number"}
	matches := []filing.LeaderMatch{
		{Kind: filing.MatchCertificate, Pointers: number, Orders: []filing.ID{"01OTHER"}},
		{Kind: filing.MatchOtherName, Pointers: number, Orders: []filing.ID{"02OTHER"}},
		{Kind: filing.MatchPhone, Pointers: []string{"/sites/0/leader/mobile", "/subject/leader/emergencyPhone"}},
		{Kind: filing.MatchEmail, Pointers: []string{"/sites/0/leader/email"}},
	}
	const all = "leader-of-other-subject /subject/leader/certificate/number, phone-of-other-subject /sites/0/leader/mobile, email-of-other-subject /sites/0/leader/email"
	c := w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	if !c.IndexLeaders {
		t.Error("the leaders are not indexed")
	}
	var found []string
	for _, f := range w.Order.StaffFindings(matches) {
		if strings.Contains(fmt.Sprint(f), "OTHER") {
			t.Error("a finding names another order")
		}
		if strings.HasSuffix(string(f.Code), "-of-other-subject") {
			found = append(found, string(f.Code)+" "+f.Pointer)
		}
	}
	if got := strings.Join(found, ", "); got != all {
		t.Errorf("findings for staff %q", got)
	}
	if w.Order.Private.Findings.Has(filing.CodeLeaderElsewhere) {
		t.Error("the applicant reads about other orders")
	}
}

// TestLeaderValues: each value of the leaders occurs once, with all its fields. A closed order has none, and no value is printed.
func TestLeaderValues(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseJiangsu(), filingtest.December2019, filing.InitialReview)
	values := w.Order.LeaderValues()
	var got []string
	for _, v := range values {
		got = append(got, fmt.Sprint(v.Kind, " ", len(v.Pointers)))
	}
	if want := []string{"certificate 3", "phone 3", "phone 3", "email 3"}; !slices.Equal(got, want) {
		t.Errorf("values %q, want %q", got, want)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("values", "value", values[0])
	if printed := fmt.Sprintf("%v %+v %#v", values, values[0], values[0]) + log.String(); strings.Contains(printed, values[0].Value) {
		t.Error("a value is printed")
	}
	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})
	if c := w.Decide(filing.Beian, filing.Close{}); !c.IndexLeaders || len(w.Order.LeaderValues()) > 0 {
		t.Error("a withdrawn order still has values")
	}
}
