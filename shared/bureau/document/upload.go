package document

import (
	"fmt"
	"log/slog"

	"beian/shared/bureau/schema"
	"beian/shared/rules/gbk"
)

// An Upload is a document that a provider sends: records of one operation of ICP, IP or domain filing. One of the three is set.
type Upload struct {
	Version string        `wire:"@version"`
	ICP     *ICPUpload    `wire:"ICP? all"`
	IP      *IPUpload     `wire:"IP? all"`
	Domains *DomainUpload `wire:"YM? all"`
	// Characters are those that the receiver can read.
	Characters gbk.Repertoire
}

// ICPUpload has the records by operation. The schema allows several operations in one file; use only one.
type ICPUpload struct {
	New         []NewFiling          `wire:"XZBA?/Baxx{1,1000}"`
	AddSite     []SiteAddition       `wire:"XZWZ?/Xzxx{1,1000}"`
	AddAccess   []AccessAddition     `wire:"XZJR?/Xzxx{1,1000}"`
	Change      []Change             `wire:"BGBA?/Bgxx{1,1000}"`
	Cancel      []Cancellation       `wire:"ZXBA?/Zx_xx{1,1000}"`
	TaskResults []TaskResult         `wire:"HSJG?/Hsjgxx{1,1000} all"`
	Unfiled     []UnfiledSiteHandled `wire:"WBACLJG?/Clxx{1,1000}"`
	Evidence    []Attachment         `wire:"XZHYD?/Fjxx{1,1000}"`
	// Provider is the reporting unit, which must be the caller (5003).
	Provider int64 `wire:"Qqdwid L[1..]"`
}

// NewUpload returns an upload of ICP filings by a provider, without records.
func NewUpload(provider int64) Upload {
	return Upload{Version: Version, ICP: &ICPUpload{Provider: provider}}
}

// Provider returns the reporting unit (Qqdwid), 0 if there is none.
func (u *Upload) Provider() int64 {
	switch {
	case u.ICP != nil:
		return u.ICP.Provider
	case u.IP != nil:
		return u.IP.Provider
	case u.Domains != nil:
		return u.Domains.Provider
	}
	return 0
}

// Operations returns the element names of the operations with records.
func (u *Upload) Operations() []string {
	var held []string
	add := func(name string, has bool) {
		if has {
			held = append(held, name)
		}
	}
	if icp := u.ICP; icp != nil {
		add("XZBA", len(icp.New) > 0)
		add("XZWZ", len(icp.AddSite) > 0)
		add("XZJR", len(icp.AddAccess) > 0)
		add("BGBA", len(icp.Change) > 0)
		add("ZXBA", len(icp.Cancel) > 0)
		add("HSJG", len(icp.TaskResults) > 0)
		add("WBACLJG", len(icp.Unfiled) > 0)
		add("XZHYD", len(icp.Evidence) > 0)
	}
	if ip := u.IP; ip != nil {
		add("XZBA", ip.New != nil)
		add("XGBA", ip.Change != nil)
		add("SCBA", ip.Delete != nil)
	}
	if domains := u.Domains; domains != nil {
		add("XZBA", len(domains.New) > 0)
		add("XGBA", len(domains.Change) > 0)
		add("SCBA", len(domains.Delete) > 0)
	}
	return held
}

// Validate returns all problems of the upload: the ministry's schema and limits, and characters.
func (u *Upload) Validate() schema.Problems { return schema.Check(uploadRoot, u.Characters, u) }

// Marshal returns the document, in the encoding of Characters. The error is [schema.Problems] if Validate has any.
func (u *Upload) Marshal() ([]byte, error) {
	return marshal(make([]byte, 0, u.size()), uploadRoot, u.Characters, u)
}

// ParseUpload parses an upload. Problems are all deviations from the schema; everything that fits is parsed. The error means that
// the bytes are not an upload.
func ParseUpload(data []byte) (*Upload, schema.Problems, error) {
	var u Upload
	problems, err := schema.Decode(data, uploadRoot, &u)
	if err != nil {
		return nil, nil, err
	}
	return &u, problems.With(schema.Check(uploadRoot, gbk.GB18030, &u)), nil
}

// CheckRules implements [schema.Checker].
func (u *Upload) CheckRules(report func(string, schema.Rule, string)) {
	if u.Version != Version {
		report("@version", schema.Version, Version)
	}
	present := 0
	for element, is := range map[string]bool{"ICP": u.ICP != nil, "IP": u.IP != nil, "YM": u.Domains != nil} {
		if is {
			present++
			if len(u.Operations()) == 0 {
				report(element, schema.Missing, "an operation")
			}
		}
	}
	if present != 1 {
		report("", schema.Choice, "")
	}
}

// size estimates the length of the document, most of which is attachments.
func (u *Upload) size() int {
	size := 1 << 10
	if u.ICP == nil {
		return size
	}
	evidence := func(attachments []Attachment) {
		for i := range attachments {
			size += len(attachments[i].Content)*4/3 + 512
		}
	}
	scans := func(sites []Site) {
		for i := range sites {
			size += 2 << 10
			for _, approval := range sites[i].PreApprovals {
				for _, scan := range approval.Scans {
					size += len(scan)*4/3 + 64
				}
			}
		}
	}
	for i := range u.ICP.New {
		size += 2 << 10
		scans(u.ICP.New[i].Sites)
		for k := range u.ICP.New[i].Attachments {
			size += len(u.ICP.New[i].Attachments[k].Content)*4/3 + 512
		}
	}
	for i := range u.ICP.AddSite {
		scans(u.ICP.AddSite[i].Sites)
		evidence(u.ICP.AddSite[i].Attachments)
	}
	for i := range u.ICP.AddAccess {
		evidence(u.ICP.AddAccess[i].Attachments)
	}
	for i := range u.ICP.Change {
		evidence(u.ICP.Change[i].Attachments)
	}
	for i := range u.ICP.TaskResults {
		for _, site := range u.ICP.TaskResults[i].Filing.Sites {
			size += 2 << 10
			for _, approval := range site.PreApprovals {
				for _, scan := range approval.Scans {
					size += len(scan)*4/3 + 64
				}
			}
		}
	}
	evidence(u.ICP.Evidence)
	return size
}

// Format prints only the kind of document.
func (u Upload) Format(state fmt.State, _ rune) { redacted{"upload"}.print(state) }

// LogValue logs only the kind of document.
func (u Upload) LogValue() slog.Value { return redacted{"upload"}.log() }
