package reviewer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
	"beian/shared/web"
)

// A Reason is a reason not to pass an application: a code of the catalogue, a text, or a code with a text that says more.
type Reason struct {
	Pointer string       `json:"pointer" maxLength:"256" doc:"JSON pointer into the application: /subject…, /sites…, /evidence…, /product, /authenticity, /cancellation; empty for the whole" example:"/sites/0/name"`
	Code    finding.Code `json:"code,omitempty" maxLength:"64" doc:"a code of /findings"`
	Message *OwnWords    `json:"message,omitempty" doc:"text for the applicant; with a code, it follows the text of the code"`
}

// OwnWords is a text that the reviewer wrote.
type OwnWords struct {
	Chinese string `json:"zh-CN" doc:"at most 500 characters"`
	English string `json:"en,omitempty" doc:"at most 500 characters; default: the Chinese text"`
}

// Findings about a review.
const (
	CodeReviewer      finding.Code = "reviewer" // a text that the reviewer wrote
	CodeReasonCode    finding.Code = "reason-code-unknown"
	CodeReasonValues  finding.Code = "reason-code-incomplete"
	CodeReasonNothing finding.Code = "reason-code-or-message"
	CodeReasonWords   finding.Code = "reason-words"
	CodeVerdictParts  finding.Code = "verdict-with-wrong-parts"
)

const reasonLimit = 500 // characters

// reasonPlaces are the parts of an application that a reason may point into. Returning the application clears the part.
var reasonPlaces = []string{"/subject", "/sites", "/evidence", "/product", "/authenticity", "/cancellation"}

// given returns the verdict with its reasons. The error has all findings about the verdict.
func (v Verdict) given() (filing.GivenVerdict, error) {
	var found finding.List
	if v.Verdict == filing.VerdictPass && len(v.Findings) > 0 {
		found = append(found, finding.New(CodeVerdictParts, "/findings"))
	}
	if v.Verdict != filing.VerdictPass && len(v.Documents) > 0 {
		found = append(found, finding.New(CodeVerdictParts, "/documents"))
	}
	if v.Verdict != filing.VerdictPass && len(v.Overrides) > 0 {
		found = append(found, finding.New(CodeVerdictParts, "/overrides"))
	}
	var why finding.List
	for i, r := range v.Findings {
		wrong := r.check().Under(fmt.Sprintf("/findings/%d", i))
		found = append(found, wrong...)
		if len(wrong) == 0 {
			why = append(why, r.finding())
		}
	}
	return filing.GivenVerdict{Verdict: v.Verdict, Findings: why, Documents: v.Documents, Overrides: v.Overrides}, web.FaultFor(found)
}

// wrongPart returns the fault for a part that does not belong to the verdict.
func wrongPart(pointer string) error {
	return web.FaultFor(finding.List{finding.New(CodeVerdictParts, pointer)})
}

func (r Reason) check() finding.List {
	var found finding.List
	if r.Pointer != "" && (!slices.ContainsFunc(reasonPlaces, r.isUnder) || text.Normalize(r.Pointer) != r.Pointer) {
		found = append(found, finding.New(filing.CodeReasonPointer, "/pointer"))
	}
	if r.Code == "" && r.Message == nil {
		found = append(found, finding.New(CodeReasonNothing, ""))
	}
	if r.Code != "" {
		found = append(found, checkCode(r.Code)...)
	}
	if m := r.Message; m != nil {
		if text.Normalize(m.Chinese) == "" || utf8.RuneCountInString(m.Chinese) > reasonLimit {
			found = append(found, finding.New(CodeReasonWords, "/message/zh-CN"))
		}
		if utf8.RuneCountInString(m.English) > reasonLimit {
			found = append(found, finding.New(CodeReasonWords, "/message/en"))
		}
	}
	return found
}

// checkCode requires a code of the catalogue whose texts are complete. Others have placeholders, which only a check can fill.
func checkCode(code finding.Code) finding.List {
	for _, e := range finding.Catalogue() {
		switch texts := e.Message.Chinese + e.Message.English + e.Remedy.Chinese + e.Remedy.English; {
		case e.Code != code:
		case strings.Contains(texts, "{"):
			return finding.List{finding.New(CodeReasonValues, "/code")}
		default:
			return nil
		}
	}
	return finding.List{finding.New(CodeReasonCode, "/code")}
}

// isUnder reports whether the reason's pointer is the pointer place or points into it.
func (r Reason) isUnder(place string) bool {
	rest, ok := strings.CutPrefix(r.Pointer, place)
	return ok && (rest == "" || rest[0] == '/')
}

// finding converts the reason to a finding. It blocks even if the code is otherwise a warning.
func (r Reason) finding() finding.Finding {
	var chinese, english string
	if r.Message != nil {
		chinese = text.Normalize(r.Message.Chinese)
		english = cmp.Or(text.Normalize(r.Message.English), chinese)
	}
	if r.Code == "" {
		return finding.New(CodeReviewer, r.Pointer, "words", chinese, "words-en", english)
	}
	f := finding.New(r.Code, r.Pointer)
	f.Severity = finding.Block
	if chinese != "" {
		f.Message = finding.Words{Chinese: f.Message.Chinese + chinese, English: f.Message.English + " " + english}
	}
	return f
}
