package simulator

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/bureau/document"
)

// filingOf returns the filing that a record refers to, nil if none.
func (s *state) filingOf(r *record) *filing {
	var id int64
	switch {
	case r.AddSite != nil && r.AddSite.Subject.ID != 0:
		id = r.AddSite.Subject.ID
	case r.AddSite != nil:
		id = s.byNumber[r.AddSite.Subject.Number]
	case r.AddAccess != nil && r.AddAccess.Site.ID != 0:
		id = s.byRecord[r.AddAccess.Site.ID]
	case r.AddAccess != nil:
		id = s.byNumber[subjectNumber(r.AddAccess.Site.Number)]
	case r.Change != nil:
		id = r.Change.Subject.ID
	case r.Cancel != nil && r.Cancel.What == document.CancelSubject:
		id = r.Cancel.ID
	case r.Cancel != nil:
		id = s.byRecord[r.Cancel.ID]
	case r.Verified != nil:
		id = r.Verified.Subject
	case r.Operation == document.SubmitEvidenceOperation:
		id = s.subjectID(r.Bs)
	}
	if f := s.filings[id]; f != nil && !f.Gone {
		return f
	}
	return nil
}

// subjectID returns the id of the subject with a number, with that id, or with a record of that id.
func (s *state) subjectID(text string) int64 {
	if id, known := s.byNumber[subjectNumber(text)]; known {
		return id
	}
	id, _ := strconv.ParseInt(text, 10, 64)
	if subject, known := s.byRecord[id]; known {
		return subject
	}
	return id
}

// subjectNumber removes a service's running number: 京ICP备2026000001号-1 → 京ICP备2026000001号, 粤B2-20090059-5 → 粤B2-20090059.
func subjectNumber(number string) string { return runningNumber.ReplaceAllString(number, "") }

var runningNumber = regexp.MustCompile(`-\d{1,6}[A-Z]?$`)

// findSite returns the site of a filing by id or number.
func (f *filing) findSite(id int64, number string) *document.FiledSite {
	for i := range f.Data.Sites {
		if site := &f.Data.Sites[i]; id != 0 && site.BureauID == id || number != "" && site.Number == number {
			return site
		}
	}
	return nil
}

// connectedBy reports whether a provider has an access entry in the filing.
func (f *filing) connectedBy(provider int64) bool {
	return slices.ContainsFunc(f.Data.Sites, func(site document.FiledSite) bool {
		return slices.ContainsFunc(site.Accesses, func(a document.FiledAccess) bool { return a.Provider == provider })
	})
}

// clone returns a copy that shares nothing, for the next state of a filing.
func (f *filing) clone() *filing {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // plain data always has JSON
	}
	var c filing
	if err := json.Unmarshal(text, &c); err != nil {
		panic(err)
	}
	return &c
}

// applyApproval applies an approved record.
func (s *state) applyApproval(r *record, d *decision, now time.Time) {
	date := document.FormatDate(now)
	switch {
	case r.New != nil:
		d.Filing = newFiling(r, &d.Numbers, now)
	case r.AddSite != nil:
		d.Filing = s.filingOf(r).clone()
		for _, site := range r.AddSite.Sites {
			d.Filing.addSite(filedSite(site, r.Provider, &d.Numbers, date))
		}
	case r.AddAccess != nil:
		d.Filing = s.filingOf(r).clone()
		site := d.Filing.findSite(r.AddAccess.Site.ID, r.AddAccess.Site.Number)
		site.Accesses = append(site.Accesses, filedAccess(document.Access{
			ID: r.AddAccess.ID, Locations: r.AddAccess.Locations, Modes: r.AddAccess.Modes, IPs: r.AddAccess.IPs,
		}, r.Provider, &d.Numbers))
	case r.Change != nil:
		d.Filing = s.filingOf(r).clone()
		applyChange(d.Filing, r.Change, &d.Numbers, date)
	case r.Cancel != nil:
		d.Filing = s.filingOf(r).clone()
		applyCancellation(d.Filing, r.Cancel)
		d.Gone = []document.Cancelled{{What: r.Cancel.What, ID: r.Cancel.ID}}
		return
	}
	data := d.Filing.Data
	d.Filed = &data
}

func newFiling(r *record, numbers *numberings, now time.Time) *filing {
	s, date := r.New.Subject, document.FormatDate(now)
	f := &filing{Data: document.FiledData{Subject: document.FiledSubject{
		ID: s.ID, BureauID: numbers.nextID(), Name: s.Name, Nature: s.Nature, Investor: s.Investor,
		Address:     document.FiledAddress(s.Address),
		Certificate: document.FiledCertificate(s.Certificate),
		Leader:      filedLeader(s.Leader), Number: numbers.nextNumber(s.Address.Province, now), ReportMode: s.ReportMode,
		Reported: date, Changed: date, Reviewer: reviewer, Reviewed: date, Remark: s.Remark,
	}}}
	for _, site := range r.New.Sites {
		f.addSite(filedSite(site, r.Provider, numbers, date))
	}
	return f
}

func filedLeader(l document.Leader) document.FiledLeader {
	return document.FiledLeader{
		Name: l.Name, OfficePhone: l.OfficePhone, Mobile: l.Mobile, Email: l.Email, MSN: l.MSN, QQ: l.QQ,
		CertificateKind: l.CertificateKind, CertificateNumber: l.CertificateNumber,
	}
}

// addSite adds a site with the subject's next running number.
func (f *filing) addSite(site document.FiledSite) {
	f.LastSite++
	site.Number = f.Data.Subject.Number + "-" + strconv.Itoa(f.LastSite)
	f.Data.Sites = append(f.Data.Sites, site)
}

func filedSite(site document.Site, provider int64, numbers *numberings, date string) document.FiledSite {
	filed := document.FiledSite{
		ID: site.ID, BureauID: numbers.nextID(), Name: site.Name, Services: site.Services, Languages: site.Languages,
		Leader: document.FiledSiteLeader(site.Leader), HomeURL: site.HomeURL, Remark: site.Remark,
		Reported: date, Changed: date,
	}
	if len([]rune(filed.HomeURL)) > 255 {
		filed.HomeURL = ""
	}
	for _, domain := range site.Domains {
		filed.Domains = append(filed.Domains, document.FiledDomain{
			ID: domain.ID, BureauID: numbers.nextID(), Name: strings.ToLower(domain.Name),
		})
	}
	for _, access := range site.Accesses {
		filed.Accesses = append(filed.Accesses, filedAccess(access, provider, numbers))
	}
	return filed
}

func filedAccess(access document.Access, provider int64, numbers *numberings) document.FiledAccess {
	filed := document.FiledAccess{
		ID: access.ID, BureauID: numbers.nextID(), Provider: provider, Locations: access.Locations, Modes: access.Modes,
	}
	for _, ip := range access.IPs {
		filed.IPs = append(filed.IPs, document.FiledIPRange{ID: ip.ID, BureauID: numbers.nextID(), First: ip.First, Last: ip.Last})
	}
	return filed
}

func applyChange(f *filing, c *document.Change, numbers *numberings, date string) {
	s := &f.Data.Subject
	s.Name, s.Nature, s.Investor, s.Remark = c.Subject.Name, c.Subject.Nature, c.Subject.Investor, c.Subject.Remark
	s.Address, s.Leader = document.FiledAddress(c.Subject.Address), filedLeader(c.Subject.Leader)
	s.Certificate = document.FiledCertificate(c.Subject.Certificate)
	s.Changed = date
	for _, changed := range c.Sites {
		site := f.findSite(changed.ID, "")
		site.Name, site.Services, site.Languages = changed.Name, changed.Services, changed.Languages
		site.Leader, site.HomeURL, site.Remark = document.FiledSiteLeader(changed.Leader), changed.HomeURL, changed.Remark
		site.Changed, site.Domains = date, nil
		for _, domain := range changed.Domains {
			id := domain.BureauID
			if id == 0 {
				id = numbers.nextID()
			}
			site.Domains = append(site.Domains, document.FiledDomain{
				ID: domain.ID, BureauID: id, Name: strings.ToLower(domain.Name),
			})
		}
		for _, access := range changed.Accesses {
			applyAccessChange(site, access, numbers)
		}
	}
}

func applyAccessChange(site *document.FiledSite, changed document.ChangedAccess, numbers *numberings) {
	for i := range site.Accesses {
		access := &site.Accesses[i]
		if access.BureauID != changed.ID {
			continue
		}
		access.Locations, access.Modes, access.IPs = changed.Locations, changed.Modes, nil
		for _, ip := range changed.IPs {
			id := ip.BureauID
			if id == 0 {
				id = numbers.nextID()
			}
			access.IPs = append(access.IPs, document.FiledIPRange{ID: ip.ID, BureauID: id, First: ip.First, Last: ip.Last})
		}
	}
}

func applyCancellation(f *filing, c *document.Cancellation) {
	switch c.What {
	case document.CancelSubject:
		f.Gone = true
	case document.CancelSite:
		f.Data.Sites = slices.DeleteFunc(f.Data.Sites, func(s document.FiledSite) bool { return s.BureauID == c.ID })
	case document.CancelAccess:
		for i := range f.Data.Sites {
			site := &f.Data.Sites[i]
			site.Accesses = slices.DeleteFunc(site.Accesses, func(a document.FiledAccess) bool { return a.BureauID == c.ID })
		}
	}
}
