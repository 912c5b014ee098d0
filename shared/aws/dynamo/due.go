package dynamo

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
)

// A dueQueue is a partition of the index "due": the rows of one kind about which a scheduled function has something to do at a time (ADR 56).
type dueQueue string

const (
	dueOrders  dueQueue = "order"
	dueFilings dueQueue = "filing" // what a filing owes
	dueTasks   dueQueue = "task"   // of the bureau
)

var dueQueues = []dueQueue{dueOrders, dueFilings, dueTasks}

// setDue enters a row into a queue, to be read from a time on. id makes the key of the index unique.
func (q dueQueue) setDue(row item, at time.Time, id string) {
	row[attrDue], row[attrDueAt] = stringValue(string(q)), stringValue(dueKey(at, id))
}

// readAt returns when a row is read that is due at a time. What is due in more than a day is read at the beginning of its day (UTC), and then postponed to its
// time: so the decisions of one day, each of which moves the time, do not write the index.
func readAt(due, now time.Time) time.Time {
	if due.Sub(now) > 24*time.Hour {
		return due.UTC().Truncate(24 * time.Hour)
	}
	return due
}

func dueKey(at time.Time, id string) string { return sortableTime(at) + "#" + id }

// dueRows returns the keys of the rows of a queue that are due at a time, the earliest first, at most limit. Pass the key "dueAt" of the last row of a page as
// after to read the next page.
func (s *Store) dueRows(ctx context.Context, q dueQueue, until time.Time, after string, limit int) ([]item, error) {
	from, to := after+"!", dueKey(until, lastKey)
	if from > to {
		return nil, nil
	}
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), IndexName: aws.String(indexDue), Limit: aws.Int32(int32(limit)),
		KeyConditionExpression:    aws.String("#due = :queue AND #at BETWEEN :from AND :to"),
		ExpressionAttributeNames:  map[string]string{"#due": attrDue, "#at": attrDueAt},
		ExpressionAttributeValues: item{":queue": stringValue(string(q)), ":from": stringValue(from), ":to": stringValue(to)},
	})
	if err != nil {
		return nil, classify(err)
	}
	return out.Items, nil
}

// listDue returns what the keys of the rows of a queue name that are due at a time, the earliest first, at most limit, and the cursor of the next page, "" after the
// last. The error is a fault of kind Invalid for an unknown cursor.
func listDue[T any](ctx context.Context, s *Store, q dueQueue, until time.Time, cursor string, limit int, of func(key item) T) (found []T, next string, err error) {
	if at, _, _ := strings.Cut(cursor, "#"); cursor != "" {
		if _, err := time.Parse(timeLayout, at); err != nil {
			return nil, "", unknownCursor()
		}
	}
	rows, err := s.dueRows(ctx, q, until, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		found = append(found, of(row))
	}
	if len(rows) == limit {
		next = stringAttr(rows[limit-1], attrDueAt)
	}
	return found, next, nil
}

// firstDue returns the earliest time at which a row of a queue is due; the zero time if there is none.
func (s *Store) firstDue(ctx context.Context, q dueQueue) (time.Time, error) {
	rows, err := s.dueRows(ctx, q, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), "", 1)
	if err != nil || len(rows) == 0 {
		return time.Time{}, err
	}
	at, _, _ := strings.Cut(stringAttr(rows[0], attrDueAt), "#")
	return time.Parse(timeLayout, at)
}

// postpone sets when a row is due next, unless it has another version since. The zero time takes it out of its queue.
func (s *Store) postpone(ctx context.Context, q dueQueue, key item, version int, at time.Time, id string) error {
	update := &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key, ConditionExpression: aws.String("version = :version"),
		ExpressionAttributeNames:  map[string]string{"#due": attrDue, "#at": attrDueAt},
		ExpressionAttributeValues: item{":version": numberValue(int64(version))},
		UpdateExpression:          aws.String("REMOVE #due, #at"),
	}
	if !at.IsZero() {
		update.UpdateExpression = aws.String("SET #due = :queue, #at = :at")
		update.ExpressionAttributeValues[":queue"], update.ExpressionAttributeValues[":at"] = stringValue(string(q)), stringValue(dueKey(at, id))
	}
	_, err := s.Client.UpdateItem(ctx, update)
	if changed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &changed) {
		return nil
	}
	return classify(err)
}

// DueOrders lists the orders about which the system has something to do at a time, the earliest first.
func (s *Store) DueOrders(ctx context.Context, until time.Time, cursor string, limit int) ([]filing.ID, string, error) {
	return listDue(ctx, s, dueOrders, until, cursor, limit, func(key item) filing.ID {
		return filing.ID(strings.TrimPrefix(stringAttr(key, attrPK), orderPK("")))
	})
}

// PostponeOrder sets when the system has something to do about an order next; the zero time is never. It has no effect if the order has another version.
func (s *Store) PostponeOrder(ctx context.Context, id filing.ID, version int, at time.Time) error {
	return s.postpone(ctx, dueOrders, itemKey(orderPK(id), skOrder), version, at, string(id))
}

// FirstDue returns the earliest time at which a scheduled function has something to do; the zero time if there is none.
func (s *Store) FirstDue(ctx context.Context) (first time.Time, err error) {
	for _, q := range dueQueues {
		at, err := s.firstDue(ctx, q)
		if err != nil {
			return time.Time{}, err
		}
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, nil
}
