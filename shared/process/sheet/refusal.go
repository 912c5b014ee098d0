package sheet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"beian/shared/bureau/result"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// CodeResultUnknown says that a number is no result code of a refusal.
const CodeResultUnknown finding.Code = "result-code-unknown"

// Refusal returns the decision that the bureau's result codes (MIIT-IF30 6.2) and opinion make: each code's finding says to the applicant what to
// correct. Without a code, the opinion is a refusal by the bureau (1002). The findings that it returns itself are about codes that refuse no
// website's filing.
func Refusal(o filing.Order, codes []int, opinion string) (filing.RecordRefusal, finding.List) {
	d := filing.RecordRefusal{Opinion: strings.TrimSpace(opinion)}
	var wrong finding.List
	for i, number := range codes {
		code, known := result.Lookup(int64(number))
		switch {
		case !known, code.Success, code.Internal:
			wrong = append(wrong, finding.New(CodeResultUnknown, fmt.Sprintf("/codes/%d", i), "code", strconv.Itoa(number)))
		case !slices.Contains(d.Codes, number):
			d.Codes = append(d.Codes, number)
			d.Findings = append(d.Findings, code.Finding(len(o.Private.Sites)))
		}
	}
	if len(codes) == 0 && d.Opinion != "" {
		code, _ := result.Lookup(result.RefusedByBureau)
		d.Codes, d.Findings = []int{result.RefusedByBureau}, finding.List{code.Finding(len(o.Private.Sites))}
	}
	return d, wrong
}
