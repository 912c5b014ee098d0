package filing

import (
	"fmt"
	"slices"

	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
)

// affected says what an order changes of its filing, as far as the bureau has it. The ministry's interface has neither the validity of
// certificates, nor emergency phones, nor who is a legal representative (MIIT-IF30 10.4).
type affected struct {
	Name   bool // of the subject
	Papers bool // what the subject's certificate shows: name, address, validity
	// Subject is set if data of the subject or its leader change, besides the remark.
	Subject       bool
	SubjectLeader bool // who the subject leader is, or what identifies the leader
	Remarks       bool // of the subject or a site
	Sites         []affectedSite
}

// affectedSite says what an order changes of one site.
type affectedSite struct {
	Data   bool // of the site, its leader or its access, besides the remark
	Leader bool // who the site leader is, or what identifies the leader
}

// any reports whether the bureau has anything of what changes.
func (a affected) any() bool {
	return a.Subject || a.Remarks || slices.ContainsFunc(a.Sites, func(s affectedSite) bool { return s.Data })
}

// affected returns what the order changes of its filing.
func (o Order) affected() affected { return o.affectedBy(o.Private.Subject, o.Private.Sites) }

// affectedBy returns what details change of the order's filing.
func (o Order) affectedBy(subject Subject, sites []Site) affected {
	was := o.Private.Filed.Subject
	a := affected{
		Name: subject.Name != was.Name,
		Papers: subject.Name != was.Name || subject.CertificateAddress != was.CertificateAddress ||
			validityChanged(was.Certificate.Validity, subject.Certificate.Validity),
		Subject:       differs(atBureau(was), atBureau(subject)),
		SubjectLeader: leaderAffected(was.Leader, subject.Leader),
		Remarks:       subject.Remark != was.Remark,
		Sites:         make([]affectedSite, len(sites)),
	}
	for i, s := range sites {
		if i >= len(o.Private.Filed.Sites) {
			a.Sites[i] = affectedSite{Data: true, Leader: true}
			continue
		}
		was := o.Private.Filed.Sites[i]
		a.Remarks = a.Remarks || s.Remark != was.Remark
		a.Sites[i] = affectedSite{Data: differs(siteAtBureau(was), siteAtBureau(s)) || slices.Contains(o.NewAccess, i), Leader: leaderAffected(was.Leader, s.Leader)}
	}
	return a
}

// leaderAffected reports whether another person becomes the leader, or what identifies the leader changes: name, certificate, or the mobile,
// which gets the codes. The leader then shows the certificate, and a site leader passes the liveness check.
func leaderAffected(was, is Leader) bool {
	return was.Name != is.Name || !samePerson(was, is) || was.Mobile != is.Mobile || validityChanged(was.Certificate.Validity, is.Certificate.Validity)
}

// validityChanged reports whether a validity that we know changes. The bureau has none, so a filing that was imported has none either.
func validityChanged(was, is certificate.Validity) bool {
	return was != (certificate.Validity{}) && was != is
}

func differs(before, after any) bool { return len(register.Differences(before, after)) > 0 }

// atBureau returns what the bureau has of a subject, without the remark.
func atBureau(s Subject) Subject {
	s.Certificate.Validity, s.Leader, s.Remark = certificate.Validity{}, leaderAtBureau(s.Leader), ""
	return s
}

// siteAtBureau returns what the bureau has of a site, without the remark.
func siteAtBureau(s Site) Site {
	s.Leader, s.Remark, s.HomeURL = leaderAtBureau(s.Leader), "", register.WithoutScheme(s.HomeURL)
	return s
}

func leaderAtBureau(l Leader) Leader {
	l.Certificate.Validity, l.LegalRepresentative, l.EmergencyPhone = certificate.Validity{}, false, contact.Phone("")
	return l
}

// allowFiledNames makes the findings about names that the bureau has filed, and that stay, warnings for the reviewer: the names may be older than
// the rules.
func (o Order) allowFiledNames(found finding.List, subject Subject, sites []Site) finding.List {
	kept := map[string]bool{"/subject/name": subject.Name == o.Private.Filed.Subject.Name}
	for i, s := range sites {
		kept[fmt.Sprintf("/sites/%d/name", i)] = i < len(o.Private.Filed.Sites) && s.Name == o.Private.Filed.Sites[i].Name
	}
	for i, f := range found {
		if kept[f.Pointer] && f.Severity == finding.Block {
			found[i].Severity = finding.Warn
		}
	}
	return found
}
