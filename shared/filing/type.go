package filing

import "beian/shared/rules/finding"

// A Type is the kind of filing. The system determines it; nobody chooses it (icp-filing 2.1).
type Type string

const (
	First          Type = "FIRST"            // 首次备案
	AddSiteForeign Type = "ADD_SITE_FOREIGN" // 新增网站(原备案不在我处)
	AddSiteOwn     Type = "ADD_SITE_OWN"     // 新增网站(原备案在我处)
	AddAccess      Type = "ADD_ACCESS"       // 接入备案
)

// Facts are what is known of a subject and a domain when the type is determined: the ministry's answers and our own
// records. "With us" is never known from the ministry (icp-filing 2.2).
type Facts struct {
	SubjectBlacklisted bool `json:"subjectBlacklisted"`
	DomainBlacklisted  bool `json:"domainBlacklisted"`
	SubjectQueued      bool `json:"subjectQueued"` // in the bureau's queue, at any provider
	DomainQueued       bool `json:"domainQueued"`
	AccountBound       bool `json:"accountBound"` // the account has another subject already
	SubjectBound       bool `json:"subjectBound"` // another of our accounts has the subject

	SubjectFiled bool `json:"subjectFiled"`
	SubjectShell bool `json:"subjectShell"` // filed, but without any site
	SubjectKnown bool `json:"subjectKnown"` // filed through us
	DomainFiled  bool `json:"domainFiled"`
	SameSubject  bool `json:"sameSubject"` // the domain is filed under this subject
	OurAccess    bool `json:"ourAccess"`   // the domain's site has an access of ours
	// ShellMayAdd is the province's rule for shell subjects (icp-filing 2.2, row 3).
	ShellMayAdd bool `json:"shellMayAdd"`
}

// Reasons why no type can be determined.
const (
	CodeSubjectBlacklisted finding.Code = "subject-blacklisted"
	CodeDomainBlacklisted  finding.Code = "domain-blacklisted"
	CodeSubjectQueued      finding.Code = "subject-in-process"
	CodeDomainQueued       finding.Code = "domain-in-process"
	CodeAccountBound       finding.Code = "account-has-other-subject"
	CodeSubjectBound       finding.Code = "subject-has-other-account"
	CodeDomainOfOther      finding.Code = "domain-filed-by-other-subject"
	CodeShellSubject       finding.Code = "shell-subject"
	CodeNothingToFile      finding.Code = "nothing-to-file"
	CodeTypesDiffer        finding.Code = "domains-of-different-types"
	CodeTypeNotYet         finding.Code = "type-not-offered"
)

// Pointers into the document that opens an order.
const (
	pointerNumber  = "/certificate/number"
	pointerDomains = "/domains"
)

// Determine returns the type for one domain, or the findings that stand against any. Rows are those of the decision
// table in icp-filing 2.2, top-down; the blocks 0a to 0d are told together.
func Determine(f Facts) (Type, finding.List) {
	if blocks := blocked(f); len(blocks) > 0 {
		return "", blocks
	}
	add := AddSiteForeign // row 4
	if f.SubjectKnown {
		add = AddSiteOwn // row 5
	}
	switch {
	case !f.SubjectFiled && !f.DomainFiled: // row 1
		return First, nil
	case !f.SubjectFiled: // row 2
		return "", finding.List{finding.New(CodeDomainOfOther, pointerDomains)}
	case f.SubjectShell && !f.DomainFiled && !f.ShellMayAdd: // row 3
		return "", finding.List{finding.New(CodeShellSubject, pointerNumber)}
	case !f.DomainFiled: // rows 3 to 5
		return add, nil
	case !f.SameSubject: // row 9
		return "", finding.List{finding.New(CodeDomainOfOther, pointerDomains)}
	case !f.OurAccess: // rows 6 and 7
		return AddAccess, nil
	default: // row 8
		return "", finding.List{finding.New(CodeNothingToFile, pointerDomains)}
	}
}

func blocked(f Facts) finding.List {
	var found finding.List
	for _, b := range []struct {
		holds   bool
		code    finding.Code
		pointer string
	}{
		{f.SubjectBlacklisted, CodeSubjectBlacklisted, pointerNumber}, // row 0a
		{f.DomainBlacklisted, CodeDomainBlacklisted, pointerDomains},
		{f.SubjectQueued, CodeSubjectQueued, pointerNumber}, // row 0b
		{f.DomainQueued, CodeDomainQueued, pointerDomains},
		{f.AccountBound, CodeAccountBound, pointerNumber}, // row 0c
		{f.SubjectBound, CodeSubjectBound, pointerNumber}, // row 0d
	} {
		if b.holds {
			found = append(found, finding.New(b.code, b.pointer))
		}
	}
	return found
}
