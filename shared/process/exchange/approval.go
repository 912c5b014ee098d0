package exchange

import (
	"slices"
	"strconv"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
)

// approvalOf makes the decision out of the filed data of an order. It reports false when they have no readable number:
// an order without one cannot be told to anybody.
func approvalOf(o filing.Order, record string, f document.FiledData) (filing.Approve, bool) {
	d := filing.Approve{Record: record, SubjectID: strconv.FormatInt(f.Subject.BureauID, 10)}
	for _, s := range f.Sites {
		index, ours := siteIndex(o, s)
		running, err := number.ParseFiling(s.Number)
		if !ours || err != nil {
			continue
		}
		d.Sites = append(d.Sites, filing.FiledSite{Site: index, ID: strconv.FormatInt(s.BureauID, 10), Number: running})
	}
	subject, err := number.ParseSubject(f.Subject.Number)
	if err != nil && len(d.Sites) > 0 {
		subject, err = d.Sites[0].Number.Subject, nil // Baxh of the subject is optional
	}
	d.SubjectNumber = subject
	return d, err == nil && len(d.Sites) > 0
}

// siteIndex finds the site of an order that a filed one is: by our id, or by its domains where the bureau leaves ids out.
func siteIndex(o filing.Order, s document.FiledSite) (int, bool) {
	if o.Bureau != nil && s.ID != 0 {
		i := slices.IndexFunc(numbersOf(o, o.Bureau.FirstID).sites, func(n siteNumbers) bool { return n.id == s.ID })
		if i >= 0 {
			return i, true
		}
	}
	for i, site := range o.Private.Sites {
		for _, d := range s.Domains {
			if name, ok := domainname.Normal(d.Name); ok && slices.Contains(site.Domains, name) {
				return i, true
			}
		}
	}
	return 0, false
}
