package dynamo

import (
	"context"
	"encoding/json"
	"time"

	"beian/shared/filing"
	"beian/shared/process/figures"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// pkCounts is the partition of the counts of open orders: the newest, and the last of each day.
const (
	pkCounts, skNewest = "COUNTS", "NEWEST"
	dayPrefix          = "DAY#"
)

// countsTTL is how long the counts of a day are stored: thirteen months, to compare with the year before.
const countsTTL = 396 * 24 * time.Hour

// countedRows is the number of rows that one query of [Store.EachOpen] asks for. DynamoDB returns at most 1 MB.
const countedRows = 1000

// EachOpen calls use for each open order at a step until it returns an error. It reads one partition of the index after the other.
func (s *Store) EachOpen(ctx context.Context, step filing.Step, use func(filing.Order) error) error {
	for _, partition := range openPartitions(step, "") {
		err := eachBrief(ctx, s, partition, func(b brief) error { return use(b.order()) })
		if err != nil {
			return err
		}
	}
	return nil
}

// PutCounts stores the counts of open orders as the newest and as those of their day.
func (s *Store) PutCounts(ctx context.Context, c figures.Counts) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	for _, sk := range []string{skNewest, dayPrefix + string(c.Day())} {
		row := itemKey(pkCounts, sk)
		row[attrDoc] = binaryValue(doc)
		if sk != skNewest {
			row[attrTTL] = numberValue(s.Wall().Add(countsTTL).Unix())
		}
		if err := s.putItem(ctx, s.newPut(row, "")); err != nil {
			return err
		}
	}
	return nil
}

// Counts returns the newest counts of open orders; the zero Counts before the first.
func (s *Store) Counts(ctx context.Context) (figures.Counts, error) {
	var c figures.Counts
	_, err := s.getDoc(ctx, pkCounts, skNewest, &c)
	return c, err
}

// DailyCounts returns the last counts of each day from one to another, oldest first. Days without counts are missing.
func (s *Store) DailyCounts(ctx context.Context, from, to workday.Date) ([]figures.Counts, error) {
	return docsOfDays[figures.Counts](ctx, s, pkCounts, from, to)
}
