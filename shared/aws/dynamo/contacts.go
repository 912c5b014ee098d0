package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
)

// contactTTL is how long an account needs no code for an address that it verified. Numbers change their owners, so it is not for ever. Our own
// rule.
const contactTTL = 90 * 24 * time.Hour

// contactKey returns the key of an address that an account verified. The address has one part.
func (s *Store) contactKey(ctx context.Context, account filing.Account, address filing.Contact) (item, error) {
	k, err := s.Encrypter.Index(ctx, "contact", address.Mobile.Reveal()+address.Email.Reveal())
	return itemKey(accountPK(account), "CONTACT#"+k), err
}

// contactOps remembers the address that the applicant verified. The row's ttl is wall-clock time, because DynamoDB deletes the row.
func (s *Store) contactOps(ctx context.Context, c filing.Change) ([]writeOp, error) {
	if c.RememberContact == (filing.Contact{}) {
		return nil, nil
	}
	row, err := s.contactKey(ctx, c.Order.Account, c.RememberContact)
	if err != nil {
		return nil, err
	}
	row[attrTTL] = numberValue(s.Wall().Add(contactTTL).Unix())
	return []writeOp{{write: types.TransactWriteItem{Put: s.newPut(row, "")}}}, nil
}

// VerifiedBefore reports whether an account has verified an address by a code in the last 90 days. The address has one part.
func (s *Store) VerifiedBefore(ctx context.Context, account filing.Account, address filing.Contact) (bool, error) {
	key, err := s.contactKey(ctx, account, address)
	if err != nil {
		return false, err
	}
	row, err := s.getKey(ctx, key)
	return numberAttr(row, attrTTL) > s.Wall().Unix(), err
}
