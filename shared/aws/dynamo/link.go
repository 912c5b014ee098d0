package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
)

// The state of the exchange with a bureau is stored per link: one account of one provider at one bureau. The uploads of a link are
// numbered without gaps, so only one exchange at a time may use a link. [Store.AcquireLink] leases a link to one holder. Once a
// lease has expired and another holder has acquired the link, the first holder can no longer write to it.

const (
	pkIDs, skIDs           = "BUREAU", "NUMBERS"
	skState                = "STATE"
	attrHolder, attrLeased = "holder", "leased"
)

// LinkLease is the duration of a lease, from the holder's last write. It exceeds the timeout of a call to a bureau.
const LinkLease = 2 * time.Minute

func linkPK(link string) string                { return "BUREAU#" + link }
func recordPK(name exchange.RecordName) string { return "RECORD#" + string(name) }
func sentSK(sequence int64) string             { return fmt.Sprintf("SENT#%010d", sequence) }
func receivedSK(id string) string              { return "RECEIVED#" + id }
func poisonSK(id string) string                { return "POISON#" + id }
func issueSK(kind, file string) string         { return "ISSUE#" + kind + "#" + file }
func linkKey(link string) item                 { return itemKey(linkPK(link), skState) }

// AllocateIDs allocates n consecutive ids, by which the ministry's interface knows our records (MIIT-IF30 8.3), and returns
// the first. No id is allocated twice. If the caller fails, its ids stay unused.
func (s *Store) AllocateIDs(ctx context.Context, n int) (first int64, err error) {
	if n < 1 {
		return 0, fault.Wrap(fault.Internal, fmt.Errorf("dynamo: cannot allocate %d ids", n))
	}
	out, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: itemKey(pkIDs, skIDs),
		UpdateExpression:          aws.String("ADD given :n"),
		ExpressionAttributeValues: item{":n": numberValue(int64(n))},
		ReturnValues:              types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, classify(err)
	}
	return numberAttr(out.Attributes, "given") - int64(n) + 1, nil
}

// AcquireLink leases a link to holder for [LinkLease], or renews the lease, and returns the link's state. It returns
// exchange.ErrLinkBusy if another holder has the lease.
func (s *Store) AcquireLink(ctx context.Context, link, holder string) (exchange.LinkState, error) {
	now := s.Wall()
	out, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: linkKey(link),
		UpdateExpression:    aws.String("SET holder = :me, leased = :until"),
		ConditionExpression: aws.String("attribute_not_exists(leased) OR leased < :now OR holder = :me"),
		ExpressionAttributeValues: item{
			":me": stringValue(holder), ":until": stringValue(sortableTime(now.Add(LinkLease))), ":now": stringValue(sortableTime(now)),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		return exchange.LinkState{}, classifyLink(err)
	}
	return linkStateOf(out.Attributes)
}

// ReleaseLink writes a link's state and ends the lease. If another has acquired the link, it changes nothing, and this is no error.
func (s *Store) ReleaseLink(ctx context.Context, link, holder string, state exchange.LinkState) error {
	doc, err := json.Marshal(state)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	_, err = s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: linkKey(link),
		UpdateExpression:          aws.String("SET doc = :doc REMOVE holder, leased"),
		ConditionExpression:       aws.String("holder = :me"),
		ExpressionAttributeValues: item{":me": stringValue(holder), ":doc": binaryValue(doc)},
	})
	if err = classifyLink(err); errors.Is(err, exchange.ErrLinkBusy) {
		return nil
	}
	return err
}

// SaveLink writes a link's state and renews the lease. It returns exchange.ErrLinkBusy if another holder has acquired the link.
func (s *Store) SaveLink(ctx context.Context, link, holder string, state exchange.LinkState) error {
	doc, err := json.Marshal(state)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	_, err = s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: linkKey(link),
		UpdateExpression:    aws.String("SET doc = :doc, leased = :until"),
		ConditionExpression: aws.String("holder = :me"),
		ExpressionAttributeValues: item{
			":me": stringValue(holder), ":doc": binaryValue(doc), ":until": stringValue(sortableTime(s.Wall().Add(LinkLease))),
		},
	})
	return classifyLink(err)
}

// Link returns the state of a link without a lease.
func (s *Store) Link(ctx context.Context, link string) (exchange.LinkState, error) {
	row, err := s.getItem(ctx, linkPK(link), skState)
	if err != nil {
		return exchange.LinkState{}, err
	}
	return linkStateOf(row)
}

func linkStateOf(row item) (exchange.LinkState, error) {
	var state exchange.LinkState
	doc := binaryAttr(row, attrDoc)
	if doc == nil {
		return state, nil
	}
	return state, fault.Wrap(fault.Internal, json.Unmarshal(doc, &state))
}

// classifyLink classifies the error of a write that requires the lease. A failed condition is exchange.ErrLinkBusy.
func classifyLink(err error) error {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return exchange.ErrLinkBusy
	}
	return classify(err)
}

// PutSent stores a file that the bureau accepted. The bureau may request it again for three months (MIIT-IF30 8.1).
func (s *Store) PutSent(ctx context.Context, link string, sent exchange.Sent) error {
	return s.putFile(ctx, linkPK(link), sentSK(sent.Sequence), sent, exchange.StoredFile{Object: sent.Object, At: sent.AcceptedAt})
}

// Sent returns an accepted file. known is false if there is none.
func (s *Store) Sent(ctx context.Context, link string, sequence int64) (sent exchange.Sent, known bool, err error) {
	known, err = s.getDoc(ctx, linkPK(link), sentSK(sequence), &sent)
	return sent, known, err
}

// SentFiles lists the accepted files of a link, the newest first.
func (s *Store) SentFiles(ctx context.Context, link, cursor string, limit int) ([]exchange.Sent, string, error) {
	return listFiles[exchange.Sent](ctx, s, link, "SENT#", cursor, limit)
}

// ReceivedFiles lists the downloads of a link by name, the last name first. The bureaus' names begin with the time.
func (s *Store) ReceivedFiles(ctx context.Context, link, cursor string, limit int) ([]exchange.Received, string, error) {
	return listFiles[exchange.Received](ctx, s, link, receivedSK(""), cursor, limit)
}

func listFiles[T any](ctx context.Context, s *Store, link, prefix, cursor string, limit int) (files []T, next string, err error) {
	rows, next, err := s.listPage(ctx, linkPK(link), prefix, cursor, limit, true)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		var file T
		if err := Unpack(binaryAttr(row, attrDoc), &file); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
		files = append(files, file)
	}
	return files, next, nil
}

// PutRecords stores the order and round of a record under its names.
func (s *Store) PutRecords(ctx context.Context, r exchange.Record, names ...exchange.RecordName) error {
	for _, name := range names {
		if err := s.putDoc(ctx, recordPK(name), "RECORD", r); err != nil {
			return err
		}
	}
	return nil
}

// Record returns the order and round of the record with a name. known is false if none was sent under it.
func (s *Store) Record(ctx context.Context, name exchange.RecordName) (r exchange.Record, known bool, err error) {
	known, err = s.getDoc(ctx, recordPK(name), "RECORD", &r)
	return r, known, err
}

// PutReceived stores the state of a downloaded file.
func (s *Store) PutReceived(ctx context.Context, link string, r exchange.Received) error {
	if r.State == exchange.Poison {
		if err := s.putDoc(ctx, linkPK(link), poisonSK(r.ID), r); err != nil {
			return err
		}
	}
	return s.putFile(ctx, linkPK(link), receivedSK(r.ID), r, exchange.StoredFile{Object: r.Object, At: r.At})
}

// Received returns a downloaded file. known is false if there is none.
func (s *Store) Received(ctx context.Context, link, id string) (r exchange.Received, known bool, err error) {
	known, err = s.getDoc(ctx, linkPK(link), receivedSK(id), &r)
	return r, known, err
}

// ReceivedAs returns the newest downloaded file with the bureau's name. known is false if there is none.
func (s *Store) ReceivedAs(ctx context.Context, link, name string) (newest exchange.Received, known bool, err error) {
	files, err := listDocs[exchange.Received](ctx, s, linkPK(link), receivedSK(name), 0)
	for _, r := range files {
		if r.Name == name && !r.At.Before(newest.At) {
			newest, known = r, true
		}
	}
	return newest, known, err
}

// PoisonedFiles lists the downloads in state Poison, at most limit.
func (s *Store) PoisonedFiles(ctx context.Context, link string, limit int) ([]exchange.Received, error) {
	return listDocs[exchange.Received](ctx, s, linkPK(link), poisonSK(""), limit)
}

// ClearPoison removes a downloaded file from the list of [Store.PoisonedFiles].
func (s *Store) ClearPoison(ctx context.Context, link, id string) error {
	return s.deleteItem(ctx, itemKey(linkPK(link), poisonSK(id)))
}

// PutIssue stores an issue for the operator. Storing it again changes nothing.
func (s *Store) PutIssue(ctx context.Context, link string, i exchange.Issue) error {
	return s.putDoc(ctx, linkPK(link), issueSK(i.Kind, i.File), i)
}

// Issues lists the issues for the operator, at most limit.
func (s *Store) Issues(ctx context.Context, link string, limit int) ([]exchange.Issue, error) {
	return listDocs[exchange.Issue](ctx, s, linkPK(link), "ISSUE#", limit)
}
