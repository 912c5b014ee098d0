package web

import (
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// FilingVersions are the versions of a filing.
type FilingVersions struct {
	Verified bool            `json:"verified" doc:"whether all hashes and HMACs are correct, and the chain is complete up to the filing"`
	Items    []FilingVersion `json:"items" nullable:"false" doc:"oldest first; at most 200 in a page"`
	Next     string          `json:"next,omitempty" doc:"cursor of the next page; absent on the last page"`
}

// A FilingVersion says what made a version of a filing, and which places changed. It contains no personal data.
type FilingVersion struct {
	Version int                 `json:"version"`
	At      time.Time           `json:"at"`
	Source  register.SourceKind `json:"source" enum:"order,download,import,account" doc:"order: the bureau approved an application; download: the bureau reported the change; import: the provider entered what was filed elsewhere; account: a claim or a transfer between accounts"`
	Words   finding.Words       `json:"words" doc:"what made the version, in a sentence"`
	ID      string              `json:"id" doc:"of the order, the file, the import, the claim or the transfer"`
	From    filing.Account      `json:"from,omitempty" doc:"the account that had the filing before a transfer; shown to staff"`
	To      filing.Account      `json:"to,omitempty" doc:"the account that has it since; shown to staff"`
	Status  register.Status     `json:"status" enum:"FILED,SHELL,CANCELLED" doc:"after the change"`
	Changed []string            `json:"changed" nullable:"false" doc:"places that differ from the version before, without values: /subject/leader/mobile"`
	Hash    string              `json:"hash" doc:"SHA-256, hex; includes the hash of the version before"`
}

// A FilingVersionsQuery has the parameters for one page of the versions.
type FilingVersionsQuery struct {
	FilingPath
	Cursor string `query:"cursor" maxLength:"16" doc:"start of the page: next of the previous page"`
}

// FilingVersionsOf returns the page of a cursor of the versions of a filing. Only staff see accounts.
func FilingVersionsOf(f register.Filing, entries []register.Entry, cursor string, forStaff bool) (FilingVersions, error) {
	page, next, err := PageOf(entries, cursor)
	if err != nil {
		return FilingVersions{}, err
	}
	out := FilingVersions{Verified: register.VerifyLedger(entries, f.LastHash) == 0, Items: []FilingVersion{}, Next: next}
	for _, e := range page {
		v := FilingVersion{Version: e.Version, At: e.At, Source: e.Source.Kind, Words: sourceWords[sourceOf(e)], ID: e.Source.ID, Status: e.Status,
			Changed: append([]string{}, e.Changed...), Hash: e.Hash}
		if forStaff {
			v.From, v.To = e.Source.From, e.Source.To
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
}

// sourceOf returns the key of a version's words: its source, but "transfer" for a transfer, which has the source of a claim.
func sourceOf(e register.Entry) register.SourceKind {
	if e.Source.Kind == register.FromAccount && e.Source.From != "" {
		return "transfer"
	}
	return e.Source.Kind
}

var sourceWords = map[register.SourceKind]finding.Words{
	register.FromOrder:    {Chinese: "管局审核通过了备案申请。", English: "The bureau approved an application."},
	register.FromDownload: {Chinese: "管局通知备案信息有变化。", English: "The bureau reported the change."},
	register.FromImport:   {Chinese: "服务商导入了已有的备案。", English: "The provider imported what was filed before."},
	register.FromAccount:  {Chinese: "账号认领了备案。", English: "An account claimed the filing."},
	"transfer":            {Chinese: "备案转移到了另一个账号。", English: "The filing was transferred to another account."},
}
