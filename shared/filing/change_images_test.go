package filing_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/province"
)

// TestChangeImages: since 2025 Qinghai asks for all images with a change, whatever changes: of an organisation these five, and of an individual the
// certificate once (icp-filing 7, HW-KB). Before, and in other provinces, a change asks for the verification form of the site that changes.
func TestChangeImages(t *testing.T) {
	const form = "sites/0/verification-form"
	images := []string{"subject-certificate-front", "subject-leader-certificate-front", "subject-leader-certificate-back", "sites/0/leader-certificate-front",
		"sites/0/leader-certificate-back", form, "sites/0/leader-photo"}
	for name, c := range map[string]struct {
		app      filingtest.Application
		province province.Code
		at       time.Time
		want     []string
	}{
		"organisation": {filingtest.EnterpriseBeijing(), "63", time.Date(2025, 1, 1, 0, 0, 0, 0, time.FixedZone("CST", 8*3600)), images},
		"individual": {filingtest.IndividualZhejiang(), "63", time.Date(2025, 1, 1, 0, 0, 0, 0, time.FixedZone("CST", 8*3600)),
			[]string{"subject-certificate-front", "subject-certificate-back", form, "sites/0/leader-photo"}},
		"the day before":   {filingtest.EnterpriseBeijing(), "63", time.Date(2024, 12, 31, 23, 59, 0, 0, time.FixedZone("CST", 8*3600)), []string{form}},
		"another province": {filingtest.EnterpriseBeijing(), "11", time.Date(2025, 1, 1, 0, 0, 0, 0, time.FixedZone("CST", 8*3600)), []string{form}},
	} {
		f := filingtest.Filed(t, c.app, filingtest.December2019)
		o := filingtest.OpenChange(t, f, c.at).Order
		o.Province = c.province
		o.Private.Sites = slices.Clone(o.Private.Sites)
		o.Private.Sites[0].Name = "样例资讯"
		var got []string
		for _, r := range o.EvidenceRequirements(c.at) {
			if r.Level == evidence.Required && r.Slot.Kind() != evidence.ResidencePermit {
				got = append(got, string(r.Slot))
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if o.Type != filing.ChangeFiling || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
