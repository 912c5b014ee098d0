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

// registerProduct registers the page that chooses the server.
func (p *Portal) registerProduct() {
	show := func(v *visit, d pages.Document) error {
		fields, err := v.Ask(productQuestions, d)
		if err != nil {
			return err
		}
		return v.Show("product", fields)
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
		d.Read(productQuestions, typed)
		return show(v, d)
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
			return show(v, d)
		}
		if err != nil {
			return err
		}
		v.Redirect(v.OrderHref(""))
		return nil
	})
}
