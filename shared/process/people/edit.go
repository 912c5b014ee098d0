package people

import (
	"context"
	"slices"
	"strconv"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// An Edit changes an entry. Its fields are nil where nothing changes.
type Edit struct {
	Accounts *[]filing.Account
	Absences *[]Absence
	Disabled *bool
	// AddSubject adds a subject, RemoveSubject removes the one with an id.
	AddSubject    *Subject
	RemoveSubject string
	EndSessions   bool
}

// absenceLimit is the longest absence.
const absenceLimit = 366 * 24 * time.Hour

// Change carries out an edit of a person by an operator. version is the version that the operator read; 0 is any. Operators change of their own entry only the
// absences. A person who is disabled, or whose sessions end, loses all sessions of pages, too. The edit is stored before the sessions end, so that a repetition
// completes what was interrupted.
func (r *Register) Change(ctx context.Context, by, account filing.Account, version int, e Edit) (Person, error) {
	p, err := r.Store.Person(ctx, account)
	if err != nil {
		return Person{}, err
	}
	if version != 0 && version != p.Version {
		return Person{}, &fault.Fault{Kind: fault.Stale}
	}
	now := r.Now()
	what, err := p.apply(e, now)
	if err != nil {
		return Person{}, err
	}
	if by == account && slices.ContainsFunc(what, func(field string) bool { return field != "absences" }) {
		return Person{}, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeOwnEntry, "")})
	}
	if len(what) > 0 {
		p.Changes = append(p.Changes, Change{At: now, By: by, What: what})
		p.Changes = p.Changes[max(0, len(p.Changes)-maxChanges):]
		if err := r.Store.PutEntry(ctx, p); err != nil {
			return Person{}, err
		}
		p.Version++
		r.forget(account)
	}
	if !p.Disabled.IsZero() || e.EndSessions {
		return p, r.Store.EndSessions(ctx, account)
	}
	return p, nil
}

// apply changes the entry and returns the names of the fields that changed.
func (p *Person) apply(e Edit, now time.Time) (what []string, err error) {
	if e.Accounts != nil && !slices.Equal(*e.Accounts, p.Accounts) {
		p.Accounts, what = *e.Accounts, append(what, "accounts")
	}
	if e.Absences != nil && !slices.Equal(*e.Absences, p.Absences) {
		var found finding.List
		for i, a := range *e.Absences {
			found = append(found, a.check(i)...)
		}
		if len(found) > 0 {
			return nil, fault.WithFindings(fault.Invalid, found)
		}
		p.Absences, what = *e.Absences, append(what, "absences")
	}
	if e.Disabled != nil && *e.Disabled == p.Disabled.IsZero() {
		p.Disabled, what = time.Time{}, append(what, "disabled")
		if *e.Disabled {
			p.Disabled = now
		}
	}
	if add := e.AddSubject; add != nil && !slices.ContainsFunc(p.Subjects, func(s Subject) bool { return s.Key == add.Key }) {
		p.Subjects, what = append(slices.Clip(p.Subjects), *add), append(what, "subjects")
	}
	if e.RemoveSubject != "" {
		i := slices.IndexFunc(p.Subjects, func(s Subject) bool { return s.ID == e.RemoveSubject })
		if i < 0 {
			return nil, fault.WithFindings(fault.NotFound, finding.List{finding.New(CodeSubjectGone, "")})
		}
		p.Subjects, what = slices.Delete(slices.Clone(p.Subjects), i, i+1), append(what, "subjects")
	}
	if e.EndSessions {
		// Tokens have whole seconds: those of this second are refused, too.
		p.SessionsEnded, what = now.Truncate(time.Second).Add(time.Second), append(what, "sessions")
	}
	return what, nil
}

// check returns the finding about the i-th absence: its days are given, in order, and at most a year apart.
func (a Absence) check(i int) finding.List {
	if a.From.Valid() && a.To.Valid() && a.From <= a.To && a.To.Time().Sub(a.From.Time()) <= absenceLimit {
		return nil
	}
	return finding.List{finding.New(CodeAbsence, "/absences/"+strconv.Itoa(i))}
}
