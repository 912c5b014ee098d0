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
)

// Numbers of empty rows that a page offers besides those that are filled in.
const (
	emptyPlatforms    = 2
	emptyPreApprovals = 1
)

// questions returns the questions of a page, which depend on what is filed, by whom, and with which kind of application.
func (v *visit) questions(o web.Order, d draft, page detailPage) []question {
	switch {
	case strings.HasSuffix(page.prefix, "/leader"):
		return leaderQuestions(page.prefix, o.Entity == individual)
	case page.site < 0:
		return subjectQuestions
	}
	return v.siteQuestions(o, d, page)
}

var subjectQuestions = []question{
	{pointer: "/subject/name", words: "details.name", kind: "text", autocomplete: "organization"},
	{pointer: "/subject/certificate/kind", words: "details.certificate-kind", kind: "fixed", options: allCertificates},
	{pointer: "/subject/certificate/number", words: "details.certificate-number", kind: "fixed"},
	{pointer: "/subject/certificate/validity/from", words: "details.valid-from", kind: "text", class: "short", optional: true},
	{pointer: "/subject/certificate/validity/to", words: "details.valid-to", kind: "text", class: "short"},
	{pointer: "/subject/certificateAddress", words: "details.certificate-address", kind: "text"},
	{pointer: "/subject/division", words: "details.division", kind: "select", options: divisions},
	{pointer: "/subject/address", words: "details.address", kind: "text", autocomplete: "street-address"},
	{pointer: "/subject/investor", words: "details.investor", kind: "text"},
	{pointer: "/subject/remark", words: "details.subject-remark", kind: "textarea", optional: true},
}

// leaderQuestions are the questions about a leader. The leader of an individual is the individual, so only the ways to reach the person are asked.
func leaderQuestions(prefix string, ofIndividual bool) []question {
	at := func(field string) string { return prefix + field }
	who := []question{
		{pointer: at("/legalRepresentative"), words: "details.legal-representative", kind: "check", shape: "bool"},
		{pointer: at("/name"), words: "details.leader-name", kind: "text", autocomplete: "name"},
		{pointer: at("/certificate/kind"), words: "details.leader-certificate-kind", kind: "select", shape: "number", options: personCertificates},
		{pointer: at("/certificate/number"), words: "details.leader-certificate-number", kind: "text"},
		{pointer: at("/certificate/validity/from"), words: "details.valid-from", kind: "text", class: "short", optional: true},
		{pointer: at("/certificate/validity/to"), words: "details.valid-to", kind: "text", class: "short"},
	}
	reach := []question{
		{pointer: at("/mobile"), words: "details.mobile", kind: "tel", class: "short", autocomplete: "tel-national", inputmode: "numeric"},
		{pointer: at("/emergencyPhone"), words: "details.emergency-phone", kind: "tel", class: "short", inputmode: "tel"},
		{pointer: at("/officePhone"), words: "details.office-phone", kind: "tel", class: "short", inputmode: "tel"},
		{pointer: at("/email"), words: "details.email", kind: "email", autocomplete: "email", inputmode: "email"},
	}
	if ofIndividual {
		who = []question{
			{pointer: at("/name"), words: "details.own-leader", kind: "fixed"},
			{pointer: at("/certificate/number"), words: "details.leader-certificate-number", kind: "fixed"},
		}
		reach = slices.Delete(reach, 2, 3)
	}
	return append(who, reach...)
}

// siteQuestions are the questions about a site, or an app, a mini program or a quick app.
func (v *visit) siteQuestions(o web.Order, d draft, page detailPage) []question {
	at := func(field string) string { return page.prefix + field }
	service, words := serviceOfSite(o, d, page.site), []any{"kind", v.In(serviceOfSite(o, d, page.site).Words())}
	kind, _ := filing.KindOf(o.Type)
	all := []question{{pointer: at("/name"), words: "details.site-name", kind: "text", args: words}}
	switch {
	case kind.Sites == filing.Editable && len(siteDomains(o, d, page.site)) > 1:
		all = append(all, question{pointer: at("/domains"), words: "details.kept-domains", kind: "checkboxes", shape: "lines", options: keptDomains(siteDomains(o, d, page.site))})
	case d.text(at("/domains")) != "":
		all = append(all, question{pointer: at("/domains"), words: "details.domains", kind: "fixed"})
	}
	if service == number.Site {
		all = append(all, question{pointer: at("/homeUrl"), words: "details.home-url", kind: "text", inputmode: "url", optional: true})
	} else {
		all = append(all, platformQuestions(at("/app/platforms"), d, service)...)
		all = append(all, question{pointer: at("/app/hosts"), words: "details.hosts", kind: "textarea", shape: "lines", optional: true})
	}
	contents := commonFirst(numbered("/service-contents"), "8", "9", "7", "21", "24")
	if o.Entity == individual {
		contents = commonFirst(numbered("/service-contents"), "6", "24")
	}
	all = append(all, question{pointer: at("/serviceContent"), words: "details.service-content", kind: "checkboxes", shape: "numbers", options: contents, args: words})
	if service == number.Site {
		all = append(all, question{pointer: at("/languages"), words: "details.languages", kind: "checkboxes", shape: "numbers", options: commonFirst(numbered("/site-languages"), "1", "12")})
	}
	all = append(all, question{pointer: at("/remark"), words: "details.site-remark", kind: "textarea", args: words})
	if o.Entity != individual || d.rows(at("/preApprovals")) > 0 {
		all = append(all, preApprovalQuestions(at("/preApprovals"), d)...)
	}
	return all
}

// platformQuestions ask for the systems on which an app runs, one row for each.
func platformQuestions(list string, d draft, service number.Service) []question {
	var all []question
	for n := range max(d.rows(list), 1) + emptyPlatforms {
		at := func(field string) string { return list + "/" + strconv.Itoa(n) + field }
		args := []any{"n", n + 1}
		all = append(all,
			question{pointer: at("/system"), words: "details.platform", kind: "select", options: systems(service), args: args},
			question{pointer: at("/name"), words: "details.platform-name", kind: "text", optional: true, args: args})
		if service == number.MiniProgram {
			all = append(all, question{pointer: at("/package"), words: "details.app-id", kind: "text", args: args})
			continue
		}
		all = append(all, question{pointer: at("/package"), words: "details.package", kind: "text", args: args})
		if service == number.App {
			all = append(all, question{pointer: at("/publicKey"), words: "details.public-key", kind: "textarea", args: args},
				question{pointer: at("/fingerprint"), words: "details.fingerprint", kind: "text", args: args})
		}
	}
	return all
}

// preApprovalQuestions ask for the licences that the trade requires, one row for each.
func preApprovalQuestions(list string, d draft) []question {
	var all []question
	for n := range d.rows(list) + emptyPreApprovals {
		at := func(field string) string { return list + "/" + strconv.Itoa(n) + field }
		args := []any{"n", n + 1}
		all = append(all,
			question{pointer: at("/trade"), words: "details.trade", kind: "select", options: trades, args: args},
			question{pointer: at("/number"), words: "details.licence", kind: "text", args: args},
			question{pointer: at("/validUntil"), words: "details.licence-until", kind: "text", class: "short", optional: true, args: args})
	}
	return all
}

// rows returns the number of entries of a list.
func (d document) rows(list string) int {
	rows, _ := d.at(list).([]any)
	return len(rows)
}

// readRows gives a list as many rows as a form has of it, up to a limit.
func (d document) readRows(list string, form map[string][]string, limit int) {
	rows, _ := d.at(list).([]any)
	for name := range form {
		rest, has := strings.CutPrefix(name, list+"/")
		index, _, _ := strings.Cut(rest, "/")
		n, err := strconv.Atoi(index)
		for has && err == nil && n < limit && len(rows) <= n {
			rows = append(rows, map[string]any{})
		}
	}
	if len(rows) > 0 {
		d.set(list, rows)
	}
}

// dropEmptyRows removes the rows of a list in which nothing was entered.
func (d document) dropEmptyRows(list string) {
	rows, has := d.at(list).([]any)
	if !has {
		return
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(row any) bool { return !answered(row) })
	if len(rows) == 0 {
		d.set(list, nil)
		return
	}
	d.set(list, rows)
}

// answered reports whether a value has any text or number.
func answered(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, one := range value {
			if answered(one) {
				return true
			}
		}
		return false
	case []any:
		return slices.ContainsFunc(value, answered)
	case string:
		return value != ""
	}
	return value != nil
}

// serviceOfSite returns what a site of the order is. In an order at a filing, each of the filing's sites can be another kind.
func serviceOfSite(o web.Order, d draft, site int) number.Service {
	if service, known := number.ParseService(o.Service); known && o.Service != "" {
		return service
	}
	if d.at("/sites/"+strconv.Itoa(site)+"/app") == nil {
		return number.Site
	}
	for _, s := range number.Services[1:] {
		for n := range d.rows("/sites/" + strconv.Itoa(site) + "/app/platforms") {
			system := d.text("/sites/" + strconv.Itoa(site) + "/app/platforms/" + strconv.Itoa(n) + "/system")
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
		for n := range d.rows("/sites") {
			other = other || n != site && slices.Contains(textsOf(d.at("/sites/"+strconv.Itoa(n)+"/domains")), string(domain))
		}
		if !other {
			own = append(own, string(domain))
		}
	}
	return own
}

func keptDomains(domains []string) func(*visit, document) ([]option, error) {
	return func(*visit, document) ([]option, error) {
		var all []option
		for _, d := range domains {
			all = append(all, option{Value: d, Label: d})
		}
		return all, nil
	}
}

// commonFirst returns options with the common ones first. The others are rare.
func commonFirst(list func(*visit, document) ([]option, error), common ...string) func(*visit, document) ([]option, error) {
	return func(v *visit, d document) ([]option, error) {
		all, err := list(v, d)
		rank := func(o option) int {
			if i := slices.Index(common, o.Value); i >= 0 {
				return i
			}
			return len(common)
		}
		slices.SortStableFunc(all, func(a, b option) int { return rank(a) - rank(b) })
		for i := range all {
			all[i].Rare = rank(all[i]) == len(common)
		}
		return all, err
	}
}

// systems lists the platforms of a kind of service.
func systems(service number.Service) func(*visit, document) ([]option, error) {
	return func(v *visit, _ document) ([]option, error) {
		var all []option
		for _, s := range app.Systems(service) {
			all = append(all, option{Value: s.ID, Label: v.In(s.Words)})
		}
		return all, nil
	}
}

// trades lists the trades that need a pre-approval.
func trades(v *visit, _ document) ([]option, error) {
	var list struct {
		Items []preapproval.Rule `json:"items"`
	}
	err := v.get("/pre-approvals", &list)
	var all []option
	for _, r := range list.Items {
		all = append(all, option{Value: string(r.Trade), Label: v.In(r.Name)})
	}
	return all, err
}

// withExplanations offers to explain the findings on fields that can be explained, with what was written before.
func withExplanations(fields []field, d draft, o web.Order) {
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
	given, _ := d.at("/explanations").([]any)
	for _, one := range given {
		if e, _ := one.(map[string]any); e["code"] == string(code) && e["pointer"] == pointer {
			text, _ := e["text"].(string)
			return text
		}
	}
	return ""
}
