package journeys_test

import (
	"fmt"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
)

// reopen corrects what determines the type.
func (j *journey) reopen(domain string) {
	j.t.Helper()
	j.app.Open["domains"] = []string{domain}
	j.app.Details.Sites[0]["domains"] = []string{domain}
	j.must(j.me.Call(j.t.Context(), "PUT", fmt.Sprintf("/orders/%s/type", j.id), j.app.Open, nil))
}

// blocked waits for the findings that keep the type from being determined.
func (j *journey) blocked(want ...string) {
	j.t.Helper()
	var got []string
	if err := scenario.Until(j.t.Context(), func() (bool, error) {
		o := j.order()
		got = places(o.Findings)
		return o.Step == filing.VerifyType && fmt.Sprint(got) == fmt.Sprint(sorted(want)) && o.Next.Who == "applicant", nil
	}); err != nil {
		j.t.Fatalf("blocked by %q, want %q", got, want)
	}
}

// A domain that somebody else has filed is told; with another domain the application goes its way.
func TestTypeBlocked(t *testing.T) {
	j := invented(t, 850)
	taken := j.domain()
	j.must(sys.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "样例公司", Nature: 4, CertificateKind: 1,
		CertificateNumber: "91110108MA01EX1B1R", Division: 110108, Sites: []simulator.SeedSite{{Name: "样例旧站", Domains: []string{taken}}}}}}))
	o, err := j.me.Open(t.Context(), j.app)
	j.must(err)
	j.id = o.ID
	j.blocked("domain-filed-by-other-subject /domains/0")
	mails := j.heard(filing.NoticeTypeBlocked)
	if !strings.Contains(mails[0].Text, "怎么办：") {
		t.Errorf("the letter does not say what to do:\n%s", mails[0].Text)
	}
	refused(t, j.me.Choose(t.Context(), j.id, j.app.Server.ID), 409, "step-out-of-order ")
	j.reopen("invented-850-again-example.com")
	j.await(filing.VerifyProduct, filing.TypeVerified)
	j.path(1, []string{"Step", "VerifyType", "Return", "Step", "VerifyType", "VerifyProduct"})
	j.must(j.me.Complete(t.Context(), j.id, j.app, scenario.Paper("paper", 1)))
	j.must(reviewer.Approve(t.Context(), j.id))
	j.await(filing.VerifySMS, filing.SMSPending)
	j.reply()
	j.approved()
	j.path(1, []string{"Step", "VerifyType", "Return", "Step", "VerifyType"}, collecting, bySMS, toFiled)
	j.ledger(opened, []string{"correct-type", "determine-type"}, collected, reviewed, answered, handed, filed)
	// What is filed now is no first filing any more.
	again := begin(t, j.app)
	second, err := again.me.Open(t.Context(), again.app)
	again.must(err)
	again.id = second.ID
	again.blocked("nothing-to-file /domains/0")
	again.must(again.me.Abandon(t.Context(), again.id))
	again.await(filing.Done, filing.Abandoned)
}

// A blacklisted domain or subject is not filed.
func TestTypeBlockedForGood(t *testing.T) {
	j := invented(t, 851)
	o, err := j.me.Open(t.Context(), j.app)
	j.must(err)
	j.id = o.ID
	j.await(filing.VerifyProduct, filing.TypeVerified)
	j.must(j.me.Abandon(t.Context(), j.id))
	j.await(filing.Done, filing.Abandoned)
	j.must(sys.Bureau.Apply(simulator.Scenario{Blacklist: simulator.Blacklist{Domains: []string{j.domain()}}}))
	j.app.Open["domains"] = []string{j.domain()}
	j.to(filing.VerifySMS)
	j.reply()
	rejected := j.await(filing.Done, filing.BureauRejected)
	if len(rejected.Findings) == 0 || rejected.Next.Who != "applicant" {
		t.Errorf("findings %v, next %+v", rejected.Findings, rejected.Next)
	}
	j.path(1, toReview, bySMS, toRefused)
	j.must(j.me.Abandon(t.Context(), j.id))
}
