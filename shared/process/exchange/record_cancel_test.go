package exchange_test

import (
	"testing"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/exchange"
	"beian/shared/rules/evidence"
	"beian/shared/rules/gbk"
	"beian/shared/rules/number"
)

// TestCancellationRecords: the record has the ministry's id of the part, the reason, and the filing password if the register has one.
func TestCancellationRecords(t *testing.T) {
	for _, tc := range []struct {
		kind      filing.Type
		part      register.Part
		password  string
		what      int64
		operation int64
	}{
		{filing.CancelSubject, register.SubjectPart, "", document.CancelSubject, document.CancelSubjectOperation},
		{filing.CancelSubject, register.SubjectPart, "0123456789abcdef0123456789abcdef", document.CancelSubject, document.CancelSubjectOperation},
		{filing.CancelSite, register.SitePart, "", document.CancelSite, document.CancelSiteOperation},
		{filing.CancelAccess, register.AccessPart, "", document.CancelAccess, document.CancelAccessOperation},
	} {
		o := readyOrder(1)
		o.Type, o.Bureau, o.Product = tc.kind, &filing.BureauState{Record: "a-1", FirstID: 1}, nil
		o.Cancellation = &filing.Cancellation{Part: tc.part, MinistryID: "700001", Number: "浙ICP备2026000001号", Reason: 3}
		o.Private.CancellationRemark, o.Private.Filed.FilingPassword = "搬走", tc.password
		record, found := exchange.BuildRecord(o, nil, gbk.GBK)
		c := record.Cancel
		if found.Blocking() || c == nil || record.Operation() != tc.operation {
			t.Fatalf("%s: %+v, %v", tc.kind, record, found)
		}
		if c.What != tc.what || c.ID != 700001 || c.Reason != 3 || c.ReasonRemark != "搬走" || c.FilingPassword != tc.password {
			t.Errorf("%s: %+v", tc.kind, *c)
		}
		o.Cancellation = &filing.Cancellation{Part: tc.part, Number: "浙ICP备2026000001号", Reason: 3}
		if _, found := exchange.BuildRecord(o, nil, gbk.GBK); !found.Has(filing.CodeConsoleOnly) {
			t.Errorf("%s without an id: %v", tc.kind, found)
		}
	}
}

// TestFilingPasswordInRecords: each record that can have the filing password has the register's hash, else that of the password that the applicant
// entered while the bureau did not answer (MIIT-IF30 8.5).
func TestFilingPasswordInRecords(t *testing.T) {
	const registered, entered = "0123456789abcdef0123456789abcdef", "83ce88bb4befee39468ca895ef847712" // of Beian@2016
	o := readyOrder(1)
	o.Bureau = &filing.BureauState{Record: "a-1", FirstID: 1}
	o.Filed = &register.Filing{}
	o.Cancellation = &filing.Cancellation{Part: register.SubjectPart, MinistryID: "700001", Reason: 3}
	sent := func(o filing.Order) map[filing.Type]string {
		got := map[filing.Type]string{}
		for _, kind := range []filing.Type{filing.AddSiteOwn, filing.AddAccess, filing.CancelSubject, filing.ChangeFiling} {
			o.Type = kind
			record, _ := exchange.BuildRecord(o, nil, gbk.GBK)
			switch {
			case record.AddSite != nil:
				got[kind] = record.AddSite.FilingPassword
			case record.AddAccess != nil:
				got[kind] = record.AddAccess.FilingPassword
			case record.Cancel != nil:
				got[kind] = record.Cancel.FilingPassword
			case record.Change != nil:
				got[kind] = record.Change.FilingPassword
			}
		}
		return got
	}
	o.Private.Filed.FilingPassword = registered
	for kind, got := range sent(o) {
		if got != registered {
			t.Errorf("%s: %q, want the register's", kind, got)
		}
	}
	o.Private.FilingPassword = "Beian@2016"
	for kind, got := range sent(o) {
		if got != entered {
			t.Errorf("%s: %q, want that of the applicant", kind, got)
		}
	}
}

// TestEvidenceRecords: documents on their own name their owner by the ministry's id, else by the number; those of a site are of the order's site
// (MIIT-IF30 10.6).
func TestEvidenceRecords(t *testing.T) {
	subject, err := number.ParseSubject("浙ICP备2026000001号")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ministryID string
		chosen     []int
		slots      []evidence.Slot
		want       document.EvidenceOwner
	}{
		{"700001", nil, []evidence.Slot{"subject-certificate-front", "other"}, document.EvidenceOwner{Kind: document.SubjectOwner, Record: document.OwnerRef{ID: 700001}}},
		{"", nil, []evidence.Slot{"other"}, document.EvidenceOwner{Kind: document.SubjectOwner, Record: document.OwnerRef{Number: "浙ICP备2026000001号"}}},
		{"700001", []int{1}, []evidence.Slot{"sites/0/verification-form"}, document.EvidenceOwner{Kind: document.SiteOwner, Record: document.OwnerRef{ID: 700001}}},
		{"", []int{1}, []evidence.Slot{"sites/0/verification-form"}, document.EvidenceOwner{Kind: document.SiteOwner, Record: document.OwnerRef{Number: "浙ICP备2026000001号-2"}}},
	} {
		o := readyOrder(1)
		o.Type, o.Product, o.Bureau, o.Chosen, o.Renewed = filing.SubmitEvidence, nil, &filing.BureauState{Record: "a-1", FirstID: 1}, c.chosen, c.slots
		o.Filed = &register.Filing{MinistryID: c.ministryID, Number: subject, Sites: []register.FiledSite{{MinistryID: "9", Number: subject.Filing(1)}, {MinistryID: c.ministryID, Number: subject.Filing(2)}}}
		record, found := exchange.BuildRecord(o, evidenceCopies(c.slots...), gbk.GBK)
		if found.Blocking() || record.Operation() != document.SubmitEvidenceOperation || len(record.Evidence) != len(c.slots) || record.Evidence[0].Owner != c.want {
			t.Errorf("%+v, %v; want the owner %+v", record.Evidence, found, c.want)
		}
		checkSendable(t, record)
	}
}
