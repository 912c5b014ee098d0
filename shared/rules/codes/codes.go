// Package codes has the ministry's code tables (基础代码表): the numbers that documents of the interface contain, and what they mean. Beian
// embeds the tables, and each table that a bureau sends (JCDM) replaces the embedded one. [Tables] is the tables in force:
//
//	tables, results := tables.Replace(download, false)
//	found := tables.CheckKind(entity, kind, now)
//	services := tables.InForce(codes.Services)
//
// The zero value of Tables has the embedded tables. Checks get Tables as they get the time, so that they stay pure.
//
// Some codes have rules in Beian: the natures of subjects, the kinds of certificates, the formats and purposes of attachments. A new code of
// these tables is offered only where a check without such rules is safe; see [Tables.Offers] and ADR 17.
package codes

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"beian/shared/rules/finding"
)

// A Name names a table by its element in the interface (MIIT-IF30 11.8).
type Name string

// Tables whose codes Beian offers, checks or sends.
const (
	Natures            Name = "Dwxz_dms"   // of subjects; see certificate.EntityKind
	CertificateKinds   Name = "Zjlx_dms"   // see certificate.Kind
	PreApprovals       Name = "Wzjylx_dms" // see preapproval.Rule
	Services           Name = "Wzfwlx_dms" // service contents of sites
	AccessModes        Name = "Wzjrfs_dms" // of servers
	Languages          Name = "Yylb_dms"   // of sites
	Divisions          Name = "Qy_dms"     // see package division
	Bureaus            Name = "Gj_dms"     // places of servers
	AttachmentFormats  Name = "Fjwjgs_dms"
	AttachmentPurposes Name = "Fjytlx_dms"

	CancellationReasons Name = "Zxly_dms"
	Handlings           Name = "Wbacl_dms" // of unfiled sites; embedded is none, because V3.0 prints none
)

// An Entry is one code of a table.
type Entry struct {
	ID   int64  `json:"id"`
	Name string `json:"name"` // Chinese
	// Detail qualifies the code: the nature that a certificate kind belongs to, the owner of an attachment purpose, the division of a bureau, 1
	// for a pre-approval that is required. Other tables have none.
	Detail int64 `json:"detail,omitempty"`
	Void   bool  `json:"void,omitempty"` // no longer valid
}

// A Table is a table that was downloaded.
type Table struct {
	// Entries are sorted by ID. Codes of an earlier table that the newest one lacks are kept as void.
	Entries []Entry `json:"entries"`
	File    string  `json:"file"`   // id of the received file
	Issued  string  `json:"issued"` // position of the file among the bureau's files; see Download
	// Since is when the entries last changed.
	Since time.Time `json:"since"`
}

// Tables are the code tables in force. Values are immutable: Replace returns a new one.
type Tables struct {
	// Version counts the changes; 0 before the first download.
	Version    int            `json:"version"`
	Downloaded map[Name]Table `json:"downloaded,omitempty"`
}

// entries returns the entries of a table, sorted by ID: the downloaded ones, or those embedded.
func (t Tables) entries(name Name) []Entry {
	if table, ok := t.Downloaded[name]; ok {
		return table.Entries
	}
	return embedded()[name]
}

func find(entries []Entry, id int64) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(entries, id, func(e Entry, id int64) int { return cmp.Compare(e.ID, id) })
	if !ok {
		return Entry{}, false
	}
	return entries[i], true
}

// Knows reports whether a table has a code, in force or withdrawn.
func (t Tables) Knows(name Name, id int64) bool {
	_, ok := find(t.entries(name), id)
	return ok
}

// Withdrawn reports whether a downloaded table declares a code void, or lacks a code that an earlier table had.
func (t Tables) Withdrawn(name Name, id int64) bool {
	table, downloaded := t.Downloaded[name]
	e, ok := find(table.Entries, id)
	return downloaded && ok && e.Void
}

// A Code is a code that applicants or operators can choose.
type Code struct {
	Number int           `json:"number" doc:"the ministry's number"`
	Words  finding.Words `json:"words"`
}

// InForce returns the codes of a table that can be chosen, sorted by number.
func (t Tables) InForce(name Name) []Code {
	var list []Code
	for _, e := range t.entries(name) {
		if !e.Void {
			list = append(list, Code{Number: int(e.ID), Words: t.Words(name, e.ID)})
		}
	}
	return list
}

// Words returns the meaning of a code; it is empty for an unknown one. Downloaded tables have Chinese names only: a name that Beian does not
// know is shown with its number in English.
func (t Tables) Words(name Name, id int64) finding.Words {
	e, ok := find(t.entries(name), id)
	if !ok {
		return finding.Words{}
	}
	if known := embeddedWords(name, id); known.Chinese == e.Name {
		return known
	}
	return finding.Words{Chinese: e.Name, English: fmt.Sprintf("%s (code %d)", e.Name, e.ID)}
}

// titles name the tables of the interface.
var titles = map[Name]finding.Words{
	Natures:             {Chinese: "主办单位性质", English: "Natures of subjects"},
	CertificateKinds:    {Chinese: "证件类型", English: "Kinds of certificates"},
	PreApprovals:        {Chinese: "前置审批类型", English: "Pre-approvals"},
	Services:            {Chinese: "网站服务内容", English: "Service contents"},
	AccessModes:         {Chinese: "网站接入方式", English: "Access modes"},
	Languages:           {Chinese: "网站语言", English: "Languages"},
	Divisions:           {Chinese: "行政区划", English: "Divisions"},
	Bureaus:             {Chinese: "通信管理局（服务器放置地）", English: "Bureaus (places of servers)"},
	AttachmentFormats:   {Chinese: "附件文件格式", English: "Formats of attachments"},
	AttachmentPurposes:  {Chinese: "附件用途", English: "Purposes of attachments"},
	"Dwfl_dms":          {Chinese: "单位分类", English: "Classes of reporting units"},
	"Yjfk_Wtfls":        {Chinese: "意见反馈问题分类", English: "Kinds of feedback"},
	"Hyfl_dms":          {Chinese: "行业分类", English: "Industries"},
	"Xzjb_dms":          {Chinese: "行政级别", English: "Administrative ranks"},
	CancellationReasons: {Chinese: "注销理由", English: "Reasons for cancellations"},
	Handlings:           {Chinese: "未备案网站处理", English: "Handling of unfiled sites"},
	"Hsyj_dms":          {Chinese: "核实意见", English: "Verification opinions"},
	"Ymlx_dms":          {Chinese: "域名类型", English: "Kinds of domains"},
}

// Words returns the title of the table.
func (n Name) Words() finding.Words { return titles[n] }
