package exchange

import (
	"slices"
	"strconv"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
)

// approvalOf returns the decision for the filed data of an order. It returns false if the data have no readable number.
func approvalOf(o filing.Order, record string, f document.FiledData, provider int64) (filing.Approve, bool) {
	d := filing.Approve{Record: record, SubjectID: strconv.FormatInt(f.Subject.BureauID, 10)}
	for _, s := range f.Sites {
		index, found := siteIndex(o, s)
		running, err := number.ParseFiling(s.Number)
		if !found || err != nil {
			continue
		}
		d.Sites = append(d.Sites, filing.FiledSite{Site: index, ID: strconv.FormatInt(s.BureauID, 10), Number: running})
	}
	subject, err := number.ParseSubject(f.Subject.Number)
	if err != nil && len(d.Sites) > 0 {
		subject, err = d.Sites[0].Number.Subject, nil // Baxh of the subject is optional
	}
	d.SubjectNumber = subject
	if filed, ok := FilingOf(f, provider); ok {
		d.Filed = &filed
	}
	return d, err == nil && len(d.Sites) > 0
}

// siteIndex returns the index of the order's site for a filed site. It compares our ids, and the domains if the bureau sent no id.
func siteIndex(o filing.Order, s document.FiledSite) (int, bool) {
	if o.Bureau != nil && s.ID != 0 {
		i := slices.IndexFunc(idsOf(o, o.Bureau.FirstID).sites, func(n siteIDs) bool { return n.id == s.ID })
		if i >= 0 {
			return i, true
		}
	}
	for i, site := range o.Private.Sites {
		for _, d := range s.Domains {
			if name, ok := domainname.Normalize(d.Name); ok && slices.Contains(site.Domains, name) {
				return i, true
			}
		}
	}
	return 0, false
}
