package exchange

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/filing"
	"beian/shared/process/envelope"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// act does what a file asks for. Doing it again has no further effect. The cause is why something in the file could not
// be made use of, "" if all could; an error is one that passes.
//
// Filed data come before results: when a file, against all custom, holds a refusal and the filing of the same record,
// the numbers that were given out count.
func (r *run) act(ctx context.Context, file Received, d *bureau.Delivery) (cause string, err error) {
	icp := d.Document.ICP
	switch {
	case d.Document.Codes != nil:
		return "", r.issue(ctx, file, "JCDM", 1)
	case icp == nil:
		return "none of the documents that are read here", nil
	}
	var causes []string
	for _, filed := range icp.Filed {
		why, err := r.filed(ctx, file, filed)
		if err != nil {
			return "", err
		}
		if why != "" {
			causes = append(causes, why)
		}
	}
	if icp.Results != nil {
		if err := r.results(ctx, file, icp.Results); err != nil {
			return "", err
		}
	}
	if icp.Blacklist != nil {
		if err := r.blacklist(ctx, file, icp.Blacklist); err != nil {
			return "", err
		}
	}
	for kind, count := range map[string]int{
		"HSRW": len(icp.Tasks), "XGTZ": len(icp.Notices), "WBAWZLB": len(icp.Unfiled), "FFJRHMD": len(icp.IllegalAccess),
		"ZXSJ": len(icp.Cancelled), "HCJG": audits(icp.Audit),
	} {
		if count == 0 {
			continue
		}
		if err := r.issue(ctx, file, kind, count); err != nil {
			return "", err
		}
	}
	return strings.Join(causes, "; "), nil
}

func audits(a *document.Audit) int {
	if a == nil {
		return 0
	}
	return len(a.Subjects) + len(a.Accesses) + len(a.Shells) + len(a.Sites)
}

// issue keeps for the operator that a file holds something to be looked at.
func (r *run) issue(ctx context.Context, file Received, kind string, count int) error {
	return r.Store.PutIssue(ctx, r.Link, Issue{Kind: kind, File: file.ID, Count: count, At: r.Now()})
}

// unmatched keeps an answer that nothing waits for: about a record that is not ours, or about an order that has moved on.
func (r *run) unmatched(ctx context.Context, file Received, why string, attrs ...any) error {
	r.report.Unmatched++
	r.Log.WarnContext(ctx, why, append([]any{"link", r.Link, "file", file.ID}, attrs...)...)
	return r.issue(ctx, file, "BAJG", 1)
}

// orderOf finds the order that one of our numbers stands for; false if there is none, or no longer.
func (r *run) orderOf(ctx context.Context, id int64) (filing.Order, string, bool, error) {
	record, known, err := r.recordOf(ctx, id)
	if err != nil || !known {
		return filing.Order{}, "", false, err
	}
	if err := r.landedBy(ctx, record); err != nil {
		return filing.Order{}, "", false, err
	}
	order, err := r.Decisions.Order(ctx, record.Order)
	if errors.Is(err, envelope.ErrTampered) {
		r.alarm(ctx, "an order that the bureau answers about cannot be read", "order", record.Order)
	}
	if fault.KindOf(err) == fault.NotFound || errors.Is(err, envelope.ErrTampered) {
		return filing.Order{}, "", false, nil
	}
	return order, fmt.Sprintf("%s-%d", record.Order, record.Round), err == nil, err
}

// filed approves the order that a filing (BASJ) is about.
func (r *run) filed(ctx context.Context, file Received, f document.FiledData) (cause string, err error) {
	ids := []int64{f.Subject.ID}
	for _, s := range f.Sites {
		ids = append(ids, s.ID)
	}
	for _, id := range ids {
		if id == 0 {
			continue
		}
		order, record, known, err := r.orderOf(ctx, id)
		if err != nil {
			return "", err
		}
		if known {
			return r.approve(ctx, file, order, record, f)
		}
	}
	return "", r.unmatched(ctx, file, "a filing is about no order of ours", "record", f.Subject.ID)
}

func (r *run) approve(ctx context.Context, file Received, o filing.Order, record string, f document.FiledData) (string, error) {
	approval, ok := approvalOf(o, record, f)
	if !ok {
		return "a filing without readable numbers", nil
	}
	before := o.Status
	after, err := r.Decisions.Decide(ctx, o.ID, filing.TheBureau, approval)
	switch kind := fault.KindOf(err); {
	case kind == fault.Conflict || err == nil && !after.Bureau.Approved:
		r.alarm(ctx, "the bureau has filed an order that does not wait for it", "order", o.ID, "status", before)
		return "", r.unmatched(ctx, file, "a filing comes too late", "order", o.ID)
	case err != nil:
		return "", err
	}
	if before != filing.Approved {
		r.report.Approved++
	}
	return "", nil
}

// results carries out what became of records (BAJG). Approvals are only noted: the numbers come with the filed data.
func (r *run) results(ctx context.Context, file Received, results *document.Results) error {
	verdicts, others := verdictsOf(results)
	for _, code := range ofFiles(results) {
		r.alarm(ctx, "the bureau refuses an upload as a whole; its orders wait", "link", r.Link, "file", file.ID, "code", code)
	}
	if others > 0 {
		if err := r.unmatched(ctx, file, "results are about records that no order is made of", "count", others); err != nil {
			return err
		}
	}
	for _, v := range verdicts {
		if err := r.carryOut(ctx, file, v); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) carryOut(ctx context.Context, file Received, v verdict) error {
	order, record, known, err := r.orderOf(ctx, v.record)
	switch {
	case err != nil:
		return err
	case !known:
		return r.unmatched(ctx, file, "a result is about no order of ours", "record", v.record)
	case !v.refused:
		r.Log.InfoContext(ctx, "the bureau's result is good; the numbers follow", "order", order.ID, "codes", v.codes)
		return nil
	}
	before := order.Status
	after, err := r.Decisions.Decide(ctx, order.ID, filing.TheBureau, v.refusal(record, len(order.Private.Sites)))
	switch kind := fault.KindOf(err); {
	case kind == fault.Conflict || err == nil && after.Bureau.Approved:
		r.alarm(ctx, "the bureau refuses an order that does not wait for it", "order", order.ID, "status", before, "codes", v.codes)
		return r.unmatched(ctx, file, "a refusal comes too late", "order", order.ID)
	case err != nil:
		return err
	}
	if before != filing.BureauRejected {
		r.report.Refused++
	}
	return nil
}

// A verdict is all that a file says of one record.
type verdict struct {
	record  int64 // our id of the subject
	codes   []int // of refusals, or of success if there was none
	opinion string
	refused bool
}

// verdictsOf gathers results and opinions by record, in the order of the file, and counts those about anything else
// than a first filing of ours.
func verdictsOf(results *document.Results) (all []verdict, others int) {
	places := map[int64]int{}
	of := func(record int64) *verdict {
		if _, ok := places[record]; !ok {
			places[record] = len(all)
			all = append(all, verdict{record: record})
		}
		return &all[places[record]]
	}
	for _, r := range results.Records {
		id, err := strconv.ParseInt(strings.TrimSpace(r.Record), 10, 64)
		if err != nil || r.Operation != document.NewFilingOperation {
			others++
			continue
		}
		v := of(id)
		for _, item := range r.Items {
			code, _ := result.Lookup(item.Code)
			v.refused = v.refused || !code.Success
			v.codes = append(v.codes, int(item.Code))
		}
	}
	for _, o := range results.Opinions {
		if o.Record == 0 || o.Operation != 0 && o.Operation != document.NewFilingOperation {
			others++
			continue
		}
		v := of(o.Record)
		if o.Decision == document.Refused {
			v.refused, v.opinion = true, o.Text
		}
	}
	return all, others
}

// ofFiles are the codes about uploads that the bureau could not read (5001, 5003, 5004). They name no record, and not even
// the upload: that every document is held to the schema before it goes keeps them away.
func ofFiles(results *document.Results) []int64 {
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

// refusal is the decision, with the words of each code. Codes of success beside others say nothing to the applicant.
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
	if len(d.Codes) == 0 { // an opinion alone
		code, _ := result.Lookup(result.RefusedByBureau)
		d.Codes, d.Findings = []int{result.RefusedByBureau}, finding.List{code.Finding(sites)}
	}
	return d
}

// blacklist keeps who and what may not file (HMDLB).
func (r *run) blacklist(ctx context.Context, file Received, b *document.Blacklist) error {
	for _, entry := range b.Subjects {
		if entry.Subject == nil {
			continue
		}
		paper := entry.Subject.Certificate
		key, err := r.Store.SubjectKey(ctx, certificate.Kind(paper.Kind), paper.Number)
		if err != nil {
			return err
		}
		if err := r.Store.SetBlacklisted(ctx, BlacklistEntry{Subject: key, File: file.ID}, entry.Entry != document.DeleteEntry); err != nil {
			return err
		}
	}
	for _, entry := range b.Sites {
		for _, d := range entry.Site.Domains {
			name, ok := domainname.Normal(d.Name)
			if !ok {
				name = filing.Domain(strings.ToLower(d.Name))
			}
			if err := r.Store.SetBlacklisted(ctx, BlacklistEntry{Domain: name, File: file.ID}, entry.Entry != document.DeleteEntry); err != nil {
				return err
			}
		}
	}
	return nil
}
