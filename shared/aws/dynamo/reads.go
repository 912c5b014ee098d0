package dynamo

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
)

const (
	readPrefix = "READ#"
	// maxReads is the maximum number of entries in one transaction.
	maxReads = 100
	// readTTL is how long an entry is stored: three years, the least that PIPL-56 asks of records of processing.
	readTTL = 1096 * 24 * time.Hour
)

// AddReads adds entries to the audits of their orders. One entry is one write. Several are written in transactions of 100, so after an error
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
		row := itemKey(auditPK(r), readPrefix+sortableTime(r.At)+"#"+ulid.Make().String())
		row[attrDoc], row[attrTTL] = binaryValue(doc), numberValue(s.Wall().Add(readTTL).Unix())
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
	if r.Filing != "" {
		return filingPK(r.Filing)
	}
	return orderPK(r.Order)
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
		var r filing.StaffRead
		if err := json.Unmarshal(binaryAttr(row, attrDoc), &r); err != nil {
			r = of
		}
		mac, err := s.readMAC(ctx, r)
		if err != nil {
			return nil, "", err
		}
		r.MACValid = r.Order == of.Order && r.Filing == of.Filing && hmac.Equal([]byte(mac), []byte(r.MAC))
		reads = append(reads, r)
	}
	return reads, next, nil
}
