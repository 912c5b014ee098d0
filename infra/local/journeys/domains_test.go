package journeys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// withDomain starts a journey whose only domain is the given one. The simulator reads the facts from the domain.
func withDomain(t *testing.T, n int, domain string) *journey {
	t.Helper()
	app := scenario.Invented(n)
	app.Open["domains"] = []string{domain}
	app.Details.Sites[0]["domains"] = []string{domain}
	return startJourney(t, app)
}

// open opens the order.
func (j *journey) open() {
	j.t.Helper()
	j.verifyContact()
	o, err := j.applicant.OpenOrder(j.t.Context(), j.app)
	j.must(err)
	j.id = o.ID
}

// TestDomainRefused: "域名持有者与主体不一致" and the other commonest refusals are found at once, before anything else is asked for (S6).
func TestDomainRefused(t *testing.T) {
	j := withDomain(t, 970, "held-by-another-970.com")
	j.open()
	j.wantBlocked("domain-holder-differs /domains/0")
	if mail := j.wantNotices(filing.NoticeTypeBlocked)[0]; !strings.Contains(mail.Text, "过户") {
		t.Errorf("the email does not say what to do:\n%s", mail.Text)
	}
	for domain, code := range map[string]string{
		"unverified-970.com":       "domain-not-verified",
		"verified-1d-970.com":      "domain-verified-recently",
		"expires-30d-970.com":      "domain-expires-soon",
		"expires-20210201-970.com": "domain-expired",
		"not-registered-970.com":   "domain-not-registered",
		"blacklisted-970.com":      "domain-blacklisted",
	} {
		j.correctType(domain)
		j.wantBlocked(code + " /domains/0")
	}
	j.correctType("invented-970-good-example.com")
	if o := j.awaitStep(filing.VerifyProduct, filing.TypeVerified); len(findingPlaces(o.Findings)) > 0 {
		t.Errorf("findings %v", o.Findings)
	}
}

// TestVerifiedYesterday: the applicant comes back three days after the verification and submits again without changes.
func TestVerifiedYesterday(t *testing.T) {
	domain := "verified-" + strings.ReplaceAll(string(workday.DateOf(sys.Clock.Now()).AddDays(-1)), "-", "") + "-971.com"
	j := withDomain(t, 971, domain)
	j.open()
	j.wantBlocked("domain-verified-recently /domains/0")
	sys.Clock.Advance(2 * days)
	j.correctType(domain)
	o := j.awaitStep(filing.VerifyProduct, filing.TypeVerified)
	if got := findingPlaces(o.Findings); !slices.Equal(got, []string{"domain-verification-syncing /domains/0"}) {
		t.Errorf("findings %q", got)
	}
}

// TestDomainUncertain: what is not certain warns, asks for the certificate of the domain, and is shown to the reviewer; the filing goes on.
func TestDomainUncertain(t *testing.T) {
	j := withDomain(t, 972, "holder-hidden-foreign-registrar-has-page-972.com")
	ctx := t.Context()
	j.advanceTo(filing.CollectEvidence)
	want := []string{"domain-has-page /sites/0/domains/0", "domain-holder-hidden /sites/0/domains/0", "domain-registrar-unlisted /sites/0/domains/0"}
	if o := j.order(); !slices.Equal(findingPlaces(o.Findings), want) || o.Findings.Blocking() {
		t.Errorf("findings %v", o.Findings)
	}
	if missing, err := j.applicant.MissingPapers(ctx, j.id); err != nil || !slices.Contains(missing, "sites/0/domain-certificate") {
		t.Errorf("missing papers %q, %v", missing, err)
	}
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("certificate", 1)))
	j.must(j.applicant.PassLiveness(ctx, j.id, 0))
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	type order struct {
		Findings    finding.List
		DomainFacts []struct{ Domain, Source, Holder, Page string }
	}
	var shown, hidden order
	path := fmt.Sprintf("/orders/%s", j.id)
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Call(ctx, "GET", path, nil, &shown))
	j.must(j.applicant.Call(ctx, "GET", path, nil, &hidden))
	if f := shown.DomainFacts; len(f) != 1 || f[0].Source != "simulator" || f[0].Holder != "hidden" || f[0].Page != "yes" || len(hidden.DomainFacts) > 0 ||
		!slices.Equal(findingPlaces(shown.Findings), want) {
		t.Errorf("the reviewer sees %+v, the applicant %+v", shown, hidden.DomainFacts)
	}
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
}

// TestDomainSourceDown: a source that is down stops no order. The reviewer gets the task.
func TestDomainSourceDown(t *testing.T) {
	j := withDomain(t, 973, "registry-down-973.com")
	j.advanceTo(filing.CollectEvidence)
	if got := findingPlaces(j.order().Findings); !slices.Equal(got, []string{"domain-facts-unknown /sites/0/domains/0"}) {
		t.Errorf("findings %q", got)
	}
}

// TestDomainExpiresWhileWaiting: the domain is looked up again before the review, and before the transmission.
func TestDomainExpiresWhileWaiting(t *testing.T) {
	ctx := t.Context()
	domain := func(n int) string {
		expires := workday.DateOf(sys.Clock.Now().Add(11 * days)).AddMonths(3).AddDays(-1) // long enough now, too short after 11 days
		return fmt.Sprintf("expires-%s-%d.com", strings.ReplaceAll(string(expires), "-", ""), n)
	}
	wantReturned := func(j *journey) {
		t.Helper()
		o := j.awaitStep(filing.CollectDetails, filing.Returned)
		if got := findingPlaces(o.Findings); !slices.Equal(got, []string{"domain-expires-soon /sites/0/domains/0"}) || !o.Findings.Blocking() {
			t.Errorf("findings %v", o.Findings)
		}
	}
	t.Run("before the review", func(t *testing.T) {
		j := withDomain(t, 974, domain(974))
		j.advanceTo(filing.AwaitConfirmation)
		sys.Clock.Advance(11 * days)
		j.must(j.applicant.Confirm(ctx, j.id))
		wantReturned(j)
		j.wantPath(1, toReview, []string{"Return", "Step", "CollectDetails"})
	})
	t.Run("before the transmission", func(t *testing.T) {
		j := withDomain(t, 975, domain(975))
		j.advanceTo(filing.InitialReview)
		j.awaitMachine(filing.InitialReview)
		sys.Clock.Advance(11 * days) // the reviewer has much to do
		j.must(reviewer.Approve(ctx, j.id))
		j.awaitStep(filing.VerifySMS, filing.SMSPending)
		j.replySMS()
		wantReturned(j)
		j.wantPath(1, toReview, bySMS, []string{"Transmit", "AwaitBureau", "Return", "Step", "CollectDetails"})
	})
}
