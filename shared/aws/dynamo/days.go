package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/shared/filing"
	"beian/shared/process/figures"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// pkDays is the partition of the sums of days.
const pkDays, skSettled = "DAYS", "SETTLED"

// deliveryTTL is how long it is stored what became of one message. The sums of its day stay for thirteen months.
const deliveryTTL = 60 * 24 * time.Hour

func messagePK(entry string) string { return "MESSAGE#" + entry }

// Partitions of the index "open" with the ledger's entries that are counted, and with the deliveries of messages, of a day in Shanghai.
func flowPartition(day workday.Date) string     { return "flow " + string(day) }
func deliveryPartition(day workday.Date) string { return "messages " + string(day) }

// addFlow puts a ledger's row into the index by day, with what is counted of its decision.
func addFlow(row item, c filing.Change) error {
	if c.Flow == nil {
		return nil
	}
	doc, err := json.Marshal(c.Flow)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row[attrBrief], row[attrOpen] = binaryValue(doc), stringValue(flowPartition(workday.DateOf(c.Entry.At)))
	row[attrAt] = stringValue(fmt.Sprintf("%s#%s#%06d", sortableTime(c.Entry.At), c.Order.ID, c.Entry.Seq))
	return nil
}

// EachFlow calls use for each decision of a day that is counted, until it returns an error. A decision appears about a second after it was stored.
func (s *Store) EachFlow(ctx context.Context, day workday.Date, use func(filing.Flow) error) error {
	return eachBrief(ctx, s, flowPartition(day), use)
}

// EachDelivery calls use for each delivery of a day, until it returns an error.
func (s *Store) EachDelivery(ctx context.Context, day workday.Date, use func(figures.Delivery) error) error {
	return eachBrief(ctx, s, deliveryPartition(day), use)
}

// eachBrief calls use for the document of each row of a partition of the index "open".
func eachBrief[T any](ctx context.Context, s *Store, partition string, use func(T) error) error {
	for from := (openSource{partition: partition}); !from.ended; {
		from.limit = countedRows
		if err := s.readOpen(ctx, &from, lastKey); err != nil {
			return err
		}
		for _, row := range from.rows {
			var doc T
			if err := Unpack(binaryAttr(row, attrBrief), &doc); err != nil {
				return fault.Wrap(fault.Internal, err)
			}
			if err := use(doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// RecordDelivery stores what became of a message, from a recipient on: an outbox entry that is delivered in several attempts has several. A second call for the same
// recipient replaces the numbers and keeps the day, so that a repeated delivery counts once.
func (s *Store) RecordDelivery(ctx context.Context, entry string, first int, d figures.Delivery, at time.Time) error {
	update, err := s.newDelivery(entry, strconv.Itoa(first), d, at)
	if err != nil {
		return err
	}
	_, err = s.Client.UpdateItem(ctx, update)
	return classify(err)
}

// newDelivery returns the update that stores what became of a message, or of a part of it. It keeps the day of a row that exists.
func (s *Store) newDelivery(entry, sk string, d figures.Delivery, at time.Time) (*dynamodb.UpdateItemInput, error) {
	doc, err := json.Marshal(d)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	return &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: itemKey(messagePK(entry), sk),
		UpdateExpression:         aws.String("SET brief = :doc, #open = if_not_exists(#open, :day), #at = if_not_exists(#at, :at), #ttl = :ttl"),
		ExpressionAttributeNames: map[string]string{"#open": attrOpen, "#at": attrAt, "#ttl": attrTTL},
		ExpressionAttributeValues: item{":doc": binaryValue(doc), ":day": stringValue(deliveryPartition(workday.DateOf(at))),
			":at": stringValue(sortableTime(at) + "#" + entry + "#" + sk), ":ttl": numberValue(s.Wall().Add(deliveryTTL).Unix())},
	}, nil
}

// PutDay stores the sums of a day, and replaces those stored before.
func (s *Store) PutDay(ctx context.Context, d figures.Day) error {
	doc, err := json.Marshal(d)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row := itemKey(pkDays, dayPrefix+string(d.Day))
	row[attrDoc], row[attrTTL] = binaryValue(doc), numberValue(s.Wall().Add(countsTTL).Unix())
	return s.putItem(ctx, s.newPut(row, ""))
}

// Days returns the sums of each day from one to another, oldest first. Days without sums are missing.
func (s *Store) Days(ctx context.Context, from, to workday.Date) ([]figures.Day, error) {
	return docsOfDays[figures.Day](ctx, s, pkDays, from, to)
}

// docsOfDays returns the documents of a partition for the days from one to another, oldest first.
func docsOfDays[T any](ctx context.Context, s *Store, pk string, from, to workday.Date) ([]T, error) {
	var docs []T
	for pages := dynamodb.NewQueryPaginator(s.Client.Query, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": stringValue(pk), ":from": stringValue(dayPrefix + string(from)), ":to": stringValue(dayPrefix + string(to))},
	}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, classify(err)
		}
		for _, row := range page.Items {
			var doc T
			if err := Unpack(binaryAttr(row, attrDoc), &doc); err != nil {
				return nil, fault.Wrap(fault.Internal, err)
			}
			docs = append(docs, doc)
		}
	}
	return docs, nil
}

// SettledDay returns the last day whose sums are final; "" if there is none.
func (s *Store) SettledDay(ctx context.Context) (workday.Date, error) {
	var day workday.Date
	_, err := s.getDoc(ctx, pkDays, skSettled, &day)
	return day, err
}

// PutSettledDay stores the last day whose sums are final.
func (s *Store) PutSettledDay(ctx context.Context, day workday.Date) error {
	return s.putDoc(ctx, pkDays, skSettled, day)
}
