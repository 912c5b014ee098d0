package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// outboxEntries returns the outbox entries of a change: the effects to deliver after it is stored.
func (s *Store) outboxEntries(c filing.Change) []decide.OutboxEntry {
	var entries []decide.OutboxEntry
	add := func(kind decide.EntryKind, n filing.Notice) {
		entries = append(entries, decide.OutboxEntry{
			ID: newEntryID(kind, string(c.Order.ID)), Kind: kind, Order: c.Order.ID, Round: c.Order.Round,
			Step: c.Order.StartState(), Notice: n, At: s.Wall().UTC(),
			Derived: (kind == decide.StartExecution || kind == decide.ResumeExecution) && watched(c),
		})
	}
	for _, n := range c.Notices {
		add(decide.SendNotice, n)
	}
	if c.StartExecution {
		add(decide.StartExecution, filing.Notice{})
	}
	if c.ResumeExecution {
		add(decide.ResumeExecution, filing.Notice{})
	}
	if c.QueueUpload {
		add(decide.UploadRecord, filing.Notice{})
	}
	if c.ApplyVerdictAfter > 0 {
		add(decide.ApplyVerdict, filing.Notice{})
		e := &entries[len(entries)-1]
		e.Verdict, e.NotBefore = c.Entry.Seq, e.At.Add(c.ApplyVerdictAfter)
	}
	if c.ErasePersonalData {
		add(decide.EraseOrder, filing.Notice{})
	}
	for _, key := range c.DropEvidence {
		add(decide.DropEvidence, filing.Notice{})
		entries[len(entries)-1].Upload = key
	}
	return entries
}

// watched reports whether late.Watch finds the order by its place in the index "open", if its execution does not follow the change.
func watched(c filing.Change) bool {
	o := c.Order
	return o.Erasure == nil && !o.Status.Final() && o.Status != filing.Appealed && o.MovedAt.Equal(c.Entry.At)
}

func entryItem(e decide.OutboxEntry) item {
	doc, err := json.Marshal(e)
	if err != nil {
		panic(err) // cannot happen: ids and times can be marshalled
	}
	row := entryKey(e.ID)
	row[attrDoc] = binaryValue(doc)
	return row
}

// outboxPartitions is the number of partitions among which entries are spread that most decisions write, by what they are about, so that the stream
// keeps the sequence of an order's entries. DynamoDB takes about 1,000 write units a second for one partition key.
const outboxPartitions = 8

// spread reports whether the entries of a kind are in several partitions.
func spread(kind decide.EntryKind) bool {
	return kind == decide.ResumeExecution || kind == decide.SendNotice || kind == decide.SendRegisterNotice || kind == decide.SendEvents
}

// newEntryID returns the id of a new entry: its kind, a ULID, and the number of its partition if its kind is spread.
func newEntryID(kind decide.EntryKind, about string) string {
	id := string(kind) + "#" + ulid.Make().String()
	if spread(kind) {
		sum := fnv.New32a()
		sum.Write([]byte(about))
		id += "-" + strconv.Itoa(int(sum.Sum32()%outboxPartitions))
	}
	return id
}

// entryKey returns the key of an entry, by its id. Dead letters, and entries of versions of Beian that did not spread them, are in one partition.
func entryKey(id string) item {
	if _, partition, is := strings.Cut(id, "-"); is && !strings.HasPrefix(id, string(decide.DeadLetter)) {
		return itemKey(pkOutbox+"#"+partition, id)
	}
	return itemKey(pkOutbox, id)
}

// Outbox returns up to limit entries of a kind, oldest first.
func (s *Store) Outbox(ctx context.Context, kind decide.EntryKind, limit int) ([]decide.OutboxEntry, error) {
	rows, err := s.entryRows(ctx, kind, limit)
	if err != nil {
		return nil, err
	}
	entries := make([]decide.OutboxEntry, len(rows))
	for i, row := range rows {
		if err := Unpack(binaryAttr(row, attrDoc), &entries[i]); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// entryRows returns the rows of up to limit entries of a kind, oldest first; 0 means all.
func (s *Store) entryRows(ctx context.Context, kind decide.EntryKind, limit int) ([]item, error) {
	partitions := []string{pkOutbox}
	for n := range outboxPartitions {
		if spread(kind) {
			partitions = append(partitions, pkOutbox+"#"+strconv.Itoa(n))
		}
	}
	found := make([][]item, len(partitions))
	queries, within := errgroup.WithContext(ctx)
	for i, pk := range partitions {
		queries.Go(func() (err error) {
			found[i], err = s.listRows(within, pk, string(kind)+"#", limit)
			return err
		})
	}
	if err := queries.Wait(); err != nil {
		return nil, err
	}
	rows := slices.Concat(found...)
	slices.SortFunc(rows, func(a, b item) int { return strings.Compare(stringAttr(a, attrSK), stringAttr(b, attrSK)) })
	if limit > 0 && len(rows) > limit {
		rows = rows[:limit]
	}
	return rows, nil
}

// OutboxLength returns the number of entries of a kind, at most limit.
func (s *Store) OutboxLength(ctx context.Context, kind decide.EntryKind, limit int) (int, error) {
	entries, err := s.Outbox(ctx, kind, limit)
	return len(entries), err
}

// entryLease is the duration of the lease of an outbox entry.
const entryLease = time.Minute

const attrSent = "sent"

// LeaseEntry leases an entry to the caller for a minute, so that two concurrent functions do not both deliver it.
func (s *Store) LeaseEntry(ctx context.Context, id string) (decide.Lease, error) {
	now := s.Wall()
	out, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: entryKey(id), ReturnValues: types.ReturnValueAllNew,
		UpdateExpression:          aws.String("SET leased = :until"),
		ConditionExpression:       aws.String("attribute_exists(pk) AND (attribute_not_exists(leased) OR leased < :now)"),
		ExpressionAttributeValues: item{":until": stringValue(sortableTime(now.Add(entryLease))), ":now": stringValue(sortableTime(now))},
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		row, err := s.getKey(ctx, entryKey(id))
		return decide.Lease{Gone: err == nil && row == nil}, err
	}
	if err != nil {
		return decide.Lease{}, classify(err)
	}
	_, retry := out.Attributes[attrSent]
	return decide.Lease{Acquired: true, Sent: int(numberAttr(out.Attributes, attrSent)), Retry: retry}, nil
}

// PostponeEntry makes an entry available for lease again after a pause, and stores to how many of its recipients it was sent. It is
// no error if the entry no longer exists.
func (s *Store) PostponeEntry(ctx context.Context, id string, pause time.Duration, sent int) error {
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: entryKey(id),
		UpdateExpression:         aws.String("SET leased = :until, #sent = :sent"),
		ConditionExpression:      aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#sent": attrSent},
		ExpressionAttributeValues: item{
			":until": stringValue(sortableTime(s.Wall().Add(pause))), ":sent": numberValue(int64(sent)),
		},
	})
	var gone *types.ConditionalCheckFailedException
	if errors.As(err, &gone) {
		return nil
	}
	return classify(err)
}

// MoveToDeadLetters moves an entry that can never be delivered to the kind decide.DeadLetter.
func (s *Store) MoveToDeadLetters(ctx context.Context, e decide.OutboxEntry) error {
	dead := e
	dead.ID = string(decide.DeadLetter) + "#" + e.ID
	return classify(s.writeTransaction(ctx, []types.TransactWriteItem{
		{Put: s.newPut(entryItem(dead), "")},
		{Delete: &types.Delete{TableName: aws.String(s.Table), Key: entryKey(e.ID)}},
	}))
}

// AddEntry stores a derived entry that was not delivered.
func (s *Store) AddEntry(ctx context.Context, e decide.OutboxEntry) error {
	return s.putItem(ctx, s.newPut(entryItem(e), ""))
}

// DeleteEntry removes a delivered entry. It is no error if the entry does not exist.
func (s *Store) DeleteEntry(ctx context.Context, id string) error {
	return s.deleteItem(ctx, entryKey(id))
}

// ReclaimLeases releases the leases that a killed process left behind: that of a link, and those of messages. Call it only at the
// start of a system that consists of one process. In other systems the leases expire within minutes.
func (s *Store) ReclaimLeases(ctx context.Context, link string) error {
	leased := []item{linkKey(link)}
	for _, kind := range []decide.EntryKind{decide.SendNotice, decide.SendRegisterNotice} {
		rows, err := s.entryRows(ctx, kind, 0)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row["leased"] != nil {
				leased = append(leased, item{attrPK: row[attrPK], attrSK: row[attrSK]})
			}
		}
	}
	for _, key := range leased {
		_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String(s.Table), Key: key,
			UpdateExpression: aws.String("REMOVE holder, leased"), ConditionExpression: aws.String("attribute_exists(leased)"),
		})
		var free *types.ConditionalCheckFailedException
		if err != nil && !errors.As(err, &free) {
			return classify(err)
		}
	}
	return nil
}
