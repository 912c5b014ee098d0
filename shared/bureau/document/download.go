package document

import (
	"cmp"
	"fmt"
	"log/slog"

	"beian/shared/bureau/schema"
	"beian/shared/rules/gbk"
)

// A Download is a document from a bureau. One of its fields is set, besides the version.
type Download struct {
	Version string          `wire:"@version"`
	ICP     *ICPDownload    `wire:"ICP? all"`
	IP      *IPDownload     `wire:"IP? all"`
	Domains *DomainDownload `wire:"YM? all"`
	Codes   *CodeTables     `wire:"JCDM? all"`
	Sync    *Sync           `wire:"SJTB? all"`
}

// ICPDownload has at least one field set.
type ICPDownload struct {
	Filed         []FiledData     `wire:"BASJ?/Baxx+"`
	Cancelled     []Cancelled     `wire:"ZXSJ?/Zxxx+ all"`
	Blacklist     *Blacklist      `wire:"HMDLB?"`
	IllegalAccess []IllegalAccess `wire:"FFJRHMD?/Ffjrxx+ all"`
	Unfiled       []UnfiledSite   `wire:"WBAWZLB?/Wbawz_xx+"`
	Results       *Results        `wire:"BAJG?"`
	Tasks         []Task          `wire:"HSRW?/Baxx+"`
	Audit         *Audit          `wire:"HCJG?/Jgxx"`
	Notices       []Notice        `wire:"XGTZ?/Tzxx+ all"`
}

// NewDownload returns an empty download about ICP filings.
func NewDownload() Download { return Download{Version: Version, ICP: &ICPDownload{}} }

// Validate returns all deviations of the download from the ministry's schema.
func (d *Download) Validate() schema.Problems { return schema.Check(downloadRoot, gbk.GB18030, d) }

// Marshal returns the document in GBK. The error is [schema.Problems] if Validate has any.
func (d *Download) Marshal() ([]byte, error) { return marshal(nil, downloadRoot, gbk.GBK, d) }

// ParseDownload parses a download. Bureaus do not always follow the schema, so problems are no reason to refuse a file: everything
// that fits is parsed. The error means that the bytes are not a download.
func ParseDownload(data []byte) (*Download, schema.Problems, error) {
	var d Download
	problems, err := schema.Decode(data, downloadRoot, &d)
	if err != nil {
		return nil, nil, err
	}
	return &d, problems.With(d.Validate()), nil
}

// CheckRules implements [schema.Checker].
func (d *Download) CheckRules(report func(string, schema.Rule, string)) {
	if d.Version != Version {
		report("@version", schema.Version, Version)
	}
	present := 0
	for _, is := range []bool{d.ICP != nil, d.IP != nil, d.Domains != nil, d.Codes != nil, d.Sync != nil} {
		if is {
			present++
		}
	}
	if present != 1 {
		report("", schema.Choice, "")
	}
}

// Format prints only the kind of document.
func (d Download) Format(state fmt.State, _ rune) { redacted{"download"}.print(state) }

// LogValue logs only the kind of document.
func (d Download) LogValue() slog.Value { return redacted{"download"}.log() }

// Results are the results of uploaded records (BAJG).
type Results struct {
	Records  []RecordResult `wire:"Jg_xx*"`
	Opinions []Opinion      `wire:"GJSHS?/Gjsh+ all"`
}

// CheckRules implements [schema.Checker].
func (r *RecordResult) CheckRules(report func(string, schema.Rule, string)) {
	checkOperation(report, r.Operation)
}

// CheckRules implements [schema.Checker].
func (o *Opinion) CheckRules(report func(string, schema.Rule, string)) {
	checkOperation(report, o.Operation)
}

func checkOperation(report func(string, schema.Rule, string), operation int64) {
	if operation > CancelSiteOperation && operation < SubmitEvidenceOperation {
		report("Czlx", schema.Range, "1..7, 35")
	}
}

// A RecordResult is the result of one submitted record.
type RecordResult struct {
	Items     []ResultItem `wire:"Jgxx+ all"`
	Operation int64        `wire:"Czlx L[1..35]"` // 1 to 7, and 35 by the comment in the schema
	Record    string       `wire:"Bs? S[1..255]"` // the record, see the operations below
	Remark    string       `wire:"Bz? S"`
}

// A ResultItem is one result code. Decide by the code only: bureaus append names and values to the text, so it is personal data.
type ResultItem struct {
	Code int64  `wire:"Jgdm L[1..]"`
	Text string `wire:"Dmms? S[1..255]"` // the file's name if the file broke the schema
}

// Decisions of a review (Shjg).
const (
	Refused  = 0
	Approved = 1
)

// An Opinion is a reviewer's decision (Gjsh).
type Opinion struct {
	Reviewer      string `wire:"Shrxm? S[1..128]"`
	ReviewerPhone string `wire:"Shr_dhhm? S[11..128]"`
	Time          string `wire:"Shsj S[10..22] time"`
	Text          string `wire:"Shyj? S[1..1024]"`
	Decision      int64  `wire:"Shjg L[0..1]"`
	Operation     int64  `wire:"Czlx? L[1..35]"`
	Record        int64  `wire:"Jlid? L[1..]"`
}

// RecordName returns the name of the record that the opinion is about. One without an operation is about a new filing.
func (o Opinion) RecordName() RecordName {
	return nameOfID(cmp.Or(o.Operation, NewFilingOperation), o.Record)
}

// Operations (Czlx), and the record that Bs and Jlid identify for each (MIIT-IF30 8.3).
const (
	NewFilingOperation      = 1  // Bs and Jlid: our id of the subject (IspZtid)
	AddSiteOperation        = 2  // Bs: the subject as submitted; Jlid: our id of the site (IspWzid)
	AddAccessOperation      = 3  // Bs: the site's number, or our id of the access; Jlid: our id of the access (IspJrid)
	ChangeOperation         = 4  // Bs: the subject as submitted; Jlid: the bureau's id of the subject
	CancelAccessOperation   = 5  // Bs: as submitted; Jlid: the bureau's id of the access
	CancelSubjectOperation  = 6  // Bs: as submitted; Jlid: the bureau's id of the subject
	CancelSiteOperation     = 7  // Bs: as submitted; Jlid: the bureau's id of the site
	SubmitEvidenceOperation = 35 // Bs: as submitted
)
