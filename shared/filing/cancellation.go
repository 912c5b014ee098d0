package filing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"beian/shared/filing/register"
	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/text"
)

// What prevents a cancellation.
const (
	CodeCancelNotOurs      finding.Code = "cancellation-not-ours"       // results 1047 and 1048
	CodeCancelShell        finding.Code = "cancellation-of-shell"       // icp-filing 8.5
	CodeCancelOnlyAccess   finding.Code = "cancellation-of-only-access" // result 1025
	CodeCancelOneSite      finding.Code = "cancellation-one-site"
	CodeCancelWholeSubject finding.Code = "cancellation-of-whole-subject"
)

// Consequences of a cancellation, which the applicant confirms one by one, except CodeEndsAccess.
const (
	CodeEndsSubject     finding.Code = "ends-subject-number"
	CodeEndsAllSites    finding.Code = "ends-all-sites"
	CodeEndsSite        finding.Code = "ends-site-number"
	CodeEndsLastSite    finding.Code = "ends-last-site"
	CodeEndsOnlyAccess  finding.Code = "ends-only-access"
	CodeEndsOtherAccess finding.Code = "ends-access-of-others"
	CodeEndsSlot        finding.Code = "ends-without-refund"
	CodeEndsAccess      finding.Code = "ends-our-access"
)

// What is wrong with the request of a cancellation.
const (
	CodeCancelReason      finding.Code = "cancellation-reason-unknown"
	CodeCancelRemark      finding.Code = "cancellation-remark-too-long"
	CodeCancelUnconfirmed finding.Code = "cancellation-unconfirmed"
	CodeCancelConfirmed   finding.Code = "cancellation-confirms-other"
)

// CancelRemarkLimit is the maximum length of the remark to a reason, in characters (MIIT-IF30 10.5).
const CancelRemarkLimit = 1000

// An OnlyAccess is the provider's setting for the cancellation of a site's only access. The ministry's interface refuses it (1025); later pages
// of providers allow it, and the site becomes a shell (icp-filing 9.2 #22).
type OnlyAccess string

const (
	WarnOnlyAccess   OnlyAccess = "warn" // the default: the applicant confirms that the site becomes a shell
	RefuseOnlyAccess OnlyAccess = "refuse"
)

// Known reports whether the setting exists; "" is WarnOnlyAccess.
func (s OnlyAccess) Known() bool { return s == "" || s == WarnOnlyAccess || s == RefuseOnlyAccess }

// A Cancellation is what an order ends.
type Cancellation struct {
	Part       register.Part `json:"part"`
	MinistryID string        `json:"ministryId"` // of the part
	Number     string        `json:"number"`     // of the subject or of the site
	Reason     int64         `json:"reason"`     // of the ministry's table
	// ReasonWords are what the reason meant when the applicant chose it.
	ReasonWords finding.Words  `json:"reasonWords"`
	Confirmed   []finding.Code `json:"confirmed"` // the consequences that the applicant confirmed
	ConfirmedAt time.Time      `json:"confirmedAt"`
	// OnlyAccess is the provider's setting at the opening.
	OnlyAccess OnlyAccess `json:"onlyAccess,omitempty"`
}

// A CancellationInput is the applicant's request to end a part of a filing.
type CancellationInput struct {
	Reason    int64
	Remark    string
	Confirmed []finding.Code
	// OnlyAccess is the provider's setting; "" is WarnOnlyAccess.
	OnlyAccess OnlyAccess
}

// Consequences returns what an order of a kind that ends something would mean for a filing: findings that block if it is not possible, else
// warnings, each of which the applicant has to confirm. Site is the index of the site; it has no meaning for the whole subject. Findings about
// the site have the pointer /site.
func Consequences(k Kind, f register.Filing, site int, setting OnlyAccess) finding.List {
	if k.Cancels == register.SubjectPart {
		return AtFilingInput{Filing: f}.fitWords(subjectConsequences(f))
	}
	s := f.Sites[site]
	_, ours := s.OurAccess()
	about := []string{"number", s.Number.String()}
	at := func(code finding.Code) finding.Finding { return finding.New(code, "/site", about...) }
	only := len(s.Accesses) == 1
	switch {
	case !ours:
		return finding.List{at(CodeCancelNotOurs)}
	case k.Cancels == register.AccessPart && only && setting == RefuseOnlyAccess:
		return finding.List{at(CodeCancelOnlyAccess)}
	}
	var found finding.List
	switch {
	case k.Cancels == register.AccessPart && only:
		found = append(found, at(CodeEndsOnlyAccess))
	case k.Cancels == register.AccessPart:
		found = append(found, at(CodeEndsAccess))
	default:
		found = append(found, at(CodeEndsSite))
		if !only {
			found = append(found, at(CodeEndsOtherAccess))
		}
		if len(f.Sites) == 1 {
			found = append(found, finding.New(CodeEndsLastSite, "/site", "number", f.Number.String()))
		}
	}
	return append(found, finding.New(CodeEndsSlot, "/site"))
}

func subjectConsequences(f register.Filing) finding.List {
	ours, others := false, false
	var numbers []string
	for _, s := range f.Sites {
		_, is := s.OurAccess()
		ours, others = ours || is, others || !is || len(s.Accesses) > 1
		numbers = append(numbers, s.Number.String())
	}
	own := f.Number.String()
	switch {
	case len(f.Sites) == 0:
		return finding.List{finding.New(CodeCancelShell, "", "number", own)}
	case !ours:
		return finding.List{finding.New(CodeCancelNotOurs, "", "number", own)}
	}
	found := finding.List{finding.New(CodeEndsSubject, "", "number", own),
		finding.New(CodeEndsAllSites, "", "count", strconv.Itoa(len(numbers)), "numbers", strings.Join(numbers, "、"), "numbers-en", strings.Join(numbers, ", "))}
	if others {
		found = append(found, finding.New(CodeEndsOtherAccess, "", "number", own))
	}
	return append(found, finding.New(CodeEndsSlot, ""))
}

// checkCancellation returns the findings on the request to end a part of the filing.
func (n AtFilingInput) checkCancellation(k Kind, tables codes.Tables, readable gbk.Repertoire) finding.List {
	found := append(checkReason(tables, n.Cancellation.Reason), checkCancelRemark(readable, n.Cancellation.Remark)...)
	site := 0
	switch {
	case k.Cancels == register.SubjectPart && len(n.Sites) > 0:
		return append(found, finding.New(CodeCancelWholeSubject, "/site"))
	case k.Cancels != register.SubjectPart && len(n.Sites) != 1:
		return append(found, finding.New(CodeCancelOneSite, "/site"))
	case k.Cancels != register.SubjectPart:
		if site = n.Sites[0]; site < 0 || site >= len(n.Filing.Sites) {
			return append(found, finding.New(CodeFilingSiteUnknown, "/site"))
		}
	}
	consequences := Consequences(k, n.Filing, site, n.Cancellation.OnlyAccess)
	if consequences.Blocking() {
		return append(found, consequences...)
	}
	for _, c := range consequences {
		if c.Severity == finding.Warn && !slices.Contains(n.Cancellation.Confirmed, c.Code) {
			found = append(found, finding.New(CodeCancelUnconfirmed, "/confirmed", "code", string(c.Code), "what", c.Message.Chinese, "what-en", c.Message.English))
		}
	}
	for i, code := range n.Cancellation.Confirmed {
		if !consequences.Has(code) {
			found = append(found, finding.New(CodeCancelConfirmed, fmt.Sprintf("/confirmed/%d", i)))
		}
	}
	return found
}

// checkReason returns the finding about a reason that the ministry's table does not have in force.
func checkReason(tables codes.Tables, reason int64) finding.List {
	if !tables.Knows(codes.CancellationReasons, reason) {
		return finding.List{finding.New(CodeCancelReason, "/reason")}
	}
	return tables.CheckWithdrawn(codes.CancellationReasons, reason).Under("/reason")
}

func checkCancelRemark(readable gbk.Repertoire, remark string) finding.List {
	found := checkCharacters(readable, remark, "/remark")
	if utf8.RuneCountInString(text.Normalize(remark)) > CancelRemarkLimit {
		found = append(found, finding.New(CodeCancelRemark, "/remark", "max", strconv.Itoa(CancelRemarkLimit)))
	}
	return found
}

// setCancellation stores what the order ends. The request must have passed the checks.
func (c *Change) setCancellation(k Kind, n AtFilingInput, tables codes.Tables, at time.Time) {
	o := &c.Order
	ends := Cancellation{Part: k.Cancels, MinistryID: n.Filing.MinistryID, Number: n.Filing.Number.String(), Confirmed: slices.Clone(n.Cancellation.Confirmed), ConfirmedAt: at, OnlyAccess: n.Cancellation.OnlyAccess}
	if k.Cancels != register.SubjectPart {
		site := n.Filing.Sites[n.Sites[0]]
		access, _ := site.OurAccess()
		ends.MinistryID, ends.Number = site.MinistryID, site.Number.String()
		if k.Cancels == register.AccessPart {
			ends.MinistryID = access.MinistryID
		}
	}
	slices.Sort(ends.Confirmed)
	ends.Confirmed = slices.Compact(ends.Confirmed)
	o.Cancellation = &ends
	c.setReason(n.Cancellation.Reason, n.Cancellation.Remark, tables)
	c.setFact("cancels", ends.Number)
	c.setFact("confirmed", fmt.Sprint(ends.Confirmed))
}

func (c *Change) setReason(reason int64, remark string, tables codes.Tables) {
	o := &c.Order
	o.Cancellation.Reason, o.Cancellation.ReasonWords = reason, tables.Words(codes.CancellationReasons, reason)
	o.Private.CancellationRemark = text.Normalize(remark)
	c.setFact("reason", strconv.FormatInt(reason, 10))
}

// EnterReason changes the reason of a cancellation, and the remark to it, before the applicant submits the order.
type EnterReason struct {
	Reason int64
	Remark string
}

func (EnterReason) Name() string { return "enter-reason" }

func (d EnterReason) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(AwaitConfirmation); err != nil {
		return err
	}
	if o.Cancellation == nil {
		return errOutOfOrder()
	}
	if err := blockingFault(append(checkReason(o.Codes, d.Reason), checkCancelRemark(o.Characters, d.Remark)...)); err != nil {
		return err
	}
	if o.Cancellation.Reason == d.Reason && o.Private.CancellationRemark == text.Normalize(d.Remark) {
		return ErrNothingToDo
	}
	c.setReason(d.Reason, d.Remark, o.Codes)
	o.Private.Findings, o.Confirmation = nil, nil
	return nil
}
