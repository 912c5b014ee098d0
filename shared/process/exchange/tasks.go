package exchange

import (
	"context"
	"errors"
	"slices"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// Tasks keeps the bureau's tasks.
type Tasks interface {
	// PutBureauTask stores a new task. created is false if there is one with its id, which stays.
	PutBureauTask(ctx context.Context, t bureautask.Task) (created bool, err error)
	// SaveBureauTask stores the next version of a task, and with upload an outbox entry that sends its answer. The error is a fault of kind Stale if
	// another version was stored first.
	SaveBureauTask(ctx context.Context, t bureautask.Task, upload bool) error
	// BureauTask returns a task, or a fault of kind NotFound.
	BureauTask(ctx context.Context, id string) (bureautask.Task, error)
	// BureauTasks lists the tasks that are done or not, without their private part. The error is a fault of kind Invalid for an unknown cursor.
	BureauTasks(ctx context.Context, done bool, cursor string, limit int) (tasks []bureautask.Task, next string, err error)
	// FilingsByDomain returns the standing filings with a domain, at most limit.
	FilingsByDomain(ctx context.Context, d domainname.Domain, limit int) ([]register.Filing, error)
}

// applyTasks makes tasks of the records of a file on which a person has to act. Making them again changes nothing.
func (r *run) applyTasks(ctx context.Context, file Received, icp *document.ICPDownload) error {
	elsewhere := 0
	for i, t := range bureautask.In(icp, bureautask.Source{Link: r.Link, File: file.ID, ReceivedAt: file.At}, r.Deadlines) {
		if i%100 == 99 {
			if err := r.saveLink(ctx); err != nil { // renews the lease
				return err
			}
		}
		filed, err := r.filingOfTask(ctx, t, icp)
		if err != nil {
			return err
		}
		switch {
		case t.Kind == bureautask.Blacklisted && !isServedByUs(filed):
			continue
		case t.Kind == bureautask.Illegal && filed.Version == 0 && icp.IllegalAccess[t.Record-1].Provider != r.provider:
			elsewhere++
			continue
		}
		if err := r.putTask(ctx, t, filed); err != nil {
			return err
		}
	}
	if elsewhere > 0 {
		return r.putIssue(ctx, file, string(bureautask.Illegal), elsewhere)
	}
	return nil
}

// putTask stores a task about a filing, the zero Filing if the register has none.
func (r *run) putTask(ctx context.Context, t bureautask.Task, filed register.Filing) error {
	t.About.Filing = filed.ID
	if t.About.Number == "" && filed.Version > 0 {
		t.About.Number = filed.Number.String()
		for _, s := range filed.Sites {
			if t.About.Part == register.SitePart && s.MinistryID == t.About.MinistryID {
				t.About.Number = s.Number.String()
			}
		}
	}
	created, err := r.Store.PutBureauTask(ctx, t)
	if created {
		r.report.Tasks++
		r.Log.InfoContext(ctx, "the bureau has a task", "link", r.Link, "task", t.ID, "kind", string(t.Kind), "deadline", t.Deadline)
	}
	if err == nil && !created { // it may be done since
		t, err = r.Store.BureauTask(ctx, t.ID)
	}
	if err != nil || t.State.Done() {
		return err
	}
	return followTask(ctx, r.Duties, t)
}

// filingOfTask returns the filing of the register that a task is about: by the ministry's id, the filing number, the domain, or the certificate of a
// blacklisted subject. It returns the zero Filing if there is none.
func (r *run) filingOfTask(ctx context.Context, t bureautask.Task, icp *document.ICPDownload) (register.Filing, error) {
	if t.About.MinistryID != "" {
		filed, err := r.filingByMinistryID(ctx, t.About.Part, t.About.MinistryID)
		if err != nil || filed.Version > 0 {
			return filed, err
		}
	}
	if n := subjectNumber(t.About.Number); n != (number.Subject{}) {
		filed, err := r.Store.FilingByNumber(ctx, n)
		if err != nil || filed.Version > 0 {
			return filed, err
		}
	}
	hosts := []string{t.About.Host}
	if t.Kind == bureautask.Blacklisted && icp != nil {
		entry := t.Record - 1
		if b := icp.Blacklist; entry < len(b.Sites) {
			hosts = nil
			for _, d := range b.Sites[entry].Site.Domains {
				hosts = append(hosts, d.Name)
			}
		} else {
			c := b.Subjects[entry-len(b.Sites)].Subject.Certificate
			key, err := r.Store.SubjectKey(ctx, certificate.Kind(c.Kind), c.Number)
			if err != nil {
				return register.Filing{}, err
			}
			return r.Store.FilingOf(ctx, key)
		}
	}
	for _, host := range hosts {
		d, ok := domainname.Normalize(host)
		if !ok {
			continue
		}
		found, err := r.Store.FilingsByDomain(ctx, d.Registrable(), 1)
		if err != nil || len(found) > 0 {
			return first(found), err
		}
	}
	return register.Filing{}, nil
}

func first(filings []register.Filing) register.Filing {
	if len(filings) == 0 {
		return register.Filing{}
	}
	return filings[0]
}

// filingByMinistryID returns the filing that has a part with an id of the ministry, or had it; the zero Filing if none.
func (r *run) filingByMinistryID(ctx context.Context, part register.Part, id string) (register.Filing, error) {
	filed, err := r.Store.FilingByMinistryID(ctx, part, id)
	if err == nil && filed.Version == 0 {
		filed, err = r.Store.FormerFiling(ctx, part, id)
	}
	return filed, err
}

// subjectNumber returns the subject's number in the number of a subject or a site; the zero Subject if it is not readable.
func subjectNumber(text string) number.Subject {
	s, f, err := number.Parse(text)
	switch {
	case err != nil:
		return number.Subject{}
	case f != (number.Filing{}):
		return f.Subject
	}
	return s
}

// isServedByUs reports whether a filing has an access through us.
func isServedByUs(f register.Filing) bool {
	return slices.ContainsFunc(f.Sites, func(s register.FiledSite) bool { _, ours := s.OurAccess(); return ours })
}

// addAnswer adds the answer to a task to the batch, like addRecord the record of an order.
func (r *run) addAnswer(ctx context.Context, b *batch, entry decide.OutboxEntry) (full bool, err error) {
	task, err := r.Store.BureauTask(ctx, entry.Task)
	if fault.KindOf(err) == fault.NotFound || err == nil && task.State != bureautask.Answered && task.State != bureautask.Sent {
		return false, r.Store.DeleteEntry(ctx, entry.ID)
	}
	if err != nil {
		return false, err
	}
	record, found, err := buildAnswer(ctx, r.Exchange, task, r.provider)
	if err != nil {
		return false, err
	}
	if found.Blocking() {
		return false, r.refuseAnswer(ctx, task.ID, entry.ID, codesOf(found))
	}
	return r.addTo(ctx, b, record, SentRecord{Task: task.ID, Entry: entry.ID})
}

// buildAnswer builds the record of a task's answer of the bureau's record in the kept file.
func buildAnswer(ctx context.Context, e *Exchange, t bureautask.Task, provider int64) (document.Record, finding.List, error) {
	d, filed, err := recordOfTask(ctx, e.Store, e.Objects, t)
	if err != nil {
		return document.Record{}, nil, err
	}
	record, found := t.Build(d, filed, provider, e.Characters)
	return record, found, nil
}

// recordOfTask returns the file that brought a task, nil if its bytes are deleted or it has none, and the filing of the register, without personal data if
// those are erased.
func recordOfTask(ctx context.Context, store Store, objects envelope.Objects, t bureautask.Task) (*document.Download, register.Filing, error) {
	var filed register.Filing
	if t.About.Filing != "" {
		var err error
		if filed, err = store.Filing(ctx, t.About.Filing); err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, filed, err
		}
	}
	if t.ByHand() {
		return nil, filed, nil
	}
	file, known, err := store.Received(ctx, t.Link, t.File)
	if err != nil || !known || file.Object == "" {
		return nil, filed, err
	}
	content, err := objects.ReadShared(ctx, file.Object, wire.MaxDocument)
	if errors.Is(err, envelope.ErrErased) || fault.KindOf(err) == fault.NotFound {
		return nil, filed, nil
	}
	if err != nil {
		return nil, filed, err
	}
	d, _, err := document.ParseDownload(content)
	if err != nil {
		return nil, filed, nil // it was readable when the task was made
	}
	return d, filed, nil
}

func codesOf(found finding.List) []finding.Code {
	var codes []finding.Code
	for _, f := range found {
		if !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// changeTask applies a change to the newest version of a task, and repeats it if another version was stored first. The change returns false if there is
// nothing to do.
func changeTask(ctx context.Context, store Tasks, id string, change func(bureautask.Task) (bureautask.Task, bool)) error {
	for attempt := 1; ; attempt++ {
		task, err := store.BureauTask(ctx, id)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		after, changed := change(task)
		if !changed {
			return nil
		}
		if err = store.SaveBureauTask(ctx, after, false); fault.KindOf(err) != fault.Stale || attempt == 3 {
			return err
		}
	}
}

// refuseAnswer reopens a task whose answer cannot be sent, or that the bureau refused with its upload, and deletes the outbox entry.
func (r *run) refuseAnswer(ctx context.Context, id, entry string, codes []finding.Code) error {
	err := changeTask(ctx, r.Store, id, func(t bureautask.Task) (bureautask.Task, bool) { return t.Refuse(codes, r.Now()) })
	if err != nil {
		return err
	}
	r.report.Unsendable++
	r.raiseAlarm(ctx, "the answer to a task cannot be sent to the bureau", "link", r.Link, "task", id, "codes", codes)
	return r.Store.DeleteEntry(ctx, entry)
}

// acceptAnswer notes that the bureau has the answer to a task.
func (r *run) acceptAnswer(ctx context.Context, id string, sequence int64) error {
	err := changeTask(ctx, r.Store, id, func(t bureautask.Task) (bureautask.Task, bool) {
		after, err := t.Accept(sequence, "", r.Now())
		return after, err == nil
	})
	if err != nil || r.Duties == nil {
		return err
	}
	task, err := r.Store.BureauTask(ctx, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && !task.State.Done() {
		return nil
	}
	if err != nil {
		return err
	}
	return followTask(ctx, r.Duties, task)
}

// markAnswersSent notes the upload in the tasks that a file answers.
func (r *run) markAnswersSent(ctx context.Context, flight Sent) error {
	for _, s := range flight.Records {
		if s.Task == "" {
			continue
		}
		err := changeTask(ctx, r.Store, s.Task, func(t bureautask.Task) (bureautask.Task, bool) { return t.MarkSent(flight.Sequence, r.Now()) })
		if err != nil {
			return err
		}
	}
	return nil
}

// refuseTask reopens the task that a refused result is about: the interface has no Czlx for answers, so its text names the site or the subject. It
// returns false if no answer of a task has that name.
func (r *run) refuseTask(ctx context.Context, file Received, v verdict) (bool, error) {
	if !v.refused {
		return false, nil
	}
	for _, name := range document.AnswerNames(v.name.Text()) {
		record, known, err := r.lookUp(ctx, name)
		if err != nil {
			return false, err
		}
		if !known || record.Task == "" {
			continue
		}
		var codes []finding.Code
		for _, number := range v.codes {
			if code, _ := result.Lookup(int64(number)); !code.Success {
				codes = append(codes, code.Finding(0).Code)
			}
		}
		if err := r.acceptIfInFlight(ctx, record); err != nil {
			return false, err
		}
		refused := false
		err = changeTask(ctx, r.Store, record.Task, func(t bureautask.Task) (after bureautask.Task, changed bool) {
			after, refused = t.RefuseIn(file.ID, file.At, codes, r.Now())
			return after, refused
		})
		if err != nil {
			return false, err
		}
		if refused {
			r.report.Refused++
			r.Log.WarnContext(ctx, "the bureau refused the answer to a task", "link", r.Link, "file", file.ID, "task", record.Task, "codes", codes)
		}
		return true, nil
	}
	return false, nil
}
