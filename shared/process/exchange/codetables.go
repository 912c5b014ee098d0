package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/workday"
)

// CodeNotHeld says that no table of a file waits for the operator, or that the tables that do have an error.
const CodeNotHeld finding.Code = "code-tables-not-held"

// Kinds of issues about code tables (JCDM). Count is the number of changed codes, of held tables, and of reporting units.
const (
	ChangedCodeTables = "JCDM"
	HeldCodeTables    = "JCDM-held" // tables that are not in force; see codes.Reason
	ReportingUnits    = "Bbdwlb"    // a list of reporting units, which Beian does not use
)

// ErrTablesTooLarge is returned by a Store that cannot keep the tables. It is no error that passes.
var ErrTablesTooLarge = errors.New("the code tables are too large to store")

// A CodesFile is a file with code tables, and what it did to each.
type CodesFile struct {
	File    string         `json:"file"` // id of the Received
	Issued  string         `json:"issued"`
	At      time.Time      `json:"at"`
	Results []codes.Result `json:"results"`
}

// codeTablesIn returns the code tables in a document, of their own (JCDM) or as a full copy (SJTB); nil if there are none.
func codeTablesIn(d *document.Download) *document.CodeTables {
	if d.Sync != nil && d.Sync.Codes != nil {
		return d.Sync.Codes
	}
	return d.Codes
}

// applyCodes puts the code tables of a file into force, except those that are malformed or implausible: the operator accepts or ignores them.
// accept puts implausible tables into force. Tables that a newer file has replaced stay. Applying a file again has no further effect.
func (r *run) applyCodes(ctx context.Context, file Received, d *bureau.Delivery, accept bool) (CodesFile, error) {
	current, err := r.Store.LatestCodeTables(ctx)
	if err != nil {
		return CodesFile{}, err
	}
	download := downloadOf(file, d)
	after, results := current.Replace(download, accept)
	f := CodesFile{File: file.ID, Issued: download.Issued, At: r.Now(), Results: results}
	if len(results) > 0 {
		if err := r.storeCodes(ctx, current, after, &f); err != nil {
			return f, err
		}
	}
	return f, r.reportCodes(ctx, file, f, len(codeTablesIn(d.Document).Units))
}

// storeCodes stores the tables and the file's results. Tables that the file replaced before keep the result of that time.
func (r *run) storeCodes(ctx context.Context, current, after codes.Tables, f *CodesFile) error {
	earlier, known, err := r.Store.CodesFile(ctx, f.Issued, f.File)
	if err != nil {
		return err
	}
	if known {
		f.At = earlier.At
	}
	for _, was := range earlier.Results {
		i := slices.IndexFunc(f.Results, func(one codes.Result) bool { return one.Table == was.Table })
		if i >= 0 && was.Outcome == codes.Replaced {
			f.Results[i] = was
		}
	}
	return r.Store.PutCodeTables(ctx, current, after, *f)
}

// reportCodes stores issues about the tables of a file and about its reporting units, and raises an alarm if only the operator can help.
func (r *run) reportCodes(ctx context.Context, file Received, f CodesFile, units int) error {
	changed, held, notReady := 0, 0, 0
	for _, one := range f.Results {
		switch one.Outcome {
		case codes.Replaced:
			changed += one.Count
		case codes.Held:
			held++
			continue
		}
		for _, c := range one.Changes {
			if c.Kind == codes.NotYet {
				notReady++
			}
		}
	}
	for kind, count := range map[string]int{ChangedCodeTables: changed, HeldCodeTables: held, ReportingUnits: units} {
		if count == 0 {
			continue
		}
		if err := r.putIssue(ctx, file, kind, count); err != nil {
			return err
		}
	}
	if held > 0 {
		r.raiseAlarm(ctx, "code tables of the bureau are not in force until the operator accepts them", "link", r.Link, "file", file.ID, "tables", held)
	}
	if notReady > 0 {
		r.raiseAlarm(ctx, "the bureau has new codes that this version of Beian cannot offer", "link", r.Link, "file", file.ID, "codes", notReady)
	}
	return nil
}

// keyFields are the fields of an entry without which it must not be used.
var keyFields = []string{"Id", "Mc", "Nr", "Ztmc", "Fl1", "Fl2", "Dwflid", "Ssdxlx", "Sfqzsp", "Sfyx"}

var tablePath = pattern.New(`/Jcdm_xx/(\w+)(?:/\w+(?:\[\d+\])?(?:/(\w+))?)?`)

// downloadOf converts the tables of a document.
func downloadOf(file Received, d *bureau.Delivery) codes.Download {
	out := codes.Download{File: file.ID, Issued: issuedOf(file), At: file.At, Tables: map[codes.Name][]codes.Entry{}, Malformed: map[codes.Name]bool{}}
	if tables := codeTablesIn(d.Document).Tables; tables != nil {
		for name, rows := range tables.Rows() {
			out.Tables[codes.Name(name)] = entriesOf(rows)
		}
	}
	for _, p := range d.Problems {
		m := tablePath().FindStringSubmatch(p.Path)
		if m == nil || codes.Name(m[1]).Words() == (finding.Words{}) {
			continue
		}
		name := codes.Name(m[1])
		if _, given := out.Tables[name]; !given && p.Rule != schema.Unknown {
			out.Tables[name] = nil // an empty table
		}
		if slices.Contains(keyFields, m[2]) {
			out.Malformed[name] = true
		}
	}
	if len(d.Problems) >= schema.MaxProblems { // further problems are not listed
		for name := range out.Tables {
			out.Malformed[name] = true
		}
	}
	return out
}

func entriesOf(rows []document.CodeRow) []codes.Entry {
	entries := make([]codes.Entry, len(rows))
	for i, row := range rows {
		entries[i] = codes.Entry{ID: row.ID, Name: row.Name, Detail: row.Detail, Void: row.Valid != 1}
	}
	return entries
}

// Bureaus name files by time and number: 20160325145800_zj_3058.xml (MIIT-IF30 4.4).
var issuedName = pattern.New(`^(\d{14})_[A-Za-z]+_(\d{1,10})\.`)

const issuedLayout = "20060102150405"

// issuedOf returns the position of a file among the bureau's files: by its name, or by the time at which it was received if the name has
// another form or a time in the future.
func issuedOf(file Received) string {
	received := file.At.In(workday.Shanghai)
	if m := issuedName().FindStringSubmatch(file.Name); m != nil {
		stamp, err := time.ParseInLocation(issuedLayout, m[1], workday.Shanghai)
		if number, _ := strconv.ParseInt(m[2], 10, 64); err == nil && stamp.Before(received.AddDate(0, 0, 1)) {
			return fmt.Sprintf("%s#%010d", m[1], number)
		}
	}
	return received.Format(issuedLayout) + "#"
}

// CodeTables returns the tables in force and the newest files with code tables, at most limit.
func (o *Operator) CodeTables(ctx context.Context, limit int) (codes.Tables, []CodesFile, error) {
	tables, err := o.Store.LatestCodeTables(ctx)
	if err != nil {
		return tables, nil, err
	}
	files, err := o.Store.CodesFiles(ctx, limit)
	return tables, files, err
}

// AcceptCodes puts the tables of a stored file into force that are held because they are implausible. The error is a fault of kind NotFound if
// the file is not stored, of kind Conflict with a finding if no table of it can be accepted, and [ErrLinkBusy] if an exchange holds the link.
func (o *Operator) AcceptCodes(ctx context.Context, name string) error {
	file, err := o.findReceived(ctx, name)
	if err != nil {
		return err
	}
	d, err := o.decodeReceived(ctx, file)
	if err != nil {
		return err
	}
	r, err := o.acquire(ctx)
	if err != nil {
		return err
	}
	defer r.release(ctx)
	if codeTablesIn(d.Document) == nil {
		return notHeld()
	}
	before, err := r.Store.LatestCodeTables(ctx)
	if err != nil {
		return err
	}
	f, err := r.applyCodes(ctx, file, &d.Delivery, true)
	if err != nil {
		return err
	}
	if after, err := r.Store.LatestCodeTables(ctx); err != nil || after.Version == before.Version {
		return errors.Join(err, notHeld())
	}
	if slices.ContainsFunc(f.Results, func(one codes.Result) bool { return one.Outcome == codes.Held }) {
		return nil
	}
	return r.Store.ClearIssue(ctx, r.Link, HeldCodeTables, file.ID)
}

func notHeld() error {
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNotHeld, "")})
}
