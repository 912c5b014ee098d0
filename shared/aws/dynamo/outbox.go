package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// An EntryKind is what an outbox entry asks for.
type EntryKind string

const (
	Start  EntryKind = "start"  // start the order's execution for its round
	Resume EntryKind = "resume" // tell the waiting execution where the order stands
	Send   EntryKind = "notice" // send a notice
	Upload EntryKind = "upload" // put the record into the next file for the bureau
)

// An Entry is something to be done after a decision, at least once. It holds ids only.
type Entry struct {
	ID     string        `json:"id"` // kind#ulid: the sort key, and the key that makes the effect happen once
	Kind   EntryKind     `json:"kind"`
	Order  filing.ID     `json:"order"`
	Round  int           `json:"round"`
	Step   string        `json:"step"` // the state at which a started execution begins
	Notice filing.Notice `json:"notice,omitzero"`
	At     time.Time     `json:"at"` // wall clock
}

func (s *Store) entries(c filing.Change) []Entry {
	var all []Entry
	add := func(kind EntryKind, n filing.Notice) {
		all = append(all, Entry{
			ID: string(kind) + "#" + ulid.Make().String(), Kind: kind, Order: c.Order.ID, Round: c.Order.Round,
			Step: c.Order.Begins(), Notice: n, At: s.Wall().UTC(),
		})
	}
	for _, n := range c.Notices {
		add(Send, n)
	}
	if c.Start {
		add(Start, filing.Notice{})
	}
	if c.Resume {
		add(Resume, filing.Notice{})
	}
	if c.Upload {
		add(Upload, filing.Notice{})
	}
	return all
}

func (e Entry) item() item {
	doc, err := json.Marshal(e)
	if err != nil {
		panic(err) // ids and times always marshal
	}
	row := key(pkOutbox, e.ID)
	row[attrDoc] = bytes(doc)
	return row
}

// Outbox returns up to limit entries of a kind, oldest first.
func (s *Store) Outbox(ctx context.Context, kind EntryKind, limit int) ([]Entry, error) {
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName:                 aws.String(s.Table),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :kind)"),
		ExpressionAttributeValues: item{":pk": text(pkOutbox), ":kind": text(string(kind) + "#")},
		ConsistentRead:            aws.Bool(true),
		Limit:                     aws.Int32(int32(limit)),
	})
	if err != nil {
		return nil, classify(err)
	}
	entries := make([]Entry, len(out.Items))
	for i, row := range out.Items {
		if err := json.Unmarshal(bytesOf(row, attrDoc), &entries[i]); err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
	}
	return entries, nil
}

// EntryOf decodes an outbox entry from the image that the table's stream carries.
func EntryOf(doc []byte) (Entry, error) {
	var e Entry
	return e, json.Unmarshal(doc, &e)
}

// leaseFor is how long one function has an entry to itself.
const leaseFor = time.Minute

// A Lease is what came of asking for an entry.
type Lease struct {
	Mine bool // the caller has the entry to itself
	Gone bool // it was delivered or set aside; if it is not the caller's either, somebody else has it now
	Sent int  // how many of its recipients have been served by earlier tries
}

const attrSent = "sent"

// Lease gives an entry to one caller for a minute, so that two functions that were handed it at once do not both send.
func (s *Store) Lease(ctx context.Context, e Entry) (Lease, error) {
	now := s.Wall()
	out, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(pkOutbox, e.ID), ReturnValues: types.ReturnValueAllNew,
		UpdateExpression:          aws.String("SET leased = :until"),
		ConditionExpression:       aws.String("attribute_exists(pk) AND (attribute_not_exists(leased) OR leased < :now)"),
		ExpressionAttributeValues: item{":until": text(moment(now.Add(leaseFor))), ":now": text(moment(now))},
	})
	var held *types.ConditionalCheckFailedException
	if errors.As(err, &held) {
		row, err := s.get(ctx, pkOutbox, e.ID)
		return Lease{Gone: err == nil && row == nil}, err
	}
	if err != nil {
		return Lease{}, classify(err)
	}
	return Lease{Mine: true, Sent: int(numberOf(out.Attributes, attrSent))}, nil
}

// Postpone gives a leased entry back that could not be delivered to all of its recipients: nobody has it for a moment, and
// whoever leases it next knows how many were served.
func (s *Store) Postpone(ctx context.Context, e Entry, moments time.Duration, sent int) error {
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(pkOutbox, e.ID),
		UpdateExpression:         aws.String("SET leased = :until, #sent = :sent"),
		ConditionExpression:      aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#sent": attrSent},
		ExpressionAttributeValues: item{
			":until": text(moment(s.Wall().Add(moments))), ":sent": number(int64(sent)),
		},
	})
	var gone *types.ConditionalCheckFailedException
	if errors.As(err, &gone) {
		return nil
	}
	return classify(err)
}

// Dead is the kind of the entries that were set aside: they could never be delivered, and wait for the operator.
const Dead EntryKind = "dead"

// SetAside takes an entry that cannot be delivered out of the way of the others, and keeps it for the operator.
func (s *Store) SetAside(ctx context.Context, e Entry) error {
	aside := e
	aside.ID = string(Dead) + "#" + e.ID
	_, err := s.Client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: s.put(aside.item(), "")},
		{Delete: &types.Delete{TableName: aws.String(s.Table), Key: key(pkOutbox, e.ID)}},
	}})
	return classify(err)
}

// Delivered takes an entry out of the outbox. It is no error if it is gone.
func (s *Store) Delivered(ctx context.Context, e Entry) error {
	_, err := s.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(s.Table), Key: key(pkOutbox, e.ID)})
	return classify(err)
}

// get reads one item, strongly consistent; nil if it is not there.
func (s *Store) get(ctx context.Context, pk, sk string) (item, error) {
	out, err := s.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(s.Table), Key: key(pk, sk), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, classify(err)
	}
	return out.Item, nil
}

// write makes one conditional put.
func (s *Store) write(ctx context.Context, p *types.Put) error {
	_, err := s.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: p.TableName, Item: p.Item, ConditionExpression: p.ConditionExpression,
		ExpressionAttributeNames: p.ExpressionAttributeNames, ExpressionAttributeValues: p.ExpressionAttributeValues})
	return classify(err)
}
