package exchange

import (
	"fmt"
	"strconv"
	"strings"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/schema"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// A verdict is the bureau's decision about one record, as reported in a file.
type verdict struct {
	record  int64 // our id of the subject
	codes   []int // of refusals, or of success if there was none
	opinion string
	refused bool
	// unreadable: a code or decision cannot be read, and none that can is a refusal.
	unreadable bool
}

// verdictsOf groups results and opinions by record, in the order of the file. otherKinds counts those about other operations than a
// first filing. problems are those of the document: an unreadable Shjg is 0 like a refusal, and only its problem tells them apart.
func verdictsOf(results *document.Results, problems schema.Problems) (verdicts []verdict, otherKinds int) {
	broken := map[string]bool{}
	for _, p := range problems {
		broken[p.Path] = true
	}
	positions := map[int64]int{}
	verdictFor := func(record int64) *verdict {
		if _, ok := positions[record]; !ok {
			positions[record] = len(verdicts)
			verdicts = append(verdicts, verdict{record: record})
		}
		return &verdicts[positions[record]]
	}
	for _, r := range results.Records {
		id, err := strconv.ParseInt(strings.TrimSpace(r.Record), 10, 64)
		if err != nil || r.Operation != document.NewFilingOperation {
			otherKinds++
			continue
		}
		v := verdictFor(id)
		v.unreadable = v.unreadable || len(r.Items) == 0
		for _, item := range r.Items {
			if item.Code < 1 {
				v.unreadable = true
				continue
			}
			code, _ := result.Lookup(item.Code)
			v.refused = v.refused || !code.Success
			v.codes = append(v.codes, int(item.Code))
		}
	}
	for i, o := range results.Opinions {
		if o.Record == 0 || o.Operation != 0 && o.Operation != document.NewFilingOperation {
			otherKinds++
			continue
		}
		v := verdictFor(o.Record)
		switch {
		case broken[fmt.Sprintf("DownloadData/ICP/BAJG/GJSHS/Gjsh[%d]/Shjg", i+1)]:
			v.unreadable = true
		case o.Decision == document.Refused:
			v.refused, v.opinion = true, o.Text
		}
	}
	for i := range verdicts {
		verdicts[i].unreadable = verdicts[i].unreadable && !verdicts[i].refused
	}
	return verdicts, otherKinds
}

// uploadCodes returns the codes for uploads that the bureau could not read (5001, 5003, 5004). They name neither record nor upload.
// They are not expected, because documents are validated against the schema before they are sent.
func uploadCodes(results *document.Results) []int64 {
	var codes []int64
	for _, r := range results.Records {
		if r.Record != "" {
			continue
		}
		for _, item := range r.Items {
			if code, _ := result.Lookup(item.Code); !code.Success {
				codes = append(codes, item.Code)
			}
		}
	}
	return codes
}

// refusal returns the decision, with a finding for each code of a failure.
func (v verdict) refusal(record string, sites int) filing.Refuse {
	d := filing.Refuse{Record: record, Opinion: v.opinion}
	for _, number := range v.codes {
		code, _ := result.Lookup(int64(number))
		if code.Success {
			continue
		}
		d.Codes = append(d.Codes, number)
		d.Findings = append(d.Findings, code.Finding(sites))
	}
	if len(d.Codes) == 0 { // the bureau sent only an opinion
		code, _ := result.Lookup(result.RefusedByBureau)
		d.Codes, d.Findings = []int{result.RefusedByBureau}, finding.List{code.Finding(sites)}
	}
	return d
}
