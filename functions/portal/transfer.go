package portal

import (
	"errors"
	"net/http"
	"net/url"

	"beian/functions/api"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

var (
	takeQuestions       = []pages.Question{{Pointer: "/code", Words: "transfer.code", Kind: "text", Class: "short"}}
	claimQuestions      = []pages.Question{{Pointer: "/number", Words: "claim.number", Kind: "text", Class: "short"}}
	claimCodeQuestions  = []pages.Question{{Pointer: "/code", Words: "claim.code", Kind: "text", Class: "code", Autocomplete: "one-time-code", Inputmode: "numeric"}}
	confirmTransferTick = []pages.Question{{Pointer: "/confirmed", Words: "transfer.confirm-tick", Kind: "check"}}
)

// An offerPage is the owner's page of a transfer.
type offerPage struct {
	beginningAt
	Transfer *api.RegisterTransfer // nil if none is under way
	Tick     []pages.Field
}

// registerTransfers registers the pages of transfers between accounts: of the owner, and of the account that takes the filing.
func (p *Portal) registerTransfers() {
	p.private("GET /filings/{id}/transfer", func(v *visit) error {
		if _, err := v.Typed(); err != nil { // a tick is given again
			return err
		}
		return v.showOffer(nil)
	})
	p.private("POST /filings/{id}/transfer", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		q := pages.Request{Method: http.MethodPost, Path: v.filingPath("/transfer"), Key: v.R.PostForm.Get("once")}
		switch v.R.PostForm.Get("do") {
		case "revoke":
			q.Method = http.MethodDelete
		case "confirm":
			if v.R.PostForm.Get("/confirmed") == "" {
				v.Problem = &web.Problem{Status: http.StatusUnprocessableEntity, Findings: finding.List{finding.New(CodeUnticked, "/confirmed")}}
				return v.showOffer(nil)
			}
			q.Path += "/confirmation"
		default: // the response that creates the code is the only one that has it
			var offered api.RegisterTransfer
			_, err := v.Call(q, &offered)
			if v.Refused(err) {
				return v.showOffer(nil)
			}
			if err != nil {
				return err
			}
			return v.showOffer(&offered)
		}
		_, err := v.Call(q, nil)
		if v.Refused(err) {
			return v.showOffer(nil)
		}
		if err != nil {
			return err
		}
		if q.Method == http.MethodDelete {
			v.Redirect(v.FilingHref("/transfer"))
		} else {
			v.Redirect("/filings")
		}
		return nil
	})
	p.registerForm("/transfer", "transfer", takeQuestions, func(v *visit, d pages.Document) (string, error) {
		var taken api.RegisterTransfer
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: "/filing-transfers", Key: v.R.PostForm.Get("once"), Body: d}, &taken)
		return "/transfers/" + string(taken.Filing), err
	})
	p.private("GET /transfers/{id}", func(v *visit) error {
		var taken api.RegisterTransfer
		if err := v.Get("/filing-transfers/"+url.PathEscape(v.R.PathValue("id")), &taken); err != nil {
			return err
		}
		return v.Show("transfer-taken", taken)
	})
	p.private("POST /transfers/{id}", func(v *visit) error {
		_, err := v.Call(pages.Request{Method: http.MethodDelete, Path: "/filing-transfers/" + url.PathEscape(v.R.PathValue("id"))}, nil)
		if err != nil {
			return err
		}
		v.Redirect("/transfers/" + v.R.PathValue("id"))
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
		err := v.Get(v.filingPath("/transfer"), &t)
		if p, is := errors.AsType[*web.Problem](err); err != nil && (!is || p.Status != http.StatusNotFound) {
			return err
		}
		if err == nil && (t.State == register.TransferOffered || t.State == register.TransferTaken) {
			page.Transfer = &t
		}
	}
	if page.Tick, err = v.Ask(confirmTransferTick, pages.Document{}); err != nil {
		return err
	}
	return v.Show("filing-transfer", page)
}

// registerClaim registers the pages that claim a filing that no account has.
func (p *Portal) registerClaim() {
	p.registerForm("/claim", "claim", claimQuestions, func(v *visit, d pages.Document) (string, error) {
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: "/filing-claims", Key: v.R.PostForm.Get("once"), Body: d}, nil)
		return "/claim/code", err
	})
	p.registerForm("/claim/code", "claim-code", claimCodeQuestions, func(v *visit, d pages.Document) (string, error) {
		var f web.Filing
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: "/filing-claims/answers", Key: v.R.PostForm.Get("once"), Body: d}, &f)
		return "/filings/" + string(f.ID), err
	})
}

// registerForm registers a page with one form. send carries the form out and returns the address of the next page.
func (p *Portal) registerForm(path, template string, questions []pages.Question, send func(*visit, pages.Document) (next string, err error)) {
	show := func(v *visit, d pages.Document) error {
		fields, err := v.Ask(questions, d)
		if err != nil {
			return err
		}
		return v.Show(template, fields)
	}
	p.private("GET "+path, func(v *visit) error {
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		d := pages.Document{}
		d.Read(questions, typed)
		return show(v, d)
	})
	p.private("POST "+path, func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d := pages.Document{}
		d.Read(questions, v.R.PostForm)
		next, err := send(v, d)
		if v.Refused(err) {
			return show(v, d)
		}
		if err != nil {
			return err
		}
		v.Redirect(next)
		return nil
	})
}
