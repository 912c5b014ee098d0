package bureautask

import (
	"strconv"
	"strings"

	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
)

// Build returns the answer of the task as a record for an upload: the bureau's record in d, as it was found to be. What the interface requires and the
// bureau's record lacks comes from the register; filed is the filing there, the zero Filing if it has none. The findings are blocking: the record must
// not be sent.
func (t Task) Build(d *document.Download, filed register.Filing, provider int64, readable gbk.Repertoire) (document.Record, finding.List) {
	a := t.Private.Answer
	if a == nil || d == nil || d.ICP == nil || t.Record < 1 {
		return document.Record{}, finding.List{finding.New(CodeFile, "")}
	}
	var record document.Record
	switch {
	case t.Kind == Verify && t.Record <= len(d.ICP.Tasks):
		record.Verified = a.verified(d.ICP.Tasks[t.Record-1], filed, provider)
	case t.Kind == Unfiled && t.Record <= len(d.ICP.Unfiled):
		handled := a.handled(t, d.ICP.Unfiled[t.Record-1], provider)
		if handled.Province == 0 {
			return document.Record{}, finding.List{finding.New(CodeProvince, "/province")}
		}
		record.Handled = &handled
	default:
		return document.Record{}, finding.List{finding.New(CodeFile, "")}
	}
	upload := document.NewUpload(provider)
	upload.Characters = readable
	record.AddTo(upload.ICP)
	return record, findingsOf(upload.Validate())
}

// pointers are the fields of an answer, by the elements that are built of them.
var pointers = map[string]string{
	"Hsjgxx[1]/Hsrxm": "/verifier", "Hsjgxx[1]/Hsyj": "/opinion", "Hsjgxx[1]/Cwxx": "/errors",
	"Clxx[1]/Clyj": "/opinion", "Clxx[1]/Cljg": "/handling", "Clxx[1]/Shengid": "/province",
}

// findingsOf returns a finding for each element of an answer that the interface does not accept.
func findingsOf(problems schema.Problems) finding.List {
	var found finding.List
	for _, p := range problems {
		path := strings.TrimPrefix(strings.TrimPrefix(p.Path, "UploadData/ICP/HSJG/"), "UploadData/ICP/WBACLJG/")
		found = append(found, finding.New(CodeData, pointers[path], "element", path))
	}
	return found
}

// verified returns the answer to a verification task (HSJG).
func (a Answer) verified(t document.Task, filed register.Filing, provider int64) *document.TaskResult {
	result := document.TaskResult{Verifier: a.Verifier, Date: document.FormatDate(a.At), Unit: provider, Opinion: a.Opinion, Errors: a.Errors}
	if a.Failed {
		result.Result = document.VerificationFailed
	}
	s, own := t.Subject, filed.Private.Subject
	result.Filing.Subject = document.VerifiedSubject{
		ID: s.ID, Name: s.Name, Nature: s.Nature, Address: address(s.Address, own.Division), Investor: s.Investor, Certificate: s.Certificate, Remark: s.Remark,
		Leader: document.VerifiedLeader{
			Name: s.Leader.Name, OfficePhone: or(s.Leader.OfficePhone, own.Leader.OfficePhone.Reveal()), Mobile: or(s.Leader.Mobile, own.Leader.Mobile.Reveal()),
			Email: s.Leader.Email, MSN: s.Leader.MSN, QQ: s.Leader.QQ, CertificateKind: s.Leader.CertificateKind, CertificateNumber: s.Leader.CertificateNumber,
		},
	}
	for _, site := range t.Sites {
		result.Filing.Sites = append(result.Filing.Sites, verifiedSite(site, siteOf(filed, site.ID)))
	}
	return &result
}

// siteOf returns the site of a filing with the bureau's id; the zero Site if there is none.
func siteOf(f register.Filing, bureauID int64) register.Site {
	for i, s := range f.Sites {
		if s.MinistryID == id(bureauID) && i < len(f.Private.Sites) {
			return f.Private.Sites[i]
		}
	}
	return register.Site{}
}

func verifiedSite(s document.TaskSite, own register.Site) document.VerifiedSite {
	l := s.Leader
	v := document.VerifiedSite{
		ID: s.ID, Name: s.Name, PreApprovals: s.PreApprovals, Services: s.Services, Domains: s.Domains, HomeURL: s.HomeURL, Remark: s.Remark,
		Leader: document.VerifiedSiteLeader{
			Name: l.Name, OfficePhone: or(l.OfficePhone, own.Leader.OfficePhone.Reveal()), Mobile: or(l.Mobile, own.Leader.Mobile.Reveal()),
			Email: or(l.Email, own.Leader.Email.Reveal()), MSN: l.MSN, QQ: l.QQ, CertificateKind: l.CertificateKind, CertificateNumber: l.CertificateNumber,
		},
	}
	if len(v.Services) == 0 {
		for _, id := range own.ServiceContent {
			v.Services = append(v.Services, int64(id))
		}
	}
	for _, a := range s.Accesses {
		v.Accesses = append(v.Accesses, document.VerifiedAccess{ID: a.ID, Locations: a.Locations, Modes: a.Modes, IPs: a.IPs, ReportMode: a.ReportMode})
	}
	return v
}

// address returns an address with the city, which the answer must have, from the division in the register.
func address(a document.FiledAddress, division string) document.Address {
	out := document.Address(a)
	if code, err := strconv.ParseInt(division, 10, 64); out.City == 0 && err == nil {
		out.City = code / 100 * 100
	}
	return out
}

func or(bureau, own string) string {
	if bureau != "" {
		return bureau
	}
	return own
}
