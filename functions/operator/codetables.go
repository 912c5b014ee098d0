package operator

import (
	"context"
	"maps"
	"slices"
	"time"

	"beian/shared/process/exchange"
	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// CodeTables are the ministry's code tables.
type CodeTables struct {
	Tables []CodeTable     `json:"tables" nullable:"false" doc:"downloaded tables that are in force; all other tables are those of this version of Beian"`
	Files  []CodeTableFile `json:"files" nullable:"false" doc:"the newest files with code tables, newest first"`
}

// A CodeTable is a downloaded table that is in force.
type CodeTable struct {
	Table   codes.Name    `json:"table" doc:"element name of the interface"`
	Title   finding.Words `json:"title"`
	InForce int           `json:"inForce" doc:"number of codes in force"`
	File    string        `json:"file" doc:"id of the received file; see /bureau/received/{name}"`
	Since   time.Time     `json:"since" doc:"when a code last changed"`
}

// A CodeTableFile is a file with code tables, and what it did to each.
type CodeTableFile struct {
	File   string            `json:"file" doc:"id of the received file; see /bureau/received/{name}"`
	At     time.Time         `json:"at"`
	Tables []CodeTableResult `json:"tables" nullable:"false"`
}

// A CodeTableResult is what a file did to one table, or would do if the table is held.
type CodeTableResult struct {
	Table   codes.Name    `json:"table" doc:"element name of the interface"`
	Title   finding.Words `json:"title"`
	Outcome codes.Outcome `json:"outcome" enum:"replaced,unchanged,older,held" doc:"held: not in force; accept it with POST /bureau/code-tables/{name}/acceptance if it is right"`
	Reason  codes.Reason  `json:"reason,omitempty" enum:"malformed,repeated,empty,too-large,essential,shrunk,renumbered" doc:"why it is held, or was until it was accepted"`
	Codes   []int64       `json:"codes,omitempty" doc:"codes that the reason is about"`
	InForce int           `json:"inForce" doc:"number of codes in force in the file"`
	Count   int           `json:"count" doc:"number of changes"`
	Changes []CodeChange  `json:"changes" nullable:"false" doc:"the first changes: at most 200 of a table, and 1,000 of all tables in this list"`
}

// A CodeChange is a code that a file changes.
type CodeChange struct {
	Code   int64            `json:"code" doc:"the ministry's number"`
	Kind   codes.ChangeKind `json:"kind" enum:"added,removed,meaning,not-ready" doc:"not-ready: new, but offered only by a newer version of Beian"`
	Before string           `json:"before,omitempty" doc:"meaning until then; absent if the code was not in force"`
	After  string           `json:"after,omitempty" doc:"meaning since then; absent if the code is no longer in force"`
}

type codeTablesOutput struct{ Body CodeTables }

// Limits of the list of files. The changes of the newest files are listed first.
const (
	maxCodeFiles   = 20
	maxCodeChanges = 1000 // in all files
)

// registerCodeTables registers the operations on code tables.
func (a operations) registerCodeTables() {
	const tag = "Bureau"
	list := func(ctx context.Context) (*codeTablesOutput, error) {
		tables, files, err := a.config.Bureau.CodeTables(ctx, maxCodeFiles)
		return &codeTablesOutput{Body: codeTablesOf(tables, files)}, err
	}
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /bureau/code-tables", Tag: tag,
		Summary:     "List the downloaded code tables and what each file changed",
		Description: "Lists tables in force and the newest files, with added, removed and changed codes. A table that is held is not in force until it is accepted."},
		func(ctx context.Context, _ *web.Call, _ *struct{}) (*codeTablesOutput, error) { return list(ctx) })
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /bureau/code-tables/{name}/acceptance", Tag: tag,
		Summary:     "Put the tables of a file into force that are held because they are implausible",
		Description: "Compare the file with the bureau first: a table is held if it is empty, much smaller than before, or gives codes another meaning. From then on, forms and checks use the new codes."},
		func(ctx context.Context, c *web.Call, in *ReceivedPath) (*codeTablesOutput, error) {
			a.logAccess(ctx, c, "accept code tables", "file", in.Name)
			if err := a.config.Bureau.AcceptCodes(ctx, in.Name); err != nil {
				return nil, err
			}
			return list(ctx)
		})
}

func codeTablesOf(tables codes.Tables, files []exchange.CodesFile) CodeTables {
	out := CodeTables{Tables: []CodeTable{}, Files: []CodeTableFile{}}
	for _, name := range slices.Sorted(maps.Keys(tables.Downloaded)) {
		table := tables.Downloaded[name]
		out.Tables = append(out.Tables, CodeTable{Table: name, Title: name.Words(), InForce: len(tables.InForce(name)), File: table.File, Since: table.Since})
	}
	left := maxCodeChanges
	for _, f := range files {
		file := CodeTableFile{File: f.File, At: f.At, Tables: []CodeTableResult{}}
		for _, r := range f.Results {
			result := CodeTableResult{Table: r.Table, Title: r.Table.Words(), Outcome: r.Outcome, Reason: r.Reason, Codes: r.Codes,
				InForce: r.InForce, Count: r.Count, Changes: []CodeChange{}}
			listed := r.Changes[:min(len(r.Changes), left)]
			left -= len(listed)
			for _, c := range listed {
				result.Changes = append(result.Changes, CodeChange{Code: c.ID, Kind: c.Kind, Before: c.Before, After: c.After})
			}
			file.Tables = append(file.Tables, result)
		}
		out.Files = append(out.Files, file)
	}
	return out
}
