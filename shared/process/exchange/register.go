package exchange

import (
	"context"
	"strconv"

	"beian/shared/bureau/document"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
)

// FilingOf returns filed data as a filing of the register, without what the interface does not carry. provider is our number: accesses with
// it are ours. It returns false if the data have no readable number.
func FilingOf(d document.FiledData, provider int64) (register.Filing, bool) {
	s := d.Subject
	f := register.Filing{MinistryID: strconv.FormatInt(s.BureauID, 10), Entity: certificate.EntityKind(s.Nature)}
	f.Province, _ = province.ParseCode(strconv.FormatInt(s.Address.Province/10000, 10))
	kind := certificate.Kind(s.Certificate.Kind)
	f.Private.Subject = register.Subject{
		Name:        person.NormalizeName(s.Name),
		Certificate: register.IdentityDocument{Kind: kind, Number: certificate.Normalize(kind, s.Certificate.Number)}, CertificateAddress: s.Certificate.Address,
		Division: divisionOf(s.Address), Address: s.Address.Detail, Investor: s.Investor, Remark: s.Remark,
		Leader: leaderOf(document.FiledSiteLeader{Name: s.Leader.Name, OfficePhone: s.Leader.OfficePhone, Mobile: s.Leader.Mobile, Email: s.Leader.Email,
			CertificateKind: s.Leader.CertificateKind, CertificateNumber: s.Leader.CertificateNumber}),
	}
	f.Number, _ = number.ParseSubject(s.Number)
	for _, site := range d.Sites {
		filed, details, ok := filedSite(site, provider)
		if !ok {
			continue
		}
		if f.Number == (number.Subject{}) { // Baxh of the subject is optional
			f.Number = filed.Number.Subject
		}
		f.Sites, f.Private.Sites = append(f.Sites, filed), append(f.Private.Sites, details)
	}
	return f, f.Number != (number.Subject{})
}

// divisionOf returns the county or city of an address.
func divisionOf(a document.FiledAddress) string {
	for _, code := range []int64{a.County, a.City, a.Province} {
		if code != 0 {
			return strconv.FormatInt(code, 10)
		}
	}
	return ""
}

func leaderOf(l document.FiledSiteLeader) register.Leader {
	kind := certificate.Kind(l.CertificateKind)
	return register.Leader{
		Name:        person.NormalizeName(l.Name),
		Certificate: register.IdentityDocument{Kind: kind, Number: certificate.Normalize(kind, l.CertificateNumber)},
		Mobile:      contact.NormalizeMobile(l.Mobile), OfficePhone: contact.NormalizePhone(l.OfficePhone), Email: contact.NormalizeEmail(l.Email),
	}
}

// filedSite returns a site in the form of the register. It returns false if its number is not readable.
func filedSite(s document.FiledSite, provider int64) (register.FiledSite, register.Site, bool) {
	running, err := number.ParseFiling(s.Number)
	filed := register.FiledSite{MinistryID: strconv.FormatInt(s.BureauID, 10), Number: running}
	details := register.Site{Name: s.Name, HomeURL: s.HomeURL, ServiceContent: toInts(s.Services), Languages: toInts(s.Languages), Remark: s.Remark, Leader: leaderOf(s.Leader)}
	for _, d := range s.Domains {
		name, ok := domainname.Normalize(d.Name)
		if !ok {
			name = domainname.Domain(d.Name)
		}
		filed.Domains = append(filed.Domains, register.FiledDomain{MinistryID: strconv.FormatInt(d.BureauID, 10), Name: name})
		details.Domains = append(details.Domains, name)
	}
	for _, p := range s.PreApprovals {
		details.PreApprovals = append(details.PreApprovals, register.PreApproval{Trade: preapproval.Numbered(int(p.Kind)), Number: p.Number})
	}
	for _, a := range s.Accesses {
		access := register.Access{MinistryID: strconv.FormatInt(a.BureauID, 10), Provider: a.Provider, Ours: a.Provider == provider,
			Locations: a.Locations, Modes: a.Modes}
		for _, ip := range a.IPs {
			access.IPs = append(access.IPs, register.IPRange{MinistryID: strconv.FormatInt(ip.BureauID, 10), First: ip.First.String(), Last: ip.Last.String()})
		}
		filed.Accesses = append(filed.Accesses, access)
	}
	return filed, details, err == nil
}

func toInts(ids []int64) []int {
	converted := make([]int, len(ids))
	for i, id := range ids {
		converted[i] = int(id)
	}
	return converted
}

// updateRegister takes filed data over that no order of ours waits for: somebody changed the filing at the bureau. A subject that is not in the
// register is reported to the operator, who imports it with [Operator.Import].
func (r *run) updateRegister(ctx context.Context, file Received, d document.FiledData) (cause string, err error) {
	filed, ok := FilingOf(d, r.provider)
	if !ok {
		return "a filing without readable numbers", nil
	}
	current, key, err := r.findStanding(ctx, filed)
	if err != nil {
		return "", err
	}
	if current.Version == 0 {
		if err := r.offerImport(ctx, file, filed); err != nil {
			return "", err
		}
		return "", r.reportUnmatched(ctx, file, "filed data belong neither to an order nor to a filing of ours", "record", d.Subject.ID)
	}
	after := current.WithBureau(filed)
	after.SubjectKey = key
	return "", r.takeOver(ctx, file, current, after)
}

// findStanding returns the filing of the register that filed data are about, the zero Filing if none stands, and the look-up key of the subject's
// certificate in the data. Filings that were filed by hand or imported without the ministry's ids are found by the certificate.
func (r *run) findStanding(ctx context.Context, filed register.Filing) (current register.Filing, key string, err error) {
	c := filed.Private.Subject.Certificate
	if key, err = r.Store.SubjectKey(ctx, c.Kind, c.Number.Reveal()); err != nil {
		return register.Filing{}, "", err
	}
	current, err = r.Store.FilingByMinistryID(ctx, register.SubjectPart, filed.MinistryID)
	if err != nil || current.Version > 0 {
		return current, key, err
	}
	current, err = r.Store.FilingOf(ctx, key)
	return current, key, err
}

// takeOver makes the filing as the bureau has it, and stores an issue for the operator. The issue comes first: a run that ends in between is
// repeated, and finds the filing still to change.
func (r *run) takeOver(ctx context.Context, file Received, current, after register.Filing) error {
	change, changed := current.Replace(after, register.Source{Kind: register.FromDownload, ID: file.ID}, r.Now())
	if !changed {
		return nil
	}
	if err := r.putIssue(ctx, file, IssueFilingChanged, 1); err != nil {
		return err
	}
	r.Log.WarnContext(ctx, "the bureau has other data of a filing; the register takes them over", "filing", current.ID, "version", change.After.Version)
	if err := r.Store.CommitFiling(ctx, change); !register.IsTaken(err) {
		return err
	}
	return r.reportConflict(ctx, file, "filing", current.ID)
}

// reportConflict stores an issue about what the bureau filed and another filing of the register has.
func (r *run) reportConflict(ctx context.Context, file Received, attrs ...any) error {
	r.raiseAlarm(ctx, "the bureau filed what another filing of the register has; correct that filing, and replay the file", append(attrs, "file", file.ID)...)
	return r.putIssue(ctx, file, IssueFilingConflict, 1)
}

// applyCancelled ends what the bureau cancelled (ZXSJ): an order of ours is approved by it, unless a result approved it before; else the register
// takes it over, and an operator gets the task to end the access. What has ended already, by this file before a crash or by another one, needs nothing.
// number is the place of the record in the file.
func (r *run) applyCancelled(ctx context.Context, file Received, c document.Cancelled, number int) error {
	order, record, known, err := r.orderOf(ctx, c.RecordName())
	if err != nil {
		return err
	}
	switch {
	case known && order.AwaitsAnswer(record):
		return r.approveByResult(ctx, file, order, record)
	case known && order.Approved():
		return nil // a result approved it before
	}
	id, part := strconv.FormatInt(c.ID, 10), bureautask.CancelledParts[c.What]
	current, err := r.filingByMinistryID(ctx, part, id)
	switch {
	case err != nil:
		return err
	case current.Version == 0:
		return r.reportUnmatched(ctx, file, "a cancellation belongs to no filing of ours", "record", c.ID)
	case current.Status == register.Cancelled:
		return nil
	}
	if isServedByUs(current) {
		task := bureautask.CancellationTask(bureautask.Source{Link: r.Link, File: file.ID, ReceivedAt: file.At}, r.Deadlines, part, id, number)
		if err := r.putTask(ctx, task, current); err != nil { // first: a run that ends in between is repeated
			return err
		}
	}
	return r.takeOver(ctx, file, current, current.Without(part, id))
}
