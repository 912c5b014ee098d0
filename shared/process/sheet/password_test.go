package sheet_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/sheet"
)

// TestFilingPassword: the operator enters the filing password into the console until the ministry abolished it on 2020-08-17.
func TestFilingPassword(t *testing.T) {
	w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	w.Decide(filing.Beian, filing.DetermineType{DomainFacts: w.DomainFacts(), Facts: w.Facts(filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true,
		SubjectNumber: "京ICP备2015000009号", SiteNumber: "京ICP备2015000009号-1"})})
	w.AdvanceTo(filing.VerifyProduct)
	w.Decide(filingtest.Applicant, filing.EnterFilingPassword{Password: "Beian@2016"})
	w.AdvanceTo(filing.Transmit)
	for day, want := range map[string]string{"2020-08-16": "Beian@2016", "2020-08-17": ""} {
		at, err := time.Parse(time.RFC3339, day+"T12:00:00+08:00")
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range sheet.Of(w.Order, at).Sections {
			for _, r := range s.Rows {
				if r.Label.English == "filing password" {
					got = r.Value
				}
			}
		}
		if got != want {
			t.Errorf("%s: the sheet has the password %q", day, got)
		}
	}
}
