package dynamo

import (
	"context"
	"encoding/json"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

const (
	draftPurpose = "draft"
	skDraft      = "DRAFT"
	// draftTTL is longer than an order without activity stays open.
	draftTTL = 60 * 24 * time.Hour
)

// DetailsDraft returns what the applicant has typed of an order's details; the zero value if there is nothing.
func (s *Store) DetailsDraft(ctx context.Context, id filing.ID) (filing.DetailsDraft, error) {
	var d filing.DetailsDraft
	row, err := s.getItem(ctx, orderPK(id), skDraft)
	if err != nil || row == nil {
		return d, err
	}
	doc, err := s.Encrypter.Decrypt(ctx, string(id), draftPurpose, binaryAttr(row, attrSealed))
	if err != nil {
		return d, err
	}
	return d, fault.Wrap(fault.Internal, json.Unmarshal(doc, &d))
}

// PutDetailsDraft stores what the applicant has typed of an order's details. Erasing the order makes it unreadable.
func (s *Store) PutDetailsDraft(ctx context.Context, id filing.ID, d filing.DetailsDraft) error {
	doc, err := json.Marshal(d)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	sealed, err := s.Encrypter.Encrypt(ctx, string(id), draftPurpose, doc)
	if err != nil {
		return err
	}
	row := itemKey(orderPK(id), skDraft)
	row[attrSealed], row[attrTTL] = binaryValue(sealed), numberValue(s.Wall().Add(draftTTL).Unix())
	return s.putItem(ctx, s.newPut(row, ""))
}
