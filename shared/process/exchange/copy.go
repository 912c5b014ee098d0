package exchange

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

const (
	// DefaultCopyPage is the number of filings of a full copy after which the progress is stored.
	DefaultCopyPage = 100
	// copyPages is the number of pages that one run compares. On AWS, 500 filings take less than a minute, and the next run begins within one.
	copyPages = 5
	// sweepPage is the number of filings of the register that are read at a time when it is compared with a copy.
	sweepPage = 500
	// copyTogether is the time within which files are one copy: the interface does not number the files of a copy that needs several (MIIT-IF30 9, 11.9).
	copyTogether = 24 * time.Hour
)

// A Copy is a full copy of what the bureau has of the provider's websites (SJTB/ICP, MIIT-IF30 11.9): one file, or several that came within a day.
type Copy struct {
	ID    string     `json:"id"` // of the first file
	Files []CopyFile `json:"files"`
}

// A CopyFile is the progress of comparing a file of a copy with the register.
type CopyFile struct {
	ID         string    `json:"id"` // of the Received
	At         time.Time `json:"at"` // when it was received
	Filings    int       `json:"filings"`
	Compared   int       `json:"compared"`            // filings that were compared, from the first
	FinishedAt time.Time `json:"finishedAt,omitzero"` // when also what the copy lacks was found
}

// filingsOfCopy returns the filings of a full copy. d may be nil.
func filingsOfCopy(d *document.Download) []document.SyncedFiling {
	if d == nil || d.Sync == nil {
		return nil
	}
	return d.Sync.Filed
}

// unreadableFilings counts the filings of a copy that have no readable number. They are in no difference.
func unreadableFilings(filings []document.SyncedFiling, provider int64) int {
	count := 0
	for _, f := range filings {
		if _, ok := FilingOf(f.FiledData(), provider); !ok {
			count++
		}
	}
	return count
}

// applyCopy compares a file of a full copy with the register: each filing is read like filed data (BASJ), one that the register lacks is added, and what
// the copy lacks becomes a difference for the operator, as does a filing that the file has twice with different data. It returns false if the next run has to go on. It may end at any point: what was compared
// since the last stored page is compared again, with the same result.
func (r *run) applyCopy(ctx context.Context, file Received, filings []document.SyncedFiling) (done bool, err error) {
	c, progress, save, err := r.beginCopy(ctx, file, len(filings))
	if err != nil {
		return false, err
	}
	size, contradictory := cmp.Or(r.CopyPage, DefaultCopyPage), contradictions(filings, r.provider)
	for page := 0; progress.Compared < len(filings); page++ {
		if page == copyPages {
			return false, nil
		}
		end := min(progress.Compared+size, len(filings))
		var seen []register.ID
		for i, f := range filings[progress.Compared:end] {
			var id register.ID
			if places, ok := contradictory[progress.Compared+i]; ok {
				id, err = r.putContradiction(ctx, file, c.ID, f.FiledData(), places)
			} else {
				id, err = r.compareFiling(ctx, file, c.ID, f.FiledData())
			}
			if err != nil {
				return false, err
			}
			if id != "" {
				seen = append(seen, id)
			}
		}
		if err := r.Store.PutSeen(ctx, r.Link, c.ID, fmt.Sprintf("%s#%06d", file.ID, progress.Compared), seen); err != nil {
			return false, err
		}
		r.report.Copied += end - progress.Compared
		progress.Compared = end
		if err := save(); err != nil {
			return false, err
		}
	}
	if !progress.FinishedAt.IsZero() {
		return true, nil
	}
	if err := r.findMissing(ctx, file, *c); err != nil {
		return false, err
	}
	if err := r.reportDifferences(ctx, file, *c); err != nil {
		return false, err
	}
	progress.FinishedAt = r.Now()
	return true, save()
}

// beginCopy returns the copy of a file, and the file's progress in it, which save stores. The progress of a replayed file of an older copy is
// not stored: such a file is small, because a large one is not kept.
func (r *run) beginCopy(ctx context.Context, file Received, filings int) (c *Copy, progress *CopyFile, save func() error, err error) {
	newest, err := r.Store.Copy(ctx, r.Link)
	if err != nil {
		return nil, nil, nil, err
	}
	c = &newest
	save = func() error {
		if err := r.Store.PutCopy(ctx, r.Link, *c); err != nil {
			return err
		}
		return r.saveLink(ctx) // renews the lease
	}
	for i, f := range c.Files {
		if f.ID == file.ID {
			return c, &c.Files[i], save, nil
		}
	}
	begun := CopyFile{ID: file.ID, At: file.At, Filings: filings}
	switch {
	case len(c.Files) == 0 || file.At.Sub(c.Files[len(c.Files)-1].At) >= copyTogether:
		if err := r.discardCopy(ctx, *c); err != nil {
			return nil, nil, nil, err
		}
		*c = Copy{ID: file.ID}
	case file.At.Before(c.Files[0].At):
		return &Copy{ID: file.ID, Files: []CopyFile{begun}}, &begun, func() error { return nil }, nil
	}
	c.Files = append(c.Files, begun)
	return c, &c.Files[len(c.Files)-1], save, save()
}

// compareFiling compares a filing of a copy with the register, and stores what differs. It returns the filing of the register, "" if there is none. A
// filing that was changed after the copy was received is left alone: the copy is older.
func (r *run) compareFiling(ctx context.Context, file Received, copyID string, d document.FiledData) (register.ID, error) {
	filed, ok := FilingOf(d, r.provider)
	if !ok {
		return "", nil
	}
	current, key, err := r.findStanding(ctx, filed)
	if err != nil || current.ChangedAt.After(file.At) {
		return current.ID, err
	}
	change, missing, changed := r.mergeCopy(file, current, filed, key)
	if changed {
		if answered, err := r.approveByCopy(ctx, file, d, filed); err != nil {
			return "", err
		} else if answered {
			current, _, err = r.findStanding(ctx, filed)
			return current.ID, err
		}
	}
	if len(missing) > 0 {
		if err := r.putMissingSites(ctx, file, copyID, current, missing); err != nil {
			return "", err
		}
	}
	if !changed {
		return current.ID, nil
	}
	one := Difference{Number: filed.Number.String(), Kind: Differs, Filing: change.After.ID, Places: change.Entry.Changed, File: file.ID, SeenAt: file.At, SettledAt: r.Now(), Filed: &filed}
	if current.Version == 0 {
		one.Kind, one.Places = MissingHere, nil
	} else if err := r.putIssue(ctx, file, IssueFilingChanged, 1); err != nil {
		return "", err
	}
	// After a crash in between, the file is compared again. The commit comes last, because a filing that was changed after the copy is left alone.
	if err := r.putSettled(ctx, copyID, one); err != nil {
		return "", err
	}
	id, _, err := r.commitDifference(ctx, copyID, one, change)
	return id, err
}

// mergeCopy returns the version of the register that a filing of a copy makes, and the filing's sites that the copy lacks.
func (r *run) mergeCopy(file Received, current, filed register.Filing, key string) (register.Change, []register.FiledSite, bool) {
	after, missing := current.WithCopy(filed)
	after.SubjectKey = key
	if current.Version == 0 {
		after = filing.NormalizeFiled(after)
		after.ID = r.newFilingID(file, filed)
	}
	change, changed := current.Replace(after, register.Source{Kind: register.FromDownload, ID: file.ID}, r.Now())
	return change, missing, changed
}

// newFilingID returns the id of a filing that a file adds: the same however often the file is processed.
func (r *run) newFilingID(file Received, filed register.Filing) register.ID {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(file.At)); err != nil {
		panic(err) // times until the year 10889 fit
	}
	sum := sha256.Sum256([]byte(r.Link + " " + file.ID + " " + filed.MinistryID + " " + filed.Number.String()))
	copy(id[6:], sum[:])
	return register.ID(id.String())
}

// approveByCopy approves the order that waits for filed data, as a file of filed data does. It returns false if none waits.
func (r *run) approveByCopy(ctx context.Context, file Received, d document.FiledData, filed register.Filing) (bool, error) {
	order, record, known, err := r.waitingOrder(ctx, d.RecordNames())
	if err != nil || !known || !order.AwaitsAnswer(record) || !order.AnsweredBy(filed) {
		return false, err
	}
	_, err = r.approveOrder(ctx, file, order, record, d)
	return true, err
}

// putSettled stores a difference as settled, without what the bureau has.
func (r *run) putSettled(ctx context.Context, copyID string, d Difference) error {
	d.Filed = nil
	return r.Store.PutDifference(ctx, r.Link, copyID, d)
}

// commitDifference stores the change that settles a difference. If another filing of the register has what the bureau filed, it stores a conflict
// instead, and returns its findings. The id is that of the filing that stands then, "" if none.
func (r *run) commitDifference(ctx context.Context, copyID string, d Difference, change register.Change) (register.ID, finding.List, error) {
	err := r.Store.CommitFiling(ctx, change)
	if !register.IsTaken(err) {
		return change.After.ID, nil, err
	}
	return r.putConflict(ctx, copyID, d, change, err)
}

// putConflict stores the difference that a change does not settle, because another filing of the register has what the bureau filed, as taken says. It
// returns the filing that stands, and the findings.
func (r *run) putConflict(ctx context.Context, copyID string, d Difference, change register.Change, taken error) (register.ID, finding.List, error) {
	r.Log.WarnContext(ctx, "the bureau filed what another filing of the register has", "filing", change.Before.ID, "cause", taken.Error())
	d.Kind, d.Filing, d.SettledAt, d.Conflicts = Conflict, change.Before.ID, time.Time{}, fault.Of(taken).Findings
	return d.Filing, d.Conflicts, r.Store.PutDifference(ctx, r.Link, copyID, d)
}

// putMissingSites stores as differences the sites of a filing that a copy lacks.
func (r *run) putMissingSites(ctx context.Context, file Received, copyID string, current register.Filing, missing []register.FiledSite) error {
	for _, s := range missing {
		if _, ours := s.OurAccess(); !ours {
			continue
		}
		d := Difference{Number: current.Number.String(), Site: s.Number.String(), Kind: MissingThere, Filing: current.ID, File: file.ID, SeenAt: file.At}
		if err := r.Store.PutDifference(ctx, r.Link, copyID, d); err != nil {
			return err
		}
	}
	return nil
}

// findMissing stores as differences the filings of the register that no file of the copy has, and deletes such differences of the files before that
// this file has. Filings without a website that we host are not expected: the interface cannot carry them, or they are another provider's.
func (r *run) findMissing(ctx context.Context, file Received, c Copy) error {
	ids, err := r.Store.Seen(ctx, r.Link, c.ID)
	if err != nil {
		return err
	}
	seen := map[register.ID]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	if len(c.Files) > 1 {
		if err := r.deleteFound(ctx, c.ID, seen); err != nil {
			return err
		}
	}
	for cursor := ""; ; {
		filings, next, err := r.Store.StandingFilingsByAge(ctx, cursor, sweepPage)
		if err != nil {
			return err
		}
		for _, f := range filings {
			d := Difference{Number: f.Number.String(), Kind: MissingThere, Filing: f.ID, File: file.ID, SeenAt: file.At}
			if !expectedInCopy(f) || seen[f.ID] || f.ChangedAt.After(file.At) {
				continue
			}
			if err := r.Store.PutDifference(ctx, r.Link, c.ID, d); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
		if err := r.saveLink(ctx); err != nil { // renews the lease
			return err
		}
	}
}

// deleteFound deletes the differences of the copy's files before about filings that this file has.
func (r *run) deleteFound(ctx context.Context, copyID string, seen map[register.ID]bool) error {
	for cursor := ""; ; {
		open, next, err := r.Store.Differences(ctx, r.Link, copyID, false, cursor, sweepPage)
		if err != nil {
			return err
		}
		for _, d := range open {
			if d.Kind != MissingThere || d.Site != "" || !seen[d.Filing] {
				continue
			}
			if err := r.Store.DeleteDifference(ctx, r.Link, copyID, d); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}

// expectedInCopy reports whether a full copy of the bureau should have a filing.
func expectedInCopy(f register.Filing) bool {
	for _, s := range f.Sites {
		if _, ours := s.OurAccess(); ours && s.Number.Service == number.Site {
			return true
		}
	}
	return false
}

// reportDifferences stores an issue for the operator if differences are open after a file of a copy. It replaces those of the copy's files before.
func (r *run) reportDifferences(ctx context.Context, file Received, c Copy) error {
	count := 0
	for cursor := ""; ; {
		open, next, err := r.Store.Differences(ctx, r.Link, c.ID, false, cursor, sweepPage)
		if err != nil {
			return err
		}
		count += len(open)
		if cursor = next; cursor == "" {
			break
		}
	}
	if err := clearReconciliation(ctx, r.Store, r.Link, c); err != nil || count == 0 {
		return err
	}
	r.raiseAlarm(ctx, "a full copy of the bureau differs from the register; see GET /reconciliation", "link", r.Link, "file", file.ID, "count", count)
	return r.putIssue(ctx, file, IssueReconciliation, count)
}
