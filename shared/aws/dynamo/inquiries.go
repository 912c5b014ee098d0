package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing/register"
	"beian/shared/process/decide"
)

const skInquiry = "INQUIRY"

func inquiryPK(id string) string { return "INQUIRY#" + id }

// StateInquiry returns a question how far an application is; the zero StateInquiry if there is none.
func (s *Store) StateInquiry(ctx context.Context, id string) (i register.StateInquiry, err error) {
	row, err := s.getItem(ctx, inquiryPK(id), skInquiry)
	if err == nil && row != nil {
		err = s.decryptConsent(ctx, inquiryPK(id), row, &i)
	}
	return i, err
}

// CommitStateInquiry stores the next version of a question how far an application is, with notices. The error is [fault.Contended] if another version was
// stored first.
func (s *Store) CommitStateInquiry(ctx context.Context, i register.StateInquiry, notices ...register.Notice) error {
	row, err := s.encryptConsent(ctx, inquiryPK(i.ID), skInquiry, i)
	if err != nil {
		return err
	}
	row[attrVersion], row[attrTTL] = numberValue(int64(i.Version)), numberValue(s.Wall().Add(requestedTTL).Unix())
	ops := []writeOp{{write: types.TransactWriteItem{Put: s.nextVersion(row, i.Version)}}}
	return s.commitRegister(ctx, ops, nil, decide.Request{}, decide.RepeatedError{}, notices)
}
