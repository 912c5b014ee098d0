package dynamo

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// monthLayout is the month of a row's partition key, Shanghai time.
const monthLayout = "2006-01"

func readingsPK(month string) string { return "READINGS#" + month }

// readingPairOps stores the verdicts of an order that was just read a second time.
func (s *Store) readingPairOps(p *filing.ReadingPair) ([]writeOp, error) {
	if p == nil {
		return nil, nil
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	row := itemKey(readingsPK(p.At.In(workday.Shanghai).Format(monthLayout)), sortableTime(p.At)+"#"+string(p.Order))
	row[attrDoc] = binaryValue(doc)
	return []writeOp{{write: types.TransactWriteItem{Put: s.newPut(row, "")}}}, nil
}

// ReadingPairs returns the orders that two reviewers read blind, by the month, such as "2026-11", of the second reading, Shanghai time, oldest first.
func (s *Store) ReadingPairs(ctx context.Context, month string) ([]filing.ReadingPair, error) {
	return listDocs[filing.ReadingPair](ctx, s, readingsPK(month), "", 0)
}
