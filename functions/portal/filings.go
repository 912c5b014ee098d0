package portal

import (
	"errors"
	"net/http"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// A filingsPage lists the account's applications under way, and what is filed.
type filingsPage struct {
	Open, Closed []web.Brief
	Filings      []web.FilingBrief
	More         bool                    // applications that the page does not list
	Plans        map[filing.ID]planState // of the open applications
	Claims       []api.RegisterClaim     // that wait for their code
	Transfers    []api.RegisterTransfer  // of the account's filings, under way
	Taken        []api.RegisterTransfer  // that the account took, and whose owners confirm
}

// A planState says how far an accepted plan is.
type planState struct{ Filed, All, Waiting int }

// Waiting reports whether something else than an application is under way.
func (p filingsPage) Waiting() bool { return len(p.Claims)+len(p.Transfers)+len(p.Taken) > 0 }

// Nothing reports whether the account has nothing at all.
func (p filingsPage) Nothing() bool {
	return len(p.Open)+len(p.Closed)+len(p.Filings) == 0 && !p.Waiting()
}

// maxAsked is the number of plans, and of filings, of which the page reads more than the lists have. An account that is no agency has one filing.
const maxAsked = 5

// registerFilings registers the list of the account's filings.
func (p *Portal) registerFilings() {
	p.private("GET /filings", func(v *visit) error {
		var orders web.Page[web.Brief]
		if err := v.Get("/orders?limit=50", &orders); err != nil {
			return err
		}
		var filings web.Page[web.FilingBrief]
		if err := v.Get("/filings?limit=50", &filings); err != nil {
			return err
		}
		page := filingsPage{Filings: filings.Items, More: orders.Next != ""}
		for _, o := range orders.Items {
			if o.Status.Final() {
				page.Closed = append(page.Closed, o)
			} else {
				page.Open = append(page.Open, o)
			}
		}
		if err := v.addPlans(&page); err != nil {
			return err
		}
		if err := v.addWaiting(&page); err != nil {
			return err
		}
		return v.Show("filings", page)
	})
}

// addPlans reads how far the plans of the open applications are.
func (v *visit) addPlans(page *filingsPage) error {
	page.Plans = map[filing.ID]planState{}
	for _, o := range page.Open {
		if _, known := page.Plans[o.Plan]; o.Plan == "" || known || len(page.Plans) == maxAsked {
			continue
		}
		var accepted api.AcceptedPlan
		if err := v.Get("/accepted-plans/"+string(o.Plan), &accepted); err != nil {
			return err
		}
		state := planState{All: len(accepted.Orders)}
		for _, planned := range accepted.Orders {
			switch planned.State {
			case "filed":
				state.Filed++
			case "waiting":
				state.Waiting++
			}
		}
		page.Plans[o.Plan] = state
	}
	return nil
}

// addWaiting reads the claim that waits for its code, the transfers that the account took, and those of its filings.
func (v *visit) addWaiting(page *filingsPage) error {
	var claims web.Page[api.RegisterClaim]
	if err := v.Get("/filing-claims", &claims); err != nil {
		return err
	}
	page.Claims = claims.Items
	var taken web.Page[api.RegisterTransfer]
	if err := v.Get("/filing-transfers", &taken); err != nil {
		return err
	}
	page.Taken = taken.Items
	for _, f := range page.Filings[:min(len(page.Filings), maxAsked)] {
		var t api.RegisterTransfer
		err := v.Get("/filings/"+string(f.ID)+"/transfer", &t)
		if p, is := errors.AsType[*web.Problem](err); is && p.Status < http.StatusInternalServerError {
			continue // there is none, or the filing is another account's
		}
		if err != nil {
			return err
		}
		if t.State == register.TransferOffered || t.State == register.TransferTaken {
			page.Transfers = append(page.Transfers, t)
		}
	}
	return nil
}

// KindWords are the words of a type; those for an application whose type is not determined yet if there is none.
func (v *visit) KindWords(t filing.Type) (string, error) {
	if kind, ok := filing.KindOf(t); ok {
		return v.Title(kind.Words), nil
	}
	return v.T("filings.undetermined")
}
