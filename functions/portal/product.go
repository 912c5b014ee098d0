package portal

import (
	"net/http"

	"beian/shared/web"
)

var productQuestions = []question{
	{pointer: "/server", words: "product.server", kind: "text", class: "short"},
	{pointer: "/serviceCode", words: "product.code", kind: "text", class: "short"},
}

// registerProduct registers the page that chooses the server.
func (p *Portal) registerProduct() {
	show := func(v *visit, d document) error {
		fields, err := v.ask(productQuestions, d)
		if err != nil {
			return err
		}
		return v.show("product", fields)
	}
	p.private("GET /orders/{id}/product", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		d := document{}
		if o.Product != nil {
			d = document{"server": o.Product.Server, "serviceCode": o.Product.ServiceCode}
		}
		typed, err := v.typed()
		if err != nil {
			return err
		}
		d.read(productQuestions, typed)
		return show(v, d)
	})
	p.private("POST /orders/{id}/product", func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d := document{}
		d.read(productQuestions, v.r.PostForm)
		for _, pointer := range []string{"/server", "/serviceCode"} {
			if d.text(pointer) == "" {
				d.set(pointer, nil)
			}
		}
		_, err := v.call(request{method: http.MethodPut, path: v.orderPath("/product"), key: v.r.PostForm.Get("once"), body: d}, new(web.Order))
		if v.refused(err) {
			return show(v, d)
		}
		if err != nil {
			return err
		}
		v.redirect(v.OrderHref(""))
		return nil
	})
}
