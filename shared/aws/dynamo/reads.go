package dynamo

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

const (
	readPrefix = "READ#"
	// maxReads is the maximum number of entries in one transaction.
	maxReads = 100
	// readTTL is how long an entry is stored: three years, the least that PIPL-56 asks of records of processing.
	readTTL = 1096 * 24 * time.Hour
)

// AddReads adds entries to the audits of their orders, where the index "mine" lists them by reader and day. One entry is one write. Several are written in transactions of 100, so after an error
// some may be stored. The rows' ttl is wall-clock time, because DynamoDB deletes them.
func (s *Store) AddReads(ctx context.Context, reads ...filing.StaffRead) error {
	puts := make([]types.TransactWriteItem, len(reads))
	for i, r := range reads {
		r.At = r.At.UTC()
		var err error
		if r.MAC, err = s.readMAC(ctx, r); err != nil {
			return err
		}
		doc, err := json.Marshal(r)
		if err != nil {
			return fault.Wrap(fault.Internal, err)
		}
		at := sortableTime(r.At) + "#" + ulid.Make().String()
		row := itemKey(auditPK(r), readPrefix+at)
		row[attrBrief], row[attrTTL] = binaryValue(doc), numberValue(s.Wall().Add(readTTL).Unix())
		row[attrMine], row[attrAt] = stringValue(readsOfDay(r.By.Account, workday.DateOf(r.At))), stringValue(at)
		puts[i].Put = s.newPut(row, "attribute_not_exists(pk)")
	}
	if len(puts) == 1 {
		return s.putItem(ctx, puts[0].Put)
	}
	for chunk := range slices.Chunk(puts, maxReads) {
		if err := s.writeTransaction(ctx, chunk); err != nil {
			return classify(err)
		}
	}
	return nil
}

// auditPK returns the partition of the audit that has an entry: that of its filing, else of its order.
func auditPK(r filing.StaffRead) string {
	switch {
	case r.Filing != "":
		return filingPK(r.Filing)
	case r.Person != "":
		return "READER#" + string(r.Person)
	}
	return orderPK(r.Order)
}

// readsOfDay is the partition of the index "mine" with what a member of staff read on a day, Shanghai time. No account contains a space.
func readsOfDay(account filing.Account, day workday.Date) string {
	return "reads " + string(account) + " " + string(day)
}

// readFrom returns the entry of a row. Rows from before the index by person have it in another attribute. ok is false for a row that was changed to something
// other than JSON.
func readFrom(row item) (r filing.StaffRead, ok bool) {
	doc := binaryAttr(row, attrBrief)
	if doc == nil {
		doc = binaryAttr(row, attrDoc)
	}
	err := json.Unmarshal(doc, &r)
	return r, err == nil
}

// A readCursor is the position after the last entry of a page of [Store.ReadsBy].
type readCursor struct {
	Day workday.Date `json:"d"`
	PK  string       `json:"p,omitempty"` // "" is the begin of the day
	At  string       `json:"a,omitempty"`
}

// ReadsBy lists what a member of staff read from a day to a day, Shanghai time, newest first, at most limit entries. MACValid reports whether an entry is as it was
// stored. An entry appears about a second after the read.
func (s *Store) ReadsBy(ctx context.Context, account filing.Account, from, to workday.Date, given string, limit int) (reads []filing.StaffRead, next string, err error) {
	at := readCursor{Day: to}
	if given != "" {
		at = readCursor{}
		doc, err := base64.RawURLEncoding.DecodeString(given)
		if err != nil || strictjson.Unmarshal(doc, &at) != nil || !at.Day.Valid() || at.Day > to || (at.PK == "") != (at.At == "") {
			return nil, "", unknownCursor()
		}
	}
	for ; at.Day >= from && len(reads) < limit; at = (readCursor{Day: at.Day.AddDays(-1)}) {
		mine := readsOfDay(account, at.Day)
		in := &dynamodb.QueryInput{
			TableName: aws.String(s.Table), IndexName: aws.String(indexMine), KeyConditionExpression: aws.String("mine = :mine"),
			ExpressionAttributeValues: item{":mine": stringValue(mine)}, ScanIndexForward: aws.Bool(false), Limit: aws.Int32(int32(limit - len(reads))),
		}
		if at.PK != "" {
			in.ExclusiveStartKey = itemKey(at.PK, readPrefix+at.At)
			in.ExclusiveStartKey[attrMine], in.ExclusiveStartKey[attrAt] = stringValue(mine), stringValue(at.At)
		}
		out, err := s.Client.Query(ctx, in)
		if err != nil {
			return nil, "", classify(err)
		}
		for _, row := range out.Items {
			r, err := s.verifiedRead(ctx, row, filing.StaffRead{By: filing.Actor{Account: account}})
			if err != nil {
				return nil, "", err
			}
			r.MACValid = r.MACValid && r.By.Account == account && auditPK(r) == stringAttr(row, attrPK)
			reads = append(reads, r)
		}
		if last := out.LastEvaluatedKey; last != nil {
			return reads, encodeReadCursor(readCursor{at.Day, stringAttr(last, attrPK), stringAttr(last, attrAt)}), nil
		}
	}
	if at.Day >= from {
		next = encodeReadCursor(at)
	}
	return reads, next, nil
}

func encodeReadCursor(c readCursor) string {
	doc, err := json.Marshal(c)
	if err != nil {
		panic(err) // cannot happen: strings can be marshalled
	}
	return base64.RawURLEncoding.EncodeToString(doc)
}

// verifiedRead returns the entry of a row, with MACValid. For a row that is no entry, it returns unreadable.
func (s *Store) verifiedRead(ctx context.Context, row item, unreadable filing.StaffRead) (filing.StaffRead, error) {
	r, ok := readFrom(row)
	if !ok {
		return unreadable, nil
	}
	mac, err := s.readMAC(ctx, r)
	r.MACValid = hmac.Equal([]byte(mac), []byte(r.MAC))
	return r, err
}

// readMAC returns the HMAC of an entry: of its JSON without the HMAC.
func (s *Store) readMAC(ctx context.Context, r filing.StaffRead) (string, error) {
	r.MAC = ""
	doc, err := json.Marshal(r)
	if err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	return s.Encrypter.MAC(ctx, "staff read", string(doc))
}

// Reads lists the audit of an order, newest first. MACValid reports whether an entry is as it was stored, and belongs to the order. For a row
// that was changed to something other than JSON, the entry has only its order.
func (s *Store) Reads(ctx context.Context, id filing.ID, cursor string, limit int) (reads []filing.StaffRead, next string, err error) {
	return s.listReads(ctx, filing.StaffRead{Order: id}, cursor, limit)
}

// FilingReads is [Store.Reads] for a filing.
func (s *Store) FilingReads(ctx context.Context, id register.ID, cursor string, limit int) (reads []filing.StaffRead, next string, err error) {
	return s.listReads(ctx, filing.StaffRead{Filing: id}, cursor, limit)
}

// listReads lists the audit of the order or filing that of names.
func (s *Store) listReads(ctx context.Context, of filing.StaffRead, cursor string, limit int) (reads []filing.StaffRead, next string, err error) {
	rows, next, err := s.listPage(ctx, auditPK(of), readPrefix, cursor, limit, true)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		r, err := s.verifiedRead(ctx, row, of)
		if err != nil {
			return nil, "", err
		}
		r.MACValid = r.MACValid && r.Order == of.Order && r.Filing == of.Filing && r.Person == of.Person
		reads = append(reads, r)
	}
	return reads, next, nil
}
