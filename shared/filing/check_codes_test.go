package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// withdrawn returns the tables without some codes of a table.
func withdrawn(name codes.Name, ids ...int64) codes.Tables {
	var entries []codes.Entry
	for _, c := range (codes.Tables{}).InForce(name) {
		entries = append(entries, codes.Entry{ID: int64(c.Number), Name: c.Words.Chinese, Void: slices.Contains(ids, int64(c.Number))})
	}
	return codes.Tables{Version: 1, Downloaded: map[codes.Name]codes.Table{name: {Entries: entries}}}
}

// TestWithdrawnCodes: each code in an application that the ministry withdraws has a finding at its field, in the check of the details, at the
// confirmation and when the reviewer passes the order.
func TestWithdrawnCodes(t *testing.T) {
	app := beijing()
	site := app.Sites[0]
	for _, c := range []struct {
		table codes.Name
		id    int64
		want  []string
	}{
		{codes.Services, int64(site.ServiceContent[0]), []string{"code-withdrawn /sites/0/serviceContent/0"}},
		{codes.Languages, int64(site.Languages[0]), []string{"code-withdrawn /sites/0/languages/0"}},
		{codes.CertificateKinds, int64(app.Subject.Leader.Certificate.Kind), []string{
			"certificate-kind-withdrawn /subject/leader/certificate/kind", "certificate-kind-withdrawn /sites/0/leader/certificate/kind"}},
		{codes.CertificateKinds, int64(app.Opening.Certificate.Kind), []string{"certificate-kind-withdrawn /subject/certificate/kind"}},
		{codes.Natures, int64(app.Opening.EntityKind), []string{"entity-kind-withdrawn /subject/certificate/kind"}},
		{codes.AccessModes, 5, []string{"access-mode-withdrawn /product"}},
	} {
		w := filingtest.OpenAt(t, app, filingtest.December2019, filing.AwaitConfirmation)
		check := func(what string, err error) {
			t.Helper()
			var got []string
			for _, f := range fault.Of(err).Findings {
				if f.Severity == finding.Block {
					got = append(got, string(f.Code)+" "+f.Pointer)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s %d, %s: %q, want %q", c.table, c.id, what, got, c.want)
			}
		}
		before := w.Order
		before.Codes = withdrawn(c.table, c.id)
		_, err := before.Apply(filing.EnterDetails{Subject: w.Order.Private.Subject, Sites: w.Order.Private.Sites}, filingtest.Applicant, w.At)
		check("details", err)
		_, err = before.Apply(filing.Confirm{Digest: w.Order.Summary().Digest}, filingtest.Applicant, w.At)
		check("confirmation", err)
		w.AdvanceTo(filing.InitialReview)
		w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
		w.Order.Codes = withdrawn(c.table, c.id)
		_, err = w.Order.Apply(filing.Pass{}, filingtest.Reviewer, w.At)
		check("review", err)
	}
}

// TestWithdrawnPreApproval: the trade of a pre-approval is a code, too.
func TestWithdrawnPreApproval(t *testing.T) {
	o := filingtest.OpenAt(t, jiangsu(), filingtest.December2019, filing.CollectDetails).Order
	o.Codes = withdrawn(codes.PreApprovals, 1)
	sites := []filing.Site{{PreApprovals: []filing.PreApproval{{Trade: "culture"}, {Trade: "news"}, {Trade: "games"}}}}
	found := o.CheckCodes(filing.Subject{}, sites)
	if len(found) != 1 || found[0].Pointer != "/sites/0/preApprovals/1/trade" || found[0].Code != codes.CodeWithdrawn {
		t.Errorf("%+v", found)
	}
}

// TestWithdrawnAtOpening: a withdrawn certificate cannot open an order.
func TestWithdrawnAtOpening(t *testing.T) {
	in := jiangsu().OpenInput("01EXAMPLE")
	in.Codes = withdrawn(codes.CertificateKinds, int64(in.Opening.Certificate.Kind))
	_, err := filing.Open(in, filingtest.Applicant, filingtest.December2019)
	if f := fault.Of(err); !f.Findings.Has(codes.KindWithdrawn) || f.Findings[0].Pointer != "/certificate/kind" {
		t.Errorf("%v", err)
	}
}

// TestCorrectedAccessMode: an order takes the corrected access mode of its server, and has to be confirmed again.
func TestCorrectedAccessMode(t *testing.T) {
	w := filingtest.OpenAt(t, jiangsu(), filingtest.December2019, filing.AwaitConfirmation)
	product := *w.Order.Product
	w.Order.Codes = withdrawn(codes.AccessModes, int64(product.Mode))
	if _, err := w.Order.Apply(filing.ChooseProduct{Product: product}, filingtest.Applicant, w.At); !fault.Of(err).Findings.Has(codes.AccessModeWithdrawn) {
		t.Errorf("the withdrawn mode: %v", err)
	}
	product.Mode = 1
	c := w.Decide(filingtest.Applicant, filing.ChooseProduct{Product: product})
	if c.Order.Product.Mode != 1 || c.Order.Product.Slot != string(c.Order.ID) || c.ReserveSlot != nil || c.ReleaseSlot != nil || c.Order.Step != filing.AwaitConfirmation {
		t.Errorf("%+v", c.Order.Product)
	}
}
