package register

import (
	"cmp"
	"reflect"
	"slices"
)

// WithImport returns f with what an imported filing says. An empty value of it changes nothing, and sites that it lacks stay: a table that
// somebody kept elsewhere is no reason to delete what is filed. Sites are matched as in [Filing.WithBureau], accesses by their provider.
func (f Filing) WithImport(b Filing) Filing {
	merged := f
	merged.Account = cmp.Or(f.Account, b.Account)
	merged.MinistryID, merged.Number = cmp.Or(b.MinistryID, f.MinistryID), cmp.Or(b.Number, f.Number)
	merged.Province, merged.Entity = cmp.Or(b.Province, f.Province), cmp.Or(b.Entity, f.Entity)
	merged.Private.Subject = f.Private.Subject
	fill(reflect.ValueOf(&merged.Private.Subject).Elem(), reflect.ValueOf(b.Private.Subject))
	merged.Sites, merged.Private.Sites = slices.Clone(f.Sites), slices.Clone(f.Private.Sites)
	for i, site := range b.Sites {
		details := b.Private.Sites[i]
		k, known := f.match(site)
		if !known {
			merged.Sites, merged.Private.Sites = append(merged.Sites, site), append(merged.Private.Sites, details)
			continue
		}
		merged.Sites[k] = f.Sites[k].withImport(site)
		fill(reflect.ValueOf(&merged.Private.Sites[k]).Elem(), reflect.ValueOf(details))
	}
	return merged
}

func (s FiledSite) withImport(b FiledSite) FiledSite {
	s.MinistryID, s.Number = cmp.Or(b.MinistryID, s.MinistryID), b.Number
	domains := make([]FiledDomain, len(b.Domains))
	for i, d := range b.Domains {
		domains[i] = d
		if k := slices.IndexFunc(s.Domains, func(known FiledDomain) bool { return known.Name == d.Name }); k >= 0 {
			domains[i].MinistryID = cmp.Or(d.MinistryID, s.Domains[k].MinistryID)
		}
	}
	s.Domains, s.Accesses = domains, slices.Clone(s.Accesses)
	for _, a := range b.Accesses {
		k := slices.IndexFunc(s.Accesses, func(known Access) bool { return known.Ours == a.Ours && (a.Ours || known.Provider == a.Provider) })
		if k < 0 {
			s.Accesses = append(s.Accesses, a)
			continue
		}
		if slices.EqualFunc(a.IPs, s.Accesses[k].IPs, func(x, y IPRange) bool { return x.First == y.First && x.Last == y.Last }) {
			a.IPs = nil // those that are known have the ministry's ids
		}
		fill(reflect.ValueOf(&s.Accesses[k]).Elem(), reflect.ValueOf(a))
	}
	return s
}

// fill replaces the values of a struct by those of another that are not empty. Lists are replaced as a whole.
func fill(into, from reflect.Value) {
	for i := range from.NumField() {
		switch value := from.Field(i); {
		case value.Kind() == reflect.Struct:
			fill(into.Field(i), value)
		case value.Kind() == reflect.Slice && value.Len() == 0, value.IsZero():
		default:
			into.Field(i).Set(value)
		}
	}
}
