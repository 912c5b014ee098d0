package filing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
)

// changeFiling changes what is filed of a subject, its sites and their accesses (变更备案). The bureau gets the subject with all its sites in full.
var changeFiling = Kind{
	Type: ChangeFiling, Words: finding.Words{Chinese: "变更备案", English: "change of a filing"}, Begins: AtFiling, AnyService: true,
	Subject: Editable, Sites: Editable, Access: Editable, Documents: AffectedDocuments, Liveness: true, Website: Reachable, Codes: AffectedLeaders,
	Password: PasswordOptional, Document: "BGBA", Operation: 4,
	prefill: func(o *Order) {
		o.Private.Subject, o.Private.Sites = o.Private.Filed.Subject, slices.Clone(o.Private.Filed.Sites)
	},
	checkChoice: checkChangeable,
	carried:     changeCarried,
	check: func(o Order, subject Subject, sites []Site, _ time.Time) finding.List {
		return slices.Concat(o.checkKept(subject, sites), o.checkLeaderOfConsent(subject), o.checkChanged(subject, sites))
	},
	effect: func(o Order, before register.Filing, a Approve) register.Filing {
		return o.changed(o.filedBy(before, a))
	},
}

// Findings about a change.
const (
	CodeChangeShell       finding.Code = "change-of-shell"
	CodeChangeSiteShell   finding.Code = "change-of-shell-site"
	CodeChangeNotOurs     finding.Code = "change-without-access"
	CodeChangeAccess      finding.Code = "change-access-not-ours"
	CodeChangeProvince    finding.Code = "change-province"
	CodeChangeCertificate finding.Code = "change-certificate"
	CodeChangeSites       finding.Code = "change-sites"
	CodeChangeDomain      finding.Code = "change-domain"
	CodeChangesNothing    finding.Code = "change-nothing"
	CodeChangeNotFiled    finding.Code = "change-not-at-bureau"
)

// lastChangeableKind is the last kind of a subject's certificate that the interface takes in a change (MIIT-IF30 10.4, 12).
const lastChangeableKind certificate.Kind = 11

// changeCarried reports whether the interface can carry a change of a filing: it needs the ministry's ids of all parts, and takes only the older kinds
// of certificates (MIIT-IF30 10.4). The bureau's console needs neither.
func changeCarried(o Order) bool {
	complete := o.Filed.MinistryID != "" && o.Private.Filed.Subject.Certificate.Kind <= lastChangeableKind
	for _, s := range o.Filed.Sites {
		complete = complete && s.MinistryID != "" && !slices.ContainsFunc(s.Accesses, func(a register.Access) bool { return a.MinistryID == "" })
	}
	return complete
}

// checkChangeable returns the findings that keep a filing from being changed through us: the bureau takes changes only from a provider with an access.
func checkChangeable(n AtFilingInput) finding.List {
	f := n.Filing
	if len(f.Sites) == 0 {
		return finding.List{finding.New(CodeChangeShell, "")}
	}
	var found finding.List
	ours, others := false, false
	for _, s := range f.Sites {
		_, ourSite := s.OurAccess()
		ours, others = ours || ourSite, others || !ourSite && len(s.Accesses) > 0
		if len(s.Accesses) == 0 {
			found = append(found, fitFinding(finding.New(CodeChangeSiteShell, "", "number", s.Number.String()), s.Number.Service))
		}
	}
	if !ours && others { // without any access, the finding on the shell says all
		found = append(found, finding.New(CodeChangeNotOurs, ""))
	}
	for i, site := range n.NewAccess {
		pointer := "/access/" + strconv.Itoa(i)
		if site < 0 || site >= len(f.Sites) || slices.Contains(n.NewAccess[:i], site) {
			found = append(found, finding.New(CodeFilingSiteUnknown, pointer))
			continue
		}
		if _, ours := f.Sites[site].OurAccess(); !ours {
			found = append(found, fitFinding(finding.New(CodeChangeAccess, pointer), f.Sites[site].Number.Service))
		}
	}
	return found
}

// checkKept returns the findings about what a change must leave: the province, the sites, and the domains, of which a site can only lose some
// (icp-filing 2.3). That the certificate stays is part of the check of the subject.
func (o Order) checkKept(subject Subject, sites []Site) finding.List {
	var found finding.List
	if d := subject.Division; len(d) == 6 && !strings.HasPrefix(d, string(o.Province)) {
		found = append(found, finding.New(CodeChangeProvince, "/subject/division"))
	}
	if len(sites) != len(o.Private.Filed.Sites) {
		return append(found, finding.New(CodeChangeSites, "/sites"))
	}
	for i, s := range sites {
		for k, d := range s.Domains {
			if !slices.Contains(o.Private.Filed.Sites[i].Domains, d) || slices.Contains(s.Domains[:k], d) {
				found = append(found, finding.New(CodeChangeDomain, fmt.Sprintf("/sites/%d/domains/%d", i, k), "domain", d.Display()))
			}
		}
	}
	return found
}

// checkChanged refuses a change that changes nothing of what the bureau has.
func (o Order) checkChanged(subject Subject, sites []Site) finding.List {
	if len(sites) != len(o.Private.Filed.Sites) || o.affectedBy(subject, sites).any() {
		return nil
	}
	own := o.differences(subject, sites)
	if len(own) == 0 {
		return finding.List{finding.New(CodeChangesNothing, "")}
	}
	var found finding.List
	for _, d := range own {
		found = append(found, finding.New(CodeChangeNotFiled, d.Pointer))
	}
	return found
}

// changed returns a filing with the order's changes. Its sites are those of the order, by their numbers; others stay.
func (o Order) changed(f register.Filing) register.Filing {
	f.Private.Subject = o.Private.Subject
	f.Sites, f.Private.Sites = slices.Clone(f.Sites), slices.Clone(f.Private.Sites)
	for i, filed := range o.Filed.Sites {
		at := slices.IndexFunc(f.Sites, func(s register.FiledSite) bool { return s.Number == filed.Number })
		if at < 0 || i >= len(o.Private.Sites) {
			continue
		}
		details, site := o.Private.Sites[i], f.Sites[at]
		site.Domains = slices.DeleteFunc(slices.Clone(site.Domains), func(d register.FiledDomain) bool { return !slices.Contains(details.Domains, d.Name) })
		if slices.Contains(o.NewAccess, i) && o.Product != nil {
			site.Accesses = slices.Clone(site.Accesses)
			for k, a := range site.Accesses {
				if a.Ours {
					site.Accesses[k] = o.access()
					site.Accesses[k].MinistryID, site.Accesses[k].Provider = a.MinistryID, a.Provider
				}
			}
		}
		f.Sites[at], f.Private.Sites[at] = site, details
	}
	return f
}

// Changed returns the filing that the order is about with the order's changes. The record for the bureau has all of it.
func (o Order) Changed() register.Filing {
	f := *o.Filed
	f.Private = o.Private.Filed
	return o.changed(f)
}
