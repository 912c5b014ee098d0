package filing

import (
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// A Type is the name of a [Kind] of application (icp-filing 2.1).
type Type string

// The system determines these from subject and domains. The applicant chooses the others at a filing.
const (
	First          Type = "FIRST"            // 首次备案
	AddSiteForeign Type = "ADD_SITE_FOREIGN" // 新增网站(原备案不在我处)
	AddSiteOwn     Type = "ADD_SITE_OWN"     // 新增网站(原备案在我处)
	AddAccess      Type = "ADD_ACCESS"       // 接入备案, of a site in our register
	// AddAccessForeign is an access of a site that our register does not have: its data are entered.
	AddAccessForeign Type = "ADD_ACCESS_FOREIGN"

	ChangeFiling  Type = "CHANGE"         // 变更备案
	CancelAccess  Type = "CANCEL_ACCESS"  // 取消接入
	CancelSubject Type = "CANCEL_SUBJECT" // 注销主体
	CancelSite    Type = "CANCEL_SITE"    // 注销网站

	SubmitEvidence Type = "SUBMIT_EVIDENCE" // 单独提交核验材料电子件
)

// Facts describe a subject and a domain for the determination of the type.
//
// The ministry's query answers only "filed" or "not filed", with the numbers (MIIT-IF30 5.5). Our own records say whether the
// filing is through us. No query tells whether a filed subject has no site: only the register has it, of subjects filed through us. No query
// tells whether an application is in the bureau's queue, so row 0b of the decision table (icp-filing 2.2) has no facts. The locks on subject and
// domains refuse a second application through us; the bureau refuses one at another provider (results 1003, 1005, 1052).
type Facts struct {
	SubjectBlacklisted bool `json:"subjectBlacklisted"`
	DomainBlacklisted  bool `json:"domainBlacklisted"`
	AccountBound       bool `json:"accountBound"` // the account has another subject
	SubjectBound       bool `json:"subjectBound"` // another of our accounts has the subject
	// SubjectUnclaimed says that the register has the subject, and no account has it: it was imported, or an agency filed it.
	SubjectUnclaimed bool `json:"subjectUnclaimed,omitempty"`

	SubjectFiled bool `json:"subjectFiled"`
	SubjectKnown bool `json:"subjectKnown"`           // filed through us, by an account
	SubjectShell bool `json:"subjectShell,omitempty"` // the register has no site of the subject
	// SubjectUnasked says that the ministry's query does not have the subject's kind of certificate, so that SubjectFiled covers only
	// what is filed through us.
	SubjectUnasked bool `json:"subjectUnasked,omitempty"`
	// Unasked says that the ministry was not asked at all, because the provider has no link to the bureau.
	Unasked     bool `json:"unasked,omitempty"`
	DomainFiled bool `json:"domainFiled"`
	SameSubject bool `json:"sameSubject"` // the domain is filed under this subject
	OurAccess   bool `json:"ourAccess"`   // the domain's site is hosted by us

	// Declared says that the applicant declared the site's number, because the ministry was not asked.
	Declared bool `json:"declared,omitempty"`

	// SubjectNumber and SiteNumber are the numbers of the subject, and of the domain's site, that the ministry's query answers; "" if it has none.
	SubjectNumber string `json:"subjectNumber,omitempty"`
	SiteNumber    string `json:"siteNumber,omitempty"`
}

// Reasons why no type can be determined.
const (
	CodeSubjectBlacklisted finding.Code = "subject-blacklisted"
	CodeDomainBlacklisted               = domainfacts.CodeBlacklisted
	CodeAccountBound       finding.Code = "account-has-other-subject"
	CodeSubjectBound       finding.Code = "subject-has-other-account"
	CodeToBeClaimed        finding.Code = "filing-to-be-claimed"
	CodeDomainOfOther      finding.Code = "domain-filed-by-other-subject"
	CodeDomainHolder       finding.Code = "domain-holder-unknown"
	CodeNothingToFile      finding.Code = "nothing-to-file"
	CodeTypesDiffer        finding.Code = "domains-of-different-types"
	CodeShell              finding.Code = "subject-without-site"
)

// CodeShellUnsure warns that no source says whether the province's bureau takes a new site of a subject without sites.
const CodeShellUnsure finding.Code = "subject-without-site-unsure"

// Pointers into the document that opens an order.
const (
	pointerNumber  = "/certificate/number"
	pointerDomains = "/domains"

	pointerFilingNumber    = "/filingNumber"
	pointerSiteNumberFiled = "/siteNumber"
)

// Determine returns the type for one domain, or the findings that rule out every type. It evaluates the rows of the decision
// table in icp-filing 2.2 from the top, and reports all blocking findings of rows 0a, 0c and 0d together. shell is what the province asks of a
// subject without sites; a warning comes with the type if that is not known.
func Determine(f Facts, shell province.ShellPolicy) (Type, finding.List) {
	if blocks := blockingFindings(f); len(blocks) > 0 {
		return "", blocks
	}
	add := AddSiteForeign // row 4
	if f.SubjectKnown {
		add = AddSiteOwn // row 5
	}
	switch {
	case !f.SubjectFiled && !f.DomainFiled: // row 1
		return First, nil
	case f.DomainFiled && !f.SameSubject && f.SubjectUnasked && !f.OurAccess: // rows 2 and 6 to 9: nobody says whose domain it is
		return "", finding.List{finding.New(CodeDomainHolder, pointerDomains)}
	case !f.SubjectFiled: // row 2
		return "", finding.List{finding.New(CodeDomainOfOther, pointerDomains)}
	case f.SubjectShell && !f.DomainFiled && shell == province.ShellCancelFirst: // row 3
		return "", finding.List{finding.New(CodeShell, pointerNumber)}
	case f.SubjectShell && !f.DomainFiled && shell == province.ShellUnknown:
		return add, finding.List{finding.New(CodeShellUnsure, pointerNumber)}
	case !f.DomainFiled: // rows 3 to 5
		return add, nil
	case !f.SameSubject: // row 9
		return "", finding.List{finding.New(CodeDomainOfOther, pointerDomains)}
	case !f.OurAccess && !f.SubjectKnown: // row 6
		return AddAccessForeign, nil
	case !f.OurAccess: // row 7
		return AddAccess, nil
	default: // row 8
		return "", finding.List{finding.New(CodeNothingToFile, pointerDomains)}
	}
}

func blockingFindings(f Facts) finding.List {
	var found finding.List
	for _, b := range []struct {
		holds   bool
		code    finding.Code
		pointer string
	}{
		{f.SubjectBlacklisted, CodeSubjectBlacklisted, pointerNumber}, // row 0a
		{f.DomainBlacklisted, CodeDomainBlacklisted, pointerDomains},
		{f.AccountBound, CodeAccountBound, pointerNumber}, // row 0c
		{f.SubjectBound, CodeSubjectBound, pointerNumber}, // row 0d
		{f.SubjectUnclaimed, CodeToBeClaimed, pointerNumber},
	} {
		if b.holds {
			found = append(found, finding.New(b.code, b.pointer))
		}
	}
	return found
}
