package simulator

import (
	"slices"
	"strings"

	"beian/shared/bureau/document"
)

// conflicts returns the results of the checks against the filings, the blacklists and the waiting records.
func (s *state) conflicts(r *record) []resultCode {
	if len(r.Codes) > 0 {
		return nil // reported already; the record may be inconsistent
	}
	var c checks
	f := s.filingOf(r)
	switch {
	case r.New != nil:
		certificate := r.New.Subject.Certificate
		_, filed := s.bySubject[certificateKey(certificate.Kind, certificate.Number)]
		c.require(!filed && !s.inQueue(r, certificate), 1003, "")
		c.require(!slices.Contains(s.steering.Blacklist.Subjects, certificate.Number), 1065, "")
		s.domainConflicts(&c, r, 0)
	case r.AddSite != nil:
		c.require(f != nil, 1058, "")
		if f != nil {
			c.require(f.acceptsPassword(r.AddSite.FilingPassword, false), 1018, "")
			c.require(f.individual() || !slices.ContainsFunc(r.AddSite.Sites, func(s document.Site) bool { return s.Leader.OfficePhone == "" }), 1031, "")
		}
		s.domainConflicts(&c, r, 0)
	case r.AddAccess != nil:
		s.accessConflicts(&c, r, f)
	case r.Change != nil:
		s.changeConflicts(&c, r, f)
	case r.Cancel != nil:
		s.cancelConflicts(&c, r, f)
	case r.Unfiled != "":
		handled, issued := s.unfiled[unfiledSite{r.Provider, r.Unfiled}]
		c.require(issued, 5005, "")
		c.require(!handled, 5006, "")
	case r.Verified != nil:
		_, issued := s.verify[verifyTask{r.Provider, r.Verified.Subject}]
		f := s.filings[r.Verified.Subject]
		c.require(f != nil && !f.Gone, 1058, "")
		c.require(issued, 1048, "")
		for _, site := range r.Verified.Sites {
			c.require(s.byRecord[site] == r.Verified.Subject, 1059, "")
		}
	case r.Operation == document.SubmitEvidenceOperation:
		c.require(f != nil, 1058, "")
	}
	return c.found
}

// inQueue reports whether an earlier new filing of the same subject waits for its decision.
func (s *state) inQueue(r *record, certificate document.Certificate) bool {
	return slices.ContainsFunc(s.waiting, func(w *record) bool {
		return w.ID < r.ID && w.New != nil && w.New.Subject.Certificate.Kind == certificate.Kind &&
			w.New.Subject.Certificate.Number == certificate.Number
	})
}

// domainConflicts checks a record's domains; domains of the filing with the id owner are no conflict.
func (s *state) domainConflicts(c *checks, r *record, owner int64) {
	for _, name := range r.domains(s) {
		other, filed := s.byDomain[name]
		c.require(!filed || other == owner, 1005, "错误数据："+name)
		c.require(!slices.Contains(s.steering.Blacklist.Domains, name), 1064, "错误数据："+name)
	}
}

func (s *state) accessConflicts(c *checks, r *record, f *filing) {
	var site *document.FiledSite
	if f != nil {
		site = f.findSite(r.AddAccess.Site.ID, r.AddAccess.Site.Number)
	}
	if site == nil {
		c.require(false, 1059, "")
		return
	}
	c.require(f.acceptsPassword(r.AddAccess.FilingPassword, true), 1018, "")
	c.require(!slices.ContainsFunc(site.Accesses, func(a document.FiledAccess) bool { return a.Provider == r.Provider }), 1038, "")
}

func (s *state) changeConflicts(c *checks, r *record, f *filing) {
	if f == nil {
		c.require(false, 1016, "")
		return
	}
	c.require(f.connectedBy(r.Provider), 1048, "")
	c.require(f.acceptsPassword(r.Change.FilingPassword, false), 1018, "")
	c.require(!slices.ContainsFunc(s.waiting, func(w *record) bool {
		return w.ID < r.ID && w.Change != nil && w.Change.Subject.ID == r.Change.Subject.ID
	}), 1017, "")
	c.require(r.Change.Subject.Address.Province == f.Data.Subject.Address.Province, 1046, "")
	for _, site := range r.Change.Sites {
		c.require(f.findSite(site.ID, "") != nil, 1059, "")
	}
	s.domainConflicts(c, r, f.Data.Subject.BureauID)
}

func (s *state) cancelConflicts(c *checks, r *record, f *filing) {
	absent := map[int64]int64{document.CancelSubject: 1058, document.CancelSite: 1059, document.CancelAccess: 1016}
	repeated := map[int64]int64{document.CancelSubject: 1027, document.CancelSite: 1030, document.CancelAccess: 1032}
	what := r.Cancel.What
	if f == nil {
		c.require(false, absent[what], "")
		return
	}
	c.require(!slices.ContainsFunc(s.waiting, func(w *record) bool {
		return w.ID < r.ID && w.Cancel != nil && w.Cancel.What == what && w.Cancel.ID == r.Cancel.ID
	}), repeated[what], "")
	c.require(f.acceptsPassword(r.Cancel.FilingPassword, what == document.CancelSubject), 1018, "")
	cancelling := func(other int64) bool {
		return slices.ContainsFunc(s.waiting, func(w *record) bool {
			return w.ID < r.ID && w.Cancel != nil && w.Cancel.What == other && s.filingOf(w) == f
		})
	}
	switch what {
	case document.CancelSubject:
		c.require(f.connectedBy(r.Provider) || len(f.Data.Sites) == 0, 1048, "")
		c.require(!cancelling(document.CancelSite), 1043, "")
	case document.CancelSite:
		c.require(!cancelling(document.CancelSubject), 1042, "")
		site := f.findSite(r.Cancel.ID, "")
		if site == nil {
			c.require(false, 1059, "")
			return
		}
		c.require(slices.ContainsFunc(site.Accesses, func(a document.FiledAccess) bool { return a.Provider == r.Provider }), 1048, "")
	case document.CancelAccess:
		for _, site := range f.Data.Sites {
			for _, access := range site.Accesses {
				if access.BureauID == r.Cancel.ID {
					c.require(access.Provider == r.Provider, 1047, "")
					c.require(len(site.Accesses) > 1, 1025, "")
				}
			}
		}
	}
}

// acceptsPassword reports whether a filing password is right. A subject without one accepts any; required is whether a subject with one
// needs it for the operation (MIIT-IF30 8.5).
func (f *filing) acceptsPassword(given string, required bool) bool {
	if f.Password == "" || given == "" && !required {
		return true
	}
	return samePassword(f.Password, given)
}

func (f *filing) individual() bool {
	return f.Data.Subject.Nature == 0 || f.Data.Subject.Nature == document.IndividualNature
}

// samePassword compares MD5 texts without regard to case.
func samePassword(want, given string) bool {
	return strings.EqualFold(want, given)
}
