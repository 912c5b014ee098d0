package portal

import (
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// A filingPage is the page of what is filed of one subject.
type filingPage struct {
	web.Filing
	Province string
	Sites    []filedSite
	Rows     []checkSection // the data of the subject and of its leader
	Versions []filingVersion
	Upkeep   web.Upkeep
	Verified bool // the versions are as they were stored
	More     bool // versions that the page does not list
	own      map[string]bool
}

// Opens reports whether the account has the order: papers can be of an order of the account that had the filing before.
func (p filingPage) Opens(order filing.ID) bool { return p.own[string(order)] }

// A recordedSite is what is recorded about a site after approval.
type recordedSite struct{ web.UpkeepSite }

// Charges returns "yes" or "no", whether the site charges its users; "" if that is not recorded.
func (s recordedSite) Charges() string {
	switch {
	case s.Commercial == nil:
		return ""
	case *s.Commercial:
		return "yes"
	}
	return "no"
}

// Recorded returns what is recorded about a site after approval.
func (p filingPage) Recorded(s filedSite) recordedSite {
	for _, one := range p.Upkeep.Sites {
		if one.Number == s.Number.String() {
			return recordedSite{one}
		}
	}
	return recordedSite{}
}

// LeaderLeft reports whether it is recorded that the leader of a site, or with "" the leader of the subject, has left.
func (p filingPage) LeaderLeft(site string) bool {
	return slices.ContainsFunc(p.Upkeep.Duties, func(d web.UpkeepDuty) bool { return d.Code == upkeep.CodeLeaderLeft && d.Site == site })
}

// IsMuted reports whether the reminders of a kind of duty are off.
func (p filingPage) IsMuted(kind upkeep.Key) bool { return slices.Contains(p.Upkeep.Muted, kind) }

// HasStaff reports whether leaders of the filing can leave: it stands, and is not that of an individual.
func (p filingPage) HasStaff() bool {
	return p.CancelledOn == "" && !p.Erased && p.Entity != application.Individual
}

// Hosted reports whether the provider gives a site access.
func (v *visit) Hosted(s web.RegisteredSite) bool {
	return slices.ContainsFunc(s.Accesses, func(a web.FilingAccess) bool { return a.Ours })
}

// LetterUntil returns the last day that is recorded of a paper; "" if none is.
func (p filingPage) LetterUntil(paper web.FilingPaper) workday.Date {
	return letterUntil(p.Upkeep, paper)
}

// ownOrders returns the orders by which the account that has a filing now made its versions, which begin with the oldest.
func ownOrders(versions []web.FilingVersion) map[string]bool {
	own := map[string]bool{}
	for _, version := range versions {
		switch version.Source {
		case register.FromAccount:
			clear(own)
		case register.FromOrder:
			own[version.ID] = true
		}
	}
	return own
}

// A filedSite is a site of the filing.
type filedSite struct {
	web.RegisteredSite
	Domains  []string
	Accesses []filedAccess
	Rows     []checkSection
}

// A filedAccess is the hosting of a site.
type filedAccess struct {
	web.FilingAccess
	Place string // province of the server
}

// A filingVersion is a change of the filing.
type filingVersion struct {
	web.FilingVersion
	Places []string // what changed, in words
}

// registerFiling registers the page of what is filed.
func (p *Portal) registerFiling() {
	p.private("GET /filings/{id}", func(v *visit) error {
		var f web.Filing
		path := "/filings/" + v.R.PathValue("id")
		if err := v.Get(path, &f); err != nil {
			return err
		}
		page := filingPage{Filing: f, Province: v.provinceName(string(f.Province))}
		if err := v.addFiled(&page); err != nil {
			return err
		}
		if err := v.Get(path+"/upkeep", &page.Upkeep); err != nil {
			return err
		}
		var versions web.FilingVersions
		if err := v.Get(path+"/versions", &versions); err != nil {
			return err
		}
		page.own = ownOrders(versions.Items)
		page.Verified, page.More = versions.Verified, versions.Next != ""
		for _, version := range versions.Items {
			one := filingVersion{FilingVersion: version}
			for _, pointer := range version.Changed {
				if version.Version == 1 { // everything is new
					break
				}
				words, err := v.placeName(pointer, len(f.Sites))
				if err != nil {
					return err
				}
				if len(one.Places) == 0 || one.Places[len(one.Places)-1] != words {
					one.Places = append(one.Places, words)
				}
			}
			page.Versions = append([]filingVersion{one}, page.Versions...)
		}
		return v.Show("filing", page)
	})
}

// addFiled adds the data as they are filed.
func (v *visit) addFiled(page *filingPage) error {
	d, err := pages.DocumentOf(map[string]any{"subject": page.Filing.Subject})
	if err != nil {
		return err
	}
	names := application.Names{Visit: v.Visit, Today: v.today()}
	add := func(to *[]checkSection, part application.Part, d pages.Document) error {
		section, err := v.sectionOf(part, d, nil, &names, 1)
		if len(section.Rows) > 0 {
			*to = append(*to, section)
		}
		return err
	}
	for _, part := range []application.Part{{Prefix: "/subject", Words: "application.subject", Number: 0, Rows: application.SubjectRows}, {Prefix: "/subject/leader", Words: "application.subject-leader", Number: 0, Rows: application.LeaderRows}} {
		if err := add(&page.Rows, part, d); err != nil {
			return err
		}
	}
	for _, s := range page.Filing.Sites {
		site := filedSite{RegisteredSite: s}
		for _, domain := range s.Details.Domains {
			site.Domains = append(site.Domains, domain.Display())
		}
		for _, a := range s.Accesses {
			site.Accesses = append(site.Accesses, filedAccess{a, v.provinceName(string(a.Placement))})
		}
		d, err := pages.DocumentOf(map[string]any{"site": s.Details})
		if err != nil {
			return err
		}
		for _, part := range []application.Part{{Prefix: "/site", Words: "application.site", Number: 1, Rows: application.SiteRows}, {Prefix: "/site/leader", Words: "application.site-leader", Number: 1, Rows: application.LeaderRows}} {
			if err := add(&site.Rows, part, d); err != nil {
				return err
			}
		}
		page.Sites = append(page.Sites, site)
	}
	return nil
}

// provinceName returns the name of a province; "" if there is none with the code.
func (v *visit) provinceName(code string) string { return v.In(province.Code(code).Province().Name) }

// placeName returns the words of a place in a filing that a pointer names: the part and the field.
func (v *visit) placeName(pointer string, sites int) (string, error) {
	for _, part := range application.Parts(sites) {
		if pointer != part.Prefix && !strings.HasPrefix(pointer, part.Prefix+"/") || strings.HasPrefix(strings.TrimPrefix(pointer, part.Prefix), "/leader") {
			continue
		}
		return part.NameOf(v.Visit, pointer, sites)
	}
	return v.T("filing.record")
}
