package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/late"
)

// pkLate is the partition of the orders whose execution did not follow them, and of how far that was checked.
const (
	pkLate, skWatched = "LATE", "WATCHED"
	stalledPrefix     = "STALLED#"
)

// clockOverlap is how long before a clock that was moved back [Store.EnteredBefore] begins. It exceeds the time between two runs of late.Watch.
const clockOverlap = 10 * time.Minute

// EnteredBefore lists the open orders that entered a step before a time, those that entered it first first, at most limit. after is the next of an
// earlier call, "" to begin; if the clock was moved back since, it begins shortly before its time. next is "" if there is none and after was "".
func (s *Store) EnteredBefore(ctx context.Context, step filing.Step, after string, before time.Time, limit int) (orders []filing.Order, next string, err error) {
	to := sortableTime(before)
	if after > to { // the clock was moved back: orders that have entered the step since come before after
		after = sortableTime(before.Add(-clockOverlap))
	}
	next = after
	err = s.eachOpen(ctx, openPartitions(step, ""), after, to, limit, func(row item) (bool, error) {
		if len(orders) == limit {
			return false, nil
		}
		o, err := orderOfBrief(row)
		orders, next = append(orders, o), stringAttr(row, attrAt)
		return true, err
	})
	return orders, next, err
}

// OutboxEntry returns an entry of the outbox or a dead letter. known is false if there is none.
func (s *Store) OutboxEntry(ctx context.Context, id string) (e decide.OutboxEntry, known bool, err error) {
	row, err := s.getKey(ctx, entryKey(id))
	if err != nil || row == nil {
		return e, false, err
	}
	return e, true, Unpack(binaryAttr(row, attrDoc), &e)
}

// RestoreEntry moves a dead letter back to the outbox, as if it had been written at a time. It is no error if it was moved before.
func (s *Store) RestoreEntry(ctx context.Context, e decide.OutboxEntry, at time.Time) error {
	dead := entryKey(e.ID)
	e.ID, e.At, e.Failure = strings.TrimPrefix(e.ID, string(decide.DeadLetter)+"#"), at.UTC(), ""
	err := s.writeTransaction(ctx, []types.TransactWriteItem{
		{Put: s.newPut(entryItem(e), "")},
		{Delete: &types.Delete{TableName: aws.String(s.Table), Key: dead, ConditionExpression: aws.String("attribute_exists(pk)")}},
	})
	if reasons := cancellationReasons(err); len(reasons) == 2 && aws.ToString(reasons[1].Code) == conditionFailed {
		return nil
	}
	return classify(err)
}

// Stalled lists the orders whose execution did not follow them, at most limit.
func (s *Store) Stalled(ctx context.Context, limit int) ([]late.Stalled, error) {
	return listDocs[late.Stalled](ctx, s, pkLate, stalledPrefix, limit)
}

// PutStalled stores an order whose execution did not follow it.
func (s *Store) PutStalled(ctx context.Context, o late.Stalled) error {
	return s.putDoc(ctx, pkLate, stalledPrefix+string(o.Order), o)
}

// DeleteStalled removes an order from the list of [Store.Stalled]. It is no error if it is not there.
func (s *Store) DeleteStalled(ctx context.Context, order filing.ID) error {
	return s.deleteItem(ctx, itemKey(pkLate, stalledPrefix+string(order)))
}

// Watched returns up to which order of each step late.Watch has checked.
func (s *Store) Watched(ctx context.Context) (map[filing.Step]string, error) {
	upTo := map[filing.Step]string{}
	_, err := s.getDoc(ctx, pkLate, skWatched, &upTo)
	return upTo, err
}

// SaveWatched stores it.
func (s *Store) SaveWatched(ctx context.Context, upTo map[filing.Step]string) error {
	return s.putDoc(ctx, pkLate, skWatched, upTo)
}
