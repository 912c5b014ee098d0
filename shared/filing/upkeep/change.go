package upkeep

import (
	"fmt"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// What no longer matches the register (icp-filing 8.4). Each finding opens an application: see [NextOf].
const (
	CodeCertificateExpired finding.Code = "changed-certificate-expired" // of the subject
	CodeLeaderExpired      finding.Code = "changed-leader-expired"      // the certificate of the subject leader or the site leader
	CodeContactDead        finding.Code = "changed-contact-dead"        // messages do not arrive
	CodeDomainHolder       finding.Code = "changed-domain-holder"       // the domain belongs to another
	CodeDomainGone         finding.Code = "changed-domain-gone"         // it is not registered, or has expired
	CodeDomainRegistrar    finding.Code = "changed-domain-registrar"    // it was transferred to another registrar
	CodeServerGone         finding.Code = "changed-server-gone"         // the inventory does not have the server, or it has expired
	CodeServerAddress      finding.Code = "changed-server-address"      // the server has other addresses than are filed
	CodeProvince           finding.Code = "changed-province"            // the number is of another province than the subject
	CodeShellRisk          finding.Code = "changed-shell-risk"          // no provider hosts the site: the bureau cancels it (icp-filing 8.5)
)

// aboutDomains are the findings that only a registrar's answer opens or ends.
var aboutDomains = []finding.Code{CodeDomainHolder, CodeDomainGone, CodeDomainRegistrar}

// A Server is what the inventory says of the server of an access.
type Server struct {
	ExpiresOn workday.Date // "" if the inventory does not have it
	IPs       []string
}

// Facts are what registrars and the inventory said. A domain or server that is missing was not asked.
type Facts struct {
	Domains map[domainname.Domain]domainfacts.Facts
	Servers map[string]Server
}

// Changes returns what of a site no longer matches the register. If a domain is not in the facts, the open findings about domains stay.
func (u Upkeep) Changes(f register.Filing, site register.FiledSite, details register.Site, facts Facts, at time.Time) finding.List {
	var found finding.List
	add := func(code finding.Code, part string) {
		if !found.Has(code) {
			found = append(found, finding.New(code, "", "part", part))
		}
	}
	today := workday.DateOf(at)
	subject := f.Private.Subject
	if on, ends := subject.Certificate.Validity.ExpiresOn(); ends && on < today {
		add(CodeCertificateExpired, "")
	}
	for _, leader := range []register.Leader{subject.Leader, details.Leader} {
		if on, ends := leader.Certificate.Validity.ExpiresOn(); ends && on < today {
			add(CodeLeaderExpired, "")
		}
	}
	if p, known := f.Number.Province(); known && p.Code != f.Province {
		add(CodeProvince, "")
	}
	if u.Undelivered > 0 && u.Undelivered == f.Version {
		add(CodeContactDead, "")
	}
	for _, name := range site.DomainNames() {
		d, asked := facts.Domains[name]
		switch {
		case !asked:
			for _, open := range u.Sites[site.Number.String()].Findings {
				if slices.Contains(aboutDomains, open.Code) && !found.Has(open.Code) {
					found = append(found, open.Finding)
				}
			}
		case d.Registered == domainfacts.No || !d.ExpiresAt.IsZero() && workday.DateOf(d.ExpiresAt) < today:
			add(CodeDomainGone, name.Display())
		case d.SameCertificate == domainfacts.No || d.Holder != "" && subject.Name != "" && d.Holder != subject.Name:
			add(CodeDomainHolder, name.Display())
		case d.Registrar != "" && u.Registrars[name] != "" && d.Registrar != u.Registrars[name]:
			add(CodeDomainRegistrar, name.Display())
		}
	}
	ours, _ := site.OurAccess()
	server, asked := facts.Servers[ours.Server]
	if !asked {
		return found
	}
	switch {
	case server.ExpiresOn < today:
		add(CodeServerGone, ours.Server)
		if !slices.ContainsFunc(site.Accesses, func(a register.Access) bool { return !a.Ours }) {
			add(CodeShellRisk, "")
		}
	case len(ours.IPs) > 0 && !slices.ContainsFunc(ours.IPs, func(r register.IPRange) bool { return slices.Contains(server.IPs, r.First) }):
		add(CodeServerAddress, ours.Server)
	}
	return found
}

// ReportUndelivered records that a reminder did not arrive: the address is out of use, or the number is. The finding opens when the filing is looked at next,
// at once.
type ReportUndelivered struct{}

func (ReportUndelivered) Name() string { return "report-undelivered" }

func (ReportUndelivered) apply(u *Upkeep, f register.Filing, _ time.Time) error {
	if u.Undelivered == f.Version {
		return ErrNothingToDo
	}
	u.Undelivered, u.AskedAt = f.Version, time.Time{}
	return nil
}

// An Act is the application that corrects a finding.
type Act string

const (
	ActChange       Act = "change"        // of the filing, which begins with what is filed
	ActCancelAccess Act = "cancel-access" // the site is no longer ours to host
)

// PointerOf returns what of a change corrects a duty, as a JSON pointer into the details of the order; "/access/" with the index of a site if its server or addresses have to be
// entered again; "" if the duty does not say it.
func PointerOf(d Duty, f register.Filing, at time.Time) string {
	i := slices.IndexFunc(f.Sites, func(s register.FiledSite) bool { return s.Number.String() == d.Site })
	site := fmt.Sprintf("/sites/%d", i)
	expired := func(l register.Leader) bool {
		on, ends := l.Certificate.Validity.ExpiresOn()
		return ends && on < workday.DateOf(at)
	}
	switch d.Found.Code {
	case CodeCertificateExpired:
		return "/subject/certificate/validity/to"
	case CodeLeaderExpired:
		if i < 0 || expired(f.Private.Subject.Leader) {
			return "/subject/leader/certificate/validity/to"
		}
		return site + "/leader/certificate/validity/to"
	case CodeLeaderLeft:
		if i < 0 {
			return "/subject/leader/name"
		}
		return site + "/leader/name"
	case CodeContactDead:
		return "/subject/leader/mobile"
	case CodeServerAddress:
		if i >= 0 {
			return fmt.Sprintf("/access/%d", i)
		}
	}
	return ""
}

// ActOf returns the application that a finding asks for; "" if it asks for none.
func ActOf(code finding.Code) Act {
	switch code {
	case CodeCertificateExpired, CodeLeaderExpired, CodeLeaderLeft, CodeContactDead, CodeServerAddress, CodeProvince:
		return ActChange
	case CodeDomainHolder, CodeDomainGone, CodeServerGone, CodeShellRisk, "watch-resolves-elsewhere":
		return ActCancelAccess
	}
	return ""
}
