package exchange

import (
	"fmt"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/schema"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// A verdict is the bureau's decision about one record, as reported in a file.
type verdict struct {
	operation int64
	name      document.RecordName // by which the results name the record
	codes     []int               // of refusals, or of success if there was none
	opinion   string
	refused   bool
	approved  bool // an opinion or the result 1001 says so
	stored    bool // the result 1060 says so
	// unreadable: a code or decision cannot be read, and none that can is a refusal.
	unreadable bool
}

// verdictsOf groups results and opinions by record, in the order of the file. A result and an opinion may use different names of one record; they
// are then two verdicts. nameless counts those that name no record. problems are those of the document: an unreadable Shjg is 0 like a refusal, and only its problem tells them apart.
func verdictsOf(results *document.Results, problems schema.Problems) (verdicts []verdict, nameless int) {
	broken := map[string]bool{}
	for _, p := range problems {
		broken[p.Path] = true
	}
	positions := map[document.RecordName]int{}
	verdictFor := func(operation int64, name document.RecordName) *verdict {
		if _, ok := positions[name]; !ok {
			positions[name] = len(verdicts)
			verdicts = append(verdicts, verdict{operation: operation, name: name})
		}
		return &verdicts[positions[name]]
	}
	for _, r := range results.Records {
		if r.Record == "" || r.Operation == 0 {
			nameless++
			continue
		}
		v := verdictFor(r.Operation, document.NameOf(r.Operation, r.Record))
		v.unreadable = v.unreadable || len(r.Items) == 0
		for _, item := range r.Items {
			if item.Code < 1 {
				v.unreadable = true
				continue
			}
			code, _ := result.Lookup(item.Code)
			v.refused = v.refused || !code.Success
			v.approved = v.approved || item.Code == result.Approved
			v.stored = v.stored || item.Code == result.EvidenceStored
			v.codes = append(v.codes, int(item.Code))
		}
	}
	for i, o := range results.Opinions {
		if o.Record == 0 {
			nameless++
			continue
		}
		v := verdictFor(o.Operation, o.RecordName())
		switch {
		case broken[fmt.Sprintf("DownloadData/ICP/BAJG/GJSHS/Gjsh[%d]/Shjg", i+1)]:
			v.unreadable = true
		case o.Decision == document.Refused:
			v.refused, v.opinion = true, o.Text
		case o.Decision == document.Approved:
			v.approved = true
		}
	}
	for i := range verdicts {
		verdicts[i].unreadable = verdicts[i].unreadable && !verdicts[i].refused
	}
	return verdicts, nameless
}

// mergeVerdicts merges the verdicts about one record: a result and an opinion may use different names of it. record returns what a name means, false if
// it is not ours.
func mergeVerdicts(verdicts []verdict, record func(document.RecordName) (Record, bool, error)) ([]verdict, error) {
	var merged []verdict
	positions := map[Record]int{}
	for _, v := range verdicts {
		its, known, err := record(v.name)
		if err != nil {
			return nil, err
		}
		i, repeated := positions[its]
		if !known || !repeated {
			positions[its] = len(merged)
			merged = append(merged, v)
			continue
		}
		one := &merged[i]
		one.codes, one.opinion = append(one.codes, v.codes...), one.opinion+v.opinion
		one.refused, one.approved, one.stored, one.unreadable = one.refused || v.refused, one.approved || v.approved, one.stored || v.stored, one.unreadable || v.unreadable
	}
	for i := range merged {
		merged[i].unreadable = merged[i].unreadable && !merged[i].refused
	}
	return merged, nil
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
