package dynamo

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/coaching"
	"beian/shared/rules/fault"
)

func readingsPK(m coaching.Month) string { return "READINGS#" + string(m) }

// readingPairOps stores the verdicts of an order that was just read a second time.
func (s *Store) readingPairOps(p *filing.ReadingPair) ([]writeOp, error) {
	if p == nil {
		return nil, nil
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	row := itemKey(readingsPK(coaching.MonthOf(p.At)), sortableTime(p.At)+"#"+string(p.Order))
	row[attrDoc] = binaryValue(doc)
	return []writeOp{{write: types.TransactWriteItem{Put: s.newPut(row, "")}}}, nil
}

// ReadingPairs returns the orders that two reviewers read blind, by the month of the second reading, oldest first.
func (s *Store) ReadingPairs(ctx context.Context, month coaching.Month) ([]filing.ReadingPair, error) {
	return listDocs[filing.ReadingPair](ctx, s, readingsPK(month), "", 0)
}
