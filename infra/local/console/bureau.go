package console

import (
	"net/http"
	"net/netip"
	"strings"

	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
	"beian/shared/web/pages"
)

// taskKinds are the kinds of task that the page can issue, as elements of the interface, in the order of their buttons.
var taskKinds = []string{"HSRW", "WBAWZLB", "XGTZ", "HCJG", "FFJRHMD", "ZXSJ", "HMDLB"}

// A bureauForm is the form for a task of the simulated bureau. Problem is the key of what is wrong, "" for nothing; Done is the kind that was issued.
type bureauForm struct {
	Kinds            []string
	Number, Host, IP string
	Problem, Done    string
}

// registerBureau registers the page on which the simulated bureau gives the provider work.
func (c *Console) registerBureau() {
	c.Public("GET /bureau", func(v *pages.Visit) error {
		return v.Show("bureau", bureauForm{Kinds: taskKinds, Host: "unfiled-example.com", IP: "8.130.1.1", Done: v.R.URL.Query().Get("issued")})
	})
	c.Public("POST /bureau", func(v *pages.Visit) error {
		form := v.R.PostForm
		f := bureauForm{Kinds: taskKinds, Number: strings.TrimSpace(form.Get("number")), Host: strings.TrimSpace(form.Get("host")), IP: strings.TrimSpace(form.Get("ip"))}
		kind := form.Get("kind")
		issued, problem := c.taskOf(kind, f)
		if problem == "" && c.config.ApplyScenario(issued) != nil {
			problem = "bureau.no-filing"
		}
		if f.Problem = problem; problem != "" {
			v.W.WriteHeader(http.StatusUnprocessableEntity)
			return v.Show("bureau", f)
		}
		v.Redirect(Prefix + "/bureau?issued=" + kind)
		return nil
	})
}

// taskOf returns what the simulated bureau issues, or the key of what is wrong with the form.
func (c *Console) taskOf(kind string, f bureauForm) (s simulator.Scenario, problem string) {
	subject, site, err := number.Parse(f.Number)
	if site != (number.Filing{}) {
		subject = site.Subject
	}
	host, isHost := domainname.Normalize(f.Host)
	addr, _ := netip.ParseAddr(f.IP)
	ip, isIP := document.IPv4From(addr)
	provider, today := c.config.Provider, document.FormatDate(c.config.Clock.Now())
	var d document.ICPDownload
	switch kind {
	case "HSRW", "XGTZ", "HCJG", "ZXSJ":
		if err != nil {
			return s, "bureau.no-number"
		}
	case "WBAWZLB", "FFJRHMD", "HMDLB":
		if !isHost || !isIP || ip == 0 {
			return s, "bureau.no-host"
		}
	}
	switch kind {
	case "HSRW":
		return simulator.Scenario{Verify: []simulator.Verify{{Provider: provider, Number: subject.String()}}}, ""
	case "ZXSJ":
		cancelled := subject.String()
		if site != (number.Filing{}) {
			cancelled = site.String()
		}
		return simulator.Scenario{Cancel: []simulator.Cancel{{Provider: provider, Number: cancelled}}}, ""
	case "WBAWZLB":
		d.Unfiled = []document.UnfiledSite{{ID: 1, Domain: string(host), IP: ip, Carrier: 1, Province: 110000, Detected: today, Provider: provider}}
	case "XGTZ":
		d.Notices = []document.Notice{{About: document.SubjectNotice, Number: subject.String(), Text: "主体信息与证件不一致，请更正"}}
	case "HCJG":
		d.Audit = &document.Audit{Sites: []document.SiteAudit{{SiteID: 1, Number: subject.Filing(1).String(), Checked: today}}}
	case "FFJRHMD":
		d.IllegalAccess = []document.IllegalAccess{{ID: 1, Domain: string(host), IP: ip, Provider: provider, Province: 110000, Detected: today}}
	case "HMDLB":
		d.Blacklist = &document.Blacklist{Sites: []document.BlacklistedSite{{Entry: document.AddEntry,
			Site: document.BlacklistSite{Name: "示例", Domains: []document.BlacklistDomain{{Name: string(host)}}}}}}
	default:
		return s, "bureau.no-kind"
	}
	return simulator.Scenario{Issue: []simulator.Issue{{Provider: provider, ICP: &d}}}, ""
}
