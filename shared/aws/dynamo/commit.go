package dynamo

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// Findings of a change that collides with another order.
const (
	CodeSubjectLocked finding.Code = "subject-has-open-order"
	CodeDomainLocked  finding.Code = "domain-has-open-order"
	CodeKeyReused     finding.Code = "idempotency-key-reused"
)

// A Request is a caller's Idempotency-Key with the hash of what it was sent with. The zero value is none.
type Request struct {
	Account filing.Account
	Key     string
	Hash    string // SHA-256 of method, path and body, hex
}

// KeptFor is how long an Idempotency-Key is remembered.
const KeptFor = 24 * time.Hour

// ErrRepeated is returned for a request that was carried out before. Failure is its result, nil for success.
type ErrRepeated struct {
	Order   filing.ID
	Failure *filing.Failure
}

func (e *ErrRepeated) Error() string { return "the request was carried out before" }

// An op is one item of a transaction and what its failed condition means.
type op struct {
	write  types.TransactWriteItem
	failed error // nil: somebody else decided first
}

// Commit writes a change in one transaction and returns the outbox entries that it made.
//
// It fails with kind Stale when the order has another version than the one decided on, Conflict with a finding when
// a lock, a filing slot or a service code is taken, and *ErrRepeated when the request was carried out before.
func (s *Store) Commit(ctx context.Context, c filing.Change, request Request) ([]Entry, error) {
	ops, err := s.ops(ctx, c)
	if err != nil {
		return nil, err
	}
	entries := s.entries(c)
	for _, e := range entries {
		ops = append(ops, op{write: types.TransactWriteItem{Put: s.put(e.item(), "")}})
	}
	if request.Key != "" {
		ops = append(ops, op{types.TransactWriteItem{Put: s.put(requestItem(request, c, s.Wall()), "attribute_not_exists(pk)")}, errRequest})
	}
	writes := make([]types.TransactWriteItem, len(ops))
	for i, o := range ops {
		writes[i] = o.write
	}
	if err := s.transact(ctx, writes); err != nil {
		return nil, s.explain(ctx, err, ops, request)
	}
	return entries, nil
}

const (
	collisions = 5                     // attempts at a transaction that meets others
	breather   = 15 * time.Millisecond // before the second attempt; doubled before each further one
)

// transact writes a transaction. One that meets another on an item is cancelled without having done anything, whoever
// of the two is right, so it is made again.
func (s *Store) transact(ctx context.Context, writes []types.TransactWriteItem) error {
	for attempt, pause := 1, breather; ; attempt, pause = attempt+1, 2*pause {
		_, err := s.Client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
		if attempt == collisions || !slices.Contains(reasons(err), transactionConflict) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

var errRequest = fault.New(fault.Conflict, "", "")

// explain turns a cancelled transaction into the reason of the first item that has one.
func (s *Store) explain(ctx context.Context, err error, ops []op, request Request) error {
	codes := reasons(err)
	if codes == nil {
		return classify(err)
	}
	var findings finding.List
	var stale bool
	for i, code := range codes {
		switch {
		case code == transactionConflict, code == "ThrottlingError", code == "ProvisionedThroughputExceeded":
			return fault.Wrap(fault.Unavailable, err)
		case code != conditionFailed || i >= len(ops):
		case ops[i].failed == errRequest:
			return cmp.Or(s.repeated(ctx, request), fault.Wrap(fault.Stale, err))
		case ops[i].failed != nil:
			findings = append(findings, fault.Of(ops[i].failed).Findings...)
		default:
			stale = true
		}
	}
	switch {
	case len(findings) > 0:
		return fault.Found(fault.Conflict, findings)
	case stale:
		return fault.Wrap(fault.Stale, err)
	}
	return classify(err)
}

// ops are the writes of a change, but for its outbox entries.
func (s *Store) ops(ctx context.Context, c filing.Change) ([]op, error) {
	order, err := s.orderItem(ctx, c.Order)
	if err != nil {
		return nil, err
	}
	entry, err := json.Marshal(c.Entry)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	version := s.put(order, "attribute_not_exists(pk)")
	if before := c.Order.Version - 1; before > 0 {
		version = s.put(order, "version = :before")
		version.ExpressionAttributeValues = item{":before": number(int64(before))}
	}
	ledger := key(orderPK(c.Order.ID), ledgerSK(c.Entry.Seq))
	ledger[attrDoc] = bytes(entry)
	ops := []op{
		{write: types.TransactWriteItem{Put: version}},
		{write: types.TransactWriteItem{Put: s.put(ledger, "attribute_not_exists(pk)")}},
	}
	for _, l := range c.Take {
		ops = append(ops, s.take(l, c.Order.ID))
	}
	for _, l := range c.Free {
		if !slices.Contains(c.Take, l) {
			ops = append(ops, op{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.Table), Key: key(lockPK(l), skLock)}}})
		}
	}
	ops = append(ops, s.swap(c.Release, c.Reserve, c.Order.ID)...)
	if c.Filed {
		ops = append(ops, s.filed(c.Order)...)
	}
	expected, err := s.expected(ctx, c)
	if err != nil {
		return nil, err
	}
	ops = append(ops, expected...)
	return ops, nil
}

// take locks something for an order; the order that has it already keeps it.
func (s *Store) take(l filing.Lock, order filing.ID) op {
	row := key(lockPK(l), skLock)
	row[attrOrder] = text(string(order))
	p := s.put(row, "attribute_not_exists(pk) OR holder = :order")
	p.ExpressionAttributeValues = item{":order": text(string(order))}
	why := finding.New(CodeSubjectLocked, "/certificate/number")
	if l.Kind == filing.DomainLock {
		why = finding.New(CodeDomainLocked, "/domains", "domain", l.Key)
	}
	return op{types.TransactWriteItem{Put: p}, taken(why)}
}

// requestItem remembers a request. Its ttl is on the wall clock, for DynamoDB itself removes the row.
func requestItem(r Request, c filing.Change, wall time.Time) item {
	row := key(requestPK(r.Account), r.Key)
	row["hash"], row[attrOrder] = text(r.Hash), text(string(c.Order.ID))
	if c.Failure != nil {
		doc, err := json.Marshal(c.Failure)
		if err != nil {
			panic(err) // texts always marshal
		}
		row["failure"] = text(string(doc))
	}
	row[attrTTL] = number(wall.Add(KeptFor).Unix())
	return row
}

// Repeated looks whether a request was carried out before: *ErrRepeated if it was, Invalid if its key was used for
// something else, nil if it is new.
func (s *Store) Repeated(ctx context.Context, r Request) error {
	if r.Key == "" {
		return nil
	}
	return s.repeated(ctx, r)
}

func (s *Store) repeated(ctx context.Context, r Request) error {
	row, err := s.get(ctx, requestPK(r.Account), r.Key)
	switch {
	case err != nil || row == nil:
		return err
	case textOf(row, "hash") != r.Hash:
		return fault.Found(fault.Invalid, finding.List{finding.New(CodeKeyReused, "")})
	}
	repeated := &ErrRepeated{Order: filing.ID(textOf(row, attrOrder))}
	if doc := textOf(row, "failure"); doc != "" {
		if err := json.Unmarshal([]byte(doc), &repeated.Failure); err != nil {
			return fault.Wrap(fault.Internal, err)
		}
	}
	return repeated
}
