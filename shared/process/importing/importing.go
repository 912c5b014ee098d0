// Package importing takes filings that were made elsewhere into the register, from a table with one row for each site. (Those in files of the bureau are
// imported by package exchange.)
//
//	results, err := importer.Import(ctx, importing.Portion{File: digest, Header: header, Rows: rows})
//
// [Columns] is the table's layout, [Template] an example, and [Parse] reads it. What must be right is what identifies a filing: numbers, certificate,
// domains. Other values are checked by the rules for new applications, but only with warnings: a filing stands, whatever the rules say today, and the
// next order of its subject asks for corrections.
//
// An import never takes a number, a domain or an account from another filing, and changes a filing that the register has only if the caller asks to
// overwrite it. Importing the same rows again changes nothing, so an import that was stopped is repeated from the beginning.
package importing

import (
	"context"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/facts"
	"beian/shared/process/inventory"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// Limits of a portion.
const (
	MaxSubjects = 50
	MaxRows     = 500
	MaxColumns  = 100
	MaxCell     = 4096 // bytes of a cell
)

// A Portion is a part of a table: all rows of each of its subjects.
type Portion struct {
	File   string   // SHA-256 of the file, in hex
	Header []string // of each column, from column A
	Rows   []Row
	// Overwrite allows that the import changes filings that the register has.
	Overwrite bool
	// Dry stores nothing: the results say what the import would do.
	Dry bool
}

// A Row is a row of the table.
type Row struct {
	Row   int      // its number in the file; the header is row 1
	Cells []string // from column A
}

// A Store reads and changes the register. Package dynamo implements it.
type Store interface {
	SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error)
	CodeTables(ctx context.Context) (codes.Tables, error)
	FilingOf(ctx context.Context, subjectKey string) (register.Filing, error)
	FilingByNumber(ctx context.Context, n number.Subject) (register.Filing, error)
	FilingByMinistryID(ctx context.Context, p register.Part, id string) (register.Filing, error)
	Registration(ctx context.Context, subjectKey string, account filing.Account) (facts.Registration, error)
	DomainRegistration(ctx context.Context, d filing.Domain) (facts.DomainRegistration, error)
	// Server returns a server of the inventory. The error is a fault of kind NotFound if there is none.
	Server(ctx context.Context, id string) (inventory.Server, error)
	// CommitFiling stores a new version. The error is a fault of kind Stale if another was stored first, and of kind
	// Conflict if another filing has what it is found by; see [register.IsTaken].
	CommitFiling(ctx context.Context, c register.Change) error
}

// An Importer imports filings.
type Importer struct {
	Store Store
	Now   func() time.Time
	// Provider is our number at the ministry; 0 if none is set. An access with another number is another provider's.
	Provider int64
	// IsAccount reports whether a text can be the account of a user.
	IsAccount func(string) bool
}

// A Result is what the import did with one subject, or would do.
type Result struct {
	Rows     []int
	Outcome  Outcome
	Filing   register.ID // "" if none was made
	Changed  []string    // places that differ from the register, without values
	Findings []CellFinding
}

// A CellFinding is a finding on a cell.
type CellFinding struct {
	Cell   string // B7; B for a whole column, and "" for the file
	Column string // key of the column; "" if it is none of ours
	finding.Finding
}

// Import imports the subjects of a portion. The results are in the order of the subjects' first rows. The error is a fault of kind Invalid if the header
// is wrong or the portion above a limit; each other error is one of the store, and the portion is to be repeated.
func (i *Importer) Import(ctx context.Context, p Portion) ([]Result, error) {
	tables, err := i.Store.CodeTables(ctx)
	if err != nil {
		return nil, err
	}
	t := Parse(p.Header, p.Rows, tables)
	if t.Blocking() {
		f := fault.WithFindings(fault.Invalid, nil)
		for _, one := range t.Findings {
			f.Findings = append(f.Findings, one.Finding)
		}
		return nil, f
	}
	if len(p.Rows) > MaxRows || len(t.Subjects) > MaxSubjects {
		return nil, fault.New(fault.Invalid, "一次最多导入 50 个主体、500 行，请分批提交。", "A portion has at most 50 subjects and 500 rows; send the rest in further portions.")
	}
	results := make([]Result, len(t.Subjects))
	for k, s := range t.Subjects {
		if results[k], err = i.importSubject(ctx, s, p, tables); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (i *Importer) importSubject(ctx context.Context, s Subject, p Portion, tables codes.Tables) (Result, error) {
	r := Result{Rows: s.rowNumbers(), Outcome: Refused, Findings: s.Findings}
	s.filing = i.placed(s.filing)
	if account := s.filing.Account; account != "" && !i.IsAccount(string(account)) {
		r.Findings = append(r.Findings, s.place(finding.New(CodeAccountMalformed, "/account")))
	}
	if blocking(r.Findings) {
		return r, nil
	}
	done, err := i.add(ctx, s.filing, p)
	if err != nil {
		return r, err
	}
	r.Outcome, r.Changed = done.outcome, done.changed
	if stored := !p.Dry && r.Outcome == Created; stored || r.Outcome != Created && r.Outcome != Refused {
		r.Filing = done.filing.ID
	}
	for _, f := range done.findings {
		c, ok := s.placeIn(done.filing, f)
		if !ok {
			c = s.place(finding.Finding{})
			c.Finding = f
		}
		r.Findings = append(r.Findings, c)
	}
	for _, f := range filing.CheckFiled(done.filing, tables, i.Now()) {
		if c, ok := s.advise(done.filing, f); ok {
			r.Findings = append(r.Findings, c)
		}
	}
	if r.Outcome != Refused {
		r.Findings = append(r.Findings, s.missingOfLeaders(done.filing)...)
	}
	unknown, err := i.unknownServers(ctx, s)
	r.Findings = append(r.Findings, unknown...)
	return r, err
}

// placed returns the filing with the accesses marked that are ours.
func (i *Importer) placed(f register.Filing) register.Filing {
	for k := range f.Sites {
		for n, a := range f.Sites[k].Accesses {
			if a.Provider == 0 || a.Provider == i.Provider {
				f.Sites[k].Accesses[n].Ours, f.Sites[k].Accesses[n].Provider = true, i.Provider
			}
		}
	}
	return f
}

// hosted returns f with our access for each site of the table of which neither the table nor the register has an access: a row without an access
// provider is a site that we host. Its server is not known then.
func (i *Importer) hosted(f, table register.Filing) register.Filing {
	for k, s := range f.Sites {
		named := slices.ContainsFunc(table.Sites, func(t register.FiledSite) bool { return t.Number == s.Number })
		if named && len(s.Accesses) == 0 {
			f.Sites[k].Accesses = []register.Access{{Ours: true, Provider: i.Provider}}
		}
	}
	return f
}

// missingOfLeaders warns of leaders without a mobile or a certificate number. A later order that only refers to the filing, such as a cancellation, sends
// the leader a code, and checks the end of the number.
func (s Subject) missingOfLeaders(f register.Filing) []CellFinding {
	var found []CellFinding
	check := func(l register.Leader, pointer string) {
		for _, one := range []struct {
			missing bool
			code    finding.Code
			place   string
		}{{l.Mobile == "", CodeLeaderNoMobile, "/mobile"}, {l.Certificate.Number == "", CodeLeaderNoCertificate, "/certificate/number"}} {
			if !one.missing {
				continue
			}
			if c, ok := s.placeIn(f, finding.New(one.code, pointer+one.place)); ok {
				found = append(found, c)
			}
		}
	}
	of := f.Private.Subject.Leader
	check(of, "/subject/leader")
	for k, site := range f.Private.Sites {
		if site.Leader != of {
			check(site.Leader, sitePointer(k, "/leader"))
		}
	}
	return found
}

// unknownServers warns of servers that the inventory does not have.
func (i *Importer) unknownServers(ctx context.Context, s Subject) ([]CellFinding, error) {
	var found []CellFinding
	for k, site := range s.filing.Sites {
		access, _ := site.OurAccess()
		if access.Server == "" {
			continue
		}
		_, err := i.Store.Server(ctx, access.Server)
		if fault.KindOf(err) == fault.NotFound {
			found, err = append(found, s.place(finding.New(CodeServerUnknown, sitePointer(k, "/accesses/0/server")))), nil
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
