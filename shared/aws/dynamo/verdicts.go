package dynamo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/coaching"
	"beian/shared/rules/finding"
)

// verdictTTL is how long the counts of a reviewer are stored after their last change: thirteen months, to compare with the year before.
const verdictTTL = 396 * 24 * time.Hour

// Attributes of the counts of a reviewer.
const (
	attrCases, attrFirst, attrFirstPass           = "n", "first", "firstPass"
	verdictAttrs, minutesAttrs, verdictReasonAttr = "v#", "m#", "r#"
)

func verdictsPK(m coaching.Month) string { return "VERDICTS#" + string(m) }

// verdictOps counts a verdict in the row of its reviewer and month. Only verdicts of the same reviewer write the same row.
func (s *Store) verdictOps(v *filing.VerdictFigures) []writeOp {
	if v == nil {
		return nil
	}
	counters := []string{attrCases, verdictAttrs + string(v.Verdict)}
	if v.First {
		counters = append(counters, attrFirst)
		if v.Verdict == filing.VerdictPass {
			counters = append(counters, attrFirstPass)
		}
	}
	if v.Took > 0 {
		counters = append(counters, minutesAttrs+strconv.Itoa(min(int(v.Took/time.Minute), coaching.MaxMinutes)))
	}
	for _, code := range v.Codes {
		counters = append(counters, verdictReasonAttr+string(code))
	}
	var add []string
	names := map[string]string{"#ttl": attrTTL}
	for i, counter := range counters {
		name := fmt.Sprintf("#c%d", i)
		names[name], add = counter, append(add, name+" :one")
	}
	return []writeOp{{write: types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.Table), Key: itemKey(verdictsPK(coaching.MonthOf(v.At)), string(v.Reviewer)),
		UpdateExpression: aws.String("ADD " + strings.Join(add, ", ") + " SET #ttl = :ttl"), ExpressionAttributeNames: names,
		ExpressionAttributeValues: item{":one": numberValue(1), ":ttl": numberValue(s.Wall().Add(verdictTTL).Unix())},
	}}}}
}

// VerdictCounts returns the counts of a month by reviewer; with an account, only those of it.
func (s *Store) VerdictCounts(ctx context.Context, m coaching.Month, account filing.Account) (map[filing.Account]coaching.Counts, error) {
	var rows []item
	if account == "" {
		var err error
		if rows, err = s.listRows(ctx, verdictsPK(m), "", 0); err != nil {
			return nil, err
		}
	} else if row, err := s.getItem(ctx, verdictsPK(m), string(account)); err != nil {
		return nil, err
	} else if row != nil {
		rows = []item{row}
	}
	counts := map[filing.Account]coaching.Counts{}
	for _, row := range rows {
		counts[filing.Account(stringAttr(row, attrSK))] = verdictCountsFrom(row)
	}
	return counts, nil
}

func verdictCountsFrom(row item) coaching.Counts {
	c := coaching.Counts{Cases: int(numberAttr(row, attrCases)), First: int(numberAttr(row, attrFirst)), FirstPass: int(numberAttr(row, attrFirstPass)),
		Verdicts: map[filing.Verdict]int{}, Minutes: map[int]int{}, Reasons: map[finding.Code]int{}}
	for attribute := range row {
		n := int(numberAttr(row, attribute))
		if verdict, ok := strings.CutPrefix(attribute, verdictAttrs); ok {
			c.Verdicts[filing.Verdict(verdict)] = n
		}
		if text, ok := strings.CutPrefix(attribute, minutesAttrs); ok {
			if minutes, err := strconv.Atoi(text); err == nil {
				c.Minutes[minutes] = n
			}
		}
		if code, ok := strings.CutPrefix(attribute, verdictReasonAttr); ok {
			c.Reasons[finding.Code(code)] = n
		}
	}
	return c
}
