package exchange

import (
	"context"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// A DifferenceKind says how the bureau's data and the register differ.
type DifferenceKind string

const (
	MissingHere  DifferenceKind = "missing-here"  // the register lacks a filing
	MissingThere DifferenceKind = "missing-there" // a full copy lacks a filing, or a site of one
	Differs      DifferenceKind = "differs"       // a filing has other data
	Conflict     DifferenceKind = "conflict"      // the bureau's data have what another filing of the register has
	// Contradiction: a full copy has a filing twice, with different data. The register has the first.
	Contradiction DifferenceKind = "contradiction"
)

// A Difference is a difference between a full copy of the bureau and the register. It has no personal data, but for Filed.
type Difference struct {
	Number    string         `json:"number"`           // of the subject
	Site      string         `json:"site,omitempty"`   // number of the site that the copy lacks; "" if the difference is about the filing
	Kind      DifferenceKind `json:"kind"`             //
	Filing    register.ID    `json:"filing,omitempty"` // of the register; "" if it lacks the filing
	Places    []string       `json:"places,omitempty"` // that differed, without values; see register.Entry
	Conflicts finding.List   `json:"conflicts,omitempty"`
	File      string         `json:"file"`               // id of the Received with the bureau's data, or that lacks them
	SeenAt    time.Time      `json:"seenAt"`             // when it was received
	SettledAt time.Time      `json:"settledAt,omitzero"` // when the register took the bureau's data over; zero if somebody has to act

	// Filed is what the bureau has, of an open difference that [Operator.Import] can settle.
	Filed *register.Filing `json:"-"`
}

// DifferenceDays is for how many days what the bureau has of an open difference is kept.
const DifferenceDays = 90

// A StoredDifference is an open difference with what the bureau has.
type StoredDifference struct {
	Row [2]string // key of its row in the table
	At  time.Time // SeenAt of the difference
}

// An Actor says who has to act on a difference.
type Actor string

const (
	OperatorActs  Actor = "operator"
	ApplicantActs Actor = "applicant"
	BureauActs    Actor = "bureau"
)

// Findings about differences: what to do about each.
const (
	CodeFilingAdded   finding.Code = "reconciliation-added"
	CodeFilingMissing finding.Code = "reconciliation-missing-here"
	CodeCopyLacks     finding.Code = "reconciliation-missing-there"
	CodeCopyLacksSite finding.Code = "reconciliation-site-missing-there"
	CodeTakenOver     finding.Code = "reconciliation-differs"
	CodeConflict      finding.Code = "reconciliation-conflict"
	CodeContradiction finding.Code = "reconciliation-contradiction"
)

// Advice returns who has to act on a difference, and what to do.
func (d Difference) Advice() (Actor, finding.Finding) {
	switch d.Kind {
	case MissingHere:
		if d.SettledAt.IsZero() {
			return OperatorActs, finding.New(CodeFilingMissing, "", "number", d.Number)
		}
		return ApplicantActs, finding.New(CodeFilingAdded, "", "number", d.Number)
	case MissingThere:
		if d.Site != "" {
			return BureauActs, finding.New(CodeCopyLacksSite, "", "number", d.Site)
		}
		return BureauActs, finding.New(CodeCopyLacks, "", "number", d.Number)
	case Conflict:
		return OperatorActs, finding.New(CodeConflict, "", "number", d.Number)
	case Contradiction:
		return OperatorActs, finding.New(CodeContradiction, "", "number", d.Number)
	}
	return ApplicantActs, finding.New(CodeTakenOver, "", "number", d.Number)
}

// noCopy is the id under which differences are stored while no full copy has come.
const noCopy = "none"

// copyID returns the id under which the differences of now are stored.
func (c Copy) copyID() string {
	if c.ID == "" {
		return noCopy
	}
	return c.ID
}

// A Reconciliation is a page of the differences between the newest full copy and the register.
type Reconciliation struct {
	Copy        Copy // the zero Copy if none came yet
	Differences []Difference
	Next        string
}

// Reconciliation lists the open or the settled differences, in the order of their numbers. An open one that was settled in another way meanwhile is
// left out, so a page may have fewer differences than the limit. The error is a fault of kind Invalid for an unknown cursor.
func (o *Operator) Reconciliation(ctx context.Context, settled bool, cursor string, limit int) (Reconciliation, error) {
	c, err := o.Store.Copy(ctx, o.Link)
	if err != nil {
		return Reconciliation{}, err
	}
	found, next, err := o.Store.Differences(ctx, o.Link, c.copyID(), settled, cursor, limit)
	if err != nil {
		return Reconciliation{}, err
	}
	page := Reconciliation{Copy: c, Next: next}
	for _, d := range found {
		if !settled {
			if gone, err := o.isGone(ctx, d); err != nil {
				return page, err
			} else if gone {
				continue
			}
		}
		page.Differences = append(page.Differences, d)
	}
	return page, nil
}

// isGone reports whether the register no longer has what a full copy lacks.
func (o *Operator) isGone(ctx context.Context, d Difference) (bool, error) {
	if d.Kind != MissingThere {
		return false, nil
	}
	f, err := o.Store.Filing(ctx, d.Filing)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return true, nil
	case err != nil:
		return false, err
	case f.Status == register.Cancelled:
		return true, nil
	}
	return d.Site != "" && !slices.ContainsFunc(f.Sites, func(s register.FiledSite) bool { return s.Number.String() == d.Site }), nil
}

// An Imported is what [Operator.Import] did about an open difference.
type Imported struct {
	Number    string
	Filing    register.ID // "" if nothing was stored
	Conflicts finding.List
}

// MaxImports is the largest number of filings that one call of [Operator.Import] takes.
const MaxImports = 50

// Import takes what the bureau has and the register lacks, of the open differences about the filings with the numbers, at most [MaxImports]. A filing that
// still conflicts with another one stays open. A number without such a difference is left out of the result, so importing again changes nothing. When no
// difference is open any more, the issue about the copy ends. The error is [ErrLinkBusy] while an exchange is at work. Without a link, no data of the
// bureau come, so there is nothing to import.
func (o *Operator) Import(ctx context.Context, numbers []string) ([]Imported, error) {
	if o.ByHand {
		return nil, nil
	}
	r, err := o.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer r.release(ctx)
	c, err := r.Store.Copy(ctx, r.Link)
	if err != nil {
		return nil, err
	}
	var done []Imported
	for _, number := range numbers[:min(len(numbers), MaxImports)] {
		d, known, err := r.Store.OpenDifference(ctx, r.Link, c.copyID(), number)
		if err != nil {
			return done, err
		}
		switch {
		case !known:
			continue
		case d.Filed == nil:
			if err := r.settleImported(ctx, c, d); err != nil {
				return done, err
			}
			continue
		}
		one, err := r.importFiling(ctx, c, d)
		if err != nil {
			return done, err
		}
		done = append(done, one)
	}
	return done, o.clearIfSettled(ctx)
}

// settleImported settles a difference of which an import that ended half-way has deleted what the bureau has.
func (r *run) settleImported(ctx context.Context, c Copy, d Difference) error {
	subject, err := number.ParseSubject(d.Number)
	if err != nil || d.Kind != MissingHere && d.Kind != Conflict {
		return nil // has never had data of the bureau
	}
	f, err := r.Store.FilingByNumber(ctx, subject)
	if err != nil || f.Version == 0 { // its erasure is under way
		return err
	}
	d.Filing, d.SettledAt = f.ID, r.Now()
	return r.putSettled(ctx, c.copyID(), d)
}

// importFiling takes what the bureau has of an open difference. A filing that was changed after the bureau's data were received stays.
// The error is [fault.Contended] if the register changed meanwhile.
func (r *run) importFiling(ctx context.Context, c Copy, d Difference) (Imported, error) {
	filed := *d.Filed
	current, key, err := r.findStanding(ctx, filed)
	if err != nil {
		return Imported{}, err
	}
	change, _, changed := r.mergeCopy(Received{ID: d.File, At: d.SeenAt}, current, filed, key)
	d.SettledAt = r.Now()
	if !changed || current.ChangedAt.After(d.SeenAt) {
		d.Filing = current.ID
		return Imported{Number: d.Number, Filing: d.Filing}, r.putSettled(ctx, c.copyID(), d)
	}
	if current.Version == 0 {
		d.Kind = MissingHere
	} else {
		d.Kind, d.Places = Differs, change.Entry.Changed
	}
	d.Filing, d.Conflicts = change.After.ID, nil
	// What the bureau has is deleted after it is in the register: nothing else has it.
	id, conflicts, err := r.commitDifference(ctx, c.copyID(), d, change)
	switch {
	case fault.KindOf(err) == fault.Stale:
		return Imported{}, fault.Contended(err)
	case err != nil || len(conflicts) > 0:
		return Imported{Number: d.Number, Conflicts: conflicts}, err
	}
	return Imported{Number: d.Number, Filing: id}, r.putSettled(ctx, c.copyID(), d)
}

// offerImport stores filed data of a subject that the register lacks, so that the operator can import them.
func (r *run) offerImport(ctx context.Context, file Received, filed register.Filing) error {
	c, err := r.Store.Copy(ctx, r.Link)
	if err != nil {
		return err
	}
	return r.Store.PutDifference(ctx, r.Link, c.copyID(), Difference{Number: filed.Number.String(), Kind: MissingHere, File: file.ID, SeenAt: file.At, Filed: &filed})
}
