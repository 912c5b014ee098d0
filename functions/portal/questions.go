package portal

import (
	"slices"
	"strconv"
	"strings"

	"beian/shared/filing"
	"beian/shared/rules/app"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// Numbers of empty rows that a page offers besides those that are filled in.
const (
	emptyPlatforms    = 2
	emptyPreApprovals = 1
)

// questions returns the questions of a page, which depend on what is filed, by whom, and with which kind of application.
func (v *visit) questions(o web.Order, d draft, page detailPage) []pages.Question {
	switch {
	case strings.HasSuffix(page.prefix, "/leader"):
		return leaderQuestions(page.prefix, o.Entity == application.Individual)
	case page.site < 0:
		return subjectQuestions
	}
	return v.siteQuestions(o, d, page)
}

var subjectQuestions = []pages.Question{
	{Pointer: "/subject/name", Words: "details.name", Kind: "text", Autocomplete: "organization"},
	{Pointer: "/subject/certificate/kind", Words: "details.certificate-kind", Kind: "fixed", Options: application.AllCertificates},
	{Pointer: "/subject/certificate/number", Words: "details.certificate-number", Kind: "fixed"},
	{Pointer: "/subject/certificate/validity/from", Words: "details.valid-from", Kind: "text", Class: "short", Optional: true},
	{Pointer: "/subject/certificate/validity/to", Words: "details.valid-to", Kind: "text", Class: "short"},
	{Pointer: "/subject/certificateAddress", Words: "details.certificate-address", Kind: "text"},
	{Pointer: "/subject/division", Words: "details.division", Kind: "select", Options: divisions},
	{Pointer: "/subject/address", Words: "details.address", Kind: "text", Autocomplete: "street-address"},
	{Pointer: "/subject/investor", Words: "details.investor", Kind: "text"},
	{Pointer: "/subject/remark", Words: "details.subject-remark", Kind: "textarea", Optional: true},
}

// leaderQuestions are the questions about a leader. The leader of an individual is the individual, so only the ways to reach the person are asked.
func leaderQuestions(prefix string, ofIndividual bool) []pages.Question {
	at := func(field string) string { return prefix + field }
	who := []pages.Question{
		{Pointer: at("/legalRepresentative"), Words: "details.legal-representative", Kind: "check", Shape: "bool"},
		{Pointer: at("/name"), Words: "details.leader-name", Kind: "text", Autocomplete: "name"},
		{Pointer: at("/certificate/kind"), Words: "details.leader-certificate-kind", Kind: "select", Shape: "number", Options: application.PersonCertificates},
		{Pointer: at("/certificate/number"), Words: "details.leader-certificate-number", Kind: "text"},
		{Pointer: at("/certificate/validity/from"), Words: "details.valid-from", Kind: "text", Class: "short", Optional: true},
		{Pointer: at("/certificate/validity/to"), Words: "details.valid-to", Kind: "text", Class: "short"},
	}
	reach := []pages.Question{
		{Pointer: at("/mobile"), Words: "details.mobile", Kind: "tel", Class: "short", Autocomplete: "tel-national", Inputmode: "numeric"},
		{Pointer: at("/emergencyPhone"), Words: "details.emergency-phone", Kind: "tel", Class: "short", Inputmode: "tel"},
		{Pointer: at("/officePhone"), Words: "details.office-phone", Kind: "tel", Class: "short", Inputmode: "tel"},
		{Pointer: at("/email"), Words: "details.email", Kind: "email", Autocomplete: "email", Inputmode: "email"},
	}
	if ofIndividual {
		who = []pages.Question{
			{Pointer: at("/name"), Words: "details.own-leader", Kind: "fixed"},
			{Pointer: at("/certificate/number"), Words: "details.leader-certificate-number", Kind: "fixed"},
		}
		reach = slices.Delete(reach, 2, 3)
	}
	return append(who, reach...)
}

// siteQuestions are the questions about a site, or an app, a mini program or a quick app.
func (v *visit) siteQuestions(o web.Order, d draft, page detailPage) []pages.Question {
	at := func(field string) string { return page.prefix + field }
	service, words := serviceOfSite(o, d, page.site), []any{"kind", v.In(serviceOfSite(o, d, page.site).Words())}
	kind, _ := filing.KindOf(o.Type)
	all := []pages.Question{{Pointer: at("/name"), Words: "details.site-name", Kind: "text", Args: words}}
	switch {
	case kind.Sites == filing.Editable && len(siteDomains(o, d, page.site)) > 1:
		all = append(all, pages.Question{Pointer: at("/domains"), Words: "details.kept-domains", Kind: "checkboxes", Shape: "lines", Options: keptDomains(siteDomains(o, d, page.site))})
	case d.Text(at("/domains")) != "":
		all = append(all, pages.Question{Pointer: at("/domains"), Words: "details.domains", Kind: "fixed"})
	}
	if service == number.Site {
		all = append(all, pages.Question{Pointer: at("/homeUrl"), Words: "details.home-url", Kind: "text", Inputmode: "url", Optional: true})
	} else {
		all = append(all, platformQuestions(at("/app/platforms"), d, service)...)
		all = append(all, pages.Question{Pointer: at("/app/hosts"), Words: "details.hosts", Kind: "textarea", Shape: "lines", Optional: true})
	}
	contents := commonFirst(application.Numbered("/service-contents"), "8", "9", "7", "21", "24")
	if o.Entity == application.Individual {
		contents = commonFirst(application.Numbered("/service-contents"), "6", "24")
	}
	all = append(all, pages.Question{Pointer: at("/serviceContent"), Words: "details.service-content", Kind: "checkboxes", Shape: "numbers", Options: contents, Args: words})
	if service == number.Site {
		all = append(all, pages.Question{Pointer: at("/languages"), Words: "details.languages", Kind: "checkboxes", Shape: "numbers", Options: commonFirst(application.Numbered("/site-languages"), "1", "12")})
	}
	all = append(all, pages.Question{Pointer: at("/remark"), Words: "details.site-remark", Kind: "textarea", Args: words})
	if o.Entity != application.Individual || d.Rows(at("/preApprovals")) > 0 {
		all = append(all, preApprovalQuestions(at("/preApprovals"), d)...)
	}
	return all
}

// platformQuestions ask for the systems on which an app runs, one row for each.
func platformQuestions(list string, d draft, service number.Service) []pages.Question {
	var all []pages.Question
	for n := range max(d.Rows(list), 1) + emptyPlatforms {
		at := func(field string) string { return list + "/" + strconv.Itoa(n) + field }
		args := []any{"n", n + 1}
		all = append(all,
			pages.Question{Pointer: at("/system"), Words: "details.platform", Kind: "select", Options: systems(service), Args: args},
			pages.Question{Pointer: at("/name"), Words: "details.platform-name", Kind: "text", Optional: true, Args: args})
		if service == number.MiniProgram {
			all = append(all, pages.Question{Pointer: at("/package"), Words: "details.app-id", Kind: "text", Args: args})
			continue
		}
		all = append(all, pages.Question{Pointer: at("/package"), Words: "details.package", Kind: "text", Args: args})
		if service == number.App {
			all = append(all, pages.Question{Pointer: at("/publicKey"), Words: "details.public-key", Kind: "textarea", Args: args},
				pages.Question{Pointer: at("/fingerprint"), Words: "details.fingerprint", Kind: "text", Args: args})
		}
	}
	return all
}

// preApprovalQuestions ask for the licences that the trade requires, one row for each.
func preApprovalQuestions(list string, d draft) []pages.Question {
	var all []pages.Question
	for n := range d.Rows(list) + emptyPreApprovals {
		at := func(field string) string { return list + "/" + strconv.Itoa(n) + field }
		args := []any{"n", n + 1}
		all = append(all,
			pages.Question{Pointer: at("/trade"), Words: "details.trade", Kind: "select", Options: trades, Args: args},
			pages.Question{Pointer: at("/number"), Words: "details.licence", Kind: "text", Args: args},
			pages.Question{Pointer: at("/validUntil"), Words: "details.licence-until", Kind: "text", Class: "short", Optional: true, Args: args})
	}
	return all
}

// serviceOfSite returns what a site of the order is. In an order at a filing, each of the filing's sites can be another kind.
func serviceOfSite(o web.Order, d draft, site int) number.Service {
	if service, known := number.ParseService(o.Service); known && o.Service != "" {
		return service
	}
	if d.At("/sites/"+strconv.Itoa(site)+"/app") == nil {
		return number.Site
	}
	for _, s := range number.Services[1:] {
		for n := range d.Rows("/sites/" + strconv.Itoa(site) + "/app/platforms") {
			system := d.Text("/sites/" + strconv.Itoa(site) + "/app/platforms/" + strconv.Itoa(n) + "/system")
			if _, is := app.SystemOf(s, system); is {
				return s
			}
		}
	}
	return number.App
}

// siteDomains returns the domains that a site of a change had, or has.
func siteDomains(o web.Order, d draft, site int) []string {
	var own []string
	for _, domain := range o.Domains {
		other := false
		for n := range d.Rows("/sites") {
			other = other || n != site && slices.Contains(pages.TextsOf(d.At("/sites/"+strconv.Itoa(n)+"/domains")), string(domain))
		}
		if !other {
			own = append(own, string(domain))
		}
	}
	return own
}

func keptDomains(domains []string) func(*pages.Visit, pages.Document) ([]pages.Option, error) {
	return func(*pages.Visit, pages.Document) ([]pages.Option, error) {
		var all []pages.Option
		for _, d := range domains {
			all = append(all, pages.Option{Value: d, Label: d})
		}
		return all, nil
	}
}

// commonFirst returns options with the common ones first. The others are rare.
func commonFirst(list func(*pages.Visit, pages.Document) ([]pages.Option, error), common ...string) func(*pages.Visit, pages.Document) ([]pages.Option, error) {
	return func(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
		all, err := list(v, d)
		rank := func(o pages.Option) int {
			if i := slices.Index(common, o.Value); i >= 0 {
				return i
			}
			return len(common)
		}
		slices.SortStableFunc(all, func(a, b pages.Option) int { return rank(a) - rank(b) })
		for i := range all {
			all[i].Rare = rank(all[i]) == len(common)
		}
		return all, err
	}
}

// systems lists the platforms of a kind of service.
func systems(service number.Service) func(*pages.Visit, pages.Document) ([]pages.Option, error) {
	return func(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
		var all []pages.Option
		for _, s := range app.Systems(service) {
			all = append(all, pages.Option{Value: s.ID, Label: v.In(s.Words)})
		}
		return all, nil
	}
}

// trades lists the trades that need a pre-approval.
func trades(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	var list struct {
		Items []preapproval.Rule `json:"items"`
	}
	err := v.Get("/pre-approvals", &list)
	var all []pages.Option
	for _, r := range list.Items {
		all = append(all, pages.Option{Value: string(r.Trade), Label: v.In(r.Name)})
	}
	return all, err
}

// withExplanations offers to explain the findings on fields that can be explained, with what was written before.
func withExplanations(fields []pages.Field, d draft, o web.Order) {
	for i := range fields {
		for k, e := range fields[i].Errors {
			text := d.explanation(e.Code, e.Pointer)
			for _, one := range o.Explained {
				if text == "" && one.Applies && one.Code == e.Code && one.Pointer == e.Pointer {
					text = one.Text
				}
			}
			fields[i].Errors[k].Explains, fields[i].Errors[k].Explanation = e.Overridable || text != "", text
		}
	}
}

// explanation returns what was written about a finding.
func (d draft) explanation(code finding.Code, pointer string) string {
	given, _ := d.At("/explanations").([]any)
	for _, one := range given {
		if e, _ := one.(map[string]any); e["code"] == string(code) && e["pointer"] == pointer {
			text, _ := e["text"].(string)
			return text
		}
	}
	return ""
}
