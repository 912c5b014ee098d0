package portal

import (
	"net/http"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/web"
)

// registerLinks registers the short links of SMS (ADR 65): /o/ leads to the page of an order, and /f/ to that of a filing, which ask to log in; /s/ leads to the page of an order's SMS verification.
// Following a link changes nothing, because phones open links to show a preview.
func (p *Portal) registerLinks() {
	for prefix, to := range map[string]string{"/o/": "/orders/", "/s/": "/sms/"} {
		p.public("GET "+prefix+"{link}", func(v *visit) error { return v.followLink(to) })
	}
	p.public("GET /f/{link}", func(v *visit) error {
		id, ok := filing.ParseLink(v.R.PathValue("link"))
		if !ok {
			return &web.Problem{Status: http.StatusNotFound}
		}
		v.Redirect("/filings/" + string(id))
		return nil
	})
}

// followLink redirects to the page of the order that the link names. It answers 410 if the order is closed, and 404 if there is none.
func (v *visit) followLink(to string) error {
	id, ok := filing.ParseLink(v.R.PathValue("link"))
	if !ok {
		return &web.Problem{Status: http.StatusNotFound}
	}
	o, err := v.portal.config.API.Decisions.Store.OrderState(v.R.Context(), id)
	if fault.KindOf(err) == fault.NotFound {
		return &web.Problem{Status: http.StatusNotFound}
	}
	if err != nil {
		return err
	}
	if o.LinkEnded(v.today()) {
		v.W.WriteHeader(http.StatusGone)
		return v.Show("link-ended", nil)
	}
	v.Redirect(to + string(id))
	return nil
}
