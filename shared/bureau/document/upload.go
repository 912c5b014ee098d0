package document

import (
	"fmt"
	"log/slog"

	"beian/shared/bureau/schema"
	"beian/shared/rules/gbk"
)

// An Upload is a document that a provider sends: records of one operation.
type Upload struct {
	Version string    `wire:"@version"`
	ICP     ICPUpload `wire:"ICP all"`
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
	TaskResults []TaskResult         `wire:"HSJG?/Hsjgxx{1,1000}"`
	Unfiled     []UnfiledSiteHandled `wire:"WBACLJG?/Clxx{1,1000}"`
	Evidence    []Attachment         `wire:"XZHYD?/Fjxx{1,1000}"`
	// Provider is the reporting unit, which must be the caller (5003).
	Provider int64 `wire:"Qqdwid L[1..]"`
}

// NewUpload returns an upload of a provider, without records.
func NewUpload(provider int64) Upload {
	return Upload{Version: Version, ICP: ICPUpload{Provider: provider}}
}

// Operations returns the element names of the operations with records.
func (u *Upload) Operations() []string {
	var held []string
	for _, operation := range []struct {
		name  string
		count int
	}{
		{"XZBA", len(u.ICP.New)},
		{"XZWZ", len(u.ICP.AddSite)},
		{"XZJR", len(u.ICP.AddAccess)},
		{"BGBA", len(u.ICP.Change)},
		{"ZXBA", len(u.ICP.Cancel)},
		{"HSJG", len(u.ICP.TaskResults)},
		{"WBACLJG", len(u.ICP.Unfiled)},
		{"XZHYD", len(u.ICP.Evidence)},
	} {
		if operation.count > 0 {
			held = append(held, operation.name)
		}
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
	if len(u.Operations()) == 0 {
		report("ICP", schema.Missing, "an operation")
	}
}

// size estimates the length of the document, most of which is attachments.
func (u *Upload) size() int {
	size := 1 << 10
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
	evidence(u.ICP.Evidence)
	return size
}

// Format prints only the kind of document.
func (u Upload) Format(state fmt.State, _ rune) { redacted{"upload"}.print(state) }

// LogValue logs only the kind of document.
func (u Upload) LogValue() slog.Value { return redacted{"upload"}.log() }
