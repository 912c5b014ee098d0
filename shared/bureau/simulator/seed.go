package simulator

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
)

// Invented values for the fields of a filed subject that a [Seed] does not have.
const (
	otherProvider = 990000009999 // a provider without an account here
	seedAddress   = "（历史备案）"
)

var seedLeader = SeedLeader{Name: "历史负责人", Mobile: "13800000000", Email: "filed@example.com"}

// seedAccess is the access of a filed site.
var seedAccess = document.Access{Locations: []int64{2}, Modes: []int64{3}, IPs: []document.IPRange{{First: 3221225994, Last: 3221225994}}}

// addHosting adds an access of another provider to a filed site. The caller holds b.mu.
func (b *Bureau) addHosting(h Hosting) error {
	known := b.state.filings[b.state.byNumber[subjectNumber(h.Site)]]
	if known == nil || known.findSite(0, h.Site) == nil {
		return fmt.Errorf("scenario: hosted: no filing has the site %s", h.Site)
	}
	f, numbers := known.clone(), b.state.numbers.clone()
	site := f.findSite(0, h.Site)
	site.Accesses = append(site.Accesses, filedAccess(seedAccess, otherProvider, &numbers))
	return b.record(event{Seeded: &seededFiling{Filing: f, Numbers: numbers}})
}

// addFiled adds a filed subject of a scenario, or sites to the subject that has its number. The caller holds b.mu.
func (b *Bureau) addFiled(seed Seed) error {
	numbers, now := b.state.numbers.clone(), b.config.Now()
	date := document.FormatDate(now)
	provider := cmp.Or(seed.Provider, otherProvider)
	f := b.state.filings[b.state.byNumber[seed.Number]]
	switch {
	case f == nil || f.Gone:
		var err error
		if f, err = seed.subject(&numbers, now); err != nil {
			return err
		}
	case f.Data.Subject.Certificate.Number != seed.CertificateNumber:
		return fmt.Errorf("scenario: filed: %s is the number of another subject", seed.Number)
	default:
		f = f.clone()
	}
	leader := cmp.Or(seed.Leader, seedLeader)
	for _, site := range seed.Sites {
		filed := document.Site{
			Name: site.Name, Services: []int64{24}, Languages: []int64{1},
			Leader: document.SiteLeader{Name: leader.Name, Mobile: leader.Mobile, Email: leader.Email, CertificateKind: leader.CertificateKind,
				CertificateNumber: leader.CertificateNumber},
			Accesses: []document.Access{seedAccess},
		}
		for _, domain := range site.Domains {
			filed.Domains = append(filed.Domains, document.Domain{Name: strings.ToLower(domain)})
		}
		f.addSite(filedSite(filed, provider, &numbers, date))
	}
	d := document.NewDownload()
	d.ICP.Filed = []document.FiledData{f.Data}
	if err := d.Validate().Err(); err != nil {
		return fmt.Errorf("scenario: filed: %w", err)
	}
	return b.record(event{Seeded: &seededFiling{Filing: f, Numbers: numbers}})
}

// subject returns the seed's subject, without sites.
func (seed Seed) subject(numbers *numberings, now time.Time) (*filing, error) {
	date := document.FormatDate(now)
	address, leader := cmp.Or(seed.Address, seedAddress), cmp.Or(seed.Leader, seedLeader)
	f := &filing{Data: document.FiledData{Subject: document.FiledSubject{
		BureauID: numbers.nextID(), Name: seed.Name, Nature: seed.Nature, Number: seed.Number, Investor: seed.Investor,
		Address: document.FiledAddress{
			Province: seed.Division / 10000 * 10000, City: seed.Division / 100 * 100, Detail: address,
		},
		Certificate: document.FiledCertificate{
			Kind: seed.CertificateKind, Number: seed.CertificateNumber, Address: address,
		},
		Leader: document.FiledLeader{Name: leader.Name, Mobile: leader.Mobile, Email: leader.Email, CertificateKind: leader.CertificateKind,
			CertificateNumber: leader.CertificateNumber},
		ReportMode: document.ReportedByProvider, Reported: date, Changed: date,
	}}}
	if seed.Number == "" {
		f.Data.Subject.Number = numbers.nextNumber(seed.Division, now)
	}
	if seed.Password == "" {
		return f, nil
	}
	var err error
	if f.Password, err = wire.FilingPasswordHash(seed.Password); err != nil {
		return nil, fmt.Errorf("scenario: filed: %w", err)
	}
	return f, nil
}

// issueTask issues a verification task about a filed subject. The caller holds b.mu.
func (b *Bureau) issueTask(v Verify) error {
	f := b.state.filings[b.state.byNumber[subjectNumber(v.Number)]]
	if f == nil || len(f.Data.Sites) == 0 {
		return fmt.Errorf("scenario: verify: no filing has that number")
	}
	s := f.Data.Subject
	t := document.Task{Subject: document.TaskSubject{
		ID: s.BureauID, Name: s.Name, Nature: s.Nature, Address: s.Address, Investor: s.Investor,
		Certificate: document.Certificate(s.Certificate),
		Leader: document.TaskLeader{
			Name: s.Leader.Name, OfficePhone: s.Leader.OfficePhone, Mobile: s.Leader.Mobile, Email: s.Leader.Email,
			CertificateKind: s.Leader.CertificateKind, CertificateNumber: s.Leader.CertificateNumber,
		},
		ReportMode: s.ReportMode, Reported: s.Reported, Changed: s.Changed,
	}}
	for _, site := range f.Data.Sites {
		t.Sites = append(t.Sites, taskSite(site))
	}
	d := document.NewDownload()
	d.ICP.Tasks = []document.Task{t}
	return b.issue(v.Provider, nil, &d)
}

func taskSite(site document.FiledSite) document.TaskSite {
	t := document.TaskSite{
		ID: site.BureauID, Name: site.Name, Services: site.Services, Languages: site.Languages,
		Leader: site.Leader, HomeURL: site.HomeURL, Reported: site.Reported, Changed: site.Changed,
	}
	for _, domain := range site.Domains {
		t.Domains = append(t.Domains, document.BureauDomain{ID: domain.BureauID, Name: domain.Name})
	}
	for _, access := range site.Accesses {
		entry := document.TaskAccess{
			ID: access.BureauID, Locations: access.Locations, Modes: access.Modes,
			Reporter: access.Provider, ReportMode: document.ReportedByProvider,
		}
		for _, ip := range access.IPs {
			entry.IPs = append(entry.IPs, document.BureauIPRange{ID: ip.BureauID, First: ip.First, Last: ip.Last})
		}
		t.Accesses = append(t.Accesses, entry)
	}
	return t
}

// cancel reports the cancellation of a filed subject or site to a provider. The scenario's event then ends it; see endFiled.
func (b *Bureau) cancel(c Cancel) error {
	gone, _, found := b.state.toCancel(c)
	if !found {
		return fmt.Errorf("scenario: cancel: no filing has that number")
	}
	d := document.NewDownload()
	d.ICP.Cancelled = []document.Cancelled{gone}
	return b.issue(c.Provider, nil, &d)
}

// toCancel returns what a cancellation ends, and its filing.
func (s *state) toCancel(c Cancel) (gone document.Cancelled, f *filing, found bool) {
	f = s.filings[s.byNumber[subjectNumber(c.Number)]]
	if f == nil || f.Gone {
		return gone, nil, false
	}
	if c.Number == subjectNumber(c.Number) {
		return document.Cancelled{What: document.CancelSubject, ID: f.Data.Subject.BureauID}, f, true
	}
	site := f.findSite(0, c.Number)
	if site == nil {
		return gone, nil, false
	}
	return document.Cancelled{What: document.CancelSite, ID: site.BureauID}, f, true
}

// endFiled ends what the bureau cancels.
func (s *state) endFiled(c Cancel) {
	if gone, f, found := s.toCancel(c); found {
		applyCancellation(f, &document.Cancellation{What: gone.What, ID: gone.ID})
	}
}
