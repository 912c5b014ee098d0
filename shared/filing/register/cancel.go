package register

import "slices"

// A Part is a part of a filing that a bureau can cancel, and that has an id of the ministry.
type Part string

const (
	SubjectPart Part = "subject" // with all its sites
	SitePart    Part = "site"
	AccessPart  Part = "access"
)

// Without returns the filing after the bureau cancelled a part. A subject with all its sites is [Cancelled]. A part that the filing does not have
// is no difference.
func (f Filing) Without(p Part, ministryID string) Filing {
	switch p {
	case SubjectPart:
		if f.MinistryID == ministryID {
			f.Status = Cancelled
		}
	case SitePart:
		if i := slices.IndexFunc(f.Sites, func(s FiledSite) bool { return s.MinistryID == ministryID }); i >= 0 {
			return f.withoutSite(i)
		}
	case AccessPart:
		f.Sites = slices.Clone(f.Sites)
		for i, s := range f.Sites {
			f.Sites[i].Accesses = slices.DeleteFunc(slices.Clone(s.Accesses), func(a Access) bool { return a.MinistryID == ministryID })
		}
	}
	return f
}

// WithoutNumbered returns the filing after the bureau cancelled a part of which only the number is known, because an operator filed it by hand: the
// subject, the site with the number, or our access of that site.
func (f Filing) WithoutNumbered(p Part, number string) Filing {
	i := slices.IndexFunc(f.Sites, func(s FiledSite) bool { return s.Number.String() == number })
	switch {
	case p == SubjectPart:
		if f.Number.String() == number {
			f.Status = Cancelled
		}
	case i < 0:
	case p == SitePart:
		return f.withoutSite(i)
	case p == AccessPart:
		f.Sites = slices.Clone(f.Sites)
		f.Sites[i].Accesses = slices.DeleteFunc(slices.Clone(f.Sites[i].Accesses), func(a Access) bool { return a.Ours })
	}
	return f
}

func (f Filing) withoutSite(i int) Filing {
	f.Sites, f.Private.Sites = slices.Delete(slices.Clone(f.Sites), i, i+1), slices.Delete(slices.Clone(f.Private.Sites), i, i+1)
	return f
}

// MinistryIDs returns the ministry's ids of the parts of a filing.
func (f Filing) MinistryIDs() map[Part][]string {
	ids := map[Part][]string{}
	add := func(p Part, id string) {
		if id != "" {
			ids[p] = append(ids[p], id)
		}
	}
	add(SubjectPart, f.MinistryID)
	for _, s := range f.Sites {
		add(SitePart, s.MinistryID)
		for _, a := range s.Accesses {
			add(AccessPart, a.MinistryID)
		}
	}
	return ids
}
