package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/province"
)

// inQueue reports whether reviewers have a queue of a step. The index "open" then has a partition for each province (ADR 51).
func inQueue(step filing.Step) bool {
	return step == filing.InitialReview || step == filing.MailDocuments
}

// openPartition returns the partition of the index "open" for an open order.
func openPartition(o filing.Order) string {
	if inQueue(o.Step) {
		return queuePartition(o.Step, o.Province)
	}
	return string(o.Step)
}

func queuePartition(step filing.Step, p province.Code) string { return string(step) + "#" + string(p) }

// openPartitions returns the partitions with the open orders at a step, for a province or "" for all. Orders of earlier versions of Beian are in the
// partition of the step until their next decision.
func openPartitions(step filing.Step, of province.Code) []string {
	all := []string{string(step)}
	if !inQueue(step) {
		return all
	}
	for _, p := range province.All() {
		if of == "" || of == p.Code {
			all = append(all, queuePartition(step, p.Code))
		}
	}
	return all
}

// queueReads is the number of concurrent queries of a list of several partitions.
const queueReads = 16

// minQueueRows is the number of rows that are read of each of several partitions at first.
const minQueueRows = 4

// ListQueue lists the open orders at a step that match, those that reached it first first. It examines at most q.Read orders, so a page with fewer
// orders than the limit is not necessarily the last.
func (s *Store) ListQueue(ctx context.Context, q decide.QueueQuery) (decide.Page, error) {
	after := ""
	if q.Cursor != "" {
		start, err := parseCursor(q.Cursor)
		if err != nil {
			return decide.Page{}, err
		}
		after = stringAttr(start, attrAt)
	}
	to := lastKey
	if !q.Before.IsZero() {
		to = sortableTime(q.Before)
	}
	var page decide.Page
	examined, ended := 0, true
	var last item
	err := s.eachOpen(ctx, openPartitions(q.Step, q.Province), after, to, q.Read, func(row item) (bool, error) {
		if examined == q.Read || len(page.Orders) == q.Limit {
			ended = false
			return false, nil
		}
		o, err := orderOfBrief(row)
		if err != nil {
			return false, err
		}
		examined, last = examined+1, row
		if (q.Province == "" || o.Province == q.Province) && (q.Match == nil || q.Match(o)) {
			page.Orders = append(page.Orders, o)
		}
		return true, nil
	})
	if !ended {
		page.Next = cursorOf(last)
	}
	return page, err
}

func orderOfBrief(row item) (filing.Order, error) {
	var b brief
	if err := Unpack(binaryAttr(row, attrBrief), &b); err != nil {
		return filing.Order{}, fault.Wrap(fault.Internal, err)
	}
	return b.order(), nil
}

// lastKey comes after each key of the index "open".
const lastKey = "~"

// An openSource is the rest of a partition of the index "open".
type openSource struct {
	partition, after string
	rows             []item
	ended            bool // the last query reached the end
	limit            int
}

// eachOpen calls use for the rows of partitions of the index "open" after a key and up to another, in the sequence of their keys, until it returns
// false. Keys are unique, because each has the id of its order. It reads expected rows first, shared among the partitions.
func (s *Store) eachOpen(ctx context.Context, partitions []string, after, to string, expected int, use func(item) (bool, error)) error {
	sources := make([]openSource, len(partitions))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(queueReads)
	for i, p := range partitions {
		sources[i] = openSource{partition: p, after: after, limit: max(expected/len(partitions), minQueueRows)}
		group.Go(func() error { return s.readOpen(within, &sources[i], to) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for {
		var first *openSource
		for i := range sources {
			from := &sources[i]
			for len(from.rows) == 0 && !from.ended {
				if err := s.readOpen(ctx, from, to); err != nil {
					return err
				}
			}
			if len(from.rows) > 0 && (first == nil || stringAttr(from.rows[0], attrAt) < stringAttr(first.rows[0], attrAt)) {
				first = from
			}
		}
		if first == nil {
			return nil
		}
		row := first.rows[0]
		first.rows = first.rows[1:]
		if more, err := use(row); err != nil || !more {
			return err
		}
	}
}

// readOpen reads the next rows of a partition, and twice as many the next time.
func (s *Store) readOpen(ctx context.Context, from *openSource, to string) error {
	begin := from.after + "!" // "!" comes before all characters of a key, so begin follows after immediately
	if begin > to {
		from.ended = true
		return nil
	}
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), IndexName: aws.String(indexOpen), Limit: aws.Int32(int32(from.limit)),
		KeyConditionExpression:    aws.String("#open = :partition AND #at BETWEEN :from AND :to"),
		ExpressionAttributeNames:  map[string]string{"#open": attrOpen, "#at": attrAt},
		ExpressionAttributeValues: item{":partition": stringValue(from.partition), ":from": stringValue(begin), ":to": stringValue(to)},
	})
	if err != nil {
		return classify(err)
	}
	from.rows, from.ended, from.limit = out.Items, out.LastEvaluatedKey == nil, 2*from.limit
	if n := len(out.Items); n > 0 {
		from.after = stringAttr(out.Items[n-1], attrAt)
	}
	return nil
}
