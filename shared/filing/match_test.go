package filing_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
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

// TestLeadersOfFormerSubject: where only the subject's leader is indexed, the correction to another subject takes the leader out of the index, so that the details
// of the other subject find nothing in it.
func TestLeadersOfFormerSubject(t *testing.T) {
	before := elsewhere(filedEnterprise(t))
	before.Private.Sites = []filing.Site{before.Private.Sites[0]}
	before.Private.Sites[0].Leader = filing.Leader{} // of an import
	w, _ := secondSite(t, before)
	var indexed []filing.LeaderValue
	store := w.Store
	w.Store = func(c filing.Change) filing.Order {
		if c.FirstLeaders && len(indexed) > 0 {
			t.Errorf("%s leaves %d values in the index", c.Entry.Decision, len(indexed))
		}
		if c.IndexLeaders {
			indexed = c.Order.LeaderValues()
		}
		return store(c)
	}
	w.Order.Domains = []filing.Domain{before.Sites[0].Domains[0].Name}
	facts := filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true}
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(facts), DomainFacts: w.DomainFacts()})
	if w.Order.Type != filing.AddAccess || len(indexed) == 0 {
		t.Fatalf("%s with %d values in the index", w.Order.Type, len(indexed))
	}
	w.AdvanceTo(filing.AwaitConfirmation)
	store = func(c filing.Change) filing.Order { // the account has lost the filing
		o := c.Order
		o.Register = register.Filing{}
		return o
	}
	w.Order.Register = register.Filing{}
	w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{DomainBlacklisted: true}), DomainFacts: w.DomainFacts()})
	app := filingtest.NumberedEnterprise(10970)
	w.Decide(filingtest.Applicant, filing.CorrectType{Opening: app.Opening, SubjectKey: "another"})
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{}), DomainFacts: w.DomainFacts()})
	w.App = app
	w.AdvanceTo(filing.CollectEvidence)
}
