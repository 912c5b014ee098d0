package dynamo

import (
	"context"
	"encoding/json"

	"beian/shared/filing/upkeep"
	"beian/shared/rules/fault"
)

const pkReviews, skEntered = "REVIEWS", "ENTERED"

// Reviews returns the annual reviews that operators entered.
func (s *Store) Reviews(ctx context.Context) (upkeep.EnteredReviews, error) {
	var all upkeep.EnteredReviews
	row, err := s.getItem(ctx, pkReviews, skEntered)
	if err != nil || row == nil {
		return all, err
	}
	all.Version = int(numberAttr(row, attrVersion))
	return all, Unpack(binaryAttr(row, attrDoc), &all.List)
}

// PutReviews stores the next version of the entered reviews. The error is a fault of kind Stale if it was stored before.
func (s *Store) PutReviews(ctx context.Context, next upkeep.EnteredReviews) error {
	doc, err := json.Marshal(next.List)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row := itemKey(pkReviews, skEntered)
	row[attrDoc], row[attrVersion] = binaryValue(doc), numberValue(int64(next.Version))
	return s.putVersion(ctx, row, next.Version)
}
