package register

import (
	"cmp"
	"slices"
	"strings"

	"beian/shared/rules/number"
)

// WithBureau returns f as the bureau has it. What the ministry's interface does not carry stays: account, validity of certificates and licences, emergency
// phones, who is a legal representative, our servers, papers, and the services other than websites. So do values of optional elements that the bureau
// leaves out: investor, remarks, home page, service content, languages, licences. Sites are matched by the ministry's id, else by
// number, else by a domain; those that the bureau does not have are gone.
func (f Filing) WithBureau(b Filing) Filing {
	return f.withBureau(b, func(s FiledSite) bool { return s.Number.Service != number.Site })
}

// WithCopy returns f as a full copy of the bureau has it (SJTB, MIIT-IF30 11.9), and the sites that the copy lacks. It is [Filing.WithBureau], but
// these sites stay: what a copy does not list is a difference for the operator, not a cancellation.
func (f Filing) WithCopy(b Filing) (merged Filing, missing []FiledSite) {
	matched := map[int]bool{}
	for _, site := range b.Sites {
		if i, ok := f.match(site); ok {
			matched[i] = true
		}
	}
	for i, s := range f.Sites {
		if !matched[i] && s.Number.Service == number.Site {
			missing = append(missing, s)
		}
	}
	return f.withBureau(b, func(FiledSite) bool { return true }), missing
}

// withBureau returns f as the bureau has it, with those sites that the bureau does not have and for which keep returns true.
func (f Filing) withBureau(b Filing, keep func(FiledSite) bool) Filing {
	merged := f
	merged.MinistryID, merged.Number = cmp.Or(b.MinistryID, f.MinistryID), cmp.Or(b.Number, f.Number)
	merged.Province, merged.Entity = cmp.Or(b.Province, f.Province), cmp.Or(b.Entity, f.Entity)
	merged.Private.Subject = f.Private.Subject.withBureau(b.Private.Subject)
	merged.Sites, merged.Private.Sites = nil, nil
	matched := map[int]bool{}
	for i, site := range b.Sites {
		details := b.Private.Sites[i]
		if known, ok := f.match(site); ok {
			matched[known] = true
			details = f.Private.Sites[known].withBureau(details)
			site = f.Sites[known].withBureau(site)
		}
		merged.Sites, merged.Private.Sites = append(merged.Sites, site), append(merged.Private.Sites, details)
	}
	for i, s := range f.Sites {
		if !matched[i] && keep(s) {
			merged.Sites, merged.Private.Sites = append(merged.Sites, s), append(merged.Private.Sites, f.Private.Sites[i])
		}
	}
	return merged
}

// match returns the index of the site that the bureau means.
func (f Filing) match(b FiledSite) (int, bool) {
	for _, same := range []func(FiledSite) bool{
		func(s FiledSite) bool { return s.MinistryID != "" && s.MinistryID == b.MinistryID },
		func(s FiledSite) bool { return s.Number == b.Number },
		func(s FiledSite) bool {
			return s.Number.Service == b.Number.Service && slices.ContainsFunc(s.Domains, func(d FiledDomain) bool { return slices.Contains(b.DomainNames(), d.Name) })
		},
	} {
		if i := slices.IndexFunc(f.Sites, same); i >= 0 {
			return i, true
		}
	}
	return 0, false
}

func (s FiledSite) withBureau(b FiledSite) FiledSite {
	b.MinistryID, b.Number = cmp.Or(b.MinistryID, s.MinistryID), cmp.Or(b.Number, s.Number)
	accesses := slices.Clone(b.Accesses)
	ours, known := s.OurAccess()
	for i := range accesses {
		if accesses[i].Ours && known {
			accesses[i].Server, accesses[i].Placement = ours.Server, ours.Placement
		}
	}
	b.Accesses = accesses
	return b
}

func (s Subject) withBureau(b Subject) Subject {
	if b.Certificate.Kind == s.Certificate.Kind && b.Certificate.Number == s.Certificate.Number {
		b.Certificate.Validity = s.Certificate.Validity
	}
	b.Investor, b.Remark = cmp.Or(b.Investor, s.Investor), cmp.Or(b.Remark, s.Remark)
	b.Leader = s.Leader.withBureau(b.Leader)
	return b
}

func (s Site) withBureau(b Site) Site {
	b.App = s.App
	b.Remark = cmp.Or(b.Remark, s.Remark)
	if len(b.ServiceContent) == 0 {
		b.ServiceContent = s.ServiceContent
	}
	if len(b.Languages) == 0 { // a full copy may lack them (MIIT-IF30 11.9)
		b.Languages = s.Languages
	}
	b.Leader = s.Leader.withBureau(b.Leader)
	if b.HomeURL == "" || b.HomeURL == WithoutScheme(s.HomeURL) {
		b.HomeURL = s.HomeURL
	}
	if len(b.PreApprovals) == 0 {
		b.PreApprovals = s.PreApprovals
		return b
	}
	b.PreApprovals = slices.Clone(b.PreApprovals)
	for _, p := range s.PreApprovals {
		ministrys, _ := p.Trade.Number()
		if ministrys == 0 { // the interface has no number for the trade
			b.PreApprovals = append(b.PreApprovals, p)
			continue
		}
		for i, known := range b.PreApprovals {
			if n, _ := known.Trade.Number(); n == ministrys && known.Number == p.Number {
				b.PreApprovals[i] = p // with its last day, for which the interface has no field
			}
		}
	}
	return b
}

// withBureau returns the leader as the bureau has it. What the bureau does not have stays if it is the same person.
func (l Leader) withBureau(b Leader) Leader {
	if b.Certificate.Number != "" && (b.Certificate.Kind != l.Certificate.Kind || b.Certificate.Number != l.Certificate.Number) {
		return b
	}
	b.Name, b.Mobile, b.Email, b.OfficePhone = cmp.Or(b.Name, l.Name), cmp.Or(b.Mobile, l.Mobile), cmp.Or(b.Email, l.Email), cmp.Or(b.OfficePhone, l.OfficePhone)
	b.Certificate, b.LegalRepresentative, b.EmergencyPhone = l.Certificate, l.LegalRepresentative, l.EmergencyPhone
	return b
}

// WithoutScheme returns the address of a home page in the form of the ministry's interface, which has no scheme (MIIT-IF30 10).
func WithoutScheme(url string) string {
	url = strings.TrimSpace(url)
	if _, after, found := strings.Cut(url, "://"); found {
		return after
	}
	return url
}
