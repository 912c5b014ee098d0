package exchange

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
)

// applyFile applies the content of a file: each part, although the schema allows only one. Applying it again has no further effect. The cause names the part of the file
// that was unusable, "" if none. An error is transient: the caller retries.
//
// Filed data are applied before results, so that the filing counts if a file has both a refusal and the filing of a record.
func (r *run) applyFile(ctx context.Context, file Received, d *bureau.Delivery) (cause string, err error) {
	var causes []string
	codeTables := codeTablesIn(d.Document) != nil
	if codeTables {
		_, err := r.applyCodes(ctx, file, d, false)
		switch {
		case errors.Is(err, ErrTablesTooLarge):
			causes = append(causes, err.Error())
		case err != nil:
			return "", err
		}
	}
	other := otherBusiness(d.Document)
	for kind, count := range other {
		if err := r.putIssue(ctx, file, kind, count); err != nil {
			return "", err
		}
	}
	copied := filingsOfCopy(d.Document)
	if n := unreadableFilings(copied, r.provider); n > 0 {
		causes = append(causes, fmt.Sprintf("%d filings of the copy without readable numbers", n))
	}
	icp := d.Document.ICP
	if icp == nil {
		if !codeTables && len(other) == 0 && len(copied) == 0 {
			causes = append(causes, "no document of a known kind")
		}
		return strings.Join(causes, "; "), nil
	}
	for _, filed := range icp.Filed {
		unusable, err := r.applyFiling(ctx, file, filed)
		if err != nil {
			return "", err
		}
		if unusable != "" {
			causes = append(causes, unusable)
		}
	}
	for i, cancelled := range icp.Cancelled {
		if err := r.applyCancelled(ctx, file, cancelled, i+1); err != nil {
			return "", err
		}
	}
	if icp.Results != nil {
		if err := r.applyResults(ctx, file, icp.Results, d.Problems); err != nil {
			return "", err
		}
	}
	if icp.Blacklist != nil {
		if err := r.applyBlacklist(ctx, file, icp.Blacklist); err != nil {
			return "", err
		}
	}
	return strings.Join(causes, "; "), r.applyTasks(ctx, file, icp)
}

// otherBusiness returns the elements of a document that are about the provider's IP filings, its domain filings, or a full copy of
// them, each with the number of its records. The filing of websites does not act on them. A full copy of websites or of code tables alone is
// not among them.
func otherBusiness(d *document.Download) map[string]int {
	counts := map[string]int{}
	if d.IP != nil {
		count := 0
		if results := d.IP.Results; results != nil {
			count = len(results.Sources) + len(results.Allocations) + len(results.Broadcasts) + len(results.Independent)
		}
		if audit := d.IP.Audit; audit != nil {
			count += len(audit.Beyond) + len(audit.Conflicts) + len(audit.Unfiled)
		}
		counts["IP"] = count
	}
	if d.Domains != nil {
		counts["YM"] = len(d.Domains.Results)
	}
	if sync := d.Sync; sync != nil {
		count := len(sync.Domains)
		if ip := sync.IP; ip != nil {
			count += len(ip.Sources) + len(ip.Allocations) + len(ip.Broadcasts) + len(ip.Independent)
		}
		if count > 0 || sync.Codes == nil && len(sync.Filed) == 0 {
			counts["SJTB"] = count
		}
	}
	return counts
}

// putIssue stores an issue for the operator.
func (r *run) putIssue(ctx context.Context, file Received, kind string, count int) error {
	return r.Store.PutIssue(ctx, r.Link, Issue{Kind: kind, File: file.ID, Count: count, At: r.Now()})
}

// reportUnmatched stores an issue for an answer that no order waits for: its record is not ours, or the order has moved on.
func (r *run) reportUnmatched(ctx context.Context, file Received, message string, attrs ...any) error {
	r.report.Unmatched++
	r.Log.WarnContext(ctx, message, append([]any{"link", r.Link, "file", file.ID}, attrs...)...)
	return r.putIssue(ctx, file, "BAJG", 1)
}

// orderOf returns the order of the record with a name, and our name of the record. It returns false if there is none or it was deleted.
func (r *run) orderOf(ctx context.Context, name document.RecordName) (filing.Order, string, bool, error) {
	record, known, err := r.lookUp(ctx, name)
	if err != nil || !known || record.Order == "" {
		return filing.Order{}, "", false, err
	}
	if err := r.acceptIfInFlight(ctx, record); err != nil {
		return filing.Order{}, "", false, err
	}
	order, err := r.Decisions.Order(ctx, record.Order)
	if errors.Is(err, envelope.ErrTampered) {
		r.raiseAlarm(ctx, "the bureau answered about an order that cannot be decrypted", "order", record.Order)
	}
	if fault.KindOf(err) == fault.NotFound || errors.Is(err, envelope.ErrTampered) {
		return filing.Order{}, "", false, nil
	}
	return order, fmt.Sprintf("%s-%d", record.Order, record.Round), err == nil, err
}

// waitingOrder returns the order that waits for the bureau's answer, among those of the names; else one that no longer waits, but not a change, and else
// false.
func (r *run) waitingOrder(ctx context.Context, names []document.RecordName) (o filing.Order, record string, known bool, err error) {
	for _, name := range names {
		order, its, found, err := r.orderOf(ctx, name)
		switch {
		case err != nil:
			return filing.Order{}, "", false, err
		case found && order.AwaitsAnswer(its):
			return order, its, true, nil
		case found && !known && !order.Kind().Edits(): // every change of a subject has the same name
			o, record, known = order, its, true
		}
	}
	return o, record, known, nil
}

// applyFiling approves the order to which filed data (BASJ) belong. If none waits for them, the register takes them over: the bureau is right. So
// it does if a change waits that the filed data do not have: they come from another change.
func (r *run) applyFiling(ctx context.Context, file Received, f document.FiledData) (cause string, err error) {
	order, record, known, err := r.waitingOrder(ctx, f.RecordNames())
	if err != nil {
		return "", err
	}
	filed, _ := FilingOf(f, r.provider)
	if known && (order.AwaitsAnswer(record) && order.AnsweredBy(filed) || !order.AwaitsAnswer(record) && !order.Approved()) {
		return r.approveOrder(ctx, file, order, record, f)
	}
	return r.updateRegister(ctx, file, f)
}

func (r *run) approveOrder(ctx context.Context, file Received, o filing.Order, record string, f document.FiledData) (string, error) {
	approval, ok := approvalOf(o, record, f, r.provider)
	if !ok {
		return "a filing without readable numbers", nil
	}
	before := o.Status
	after, err := r.Decisions.DecideOn(ctx, o, filing.TheBureau, approval, decide.Preconditions{})
	switch kind := fault.KindOf(err); {
	case register.IsTaken(err):
		return "", r.reportConflict(ctx, file, "order", o.ID)
	case kind == fault.Conflict || err == nil && !after.Bureau.Approved:
		r.raiseAlarm(ctx, "the bureau filed an order that does not wait for its decision", "order", o.ID, "status", before)
		return "", r.reportUnmatched(ctx, file, "a filing came for an order that no longer waits", "order", o.ID)
	case err != nil:
		return "", err
	}
	if before != filing.Approved {
		r.report.Approved++
	}
	return "", nil
}

// applyResults applies the results of records (BAJG). It only logs approvals, because the numbers come with the filed data.
func (r *run) applyResults(ctx context.Context, file Received, results *document.Results, problems schema.Problems) error {
	verdicts, nameless := verdictsOf(results, problems)
	for _, code := range uploadCodes(results) {
		r.raiseAlarm(ctx, "the bureau rejected a whole upload; its orders still wait", "link", r.Link, "file", file.ID, "code", code)
	}
	if nameless > 0 {
		if err := r.reportUnmatched(ctx, file, "results name no record", "count", nameless); err != nil {
			return err
		}
	}
	verdicts, err := mergeVerdicts(verdicts, func(name document.RecordName) (Record, bool, error) { return r.lookUp(ctx, name) })
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		if err := r.applyVerdict(ctx, file, v); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) applyVerdict(ctx context.Context, file Received, v verdict) error {
	order, record, known, err := r.orderOf(ctx, v.name)
	switch {
	case err != nil:
		return err
	case !known:
		if refused, err := r.refuseTask(ctx, file, v); err != nil || refused {
			return err
		}
		return r.reportUnmatched(ctx, file, "a result does not belong to an order of ours", "operation", v.operation)
	case v.unreadable:
		r.raiseAlarm(ctx, "the bureau's decision about an order cannot be read", "link", r.Link, "file", file.ID, "order", order.ID)
		return r.reportUnmatched(ctx, file, "a result cannot be read", "order", order.ID)
	case !v.refused && order.Kind().ByResult && (v.approved || v.stored && order.Kind().Stored):
		return r.approveByResult(ctx, file, order, record)
	case v.approved && !v.refused && order.Kind().Edits() && order.AwaitsAnswer(record):
		_, err := r.Decisions.DecideOn(ctx, order, filing.TheBureau, filing.Agree{Record: record}, decide.Preconditions{})
		return err
	case !v.refused:
		r.Log.InfoContext(ctx, "the bureau approved a record; what it filed follows in another file", "order", order.ID, "codes", v.codes)
		return nil
	}
	before := order.Status
	after, err := r.Decisions.DecideOn(ctx, order, filing.TheBureau, v.refusal(record, len(order.Private.Sites)), decide.Preconditions{})
	switch kind := fault.KindOf(err); {
	case kind == fault.Conflict || err == nil && after.Bureau.Approved:
		r.raiseAlarm(ctx, "the bureau refused an order that does not wait for its decision", "order", order.ID, "status", before, "codes", v.codes)
		return r.reportUnmatched(ctx, file, "a refusal came for an order that no longer waits", "order", order.ID)
	case err != nil:
		return err
	}
	if before != filing.BureauRejected {
		r.report.Refused++
	}
	return nil
}

// approveByResult approves an order whose result is all that the bureau sends about it.
func (r *run) approveByResult(ctx context.Context, file Received, order filing.Order, record string) error {
	before := order.Status
	_, err := r.Decisions.DecideOn(ctx, order, filing.TheBureau, filing.Approve{Record: record}, decide.Preconditions{})
	switch {
	case fault.KindOf(err) == fault.Conflict:
		r.raiseAlarm(ctx, "the bureau approved an order that does not wait for its decision", "order", order.ID, "status", before)
		return r.reportUnmatched(ctx, file, "an approval came for an order that no longer waits", "order", order.ID)
	case err != nil:
		return err
	}
	if before != filing.Approved {
		r.report.Approved++
	}
	return nil
}

// applyBlacklist stores changes of the ministry's blacklist of subjects and domains (HMDLB).
func (r *run) applyBlacklist(ctx context.Context, file Received, b *document.Blacklist) error {
	for _, entry := range b.Subjects {
		if entry.Subject == nil {
			continue
		}
		c := entry.Subject.Certificate
		key, err := r.Store.SubjectKey(ctx, certificate.Kind(c.Kind), c.Number)
		if err != nil {
			return err
		}
		if err := r.Store.SetBlacklisted(ctx, BlacklistEntry{Subject: key, File: file.ID}, entry.Entry != document.DeleteEntry); err != nil {
			return err
		}
	}
	for _, entry := range b.Sites {
		for _, d := range entry.Site.Domains {
			name, ok := domainname.Normalize(d.Name)
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
