// Package annualreview has the annual reviews (年度审核) of the provinces as dated data, and reads what leaders answer by SMS (icp-filing 8.4).
//
//	review, open := calendar.On("42", today)
//	answer, problem, is := annualreview.Parse("#002#鄂ICP备12345678号-1#无变化#")
//
// A review is open from a day to a day. Each site number has an answer of its own: nothing has changed, the filing was changed, or it was cancelled. A site
// without an answer is closed, and its number cancelled (TC-HB).
package annualreview

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/pattern"
	"beian/shared/rules/province"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// A Review is one annual review of a province.
type Review struct {
	Province province.Code `json:"province"`
	workday.Span
	// Numbers are those of the bureau's SMS platform, where the answer counts.
	Numbers []string `json:"numbers"`
	Source  string   `json:"source"`
}

//go:embed reviews.json
var reviewsFile []byte

var reviews = sync.OnceValue(func() []Review {
	var all []Review
	if err := strictjson.UnmarshalEmbedded(reviewsFile, &all); err != nil {
		panic(err) // excluded by this package's test
	}
	return all
})

// Reviews returns every known review.
func Reviews() []Review { return slices.Clone(reviews()) }

// A Calendar has the reviews that operators entered, because the bureau announced them after this version of Beian. Its methods add the known ones.
type Calendar []Review

// On returns the review of a province that is open on a day; false if none is known to be.
func (c Calendar) On(p province.Code, on workday.Date) (Review, bool) {
	for _, r := range slices.Concat(reviews(), c) {
		if r.Province == p && r.InForce(on) {
			return r, true
		}
	}
	return Review{}, false
}

// Next returns the review of a province that is open on a day, or opens next; false if none is known.
func (c Calendar) Next(p province.Code, on workday.Date) (next Review, known bool) {
	for _, r := range slices.Concat(reviews(), c) {
		if r.Province == p && on <= r.Until && (!known || r.From < next.From) {
			next, known = r, true
		}
	}
	return next, known
}

// A Status is an answer.
type Status string

const (
	Unchanged Status = "unchanged" // 无变化
	Updated   Status = "updated"   // 已更新: a change was filed
	Cancelled Status = "cancelled" // 已注销: the bureau cancelled it
)

// Statuses lists every status.
var Statuses = []Status{Unchanged, Updated, Cancelled}

var words = map[Status]finding.Words{
	Unchanged: {Chinese: "无变化", English: "no change"},
	Updated:   {Chinese: "已更新", English: "updated"},
	Cancelled: {Chinese: "已注销", English: "cancelled"},
}

// Words returns what a leader writes for a status.
func (s Status) Words() finding.Words { return words[s] }

// spellings are further ways in which people write a status, without spaces and in lower case.
var spellings = map[string]Status{
	"无变化": Unchanged, "無變化": Unchanged, "无变更": Unchanged, "無變更": Unchanged, "没有变化": Unchanged, "沒有變化": Unchanged, "未变化": Unchanged, "未變化": Unchanged,
	"nochange": Unchanged, "unchanged": Unchanged,
	"已更新": Updated, "更新": Updated, "已变更": Updated, "已變更": Updated, "updated": Updated,
	"已注销": Cancelled, "已註銷": Cancelled, "已註销": Cancelled, "已注銷": Cancelled, "注销": Cancelled, "註銷": Cancelled, "cancelled": Cancelled, "canceled": Cancelled,
}

// ParseStatus reads a status as people write it, in simplified or traditional characters, full-width or lower-case letters.
func ParseStatus(typed string) (Status, bool) {
	s, ok := spellings[withoutSpaces(strings.ToLower(text.NormalizeASCII(typed)))]
	return s, ok
}

func withoutSpaces(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// An Answer is what a leader wrote about one site.
type Answer struct {
	Provider string // the bureau's number of the provider. A site with several providers may have that of any of them
	Site     number.Filing
	Status   Status
}

// A Problem is why a text that is meant as an answer is none.
type Problem string

const (
	BadForm   Problem = "form"   // not #provider code#site number#status#
	BadNumber Problem = "number" // not the number of a site
	BadStatus Problem = "status" // none of the three
)

// Problems lists every problem.
var Problems = []Problem{BadForm, BadNumber, BadStatus}

// maxText is the longest text that is read, in characters.
const maxText = 200

var providerCode = pattern.New(`^[0-9A-Za-z]{1,16}$`)

// hashes are signs that people type for #, besides the full-width one.
var hashes = strings.NewReplacer("♯", "#", "井号", "#", "﹟", "#")

// Parse reads "#provider code#site number#status#", with spaces, full-width characters and lower-case letters anywhere. is reports whether the text is meant
// as an answer: it has two # at least. problem is "" if it is one.
func Parse(typed string) (a Answer, problem Problem, is bool) {
	if utf8.RuneCountInString(typed) > maxText {
		return a, "", false
	}
	normal := hashes.Replace(text.NormalizeASCII(typed))
	if strings.Count(normal, "#") < 2 {
		return a, "", false
	}
	var parts []string
	for part := range strings.SplitSeq(normal, "#") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) != 3 {
		return a, BadForm, true
	}
	a.Provider = withoutSpaces(parts[0])
	if !providerCode().MatchString(a.Provider) {
		return a, BadForm, true
	}
	var err error
	if a.Site, err = number.ParseFiling(strings.ToUpper(parts[1])); err != nil {
		return a, BadNumber, true
	}
	ok := false
	if a.Status, ok = ParseStatus(parts[2]); !ok {
		return a, BadStatus, true
	}
	return a, "", true
}

// Findings about reviews that operators enter.
const (
	CodeProvince finding.Code = "annual-review-province"
	CodeDays     finding.Code = "annual-review-days"
	CodeNumber   finding.Code = "annual-review-number"
	CodeSource   finding.Code = "annual-review-source"
	CodeOverlap  finding.Code = "annual-review-overlap"
)

// MaxDays is the longest time that a review can be open.
const MaxDays = 366

// platformNumber is a number to which an SMS can be sent.
var platformNumber = pattern.New(`^[0-9]{3,20}$`)

// Check returns what is wrong with a review that an operator enters beside the known ones and others: it may not be open on a day of another one of its province.
// One with the same province and first day is the review before it is changed.
func (r Review) Check(others Calendar) (found finding.List) {
	if !slices.ContainsFunc(province.All(), func(p province.Province) bool { return p.Code == r.Province }) {
		found = append(found, finding.New(CodeProvince, "/province"))
	}
	if r.Span.Check() != nil || r.Until == "" || r.Until > r.From.AddDays(MaxDays) {
		found = append(found, finding.New(CodeDays, "/until", "max", fmt.Sprint(MaxDays)))
	}
	for i, n := range r.Numbers {
		if !platformNumber().MatchString(n) {
			found = append(found, finding.New(CodeNumber, fmt.Sprintf("/numbers/%d", i)))
		}
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(r.Source)); n == 0 || n > maxText {
		found = append(found, finding.New(CodeSource, "/source", "max", fmt.Sprint(maxText)))
	}
	others = slices.DeleteFunc(slices.Clone(others), func(o Review) bool { return o.Province == r.Province && o.From == r.From })
	for _, o := range slices.Concat(reviews(), others) {
		if o.Province == r.Province && o.From <= r.Until && r.From <= o.Until {
			return append(found, finding.New(CodeOverlap, "/until", "from", string(o.From), "until", string(o.Until)))
		}
	}
	return found
}

// Example returns the text that a leader sends about a site.
func Example(site string, s Status) string {
	return fmt.Sprintf("#接入商编号#%s#%s#", site, s.Words().Chinese)
}
