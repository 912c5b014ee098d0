package dynamo

import (
	"cmp"
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/event"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// Findings of a change that conflicts with another order.
const (
	CodeSubjectLocked finding.Code = "subject-has-open-order"
	CodeDomainLocked  finding.Code = "domain-has-open-order"
	// Another account's submitted order has the subject or the domain.
	CodeSubjectTaken finding.Code = "subject-filed-by-another"
	CodeDomainTaken  finding.Code = "domain-filed-by-another"
	// CodeAppealOtherOrder: an order cannot be opened again, because another open order of its account has the subject or a domain.
	CodeAppealOtherOrder finding.Code = "appeal-other-order"
	// CodeAppealTaken: it cannot, because the submitted order of another account has them.
	CodeAppealTaken finding.Code = "appeal-subject-taken"
	// CodeFilingMoved: the filing at which an order is opened has changed since the request read it.
	CodeFilingMoved finding.Code = "filing-changed-meanwhile"
	CodeKeyReused   finding.Code = "idempotency-key-reused"
	CodeCursor      finding.Code = "cursor-unknown" // of a list
)

// requestTTL is how long an Idempotency-Key is stored.
const requestTTL = 24 * time.Hour

// A writeOp is one write of a transaction, and the error if its condition fails.
type writeOp struct {
	write  types.TransactWriteItem
	failed error // nil: a concurrent decision was stored first
	// ownLock says that the row is a lock of the order's own account, so that the findings may name the order that holds it.
	ownLock bool
}

// Commit writes a change in one transaction and returns its outbox entries, also one that is derived and not written.
//
// The error has kind Stale if the order's version is not the one decided on or a concurrent transaction writes the same items, and kind Conflict with a finding if a lock, a filing
// slot or a service code belongs to another order. It is *decide.RepeatedError if the request was carried out before.
func (s *Store) Commit(ctx context.Context, c filing.Change, request decide.Request) ([]decide.OutboxEntry, error) {
	var events []writeOp
	var reading errgroup.Group
	happened := event.OfChange(c)
	reading.Go(func() (err error) { events, err = s.eventOps(ctx, happened...); return err })
	ops, err := s.changeOps(ctx, c)
	if err := cmp.Or(err, reading.Wait()); err != nil {
		return nil, err
	}
	entries := s.outboxEntries(c)
	for _, e := range entries {
		if e.Derived {
			continue
		}
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(entryItem(e), "")}})
	}
	ops = append(ops, events...)
	if request.Key != "" {
		op, err := s.requestOp(ctx, request, decide.RepeatedError{Order: c.Order.ID, Failure: c.Failure})
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	writes := make([]types.TransactWriteItem, len(ops))
	for i, o := range ops {
		writes[i] = o.write
	}
	if err := s.writeTransaction(ctx, writes); err != nil {
		return nil, s.classifyCommit(ctx, err, ops, request)
	}
	return entries, nil
}

const (
	maxAttempts = 5                     // of a transaction that conflicts with others
	firstPause  = 15 * time.Millisecond // mean before the second attempt; doubled before each further one. Random, so that rivals part
)

// writeTransaction writes a transaction. DynamoDB cancels a transaction that conflicts with another on an item, even if its conditions
// hold; such a transaction is retried.
func (s *Store) writeTransaction(ctx context.Context, writes []types.TransactWriteItem) error {
	for attempt, pause := 1, firstPause; ; attempt, pause = attempt+1, 2*pause {
		_, err := s.Client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
		if attempt == maxAttempts || !hasConflicted(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

var errKeyUsed = fault.New(fault.Conflict, "", "")

// classifyCommit converts the error of a transaction to a fault, by its cancellation reasons.
func (s *Store) classifyCommit(ctx context.Context, err error, ops []writeOp, request decide.Request) error {
	reasons := cancellationReasons(err)
	if reasons == nil {
		return classify(err)
	}
	var findings finding.List
	var stale bool
	for i, r := range reasons {
		switch code := aws.ToString(r.Code); {
		case code == "ThrottlingError", code == "ProvisionedThroughputExceeded":
			return fault.Wrap(fault.Unavailable, err)
		case code == transactionConflict:
			stale = true // the other transaction may have stored what this one must read
		case code != conditionFailed || i >= len(ops):
		case ops[i].failed == errKeyUsed:
			return cmp.Or(s.findRequest(ctx, request), fault.Wrap(fault.Stale, err))
		case ops[i].failed != nil:
			for _, f := range fault.Of(ops[i].failed).Findings {
				if ops[i].ownLock {
					f.Order = stringAttr(r.Item, attrOrder)
				}
				if !slices.Contains(findings, f) {
					findings = append(findings, f)
				}
			}
		default:
			stale = true
		}
	}
	switch {
	case len(findings) > 0:
		return fault.WithFindings(fault.Conflict, findings)
	case stale:
		return fault.Wrap(fault.Stale, err)
	}
	return classify(err)
}

// changeOps returns the writes of a change, without its outbox entries.
func (s *Store) changeOps(ctx context.Context, c filing.Change) ([]writeOp, error) {
	order, err := s.orderItem(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Entry.MAC, err = s.entryMAC(ctx, c.Entry); err != nil {
		return nil, err
	}
	entry, err := Pack(c.Entry)
	if err != nil {
		return nil, err
	}
	ledger := itemKey(orderPK(c.Order.ID), ledgerSK(c.Entry.Seq))
	ledger[attrDoc] = binaryValue(entry)
	if err := addFlow(ledger, c); err != nil {
		return nil, err
	}
	if c.ErasePersonalData {
		if err := s.excludeLost(ctx, &c); err != nil {
			return nil, err
		}
	}
	ops := []writeOp{
		s.orderOp(order, c),
		{write: types.TransactWriteItem{Put: s.newPut(ledger, "attribute_not_exists(pk)")}},
	}
	if c.Follows != "" {
		ops = append(ops, s.planOp(c.Follows, "attribute_exists(pk) AND attribute_not_exists("+attrPlanEnded+")"))
	}
	if c.Unopened != "" {
		ops = append(ops, s.planOp(c.Unopened, "attribute_not_exists(pk)"))
	}
	for _, l := range c.AcquireLocks {
		ops = append(ops, s.lockOp(l, c))
		submission, err := s.submissionOps(ctx, l, c.Order)
		if err != nil {
			return nil, err
		}
		ops = append(ops, submission...)
	}
	for _, l := range c.ReleaseLocks {
		if !slices.Contains(c.AcquireLocks, l) {
			ops = append(ops, writeOp{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.Table), Key: lockKey(l)}}})
		}
	}
	if consent := c.Entry.By.Consent; consent != "" {
		ops = append(ops, s.consentOp(consent))
	}
	if c.Consent != "" {
		op := s.consentOp(c.Consent)
		op.failed = nil // the decision is made again, and sends the order back
		ops = append(ops, op)
	}
	ops = append(ops, s.slotOps(c.ReleaseSlot, c.ReserveSlot, c.Order.ID)...)
	if c.Reads != nil {
		ops = append(ops, s.readOp(*c.Reads))
	}
	filings, err := s.registerOps(ctx, c.Register)
	if err != nil {
		return nil, err
	}
	replies, err := s.replyOps(ctx, c)
	if err != nil {
		return nil, err
	}
	leaders, err := s.leaderOps(ctx, c)
	if err != nil {
		return nil, err
	}
	contacts, err := s.contactOps(ctx, c)
	if err != nil {
		return nil, err
	}
	tasks, err := s.taskOps(c.Tasks)
	if err != nil {
		return nil, err
	}
	pair, err := s.readingPairOps(c.Pair)
	if err != nil {
		return nil, err
	}
	return slices.Concat(ops, filings, replies, leaders, contacts, tasks, s.verdictOps(c.Verdict), s.visitOps(c), pair), nil
}

// orderOp writes the row of an order, unless it has another version than the decision was made on. It leaves the encrypted part if the decision has not read it.
func (s *Store) orderOp(row item, c filing.Change) writeOp {
	before := c.Order.Version - 1
	if before == 0 {
		return writeOp{write: types.TransactWriteItem{Put: s.newPut(row, "attribute_not_exists(pk)")}}
	}
	const unchanged = "version = :before"
	read := item{":before": numberValue(int64(before))}
	if !c.PrivateUnread {
		put := s.newPut(row, unchanged)
		put.ExpressionAttributeValues = read
		return writeOp{write: types.TransactWriteItem{Put: put}}
	}
	update := &types.Update{TableName: aws.String(s.Table), Key: itemKey(stringAttr(row, attrPK), stringAttr(row, attrSK)),
		ConditionExpression: aws.String(unchanged), ExpressionAttributeValues: read, ExpressionAttributeNames: map[string]string{}}
	var set, remove []string
	for i, name := range []string{attrDoc, attrBrief, attrVersion, attrMine, attrAt, attrDue, attrDueAt, attrOpen, attrPlanEnded} {
		n := strconv.Itoa(i)
		update.ExpressionAttributeNames["#"+n] = name
		if value, has := row[name]; has {
			set, read[":"+n] = append(set, "#"+n+" = :"+n), value
		} else {
			remove = append(remove, "#"+n)
		}
	}
	expression := "SET " + strings.Join(set, ", ")
	if len(remove) > 0 {
		expression += " REMOVE " + strings.Join(remove, ", ")
	}
	update.UpdateExpression = aws.String(expression)
	return writeOp{write: types.TransactWriteItem{Update: update}}
}

// planOp fails if another order of the same plan does not meet a condition: the plan has ended, or has gone on.
func (s *Store) planOp(id filing.ID, condition string) writeOp {
	return writeOp{write: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: aws.String(s.Table), Key: itemKey(orderPK(id), skOrder),
		ConditionExpression: aws.String(condition)}}, failed: conflict(finding.New(filing.CodePlanEnded, ""))}
}

// readOp fails if the register has something else of a subject than the decision read. A decision about an order is then made again; the opening of an
// order, for which the caller read the filing, is refused.
func (s *Store) readOp(r filing.FilingRead) writeOp {
	check := &types.ConditionCheck{TableName: aws.String(s.Table), Key: itemKey(filedPK("subject", r.SubjectKey), skFiled), ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if r.ID != "" {
		check.Key, check.ConditionExpression = itemKey(filingPK(r.ID), skFiling), aws.String("version = :read")
		check.ExpressionAttributeValues = item{":read": numberValue(int64(r.Version))}
	}
	op := writeOp{write: types.TransactWriteItem{ConditionCheck: check}}
	if r.Opens {
		op.failed = conflict(finding.New(CodeFilingMoved, ""))
	}
	return op
}

// excludeLost removes from an erasure the locks and the slot that the order no longer has: an order that was restored from a backup
// may have lost them to other orders. The condition on the order's version excludes a concurrent change.
func (s *Store) excludeLost(ctx context.Context, c *filing.Change) error {
	var free []filing.Lock
	for _, l := range c.ReleaseLocks {
		row, err := s.getKey(ctx, lockKey(l))
		if err != nil {
			return err
		}
		if stringAttr(row, attrOrder) == string(c.Order.ID) {
			free = append(free, l)
		}
	}
	c.ReleaseLocks = free
	if c.ReleaseSlot == nil {
		return nil
	}
	slot, err := s.getItem(ctx, serverPK(c.ReleaseSlot.Server), slotSK(c.Order.ID))
	if slot == nil {
		c.ReleaseSlot = nil
	}
	return err
}

// lockOp acquires a lock for an order. It has no effect if the order holds the lock, except that an account's lock notes whether the order is
// submitted.
func (s *Store) lockOp(l filing.Lock, c filing.Change) writeOp {
	order := c.Order
	row := lockKey(l)
	row[attrOrder] = stringValue(string(order.ID))
	if l.Account == "" && l.Kind == filing.DomainLock && order.WatchesPages() {
		dueUnapproved.setDue(row, sitewatch.FirstCheck(l.Key, c.Entry.At), l.Key)
	}
	if l.Account != "" && !order.Unsubmitted {
		row[attrSubmitted] = &types.AttributeValueMemberBOOL{Value: true}
		if order.AgentFor != "" {
			row[attrAgent] = &types.AttributeValueMemberBOOL{Value: true}
		}
	}
	p := s.newPut(row, "attribute_not_exists(pk) OR holder = :order")
	p.ExpressionAttributeValues = item{":order": stringValue(string(order.ID))}
	op := writeOp{write: types.TransactWriteItem{Put: p}, failed: conflict(lockFinding(l, c)), ownLock: l.Account != ""}
	if op.ownLock {
		p.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return op
}

// lockFinding returns the finding about a lock that another order holds, against a change that may open a closed order again. A request at a filing
// has neither certificate nor domains, so that a finding about them points at nothing.
func lockFinding(l filing.Lock, c filing.Change) finding.Finding {
	reopens, certificate, domains := c.Reopens, "/certificate/number", "/domains"
	if c.Order.Kind().Begins == filing.AtFiling {
		certificate, domains = "", ""
	}
	domain := filing.Domain(l.Key).Display()
	switch {
	case l.Account != "" && reopens:
		return finding.New(CodeAppealOtherOrder, "")
	case reopens:
		return finding.New(CodeAppealTaken, "")
	case l.Account == "" && l.Kind == filing.DomainLock:
		return finding.New(CodeDomainTaken, "", "domain", domain)
	case l.Account == "":
		return finding.New(CodeSubjectTaken, "/subject/certificate/number")
	case l.Kind == filing.DomainLock:
		return finding.New(CodeDomainLocked, domains, "domain", domain)
	}
	return finding.New(CodeSubjectLocked, certificate)
}

// requestOp writes the row of a request, with the answer to its repetition. The operation fails with errKeyUsed if the row exists. Its ttl is
// wall-clock time, because DynamoDB deletes the row.
func (s *Store) requestOp(ctx context.Context, r decide.Request, answer decide.RepeatedError) (writeOp, error) {
	mac, err := s.requestMAC(ctx, r)
	if err != nil {
		return writeOp{}, err
	}
	row := itemKey(requestPK(r.Account), r.Key)
	row["mac"] = stringValue(mac)
	if answer.Order != "" {
		row[attrOrder] = stringValue(string(answer.Order))
	}
	if answer.Filing != "" {
		row[attrFiling] = stringValue(string(answer.Filing))
	}
	if answer.Consent != "" {
		row[attrConsent] = stringValue(answer.Consent)
	}
	if answer.Failure != nil {
		doc, err := json.Marshal(answer.Failure)
		if err != nil {
			return writeOp{}, fault.Wrap(fault.Internal, err)
		}
		row["failure"] = stringValue(string(doc))
	}
	row[attrTTL] = numberValue(s.Wall().Add(requestTTL).Unix())
	return writeOp{write: types.TransactWriteItem{Put: s.newPut(row, "attribute_not_exists(pk)")}, failed: errKeyUsed}, nil
}

// requestMAC returns the HMAC of a request's hash. The body may contain personal data, and a plain hash could confirm a guess.
func (s *Store) requestMAC(ctx context.Context, r decide.Request) (string, error) {
	return s.Encrypter.MAC(ctx, "request", r.Hash)
}

// CheckRepeated returns *decide.RepeatedError if the request was carried out before, a fault of kind Invalid if its key was
// used for another request, and nil if it is new.
func (s *Store) CheckRepeated(ctx context.Context, r decide.Request) error {
	if r.Key == "" {
		return nil
	}
	return s.findRequest(ctx, r)
}

func (s *Store) findRequest(ctx context.Context, r decide.Request) error {
	row, err := s.getItem(ctx, requestPK(r.Account), r.Key)
	if err != nil || row == nil {
		return err
	}
	mac, err := s.requestMAC(ctx, r)
	if err != nil {
		return err
	}
	if stringAttr(row, "mac") != mac {
		return fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeKeyReused, "")})
	}
	repeated := &decide.RepeatedError{Order: filing.ID(stringAttr(row, attrOrder)), Filing: register.ID(stringAttr(row, attrFiling)), Consent: stringAttr(row, attrConsent)}
	if doc := stringAttr(row, "failure"); doc != "" {
		if err := json.Unmarshal([]byte(doc), &repeated.Failure); err != nil {
			return fault.Wrap(fault.Internal, err)
		}
	}
	return repeated
}
