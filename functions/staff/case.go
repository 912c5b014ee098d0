package staff

import (
	"net/http"
	"net/url"

	"beian/shared/web"
	"beian/shared/web/pages"
)

// A casePage is the page of one order.
type casePage struct {
	web.Order
}

// Mine reports whether the person has the claim of the order.
func (p page) Mine(o web.Order) bool { return o.Claim != nil && o.Claim.Reviewer == p.Caller().Account }

// registerCase registers the page of an order, its claim and the release.
func (s *Staff) registerCase() {
	s.register("GET /orders/{id}", (*visit).showCase)
	s.register("POST /orders/{id}/claim", func(v *visit) error {
		return v.actOnCase(pages.Request{Method: http.MethodPost, Path: v.orderPath("/claim")}, v.OrderHref(""))
	})
	s.register("POST /orders/{id}/release", func(v *visit) error {
		return v.actOnCase(pages.Request{Method: http.MethodDelete, Path: v.orderPath("/claim")}, Prefix+"/queue")
	})
}

// actOnCase calls an operation on the order and goes to a page, or shows the case again with what the operation refused.
func (v *visit) actOnCase(q pages.Request, to string) error {
	q.Key = v.R.PostForm.Get("once")
	_, err := v.Call(q, nil)
	if v.Refused(err) {
		return v.showCase()
	}
	if err != nil {
		return err
	}
	v.Redirect(to)
	return nil
}

func (v *visit) showCase() error {
	var o web.Order
	var err error
	if v.etag, err = v.Call(pages.Request{Method: http.MethodGet, Path: v.orderPath("")}, &o); err != nil {
		return err
	}
	return v.Show("case", casePage{Order: o})
}

// orderPath returns the API's path of an operation on the order of the page's address.
func (v *visit) orderPath(operation string) string {
	return "/orders/" + url.PathEscape(v.R.PathValue("id")) + operation
}

// OrderHref returns the address of a page of the order.
func (v *visit) OrderHref(rest string) string {
	return Prefix + "/orders/" + url.PathEscape(v.R.PathValue("id")) + rest
}
