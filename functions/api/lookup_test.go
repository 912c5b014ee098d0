package api_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// lookedUp: the reviewer sees what determined the type, the applicant does not.
func lookedUp(t *testing.T, f *fixture) {
	const subject, site = "京ICP备12345678号", "京ICP备12345678号-2"
	for n, test := range []struct {
		facts       filing.Facts
		provisional bool
		want        map[string]string
	}{
		{facts: filing.Facts{}, want: map[string]string{"ministry": "asked", "subject": "not-filed", "state": "not-filed"}},
		{facts: filing.Facts{}, provisional: true, want: map[string]string{"ministry": "unreachable", "subject": "not-filed", "state": "not-filed"}},
		{facts: filing.Facts{SubjectUnasked: true}, want: map[string]string{"ministry": "asked", "subject": "not-asked", "state": "not-filed"}},
		{facts: filing.Facts{SubjectUnasked: true, Unasked: true}, want: map[string]string{"ministry": "none", "subject": "not-asked", "state": "not-filed"}},
		{facts: filing.Facts{SubjectFiled: true, SubjectNumber: subject}, want: map[string]string{"ministry": "asked", "subject": "filed", "number": subject, "state": "not-filed"}},
		{facts: filing.Facts{SubjectFiled: true, SubjectNumber: subject, DomainFiled: true, SameSubject: true, SiteNumber: site}, want: map[string]string{"subject": "filed", "state": "of-subject", "siteNumber": site}},
	} {
		id := f.orderAt(queued(70+n), filing.VerifyType)
		o := f.readOrder(id)
		walk := filingtest.Walk{T: t, Order: o, At: o.CreatedAt}
		f.decide(id, filing.DetermineType{Facts: walk.Facts(test.facts), DomainFacts: walk.DomainFacts(), Provisional: test.provisional})
		seen := f.admin().do("GET /orders/"+id, nil).wantStatus(200)
		for name, want := range test.want {
			path := []any{"lookUp", name}
			switch name {
			case "state":
				path = []any{"lookUp", "domains", 0, name}
			case "siteNumber":
				path = []any{"lookUp", "domains", 0, "number"}
			}
			seen.wantValue(want, path...)
		}
		if mine := f.applicant().do("GET /orders/"+id, nil).wantStatus(200); strings.Contains(mine.text, "lookUp") {
			t.Error("the applicant sees the look-up")
		}
	}
}
