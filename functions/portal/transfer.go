package portal

import (
	"errors"
	"net/http"
	"net/url"

	"beian/functions/api"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

var (
	takeQuestions       = []question{{pointer: "/code", words: "transfer.code", kind: "text", class: "short"}}
	claimQuestions      = []question{{pointer: "/number", words: "claim.number", kind: "text", class: "short"}}
	claimCodeQuestions  = []question{{pointer: "/code", words: "claim.code", kind: "text", class: "code", autocomplete: "one-time-code", inputmode: "numeric"}}
	confirmTransferTick = []question{{pointer: "/confirmed", words: "transfer.confirm-tick", kind: "check"}}
)

// An offerPage is the owner's page of a transfer.
type offerPage struct {
	beginningAt
	Transfer *api.RegisterTransfer // nil if none is under way
	Tick     []field
}

// registerTransfers registers the pages of transfers between accounts: of the owner, and of the account that takes the filing.
func (p *Portal) registerTransfers() {
	p.private("GET /filings/{id}/transfer", func(v *visit) error {
		if _, err := v.typed(); err != nil { // a tick is given again
			return err
		}
		return v.showOffer(nil)
	})
	p.private("POST /filings/{id}/transfer", func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		q := request{method: http.MethodPost, path: v.filingPath("/transfer"), key: v.r.PostForm.Get("once")}
		switch v.r.PostForm.Get("do") {
		case "revoke":
			q.method = http.MethodDelete
		case "confirm":
			if v.r.PostForm.Get("/confirmed") == "" {
				v.problem = &web.Problem{Status: http.StatusUnprocessableEntity, Findings: finding.List{finding.New(CodeUnticked, "/confirmed")}}
				return v.showOffer(nil)
			}
			q.path += "/confirmation"
		default: // the response that creates the code is the only one that has it
			var offered api.RegisterTransfer
			_, err := v.call(q, &offered)
			if v.refused(err) {
				return v.showOffer(nil)
			}
			if err != nil {
				return err
			}
			return v.showOffer(&offered)
		}
		_, err := v.call(q, nil)
		if v.refused(err) {
			return v.showOffer(nil)
		}
		if err != nil {
			return err
		}
		if q.method == http.MethodDelete {
			v.redirect(v.FilingHref("/transfer"))
		} else {
			v.redirect("/filings")
		}
		return nil
	})
	p.registerForm("/transfer", "transfer", takeQuestions, func(v *visit, d document) (string, error) {
		var taken api.RegisterTransfer
		_, err := v.call(request{method: http.MethodPost, path: "/filing-transfers", key: v.r.PostForm.Get("once"), body: d}, &taken)
		return "/transfers/" + string(taken.Filing), err
	})
	p.private("GET /transfers/{id}", func(v *visit) error {
		var taken api.RegisterTransfer
		if err := v.get("/filing-transfers/"+url.PathEscape(v.r.PathValue("id")), &taken); err != nil {
			return err
		}
		return v.show("transfer-taken", taken)
	})
	p.private("POST /transfers/{id}", func(v *visit) error {
		_, err := v.call(request{method: http.MethodDelete, path: "/filing-transfers/" + url.PathEscape(v.r.PathValue("id"))}, nil)
		if err != nil {
			return err
		}
		v.redirect("/transfers/" + v.r.PathValue("id"))
		return nil
	})
}

// showOffer shows the owner's page of a transfer: how it stands, with the code if it was just created.
func (v *visit) showOffer(offered *api.RegisterTransfer) error {
	at, err := v.beginningAt()
	if err != nil {
		return err
	}
	page := offerPage{beginningAt: at, Transfer: offered}
	if offered == nil {
		var t api.RegisterTransfer
		err := v.get(v.filingPath("/transfer"), &t)
		if p, is := errors.AsType[*web.Problem](err); err != nil && (!is || p.Status != http.StatusNotFound) {
			return err
		}
		if err == nil && (t.State == register.TransferOffered || t.State == register.TransferTaken) {
			page.Transfer = &t
		}
	}
	if page.Tick, err = v.ask(confirmTransferTick, document{}); err != nil {
		return err
	}
	return v.show("filing-transfer", page)
}

// registerClaim registers the pages that claim a filing that no account has.
func (p *Portal) registerClaim() {
	p.registerForm("/claim", "claim", claimQuestions, func(v *visit, d document) (string, error) {
		_, err := v.call(request{method: http.MethodPost, path: "/filing-claims", key: v.r.PostForm.Get("once"), body: d}, nil)
		return "/claim/code", err
	})
	p.registerForm("/claim/code", "claim-code", claimCodeQuestions, func(v *visit, d document) (string, error) {
		var f web.Filing
		_, err := v.call(request{method: http.MethodPost, path: "/filing-claims/answers", key: v.r.PostForm.Get("once"), body: d}, &f)
		return "/filings/" + string(f.ID), err
	})
}

// registerForm registers a page with one form. send carries the form out and returns the address of the next page.
func (p *Portal) registerForm(path, template string, questions []question, send func(*visit, document) (next string, err error)) {
	show := func(v *visit, d document) error {
		fields, err := v.ask(questions, d)
		if err != nil {
			return err
		}
		return v.show(template, fields)
	}
	p.private("GET "+path, func(v *visit) error {
		typed, err := v.typed()
		if err != nil {
			return err
		}
		d := document{}
		d.read(questions, typed)
		return show(v, d)
	})
	p.private("POST "+path, func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d := document{}
		d.read(questions, v.r.PostForm)
		next, err := send(v, d)
		if v.refused(err) {
			return show(v, d)
		}
		if err != nil {
			return err
		}
		v.redirect(next)
		return nil
	})
}
