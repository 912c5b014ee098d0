package codes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"beian/shared/rules/certificate"
	"beian/shared/rules/division"
)

// A Download is the code tables in one file of a bureau.
type Download struct {
	// File is our id of the file.
	File string
	// Issued is the file's position among the bureau's files. A file does not replace the tables of a file with a greater or the same position.
	Issued string
	At     time.Time
	Tables map[Name][]Entry
	// Malformed are the tables with an entry that violates the ministry's schema in a field that counts.
	Malformed map[Name]bool
}

// An Outcome says what a download did to a table.
type Outcome string

const (
	Replaced  Outcome = "replaced"
	Unchanged Outcome = "unchanged" // the same entries, or the same file again
	Older     Outcome = "older"     // the table is from a newer file
	Held      Outcome = "held"      // not in force; see Reason
)

// A Reason says why a table is held. The first three are errors in the table. The operator can accept a table that is held for another reason.
type Reason string

const (
	Malformed  Reason = "malformed"  // an entry without number, name or validity, or with an unreadable name
	Repeated   Reason = "repeated"   // a number stands for two entries
	Empty      Reason = "empty"      // no entry is valid
	TooLarge   Reason = "too-large"  // more than MaxEntries
	Essential  Reason = "essential"  // a code is missing that Beian's own rules need
	Shrunk     Reason = "shrunk"     // more than half of the codes in force would go
	Renumbered Reason = "renumbered" // a code gets the meaning that another code has now
)

// Acceptable reports whether the operator can accept a table that is held for this reason.
func (r Reason) Acceptable() bool { return r == Essential || r == Shrunk || r == Renumbered }

// MaxEntries limits a table. The divisions, the largest table, have about 3,500 entries.
const MaxEntries = 6000

// A ChangeKind says how a code changed.
type ChangeKind string

const (
	Added    ChangeKind = "added" // new, or in force again
	Removed  ChangeKind = "removed"
	Meaning  ChangeKind = "meaning"   // another name, nature or owner
	NotYet   ChangeKind = "not-ready" // new, but Beian needs a new version to offer it
	maxNamed            = 200         // changes that a Result lists
)

// A Change is one code that a table changes.
type Change struct {
	ID     int64      `json:"id"`
	Kind   ChangeKind `json:"kind"`
	Before string     `json:"before,omitempty"` // "" if the code was not in force
	After  string     `json:"after,omitempty"`  // "" if it no longer is
}

// A Result is what a download did, or would do, to one table.
type Result struct {
	Table   Name     `json:"table"`
	Outcome Outcome  `json:"outcome"`
	Reason  Reason   `json:"reason,omitempty"` // if held
	Codes   []int64  `json:"codes,omitempty"`  // the codes that the reason is about; at most 20
	InForce int      `json:"inForce"`          // codes in force in the file
	Changes []Change `json:"changes,omitempty"`
	Count   int      `json:"count"` // number of changes, of which Changes lists the first 200
}

// essential returns the codes that Beian's own rules name and that no filing, or no filing of an individual, does without.
func essential(name Name) []int64 {
	codes := essentialCodes[name]
	for _, e := range embedded()[name] {
		if name == Bureaus || name == Divisions && e.ID%10000 == 0 && e.ID < 700000 {
			codes = append(codes, e.ID)
		}
	}
	return codes
}

var essentialCodes = map[Name][]int64{
	Natures:            {int64(certificate.Enterprise), int64(certificate.Individual)},
	CertificateKinds:   {int64(certificate.BusinessLicence), int64(certificate.ResidentID)},
	Services:           {6, 24}, // the choices of individuals (icp-filing 4.3)
	Languages:          {1},
	AttachmentFormats:  {1},
	AttachmentPurposes: {1, 2, 3, 4, 5},
}

// Replace returns the tables after a download, and the result for each of its tables. A table that is malformed or implausible is held: it
// changes nothing. accept puts implausible tables into force, because the operator has checked them. If nothing changes, the version stays.
func (t Tables) Replace(d Download, accept bool) (Tables, []Result) {
	after := Tables{Version: t.Version + 1, Downloaded: maps.Clone(t.Downloaded)}
	if after.Downloaded == nil {
		after.Downloaded = map[Name]Table{}
	}
	changed := false
	var results []Result
	for _, name := range slices.Sorted(maps.Keys(d.Tables)) {
		r := t.compare(name, d, accept)
		if r.Outcome == Replaced || r.Outcome == Unchanged && t.Downloaded[name].File != d.File {
			table := Table{Entries: t.merge(name, d.Tables[name]), File: d.File, Issued: d.Issued, Since: d.At}
			if r.Outcome == Unchanged && !t.Downloaded[name].Since.IsZero() {
				table.Since = t.Downloaded[name].Since
			}
			after.Downloaded[name], changed = table, true
		}
		results = append(results, r)
	}
	if !changed {
		return t, results
	}
	return after, results
}

// compare returns the result of one table of a download.
func (t Tables) compare(name Name, d Download, accept bool) Result {
	r := Result{Table: name}
	current, given := t.Downloaded[name], d.Tables[name]
	for _, e := range given {
		if !e.Void {
			r.InForce++
		}
	}
	switch {
	case current.File == d.File && current.File != "":
		r.Outcome = Unchanged
		return r
	case d.Issued <= current.Issued:
		r.Outcome = Older
		return r
	}
	if r.Reason, r.Codes = checkEntries(name, given, d.Malformed[name]); r.Reason == "" {
		before, after := t.entries(name), t.merge(name, given)
		r.Changes = t.changes(name, before, after)
		r.Count = len(r.Changes)
		r.Changes = r.Changes[:min(len(r.Changes), maxNamed)]
		r.Reason, r.Codes = implausible(name, before, after)
	}
	r.Codes = r.Codes[:min(len(r.Codes), 20)]
	switch {
	case r.Reason != "" && !(accept && r.Reason.Acceptable()):
		r.Outcome = Held
	case r.Count == 0:
		r.Outcome, r.Reason, r.Codes = Unchanged, "", nil
	default:
		r.Outcome = Replaced
	}
	return r
}

// checkEntries returns an error in the entries of a table.
func checkEntries(name Name, given []Entry, malformed bool) (Reason, []int64) {
	if len(given) > MaxEntries {
		return TooLarge, nil
	}
	seen := map[int64]bool{}
	var wrong, repeated []int64
	inForce := 0
	for _, e := range given {
		if e.ID < 1 || strings.TrimSpace(e.Name) == "" || strings.ContainsRune(e.Name, utf8.RuneError) ||
			name == Divisions && len(fmt.Sprint(e.ID)) != 6 {
			wrong = append(wrong, e.ID)
		}
		if seen[e.ID] {
			repeated = append(repeated, e.ID)
		}
		seen[e.ID] = true
		if !e.Void {
			inForce++
		}
	}
	switch {
	case malformed || len(wrong) > 0:
		return Malformed, wrong
	case len(repeated) > 0:
		return Repeated, repeated
	case inForce == 0:
		return Empty, nil
	}
	return "", nil
}

// merge returns the entries of a downloaded table, sorted, with the codes that only the current table has as void. The placeholders among the
// divisions, such as 110100, stay, because a bureau may have no entry for them.
func (t Tables) merge(name Name, given []Entry) []Entry {
	merged := slices.Clone(given)
	listed := map[int64]bool{}
	for i, e := range merged {
		merged[i].Name = strings.TrimSpace(e.Name)
		listed[e.ID] = true
	}
	for _, e := range t.entries(name) {
		if !listed[e.ID] {
			e.Void = e.Void || name != Divisions || !division.Division{Code: fmt.Sprint(e.ID), Name: e.Name}.IsPlaceholder()
			merged = append(merged, e)
		}
	}
	slices.SortStableFunc(merged, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	return merged
}

// implausible returns why a well-formed table must not be put into force without the operator.
func implausible(name Name, before, after []Entry) (Reason, []int64) {
	var lost, missing, moved []int64
	inForce, meanings := 0, map[string]int64{} // of codes in force before
	for _, e := range before {
		if e.Void {
			continue
		}
		inForce++
		if other, _ := find(after, e.ID); other.Void {
			lost = append(lost, e.ID)
		}
		if _, ambiguous := meanings[e.meaning()]; ambiguous {
			meanings[e.meaning()] = 0
		} else {
			meanings[e.meaning()] = e.ID
		}
	}
	for _, id := range essential(name) {
		if e, _ := find(after, id); e.Void || e.ID == 0 {
			missing = append(missing, id)
		}
	}
	for _, e := range after {
		was, known := find(before, e.ID)
		other := meanings[e.meaning()]
		if name != Divisions && known && !was.Void && !e.Void && other != 0 && other != e.ID {
			moved = append(moved, e.ID)
		}
	}
	switch {
	case 2*len(lost) > inForce:
		return Shrunk, lost
	case len(missing) > 0:
		return Essential, missing
	case len(moved) > 0:
		return Renumbered, moved
	}
	return "", nil
}

// meaning is what a code stands for.
func (e Entry) meaning() string {
	if e.Detail == 0 {
		return e.Name
	}
	return fmt.Sprintf("%s (%d)", e.Name, e.Detail)
}

// changes returns the codes that differ.
func (t Tables) changes(name Name, before, after []Entry) []Change {
	var all []Change
	offering := Tables{Downloaded: map[Name]Table{name: {Entries: after}}}
	for _, e := range after {
		was, known := find(before, e.ID)
		change := Change{ID: e.ID}
		if known && !was.Void {
			change.Before = was.meaning()
		}
		if !e.Void {
			change.After = e.meaning()
		}
		switch {
		case change.Before == change.After:
			continue
		case change.After == "":
			change.Kind = Removed
		case change.Before != "":
			change.Kind = Meaning
		case offering.Offers(name, e):
			change.Kind = Added
		default:
			change.Kind = NotYet
		}
		all = append(all, change)
	}
	return all
}
