package dynamo

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/rules/contact"
	"beian/shared/rules/workday"
)

const (
	skUpkeep      = "UPKEEP"
	upkeepPurpose = "upkeep"
	// dailyPurpose is that of the keys of mobiles that got their SMS of a day.
	dailyPurpose = "daily SMS"
	// mutePurpose is that of the hashes of links that turn reminders off.
	mutePurpose = "mute link"
	// dailyTTL is how long such a row is stored.
	dailyTTL = 48 * time.Hour
)

// upkeepOp makes a filing due at once, because it has a new version. It needs no data key, so that the upkeep itself is brought up to the version later.
func (s *Store) upkeepOp(f register.Filing) writeOp {
	return writeOp{write: types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.Table), Key: itemKey(filingPK(f.ID), skUpkeep),
		UpdateExpression:         aws.String("SET #due = :queue, #at = :at ADD #version :one"),
		ExpressionAttributeNames: map[string]string{"#due": attrDue, "#at": attrDueAt, "#version": attrVersion},
		ExpressionAttributeValues: item{":queue": stringValue(string(dueFilings)), ":at": stringValue(dueKey(f.ChangedAt, string(f.ID))),
			":one": numberValue(1)},
	}}}
}

// Upkeep returns the upkeep of a filing with the reviews that operators entered; one without Version if none is stored, and an empty one if the filing is erased.
func (s *Store) Upkeep(ctx context.Context, id register.ID) (upkeep.Upkeep, error) {
	u := upkeep.Upkeep{Filing: id}
	entered, err := s.Reviews(ctx)
	if err != nil {
		return u, err
	}
	u.Reviews = entered.Calendar()
	row, err := s.getItem(ctx, filingPK(id), skUpkeep)
	if err != nil || row == nil {
		return u, err
	}
	version := int(numberAttr(row, attrVersion))
	if sealed := binaryAttr(row, attrSealed); sealed != nil {
		doc, err := s.Encrypter.Decrypt(ctx, registerKey(id), upkeepPurpose, sealed)
		switch {
		case errors.Is(err, envelope.ErrErased):
		case err != nil:
			return u, err
		default:
			if err := Unpack(doc, &u); err != nil {
				return u, err
			}
		}
	}
	u.Filing, u.Version = id, version
	return u, nil
}

// CommitUpkeep writes a change of an upkeep with its notices in one transaction. The error is a fault of kind Stale if another change was stored first, or if a
// mobile has got its SMS of the day since.
func (s *Store) CommitUpkeep(ctx context.Context, c duties.Change) error {
	id := c.After.Filing
	row := itemKey(filingPK(id), skUpkeep)
	row[attrVersion] = numberValue(int64(c.Before.Version + 1))
	if !c.Due.IsZero() {
		dueFilings.setDue(row, c.Due, string(id))
	}
	doc, err := Pack(c.After)
	if err != nil {
		return err
	}
	sealed, err := s.Encrypter.Encrypt(ctx, registerKey(id), upkeepPurpose, doc)
	switch {
	case errors.Is(err, envelope.ErrErased): // nothing is kept of an erased filing
	case err != nil:
		return err
	default:
		row[attrSealed] = binaryValue(sealed)
	}
	put := s.newPut(row, "attribute_not_exists(pk)")
	if c.Before.Version > 0 {
		put = s.newPut(row, "version = :before")
		put.ExpressionAttributeValues = item{":before": numberValue(int64(c.Before.Version))}
	}
	ops := []writeOp{{write: types.TransactWriteItem{Put: put}}}
	for _, n := range c.Notices {
		ops = append(ops, s.noticeOp(n))
	}
	for _, m := range c.SMS {
		key, err := s.dailyKey(ctx, m, c.Day)
		if err != nil {
			return err
		}
		key[attrTTL] = numberValue(s.Wall().Add(dailyTTL).Unix())
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(key, "attribute_not_exists(pk)")}})
	}
	events, err := s.eventOps(ctx, c.Events...)
	if err != nil {
		return err
	}
	return s.writeOps(ctx, append(ops, events...))
}

// HadSMS reports whether a mobile has got its SMS of a day.
func (s *Store) HadSMS(ctx context.Context, m contact.Mobile, day workday.Date) (bool, error) {
	key, err := s.dailyKey(ctx, m, day)
	if err != nil {
		return false, err
	}
	row, err := s.getKey(ctx, key)
	return row != nil, err
}

// MuteHash returns the keyed hash of a link that turns reminders off.
func (s *Store) MuteHash(ctx context.Context, text string) (string, error) {
	return s.Encrypter.MAC(ctx, mutePurpose, text)
}

func (s *Store) dailyKey(ctx context.Context, m contact.Mobile, day workday.Date) (item, error) {
	key, err := s.Encrypter.Index(ctx, dailyPurpose, m.Reveal())
	return itemKey("DAILY#"+key, string(day)), err
}

// DueFilings lists the filings about which the system has something to do at a time, the earliest first. The error
// is a fault of kind Invalid for an unknown cursor.
func (s *Store) DueFilings(ctx context.Context, until time.Time, cursor string, limit int) ([]register.ID, string, error) {
	return listDue(ctx, s, dueFilings, until, cursor, limit, func(key item) register.ID {
		return register.ID(strings.TrimPrefix(stringAttr(key, attrPK), filingPK("")))
	})
}
