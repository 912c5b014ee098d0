package filingtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
)

// Filed returns the filing of an application that the bureau approved, with all ids of the ministry.
func Filed(t testing.TB, app Application, at time.Time) register.Filing {
	t.Helper()
	var filed register.Filing
	w := Open(t, app, at)
	w.Store = func(c filing.Change) filing.Order {
		if c.Register != nil {
			filed = c.Register.After
		}
		return c.Order
	}
	w.AdvanceTo(filing.Done)
	for i := range filed.Sites {
		site := &filed.Sites[i]
		for k := range site.Domains {
			site.Domains[k].MinistryID = fmt.Sprint(1000 + 100*i + k)
		}
		for k := range site.Accesses {
			site.Accesses[k].MinistryID, site.Accesses[k].Provider = fmt.Sprint(2000+100*i+k), 990000000001
		}
	}
	return filed
}

// OpenChange opens an order that changes a filing. The sites in newAccess move to another server.
func OpenChange(t testing.TB, f register.Filing, at time.Time, newAccess ...int) *Walk {
	t.Helper()
	app := Application{Contact: filing.Contact{Mobile: "19900000001", Email: "contact@example.com"}, Subject: f.Private.Subject, Sites: slices.Clone(f.Private.Sites)}
	w := &Walk{T: t, App: app, At: at, Register: f}
	n := app.OpenInput("02EXAMPLE")
	n.At = &filing.AtFilingInput{Type: filing.ChangeFiling, Filing: f, NewAccess: newAccess}
	w.ContinueWith(filing.Open(n, Applicant, at))
	return w
}
