package filing

import (
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// CodeOneSite says that an order for an access is about one site.
const CodeOneSite finding.Code = "access-of-several-sites"

// addAccess adds our access to a filed site of a subject that is filed through us (接入备案). Subject and site are those of the register, with all
// domains of the site.
var addAccess = Kind{
	Type: AddAccess, Words: finding.Words{Chinese: "新增接入（主体已在我处备案）", English: "new access of a subject filed here"}, Begins: Determined, Phone: true,
	Subject: Fixed, Sites: Fixed, Access: Asked, Documents: SiteDocuments, Liveness: true, Website: Reachable, Codes: SiteLeaders,
	Password: PasswordRequired, Document: "XZJR", Operation: 3,
	prefill: fillSites, effect: addOurAccess,
}

// addAccessForeign adds our access to a site that is filed at other providers. The applicant enters subject and site, and shows to be the
// subject; the bureau gets the site's number.
var addAccessForeign = Kind{
	Type: AddAccessForeign, Words: finding.Words{Chinese: "新增接入（网站在别处备案）", English: "new access of a site filed elsewhere"}, Begins: Determined, Phone: true,
	Subject: Asked, Sites: Asked, Access: Asked, Documents: AllDocuments, Liveness: true, Website: Reachable, Codes: SiteLeaders,
	Password: PasswordRequired, Document: "XZJR", Operation: 3,
	check: checkOneSite, effect: addOurAccess,
}

// sitesWith returns the indexes of the filing's websites that have one of the domains.
func sitesWith(f register.Filing, domains []Domain) []int {
	var found []int
	for i, s := range f.Sites {
		if s.Number.Service == number.Site && slices.ContainsFunc(s.Domains, func(d register.FiledDomain) bool { return slices.Contains(domains, d.Name) }) {
			found = append(found, i)
		}
	}
	return found
}

// fillSites enters the filing's subject and the sites of the order's domains into the order.
func fillSites(o *Order) {
	fillSubject(o)
	o.Chosen, o.Private.Sites = sitesWith(*o.Filed, o.Domains), nil
	for _, i := range o.Chosen {
		if i < len(o.Private.Filed.Sites) {
			o.Private.Sites = append(o.Private.Sites, o.Private.Filed.Sites[i])
		}
	}
}

// addOurAccess adds our access to the filed sites. Sites that the register does not have are added with it.
func addOurAccess(o Order, before register.Filing, a Approve) register.Filing {
	f := o.filedBy(before, a)
	if before.Version == 0 {
		f.Private.Subject = o.Private.Subject
	}
	added := a
	added.Sites = nil
	for _, filed := range a.Sites {
		i := slices.IndexFunc(f.Sites, func(s register.FiledSite) bool { return s.Number == filed.Number })
		if i < 0 {
			added.Sites = append(added.Sites, filed)
			continue
		}
		if _, has := f.Sites[i].OurAccess(); !has {
			f.Sites[i].Accesses = append(slices.Clone(f.Sites[i].Accesses), o.access())
		}
	}
	o.addSites(&f, added)
	return f
}

// checkOneSite returns a finding if the applicant enters several sites.
func checkOneSite(_ Order, _ Subject, sites []Site, _ time.Time) finding.List {
	if len(sites) > 1 {
		return finding.List{finding.New(CodeOneSite, "/sites")}
	}
	return nil
}

// checkAccessOfOneSite returns a finding if the domains belong to several filed sites: the bureau takes one site in an application. numbers are
// those of the sites that the ministry's query answers.
func checkAccessOfOneSite(numbers []string) finding.List {
	slices.Sort(numbers)
	if len(slices.Compact(numbers)) > 1 {
		return finding.List{finding.New(CodeOneSite, pointerDomains)}
	}
	return nil
}
