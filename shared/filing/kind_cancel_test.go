package filing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// afterPasswords is a day on which the leaders confirm cancellations by SMS, in all provinces.
var afterPasswords = time.Date(2021, 3, 1, 4, 0, 0, 0, time.UTC)

// filedWithIDs returns a filing whose parts have the ministry's ids: two sites, the second with an access of another provider too.
func filedWithIDs(t *testing.T) register.Filing {
	t.Helper()
	f := filedEnterprise(t)
	second, details := f.Sites[0], f.Private.Sites[0]
	second.MinistryID, second.Number.Running = "11", 2
	second.Domains, details.Domains = []register.FiledDomain{{Name: "second-example.com"}}, []filing.Domain{"second-example.com"}
	ours, _ := second.OurAccess()
	ours.MinistryID = "22"
	second.Accesses = []register.Access{{MinistryID: "23", Provider: 9}, ours}
	f.Sites[0].Accesses[0].MinistryID = "21"
	f.Sites, f.Private.Sites = append(f.Sites, second), append(f.Private.Sites, details)
	return f
}

func cancelKind(t *testing.T, of filing.Type) filing.Kind {
	t.Helper()
	k, ok := filing.KindOf(of)
	if !ok {
		t.Fatalf("%s is no kind", of)
	}
	return k
}

// TestConsequences: what a cancellation means, or why it is not possible.
func TestConsequences(t *testing.T) {
	f := filedWithIDs(t)
	with := func(change func(*register.Filing)) register.Filing {
		g := f
		g.Sites = slices.Clone(f.Sites)
		change(&g)
		return g
	}
	others := func(g *register.Filing) {
		for i := range g.Sites {
			g.Sites[i].Accesses = []register.Access{{MinistryID: "23", Provider: 9}}
		}
	}
	for name, tc := range map[string]struct {
		kind    filing.Type
		filing  register.Filing
		site    int
		setting filing.OnlyAccess
		want    []finding.Code
	}{
		"subject":                 {filing.CancelSubject, f, 0, "", []finding.Code{filing.CodeEndsSubject, filing.CodeEndsAllSites, filing.CodeEndsOtherAccess, filing.CodeEndsSlot}},
		"subject with us alone":   {filing.CancelSubject, with(func(g *register.Filing) { g.Sites = g.Sites[:1] }), 0, "", []finding.Code{filing.CodeEndsSubject, filing.CodeEndsAllSites, filing.CodeEndsSlot}},
		"subject of others":       {filing.CancelSubject, with(others), 0, "", []finding.Code{filing.CodeCancelNotOurs}},
		"shell":                   {filing.CancelSubject, with(func(g *register.Filing) { g.Sites = nil }), 0, "", []finding.Code{filing.CodeCancelShell}},
		"site":                    {filing.CancelSite, f, 0, "", []finding.Code{filing.CodeEndsSite, filing.CodeEndsSlot}},
		"site with others":        {filing.CancelSite, f, 1, "", []finding.Code{filing.CodeEndsSite, filing.CodeEndsOtherAccess, filing.CodeEndsSlot}},
		"last site":               {filing.CancelSite, with(func(g *register.Filing) { g.Sites = g.Sites[:1] }), 0, "", []finding.Code{filing.CodeEndsSite, filing.CodeEndsLastSite, filing.CodeEndsSlot}},
		"site of others":          {filing.CancelSite, with(others), 0, "", []finding.Code{filing.CodeCancelNotOurs}},
		"access":                  {filing.CancelAccess, f, 1, filing.RefuseOnlyAccess, []finding.Code{filing.CodeEndsAccess, filing.CodeEndsSlot}},
		"only access":             {filing.CancelAccess, f, 0, filing.WarnOnlyAccess, []finding.Code{filing.CodeEndsOnlyAccess, filing.CodeEndsSlot}},
		"only access, refused":    {filing.CancelAccess, f, 0, filing.RefuseOnlyAccess, []finding.Code{filing.CodeCancelOnlyAccess}},
		"access of others":        {filing.CancelAccess, with(others), 1, "", []finding.Code{filing.CodeCancelNotOurs}},
		"site without any access": {filing.CancelAccess, with(func(g *register.Filing) { g.Sites[0].Accesses = nil }), 0, "", []finding.Code{filing.CodeCancelNotOurs}},
	} {
		var got []finding.Code
		for _, c := range filing.Consequences(cancelKind(t, tc.kind), tc.filing, tc.site, tc.setting) {
			got = append(got, c.Code)
			if strings.Contains(c.Message.Chinese+c.Message.English, "{") {
				t.Errorf("%s: %s has a placeholder that nothing fills", name, c.Code)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// cancellation returns the input that opens an order of a kind, with all consequences confirmed.
func cancellation(t *testing.T, of filing.Type, f register.Filing, sites ...int) filing.OpenInput {
	t.Helper()
	n := filingtest.EnterpriseBeijing().OpenInput("02EXAMPLE")
	n.At = &filing.AtFilingInput{Type: of, Filing: f, Sites: sites, Cancellation: filing.CancellationInput{Reason: 1}}
	site := 0
	if len(sites) > 0 {
		site = sites[0]
	}
	for _, c := range filing.Consequences(cancelKind(t, of), f, site, "") {
		if c.Severity == finding.Warn {
			n.At.Cancellation.Confirmed = append(n.At.Cancellation.Confirmed, c.Code)
		}
	}
	return n
}

// TestCancelByHand: what has no id of the ministry is cancelled by hand, by its number.
func TestCancelByHand(t *testing.T) {
	f := filedWithIDs(t)
	f.Sites[0].Accesses[0].MinistryID, f.Sites[0].MinistryID, f.MinistryID = "", "", ""
	for _, kind := range []filing.Type{filing.CancelAccess, filing.CancelSite, filing.CancelSubject} {
		var sites []int
		if kind != filing.CancelSubject {
			sites = []int{0}
		}
		c, err := filing.Open(cancellation(t, kind, f, sites...), filingtest.Applicant, filingtest.December2019)
		if err != nil || !c.Order.ConsoleOnly() {
			t.Errorf("%s: by hand %t, %v", kind, c.Order.ConsoleOnly(), err)
		}
	}
	if c, err := filing.Open(cancellation(t, filing.CancelSite, filedWithIDs(t), 0), filingtest.Applicant, filingtest.December2019); err != nil || c.Order.ConsoleOnly() {
		t.Errorf("with its id: %v", err)
	}
}

// TestCancellations: a cancellation begins at the confirmation, changes nothing but what it ends, and asks those leaders for a code whose part it
// is, since the day on which codes replaced the filing password.
func TestCancellations(t *testing.T) {
	for _, tc := range []struct {
		kind   filing.Type
		at     time.Time
		sites  []int
		codes  []string
		duty   finding.Code
		status register.Status
		left   int
	}{
		{filing.CancelSubject, afterPasswords, nil, []string{"/subject/leader"}, filing.DutyCloseSite, register.Cancelled, 2},
		{filing.CancelSubject, time.Date(2020, 8, 16, 4, 0, 0, 0, time.UTC), nil, nil, filing.DutyCloseSite, register.Cancelled, 2},
		{filing.CancelSite, afterPasswords, []int{1}, []string{"/sites/0/leader"}, filing.DutyCloseSite, register.Filed, 1},
		{filing.CancelAccess, afterPasswords, []int{1}, nil, filing.DutyLeaveServer, register.Filed, 2},
	} {
		t.Run(fmt.Sprint(tc.kind, tc.at.Year()), func(t *testing.T) {
			f := filedWithIDs(t)
			w := &filingtest.Walk{T: t, App: filingtest.EnterpriseBeijing(), At: tc.at}
			var after register.Filing
			w.Store = func(c filing.Change) filing.Order {
				if c.Register != nil {
					after = c.Register.After
				}
				c.Order.Register = f
				return c.Order
			}
			c := w.ContinueWith(filing.Open(cancellation(t, tc.kind, f, tc.sites...), filingtest.Applicant, tc.at))
			if w.Order.Step != filing.AwaitConfirmation || len(w.Order.EvidenceRequirements(tc.at)) > 0 || len(w.Order.Domains) != domainsOf(f, tc.sites) {
				t.Fatalf("the order is at %s with %v", w.Order.Step, w.Order.Domains)
			}
			if len(c.AcquireLocks) != 1+len(w.Order.Domains) {
				t.Errorf("locks %v", c.AcquireLocks)
			}
			for code, d := range map[finding.Code]filing.Decision{
				filing.CodeStepOutOfOrder:  filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites},
				filing.CodeProductNotAsked: filing.ChooseProduct{Product: filingtest.Product()},
			} {
				if _, err := w.Order.Apply(d, filingtest.Applicant, tc.at); !fault.Of(err).Findings.Has(code) {
					t.Errorf("%s: %v", d.Name(), err)
				}
			}
			w.Decide(filingtest.Applicant, filing.EnterReason{Reason: 3, Remark: "搬走"})
			if s := w.Order.Summary(); s.Cancellation.Reason != 3 || s.CancellationRemark != "搬走" || s.Cancellation.ReasonWords.Chinese != "更换接入商" {
				t.Errorf("the summary has %+v", s.Cancellation)
			}
			w.AdvanceTo(filing.InitialReview)
			w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
			w.Decide(filingtest.Reviewer, filing.Pass{})
			var roles []string
			if w.Order.Step == filing.VerifySMS {
				w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
				for _, code := range w.Order.SMS.Codes {
					roles = append(roles, code.Roles...)
				}
			}
			if !slices.Equal(roles, tc.codes) {
				t.Errorf("codes go to %v, want %v", roles, tc.codes)
			}
			w.AdvanceTo(filing.Done)
			if len(w.Order.Duties) != 1 || w.Order.Duties[0].Code != tc.duty {
				t.Errorf("duties %v", w.Order.Duties)
			}
			if after.Status != tc.status || len(after.Sites) != tc.left || after.Version != f.Version+1 {
				t.Errorf("the register has %s with %d sites, version %d", after.Status, len(after.Sites), after.Version)
			}
			if tc.kind == filing.CancelAccess && len(after.Sites[1].Accesses) != 1 {
				t.Errorf("accesses %v", after.Sites[1].Accesses)
			}
			if w.Order.RetentionCategory() != filing.CancelledCategory {
				t.Errorf("the order is kept as %q", w.Order.RetentionCategory())
			}
		})
	}
}

// domainsOf counts the domains of the filing's sites; of all if none is named.
func domainsOf(f register.Filing, sites []int) int {
	n := 0
	for i, s := range f.Sites {
		if len(sites) == 0 || slices.Contains(sites, i) {
			n += len(s.Domains)
		}
	}
	return n
}

// TestCancelledBefore: if the bureau cancelled the filing while it decided about the order, the approval changes nothing more.
func TestCancelledBefore(t *testing.T) {
	f := filedWithIDs(t)
	w := &filingtest.Walk{T: t, App: filingtest.EnterpriseBeijing(), At: afterPasswords}
	w.Register = f
	w.ContinueWith(filing.Open(cancellation(t, filing.CancelSubject, f), filingtest.Applicant, w.At))
	w.AdvanceTo(filing.AwaitBureau)
	w.Register, w.Order.Register = register.Filing{}, register.Filing{}
	if c := w.Decide(filing.TheBureau, filing.Approve{Record: w.Order.Bureau.Record}); c.Register != nil || len(c.Tasks) > 0 || c.Order.Status != filing.Approved {
		t.Errorf("the register changes to %+v, tasks %+v", c.Register, c.Tasks)
	}
}

// TestWrongCancellation: the request is about one site or the whole subject, has a reason of the table, and confirms what it means.
func TestWrongCancellation(t *testing.T) {
	f := filedWithIDs(t)
	for name, tc := range map[string]struct {
		kind   filing.Type
		sites  []int
		change func(*filing.CancellationInput)
		want   []string
	}{
		"two sites":         {filing.CancelSite, []int{0, 1}, nil, []string{"cancellation-one-site /site"}},
		"no site":           {filing.CancelAccess, nil, nil, []string{"cancellation-one-site /site"}},
		"a site of another": {filing.CancelSite, []int{-1}, func(c *filing.CancellationInput) { c.Reason = 0 }, []string{"cancellation-reason-unknown /reason", "filing-site-unknown /site"}},
		"site of subject":   {filing.CancelSubject, []int{0}, nil, []string{"cancellation-of-whole-subject /site"}},
		"long remark":       {filing.CancelSite, []int{1}, func(c *filing.CancellationInput) { c.Remark = strings.Repeat("长", filing.CancelRemarkLimit+1) }, []string{"cancellation-remark-too-long /remark"}},
		"unconfirmed":       {filing.CancelSite, []int{1}, func(c *filing.CancellationInput) { c.Confirmed = c.Confirmed[1:] }, []string{"cancellation-unconfirmed /confirmed"}},
		"confirms other": {filing.CancelSite, []int{1}, func(c *filing.CancellationInput) { c.Confirmed = append(c.Confirmed, filing.CodeEndsSubject) },
			[]string{"cancellation-confirms-other /confirmed/3"}},
	} {
		confirmedFor := tc.sites
		if len(confirmedFor) == 0 || confirmedFor[0] < 0 {
			confirmedFor = []int{1}
		}
		n := cancellation(t, tc.kind, f, confirmedFor...)
		n.At.Sites = tc.sites
		if tc.change != nil {
			tc.change(&n.At.Cancellation)
		}
		_, err := filing.Open(n, filingtest.Applicant, afterPasswords)
		var got []string
		for _, found := range fault.Of(err).Findings {
			got = append(got, string(found.Code)+" "+found.Pointer)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
