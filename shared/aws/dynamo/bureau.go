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

	"beian/shared/filing"
	"beian/shared/rules/certificate"
	"beian/shared/rules/fault"
)

// What passes between us and a bureau is kept per link: one account of one provider at one bureau. Uploads of a link are
// numbered without gaps, so only one exchange at a time may work on it: [Store.AcquireLink] gives a link to one for a while,
// and whoever has lost it can write nothing more about it.

const (
	pkNumbers              = "BUREAU"
	skNumbers, skState     = "NUMBERS", "STATE"
	attrHolder, attrLeased = "holder", "leased"
)

// LinkLease is how long a link is held without a word from its holder. It is longer than one call to a bureau may take.
const LinkLease = 2 * time.Minute

// ErrHeld says that another exchange works on the link, or has taken it over.
var ErrHeld = fault.New(fault.Conflict, "另一个管局交换任务正在进行。", "Another exchange is at work on this link.")

func linkPK(link string) string           { return "BUREAU#" + link }
func recordPK(id int64) string            { return fmt.Sprintf("RECORD#%d", id) }
func sentSK(sequence int64) string        { return fmt.Sprintf("SENT#%010d", sequence) }
func receivedSK(id string) string         { return "RECEIVED#" + id }
func poisonSK(id string) string           { return "POISON#" + id }
func issueSK(kind, file string) string    { return "ISSUE#" + kind + "#" + file }
func numbersKey() item                    { return key(pkNumbers, skNumbers) }
func (s *Store) linkKey(link string) item { return key(linkPK(link), skState) }

// Numbers allocates n consecutive numbers "of ours", by which the ministry's interface knows our records (MIIT-IF30,
// 8.3), and returns the first. No number is ever given twice; a caller that dies leaves some unused.
func (s *Store) Numbers(ctx context.Context, n int) (first int64, err error) {
	if n < 1 {
		return 0, fault.Wrap(fault.Internal, fmt.Errorf("dynamo: %d numbers wanted", n))
	}
	out, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: numbersKey(),
		UpdateExpression:          aws.String("ADD given :n"),
		ExpressionAttributeValues: item{":n": number(int64(n))},
		ReturnValues:              types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, classify(err)
	}
	return numberOf(out.Attributes, "given") - int64(n) + 1, nil
}

// A Sent is one file for the bureau: being sent, or sent.
type Sent struct {
	Sequence int64  `json:"sequence"`
	Object   string `json:"object"` // key of its bytes in the bucket
	// Hash and the kinds are what goes with the bytes on the wire, see wire.Parcel.
	Hash        string       `json:"hash"`
	Encryption  int          `json:"encryption"`
	HashKind    int          `json:"hashKind"`
	Compression int          `json:"compression"`
	Records     []SentRecord `json:"records"`
	BuiltAt     time.Time    `json:"builtAt"`
	TakenAt     time.Time    `json:"takenAt,omitzero"` // the bureau has it, and its number is used up
}

// A SentRecord is the record of one order in a file.
type SentRecord struct {
	Order   filing.ID `json:"order"`
	Round   int       `json:"round"`
	Subject int64     `json:"subject"` // our id of the record
	Entry   string    `json:"entry"`   // of the outbox
}

// A LinkState is where the uploads of a link stand.
type LinkState struct {
	// Next is the number of the next file; 0 while nobody has asked the bureau yet.
	Next int64 `json:"next"`
	// Flight is the file that was built and is not done with.
	Flight *Sent `json:"flight,omitempty"`
	// Single is how many of the coming records go in a file of their own, because a file that held them was refused.
	Single int `json:"single,omitempty"`
	// Missing are numbers of files that the bureau says it lacks.
	Missing []int64 `json:"missing,omitempty"`
	// Last is what the bureau last said to an upload or a download, and when.
	Upload   LinkWord `json:"upload,omitzero"`
	Download LinkWord `json:"download,omitzero"`
}

// A LinkWord is an answer of the bureau, for the operator.
type LinkWord struct {
	Code        int       `json:"code"` // msg_code; -1 is no answer
	Disposition string    `json:"disposition"`
	Text        string    `json:"text,omitempty"`
	At          time.Time `json:"at,omitzero"`
	// Since is when the uploads or downloads of the link came to a stop that only the operator ends.
	Since time.Time `json:"since,omitzero"`
}

// AcquireLink gives a link to holder for [LinkLease] and returns its state; ErrHeld if another has it. The holder may call it
// again to hold on.
func (s *Store) AcquireLink(ctx context.Context, link, holder string) (LinkState, error) {
	now := s.Wall()
	out, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: s.linkKey(link),
		UpdateExpression:    aws.String("SET holder = :me, leased = :until"),
		ConditionExpression: aws.String("attribute_not_exists(leased) OR leased < :now OR holder = :me"),
		ExpressionAttributeValues: item{
			":me": text(holder), ":until": text(moment(now.Add(LinkLease))), ":now": text(moment(now)),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		return LinkState{}, held(err)
	}
	return linkStateOf(out.Attributes)
}

// ReleaseLink gives a link back. It is no error if it was taken over.
func (s *Store) ReleaseLink(ctx context.Context, link, holder string) error {
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: s.linkKey(link),
		UpdateExpression:          aws.String("REMOVE holder, leased"),
		ConditionExpression:       aws.String("holder = :me"),
		ExpressionAttributeValues: item{":me": text(holder)},
	})
	if err = held(err); errors.Is(err, ErrHeld) {
		return nil
	}
	return err
}

// SaveLink writes a link's state and holds on; ErrHeld if the holder has lost it.
func (s *Store) SaveLink(ctx context.Context, link, holder string, state LinkState) error {
	doc, err := json.Marshal(state)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	_, err = s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: s.linkKey(link),
		UpdateExpression:    aws.String("SET doc = :doc, leased = :until"),
		ConditionExpression: aws.String("holder = :me"),
		ExpressionAttributeValues: item{
			":me": text(holder), ":doc": bytes(doc), ":until": text(moment(s.Wall().Add(LinkLease))),
		},
	})
	return held(err)
}

// Link returns where a link stands, for whoever only looks.
func (s *Store) Link(ctx context.Context, link string) (LinkState, error) {
	row, err := s.get(ctx, linkPK(link), skState)
	if err != nil {
		return LinkState{}, err
	}
	return linkStateOf(row)
}

func linkStateOf(row item) (LinkState, error) {
	var state LinkState
	doc := bytesOf(row, attrDoc)
	if doc == nil {
		return state, nil
	}
	return state, fault.Wrap(fault.Internal, json.Unmarshal(doc, &state))
}

func held(err error) error {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return ErrHeld
	}
	return classify(err)
}

// PutSent keeps what a taken file held, for as long as the bureau may ask for it again (MIIT-IF30, 8.1: three months).
func (s *Store) PutSent(ctx context.Context, link string, sent Sent) error {
	return s.putDoc(ctx, linkPK(link), sentSK(sent.Sequence), sent)
}

// Sent returns a taken file; false if it is not known.
func (s *Store) Sent(ctx context.Context, link string, sequence int64) (Sent, bool, error) {
	var sent Sent
	found, err := s.getDoc(ctx, linkPK(link), sentSK(sequence), &sent)
	return sent, found, err
}

// A Record says of which order and round one of our numbers is.
type Record struct {
	Order filing.ID `json:"order"`
	Round int       `json:"round"`
}

// PutRecords remembers what numbers of ours stand for. It is called before the numbers leave the house.
func (s *Store) PutRecords(ctx context.Context, r Record, ids ...int64) error {
	for _, id := range ids {
		if err := s.putDoc(ctx, recordPK(id), "RECORD", r); err != nil {
			return err
		}
	}
	return nil
}

// Record returns what one of our numbers stands for; false if it is not ours.
func (s *Store) Record(ctx context.Context, id int64) (Record, bool, error) {
	var r Record
	found, err := s.getDoc(ctx, recordPK(id), "RECORD", &r)
	return r, found, err
}

// An Issue is something in a downloaded file that waits for somebody of the provider: a verification task, an audit, a
// notice, an unfiled site. The words are in the file; here is only that there are some.
type Issue struct {
	Kind  string    `json:"kind"` // element name of the interface: HSRW, HCJG, XGTZ, WBAWZLB …
	File  string    `json:"file"` // id of the [Received]
	Count int       `json:"count"`
	At    time.Time `json:"at"`
}

// PutIssue keeps an issue for the operator. The same one again changes nothing.
func (s *Store) PutIssue(ctx context.Context, link string, i Issue) error {
	return s.putDoc(ctx, linkPK(link), issueSK(i.Kind, i.File), i)
}

// Issues lists what waits for the operator, at most limit.
func (s *Store) Issues(ctx context.Context, link string, limit int) ([]Issue, error) {
	var all []Issue
	err := s.each(ctx, linkPK(link), "ISSUE#", func(doc []byte) (bool, error) {
		var i Issue
		if err := json.Unmarshal(doc, &i); err != nil {
			return false, err
		}
		all = append(all, i)
		return len(all) < limit, nil
	})
	return all, err
}

// OutboxLength counts the entries of a kind, at most to limit.
func (s *Store) OutboxLength(ctx context.Context, kind EntryKind, limit int) (int, error) {
	count := 0
	err := s.each(ctx, pkOutbox, string(kind)+"#", func([]byte) (bool, error) {
		count++
		return count < limit, nil
	})
	return count, err
}

func (s *Store) putDoc(ctx context.Context, pk, sk string, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row := key(pk, sk)
	row[attrDoc] = bytes(doc)
	return s.write(ctx, s.put(row, ""))
}

func (s *Store) getDoc(ctx context.Context, pk, sk string, v any) (bool, error) {
	row, err := s.get(ctx, pk, sk)
	if err != nil || row == nil {
		return false, err
	}
	return true, fault.Wrap(fault.Internal, json.Unmarshal(bytesOf(row, attrDoc), v))
}

// each calls do with the documents below a prefix, in order, until it has enough.
func (s *Store) each(ctx context.Context, pk, prefix string, do func(doc []byte) (more bool, err error)) error {
	pages := dynamodb.NewQueryPaginator(s.Client, &dynamodb.QueryInput{
		TableName:                 aws.String(s.Table),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": text(pk), ":prefix": text(prefix)},
		ConsistentRead:            aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return classify(err)
		}
		for _, row := range page.Items {
			more, err := do(bytesOf(row, attrDoc))
			if err != nil {
				return fault.Wrap(fault.Internal, err)
			}
			if !more {
				return nil
			}
		}
	}
	return nil
}

// SubjectKey is the look-up key of a subject's certificate: the same for the same number, and nobody can try numbers.
func (s *Store) SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error) {
	return s.Sealer.Index(ctx, "subject", certificate.Normalize(kind, number).Reveal())
}

func blackPK(kind, key string) string { return "BLACK#" + kind + "#" + key }

// Kinds of what may be on the blacklist.
const (
	BlackSubject = "subject" // by SubjectKey
	BlackDomain  = "domain"  // by name, in ASCII
)

// SetBlacklisted puts a subject or domain on the ministry's blacklist (HMDLB), or takes it off.
func (s *Store) SetBlacklisted(ctx context.Context, kind, name, file string, listed Listing) error {
	if listed == Off {
		_, err := s.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: aws.String(s.Table), Key: key(blackPK(kind, name), "BLACK"),
		})
		return classify(err)
	}
	row := key(blackPK(kind, name), "BLACK")
	row["file"] = text(file)
	return s.write(ctx, s.put(row, ""))
}

// A Listing is whether something is on the list.
type Listing string

const (
	On  Listing = "on"
	Off Listing = "off"
)

// Blacklisted reports whether the ministry lets neither the subject (by its [Store.SubjectKey]) nor the domain file.
func (s *Store) Blacklisted(ctx context.Context, subjectKey string, domain filing.Domain) (subject, ofDomain bool, err error) {
	row, err := s.get(ctx, blackPK(BlackSubject, subjectKey), "BLACK")
	if err != nil {
		return false, false, err
	}
	subject = row != nil
	row, err = s.get(ctx, blackPK(BlackDomain, string(domain)), "BLACK")
	return subject, row != nil, err
}
