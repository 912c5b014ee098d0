package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing/register"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
)

const (
	skReviewReply = "REVIEWREPLY"
	// reviewReplyTTL is how long a repeated SMS is recognised.
	reviewReplyTTL = 48 * time.Hour
)

func reviewReplyPK(id string) string { return "REVIEWREPLY#" + id }

// reviewReplyKey returns the name of the data key of a reply.
func reviewReplyKey(id string) string { return "review-reply/" + id }

// AddReviewReply stores an SMS about an annual review with the message that answers it. It has no effect if the carrier's message was stored before.
func (s *Store) AddReviewReply(ctx context.Context, r register.ReviewReply) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	known, err := s.getItem(ctx, reviewReplyPK(r.ID), skReviewReply)
	if err != nil || known != nil {
		return err
	}
	if err := s.Encrypter.NewKey(ctx, reviewReplyKey(r.ID)); err != nil {
		return err
	}
	sealed, err := s.Encrypter.Encrypt(ctx, reviewReplyKey(r.ID), skReviewReply, doc)
	if err != nil {
		return err
	}
	row := itemKey(reviewReplyPK(r.ID), skReviewReply)
	row[attrSealed], row[attrTTL] = binaryValue(sealed), numberValue(s.Wall().Add(reviewReplyTTL).Unix())
	err = s.writeOps(ctx, []writeOp{{write: types.TransactWriteItem{Put: s.newPut(row, "attribute_not_exists(pk)")}},
		s.noticeOp(register.Notice{Kind: register.NoticeReviewAnswer, To: register.ToSender, ID: r.ID})})
	if fault.KindOf(err) == fault.Stale { // the same message, at the same time
		return nil
	}
	return err
}

// ReviewReply returns an SMS about an annual review. known is false once it is forgotten.
func (s *Store) ReviewReply(ctx context.Context, id string) (r register.ReviewReply, known bool, err error) {
	row, err := s.getItem(ctx, reviewReplyPK(id), skReviewReply)
	if err != nil || row == nil {
		return r, false, err
	}
	doc, err := s.Encrypter.Decrypt(ctx, reviewReplyKey(id), skReviewReply, binaryAttr(row, attrSealed))
	if errors.Is(err, envelope.ErrErased) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	return r, true, fault.Wrap(fault.Internal, json.Unmarshal(doc, &r))
}

// ForgetReviewReply deletes the data key of an SMS about an annual review, once it is answered. That it came is known for two days.
func (s *Store) ForgetReviewReply(ctx context.Context, id string) error {
	return s.Encrypter.DeleteKey(ctx, reviewReplyKey(id))
}
