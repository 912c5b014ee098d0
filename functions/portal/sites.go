package portal

import (
	"net/http"
	"slices"
	"strconv"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A sitesPage allots the domains of an order to its sites.
type sitesPage struct {
	Fields []pages.Field
	Found  finding.List // about the sites as a whole
}

// canAllot reports whether the applicant says which domains belong to which site.
func canAllot(o web.Order) bool {
	kind, known := filing.KindOf(o.Type)
	return known && kind.Sites == filing.Asked && o.Service == "" && len(o.Domains) > 1
}

// registerSites registers the page that says which domains belong to one site.
func (p *Portal) registerSites() {
	p.private("GET /orders/{id}/sites", func(v *visit) error {
		o, d, err := v.openSites()
		if err != nil {
			return err
		}
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		return v.showSites(o, d, func(domain string) int {
			if n, err := strconv.Atoi(typed.Get("/domain/" + domain)); err == nil {
				return n
			}
			return siteOfDomain(d, domain)
		})
	})
	p.private("POST /orders/{id}/sites", func(v *visit) error {
		o, d, err := v.openSites()
		if err != nil {
			return err
		}
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		chosen := func(domain string) int {
			n, err := strconv.Atoi(v.R.PostForm.Get("/domain/" + domain))
			if err != nil || n < 0 || n >= len(o.Domains) {
				return siteOfDomain(d, domain)
			}
			return n
		}
		d.allot(o, chosen)
		var saved api.DetailsDraft
		_, err = v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/details-draft"), Body: d.Document}, &saved)
		if v.Refused(err) {
			return v.showSites(o, d, chosen)
		}
		if err != nil {
			return err
		}
		d.found = saved.Findings
		d.settleReturned(o)
		if next := d.next(o, detailPage{}, nil); next != "" {
			v.Redirect(v.OrderHref(next))
			return nil
		}
		if d.found.Blocking() {
			v.Problem = &web.Problem{Status: http.StatusUnprocessableEntity, Findings: d.found}
			return v.showSites(o, d, chosen)
		}
		err = v.enterDetails(d)
		if v.Refused(err) {
			return v.showSites(o, d, chosen)
		}
		return err
	})
}

func (v *visit) openSites() (web.Order, draft, error) {
	o, err := v.order()
	if err != nil {
		return o, draft{}, err
	}
	if !canAllot(o) {
		return o, draft{}, &web.Problem{Status: http.StatusNotFound}
	}
	d, err := v.draft(o)
	return o, d, err
}

// siteOfDomain returns the index of the site that has a domain; 0 if none has it.
func siteOfDomain(d draft, domain string) int {
	for n := range d.Rows("/sites") {
		if slices.Contains(pages.TextsOf(d.At("/sites/"+strconv.Itoa(n)+"/domains")), domain) {
			return n
		}
	}
	return 0
}

// allot gives each domain to a site. Sites that are new are empty, and sites without a domain are removed.
func (d draft) allot(o web.Order, siteOf func(domain string) int) {
	sites, _ := d.At("/sites").([]any)
	sites = slices.Clone(sites)
	domains := map[int][]any{}
	for _, domain := range o.Domains {
		n := siteOf(string(domain))
		domains[n] = append(domains[n], string(domain))
		for len(sites) <= n {
			sites = append(sites, map[string]any{})
		}
	}
	var left []any
	for n, one := range sites {
		site, is := one.(map[string]any)
		if !is || len(domains[n]) == 0 {
			continue
		}
		site["domains"] = domains[n]
		left = append(left, site)
	}
	d.Set("/sites", left)
}

func (v *visit) showSites(o web.Order, d draft, chosen func(domain string) int) error {
	var options []pages.Option
	for n := range min(d.Rows("/sites")+1, len(o.Domains)) {
		label, err := v.siteLabel(d, n)
		if err != nil {
			return err
		}
		options = append(options, pages.Option{Value: strconv.Itoa(n), Label: label})
	}
	page := sitesPage{Found: slices.DeleteFunc(slices.Clone(d.found), func(f finding.Finding) bool { return f.Pointer != "/sites" })}
	for _, domain := range o.Domains {
		f := pages.Field{Name: "/domain/" + string(domain), Kind: "select", Label: string(domain), Value: strconv.Itoa(chosen(string(domain))), Options: slices.Clone(options)}
		for i := range f.Options {
			f.Options[i].Chosen = f.Options[i].Value == f.Value
		}
		page.Fields = append(page.Fields, f)
	}
	return v.Show("sites", page)
}

// siteLabel returns the name of a site in the list of sites; that of a new one if the order has no such site yet.
func (v *visit) siteLabel(d draft, n int) (string, error) {
	name := d.Text("/sites/" + strconv.Itoa(n) + "/name")
	switch {
	case n == d.Rows("/sites"):
		return v.T("sites.new", "n", n+1)
	case name != "":
		return v.T("sites.named", "n", n+1, "name", name)
	}
	return v.T("sites.numbered", "n", n+1)
}
