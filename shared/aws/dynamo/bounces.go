package dynamo

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing/register"
	"beian/shared/process/bounce"
	"beian/shared/process/decide"
	"beian/shared/process/figures"
	"beian/shared/rules/fault"
)

const (
	bouncePrefix = "BOUNCE#"
	attrEmail    = "email" // id of the email that bounced; not its address
)

// A sentMessage is what became of a message.
type sentMessage struct {
	sum figures.Delivery
	// bounces has the sort key of each bounce, and its email. Rows of earlier versions have the email in the key only.
	bounces map[string]string
}

// hasBounce reports whether a bounce of an email is stored.
func (m sentMessage) hasBounce(email string) bool {
	for _, stored := range m.bounces {
		if stored == email {
			return true
		}
	}
	return false
}

// nextBounce returns the sort key of the next bounce. Two callers that have read the same bounces get the same key, of which one can be written.
func (m sentMessage) nextBounce() string {
	for n := 0; ; n++ {
		sk := bouncePrefix + strconv.Itoa(n)
		if _, stored := m.bounces[sk]; !stored {
			return sk
		}
	}
}

// readMessage reads what became of the message of an entry.
func (s *Store) readMessage(ctx context.Context, entry string) (sentMessage, error) {
	m := sentMessage{bounces: map[string]string{}}
	rows, err := s.listRows(ctx, messagePK(entry), "", 0)
	if err != nil {
		return m, err
	}
	for _, row := range rows {
		var d figures.Delivery
		if err := Unpack(binaryAttr(row, attrBrief), &d); err != nil {
			return m, fault.Wrap(fault.Internal, err)
		}
		m.sum.Add(d)
		m.sum.Kind, m.sum.Filing = d.Kind, cmp.Or(m.sum.Filing, d.Filing)
		if sk := stringAttr(row, attrSK); strings.HasPrefix(sk, bouncePrefix) {
			m.bounces[sk] = cmp.Or(stringAttr(row, attrEmail), strings.TrimPrefix(sk, bouncePrefix))
		}
	}
	return m, nil
}

// RecordBounce stores once that an email with the message of an entry bounced. known is false if [Store.RecordDelivery] recorded no email with the message in the last 60 days, or if
// all of them bounced before. about is the filing of which the message reminded, "" if none. While the message is in the outbox and no other of its emails is recorded, the error has kind
// Unavailable; it is [bounce.ErrNotCounted] for the first [bounce.CountedWithin].
func (s *Store) RecordBounce(ctx context.Context, entry, email string, at time.Time) (about register.ID, known bool, err error) {
	sent := false // the message has left the outbox, so that all its emails are recorded
	for {         // a repetition has read one more bounce, or that the message has left the outbox
		m, err := s.readMessage(ctx, entry)
		switch {
		case err != nil:
			return "", false, err
		case m.hasBounce(email):
			return m.sum.Filing, true, nil
		case m.sum.Bounced < m.sum.Mail:
			if stored, err := s.addBounce(ctx, entry, m, email, at); err != nil || stored {
				return m.sum.Filing, err == nil, err
			}
		case sent:
			return "", false, nil
		default: // emails may be recorded since
			if err := s.checkSent(ctx, entry); err != nil {
				return "", false, err
			}
			sent = true
		}
	}
}

// addBounce stores the next bounce of a message, unless another caller has stored it since the message was read.
func (s *Store) addBounce(ctx context.Context, entry string, m sentMessage, email string, at time.Time) (stored bool, err error) {
	update, err := s.newDelivery(entry, m.nextBounce(), figures.Delivery{Kind: m.sum.Kind, Bounced: 1}, at)
	if err != nil {
		return false, err
	}
	update.ConditionExpression = aws.String("attribute_not_exists(pk)")
	update.UpdateExpression = aws.String(*update.UpdateExpression + ", #email = :email")
	update.ExpressionAttributeNames["#email"], update.ExpressionAttributeValues[":email"] = attrEmail, stringValue(email)
	_, err = s.Client.UpdateItem(ctx, update)
	var taken *types.ConditionalCheckFailedException
	if errors.As(err, &taken) {
		return false, nil
	}
	return err == nil, classify(err)
}

var errNeverCounted = fault.New(fault.Unavailable, "这封邮件的消息一直没有发完；请查看消息为什么没有发出，然后再次发送退信。",
	"The message of the email has been in the outbox for too long. Find out why it is not sent, then report the bounce again.")

// checkSent returns an error if an entry is in the outbox.
func (s *Store) checkSent(ctx context.Context, entry string) error {
	row, err := s.getKey(ctx, entryKey(entry))
	if err != nil || row == nil {
		return err
	}
	var e decide.OutboxEntry
	if err := Unpack(binaryAttr(row, attrDoc), &e); err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	due := e.At
	if e.NotBefore.After(due) {
		due = e.NotBefore
	}
	if s.Wall().Sub(due) > bounce.CountedWithin {
		return errNeverCounted
	}
	return bounce.ErrNotCounted
}
