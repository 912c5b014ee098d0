package document

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// A Record is one record of an upload of ICP filings. One of its fields is set.
type Record struct {
	New       *NewFiling
	AddSite   *SiteAddition
	AddAccess *AccessAddition
	Change    *Change
	Cancel    *Cancellation
	Verified  *TaskResult         // answers a verification task
	Handled   *UnfiledSiteHandled // says how an unfiled site was handled
	Evidence  []Attachment        // of one owner
}

// Operations of answers to the bureau's tasks. They are not on the wire, which has no Czlx for them.
const (
	VerificationOperation = -1 // HSJG
	HandlingOperation     = -2 // WBACLJG
)

// Operation returns the record's operation (Czlx), or that of an answer.
func (r Record) Operation() int64 {
	switch {
	case r.New != nil:
		return NewFilingOperation
	case r.AddSite != nil:
		return AddSiteOperation
	case r.AddAccess != nil:
		return AddAccessOperation
	case r.Change != nil:
		return ChangeOperation
	case r.Cancel != nil && r.Cancel.What == CancelSubject:
		return CancelSubjectOperation
	case r.Cancel != nil && r.Cancel.What == CancelSite:
		return CancelSiteOperation
	case r.Cancel != nil:
		return CancelAccessOperation
	case r.Verified != nil:
		return VerificationOperation
	case r.Handled != nil:
		return HandlingOperation
	case r.Evidence != nil:
		return SubmitEvidenceOperation
	}
	return 0
}

// AddTo adds the record to an upload.
func (r Record) AddTo(u *ICPUpload) {
	switch {
	case r.New != nil:
		u.New = append(u.New, *r.New)
	case r.AddSite != nil:
		u.AddSite = append(u.AddSite, *r.AddSite)
	case r.AddAccess != nil:
		u.AddAccess = append(u.AddAccess, *r.AddAccess)
	case r.Change != nil:
		u.Change = append(u.Change, *r.Change)
	case r.Cancel != nil:
		u.Cancel = append(u.Cancel, *r.Cancel)
	case r.Verified != nil:
		u.TaskResults = append(u.TaskResults, *r.Verified)
	case r.Handled != nil:
		u.Unfiled = append(u.Unfiled, *r.Handled)
	}
	u.Evidence = append(u.Evidence, r.Evidence...)
}

// Records returns the records of an upload. Those of evidence on its own are one record for each owner.
func (u *ICPUpload) Records() []Record {
	var all []Record
	for i := range u.New {
		all = append(all, Record{New: &u.New[i]})
	}
	for i := range u.AddSite {
		all = append(all, Record{AddSite: &u.AddSite[i]})
	}
	for i := range u.AddAccess {
		all = append(all, Record{AddAccess: &u.AddAccess[i]})
	}
	for i := range u.Change {
		all = append(all, Record{Change: &u.Change[i]})
	}
	for i := range u.Cancel {
		all = append(all, Record{Cancel: &u.Cancel[i]})
	}
	for i := range u.TaskResults {
		all = append(all, Record{Verified: &u.TaskResults[i]})
	}
	for i := range u.Unfiled {
		all = append(all, Record{Handled: &u.Unfiled[i]})
	}
	for i, a := range u.Evidence {
		if i > 0 && u.Evidence[i-1].Owner == a.Owner {
			all[len(all)-1].Evidence = append(all[len(all)-1].Evidence, a)
			continue
		}
		all = append(all, Record{Evidence: []Attachment{a}})
	}
	return all
}

// Size estimates the length of the record in the document, most of which is attachments.
func (r Record) Size() int {
	u := NewUpload(0)
	r.AddTo(u.ICP)
	return u.size()
}

// A RecordName is an operation, and the text by which a result or a filing names a record of it.
type RecordName string

// Text returns the text by which the bureau names the record.
func (n RecordName) Text() string {
	_, text, _ := strings.Cut(string(n), " ")
	return text
}

// NameOf returns the name of a record.
func NameOf(operation int64, text string) RecordName {
	return RecordName(fmt.Sprintf("%d %s", operation, strings.TrimSpace(text)))
}

// HandledName returns the name of the answer about an unfiled site.
func HandledName(domain string) RecordName {
	return NameOf(HandlingOperation, strings.ToLower(domain))
}

// AnswerNames returns the names of the answers to tasks that a result with a text (Bs) may be about, whatever its Czlx: the interface has none for them.
func AnswerNames(text string) []RecordName {
	return []RecordName{NameOf(VerificationOperation, text), HandledName(strings.TrimSpace(text))}
}

func nameOfID(operation, id int64) RecordName { return NameOf(operation, strconv.FormatInt(id, 10)) }

// Names returns every name by which the bureau may refer to the record, in a result (Bs), an opinion (Jlid) or filed data (MIIT-IF30 8.3). The
// first identifies the record among those of our uploads.
func (r Record) Names() []RecordName {
	operation := r.Operation()
	var names []RecordName
	switch {
	case r.New != nil:
		names = append(names, nameOfID(operation, r.New.Subject.ID))
		for _, s := range r.New.Sites {
			names = append(names, nameOfID(operation, s.ID))
		}
	case r.AddSite != nil:
		for _, s := range r.AddSite.Sites {
			names = append(names, nameOfID(operation, s.ID))
		}
		names = append(names, NameOf(operation, cmp.Or(r.AddSite.Subject.Number, strconv.FormatInt(r.AddSite.Subject.ID, 10))))
	case r.AddAccess != nil:
		names = append(names, nameOfID(operation, r.AddAccess.ID),
			NameOf(operation, cmp.Or(r.AddAccess.Site.Number, strconv.FormatInt(r.AddAccess.Site.ID, 10))))
	case r.Change != nil:
		names = append(names, nameOfID(operation, r.Change.Subject.ID), NameOf(operation, r.Change.Subject.Number))
	case r.Cancel != nil:
		names = append(names, nameOfID(operation, r.Cancel.ID))
	case r.Verified != nil:
		names = append(names, nameOfID(operation, r.Verified.Filing.Subject.ID))
	case r.Handled != nil:
		names = append(names, HandledName(r.Handled.Domain))
	case len(r.Evidence) > 0:
		owner := r.Evidence[0].Owner.Record
		names = append(names, NameOf(operation, cmp.Or(owner.Number, strconv.FormatInt(owner.ID, 10))))
	}
	return names
}

// RecordNames returns the names of the records that may have led to filed data, the most likely first: our ids of subject, sites and accesses,
// and the bureau's id of the subject.
func (f FiledData) RecordNames() []RecordName {
	var names []RecordName
	add := func(operation, id int64) {
		if id != 0 {
			names = append(names, nameOfID(operation, id))
		}
	}
	add(NewFilingOperation, f.Subject.ID)
	for _, s := range f.Sites {
		add(AddSiteOperation, s.ID)
	}
	for _, s := range f.Sites {
		for _, a := range s.Accesses {
			add(AddAccessOperation, a.ID)
		}
	}
	add(ChangeOperation, f.Subject.BureauID)
	for _, s := range f.Sites {
		add(NewFilingOperation, s.ID)
	}
	return names
}

// RecordName returns the name of the record that may have led to a cancellation.
func (c Cancelled) RecordName() RecordName {
	return nameOfID(Record{Cancel: &Cancellation{What: c.What}}.Operation(), c.ID)
}
