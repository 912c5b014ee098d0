package reviewer

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"beian/shared/process/coaching"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// Reasons that only a person can find.
const (
	CodePaperNotLegible   finding.Code = "paper-not-legible"
	CodePaperCutOff       finding.Code = "paper-cut-off"
	CodePaperOfOtherKind  finding.Code = "paper-of-another-kind"
	CodePaperNotOriginal  finding.Code = "paper-not-of-original"
	CodePaperNotSigned    finding.Code = "paper-not-signed"
	CodePaperDiffers      finding.Code = "paper-differs-from-details"
	CodeDiffers           finding.Code = "details-differ-from-certificate"
	CodeSiteNameUnfitting finding.Code = "site-name-not-of-content"
	CodeSiteRemarkVague   finding.Code = "site-remark-vague"
	CodePhoneNotReached   finding.Code = "phone-not-reached"
)

// A fieldReasons binds reasons of the catalogue to the fields that a pattern of JSON pointers matches, in which * is one token.
type fieldReasons struct {
	pattern string
	codes   []string // codes, or beginnings of codes that end with *
}

var (
	certificateReasons = []string{"details-differ-from-certificate", "certificate-number-missing", "certificate-expired", "certificate-expiring", "certificate-not-yet-valid", "certificate-validity-*", "certificate-kind-*",
		"resident-id-*", "unified-code-*", "organisation-code-*", "licence-number-*", "hk-macau-permit-format", "taiwan-permit-format", "passport-format", "permanent-resident-id-*", "residence-permit-region",
		"certificate-number-of-two-names"}
	mobileReasons    = []string{"phone-not-reached", "mobile-missing", "mobile-format", "mobile-shared-by-leaders", "phone-service-number", "phone-of-other-subject"}
	phoneReasons     = []string{"phone-missing", "phone-format", "phone-area-code", "phone-length", "phone-landline-required", "office-phone-*", "phone-not-reached"}
	emergencyReasons = []string{"phone-missing", "phone-format", "emergency-phone-*", "phone-not-reached"}
	emailReasons     = []string{"email-missing", "email-format", "email-length", "email-shared-by-leaders", "email-of-other-subject"}
	leaderReasons    = []string{"details-differ-from-certificate", "person-name-*", "leader-of-other-subject", "name-of-two-certificate-numbers"}
)

// reasonsOfFields are the reasons for each field; those that only a person can find come first. A code whose texts have placeholders is left out: only a check can fill them.
var reasonsOfFields = []fieldReasons{
	{"/subject/name", []string{"details-differ-from-certificate", "subject-name-missing", "person-name-characters", "filed-under-other-name"}},
	{"/subject/certificate", certificateReasons},
	{"/subject/certificateAddress", []string{"details-differ-from-certificate"}},
	{"/subject/division", []string{"place-*"}},
	{"/subject/address", []string{"address-*"}},
	{"/subject/investor", []string{"investor-missing"}},
	{"/subject/remark", []string{"sole-trader-remark-missing"}},
	{"/subject/leader/name", leaderReasons},
	{"/subject/leader/certificate", certificateReasons},
	{"/subject/leader/mobile", mobileReasons},
	{"/subject/leader/officePhone", phoneReasons},
	{"/subject/leader/emergencyPhone", emergencyReasons},
	{"/subject/leader/email", emailReasons},
	{"/sites/*/name", []string{"site-name-not-of-content", "site-name-*", "app-name-not-distinctive"}},
	{"/sites/*/domains", []string{"domains-not-covered", "site-domain-missing", "domain-holder-unknown", "domain-is-ip", "domain-below-government"}},
	{"/sites/*/app", []string{"app-data-missing", "app-platform-*", "app-package-malformed", "mini-program-id-malformed", "app-public-key-*", "app-fingerprint-missing", "app-host-*"}},
	{"/sites/*/homeUrl", []string{"home-url-*"}},
	{"/sites/*/serviceContent", []string{"service-content-*"}},
	{"/sites/*/languages", []string{"site-language-unknown"}},
	{"/sites/*/preApprovals", []string{"pre-approval-*"}},
	{"/sites/*/leader/name", leaderReasons},
	{"/sites/*/leader/certificate", certificateReasons},
	{"/sites/*/leader/mobile", mobileReasons},
	{"/sites/*/leader/officePhone", phoneReasons},
	{"/sites/*/leader/emergencyPhone", emergencyReasons},
	{"/sites/*/leader/email", emailReasons},
	{"/sites/*/remark", []string{"site-remark-vague"}},
	{"/evidence/*", []string{"paper-*", "evidence-unreadable", "evidence-not-in-colour", "evidence-cannot-be-small", "certificate-expired", "form-of-another-order", "form-of-older-template", "form-details-changed",
		"form-code-not-found", "certificate-uploaded-before-correction"}},
	{"/product", []string{"server-*"}},
	{"/authenticity", []string{"liveness-face-mismatch", "liveness-not-one-face", "liveness-poor-light"}},
	{"/cancellation", []string{"cancellation-reason-unknown"}},
}

// A BoundReason is a reason of the catalogue that can be given for a field.
type BoundReason struct {
	Code    finding.Code  `json:"code"`
	Message finding.Words `json:"message" doc:"what the applicant reads"`
	Remedy  finding.Words `json:"remedy" doc:"how to fix it, which the applicant reads, too"`
	Fields  []string      `json:"fields" nullable:"false" doc:"patterns of JSON pointers, in which * is one token" example:"[\"/sites/*/name\"]"`
	Used    int           `json:"used" doc:"for how many verdicts it was given by this provider's reviewers in this month and the two before"`
}

type reasonsInput struct {
	Pointer string `query:"pointer" maxLength:"256" doc:"JSON pointer of a field or a part of the application; absent: all" example:"/sites/0/name"`
}

type reasonsOutput struct {
	Body struct {
		Items []BoundReason `json:"items" nullable:"false" doc:"those that are given most often first"`
	}
}

// registerReasons registers the list of reasons.
func (a operations) registerReasons() {
	var use reasonUse
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "GET /review/reasons", Tag: "Review", Summary: "List the reasons of the catalogue for a field, the most frequent first",
		Description: "Give one with its code in POST /orders/{id}/review. Codes whose texts need a value are left out. How often a reason was given may be ten minutes old."},
		func(ctx context.Context, _ *web.Call, in *reasonsInput) (*reasonsOutput, error) {
			used, err := use.read(ctx, a.config.Store, a.Decisions.Now())
			if err != nil {
				return nil, err
			}
			out := &reasonsOutput{}
			out.Body.Items = reasonsAt(in.Pointer)
			for i, r := range out.Body.Items {
				out.Body.Items[i].Used = used[r.Code]
			}
			slices.SortStableFunc(out.Body.Items, func(x, y BoundReason) int { return y.Used - x.Used })
			return out, nil
		})
}

// reasonsAt returns the reasons for the fields at, above or below a pointer; for "" those for all fields.
func reasonsAt(pointer string) []BoundReason {
	items := []BoundReason{}
	for _, f := range reasonsOfFields {
		if !meets(f.pattern, pointer) {
			continue
		}
		for _, code := range f.codes {
			for _, e := range usableEntries() {
				if fits(code, e.Code) {
					items = bind(items, e, f.pattern)
				}
			}
		}
	}
	return items
}

// bind adds a reason for the fields of a pattern to a list. A reason of the list gets the pattern once.
func bind(items []BoundReason, e finding.Entry, pattern string) []BoundReason {
	i := slices.IndexFunc(items, func(r BoundReason) bool { return r.Code == e.Code })
	if i < 0 {
		return append(items, BoundReason{Code: e.Code, Message: e.Message, Remedy: e.Remedy, Fields: []string{pattern}})
	}
	if !slices.Contains(items[i].Fields, pattern) {
		items[i].Fields = append(items[i].Fields, pattern)
	}
	return items
}

// usableEntries are the entries of the catalogue whose texts are complete.
var usableEntries = sync.OnceValue(func() []finding.Entry {
	return slices.DeleteFunc(finding.Catalogue(), func(e finding.Entry) bool { return len(checkCode(e.Code)) > 0 })
})

// fits reports whether a code is the given one, or begins as a given beginning.
func fits(given string, code finding.Code) bool {
	if begin, ok := strings.CutSuffix(given, "*"); ok {
		return strings.HasPrefix(string(code), begin)
	}
	return given == string(code)
}

// meets reports whether a pointer is one that the pattern matches, or lies above or below such a one.
func meets(pattern, pointer string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(pointer, "/")
	for i := range min(len(want), len(got)) {
		if want[i] != "*" && want[i] != got[i] {
			return false
		}
	}
	return true
}

// useAge is how old the numbers of use may be.
const useAge = 10 * time.Minute

// reasonUse has how often each reason was given in the last months, as it was read last. The zero value has none.
type reasonUse struct {
	mu    sync.Mutex
	used  map[finding.Code]int
	until time.Time
}

func (u *reasonUse) read(ctx context.Context, s coaching.Store, now time.Time) (map[finding.Code]int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if now.Before(u.until) && u.until.Sub(now) <= useAge {
		return u.used, nil
	}
	month := coaching.MonthOf(now)
	counts, _, err := coaching.Of(ctx, s, month.Before(2), month, "")
	if err != nil {
		return nil, err
	}
	u.used, u.until = counts.Reasons, now.Add(useAge)
	return u.used, nil
}
