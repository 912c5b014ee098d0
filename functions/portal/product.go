package portal

import (
	"net/http"

	"beian/shared/web"
	"beian/shared/web/pages"
)

var productQuestions = []pages.Question{
	{Pointer: "/server", Words: "product.server", Kind: "text", Class: "short"},
	{Pointer: "/serviceCode", Words: "product.code", Kind: "text", Class: "short"},
}

// A productPage is the page that chooses the server.
type productPage struct {
	Fields   []pages.Field
	Proposed bool // the server was entered because its addresses changed
}

// registerProduct registers the page that chooses the server.
func (p *Portal) registerProduct() {
	show := func(v *visit, d pages.Document, proposed bool) error {
		fields, err := v.Ask(productQuestions, d)
		if err != nil {
			return err
		}
		return v.Show("product", productPage{fields, proposed})
	}
	p.private("GET /orders/{id}/product", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		d := pages.Document{}
		if o.Product != nil {
			d = pages.Document{"server": o.Product.Server, "serviceCode": o.Product.ServiceCode}
		}
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		proposed := false
		if typed == nil {
			if proposed, err = v.proposeServer(o, d); err != nil {
				return err
			}
		}
		d.Read(productQuestions, typed)
		return show(v, d, proposed)
	})
	p.private("POST /orders/{id}/product", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d := pages.Document{}
		d.Read(productQuestions, v.R.PostForm)
		for _, pointer := range []string{"/server", "/serviceCode"} {
			if d.Text(pointer) == "" {
				d.Set(pointer, nil)
			}
		}
		_, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/product"), Key: v.R.PostForm.Get("once"), Body: d}, new(web.Order))
		if v.Refused(err) {
			return show(v, d, false)
		}
		if err != nil {
			return err
		}
		v.Redirect(v.OrderHref(""))
		return nil
	})
}
