package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"beian/shared/process/coaching"
	"beian/shared/rules/finding"
)

// attrTimes is how often a finding was found.
const attrTimes = "times"

func foundPK(m coaching.Month) string { return "FOUND#" + string(m) }

// CountFindings counts in a month that a request was refused for findings. Each code is one write.
func (s *Store) CountFindings(ctx context.Context, m coaching.Month, codes ...finding.Code) error {
	group, within := errgroup.WithContext(ctx)
	for _, code := range codes {
		group.Go(func() error {
			_, err := s.Client.UpdateItem(within, &dynamodb.UpdateItemInput{
				TableName: aws.String(s.Table), Key: itemKey(foundPK(m), string(code)), UpdateExpression: aws.String("ADD #n :one SET #ttl = :ttl"),
				ExpressionAttributeNames:  map[string]string{"#n": attrTimes, "#ttl": attrTTL},
				ExpressionAttributeValues: item{":one": numberValue(1), ":ttl": numberValue(s.Wall().Add(countsTTL).Unix())},
			})
			return classify(err)
		})
	}
	return group.Wait()
}

// Found returns how many requests were refused for each finding, in the months from one to another.
func (s *Store) Found(ctx context.Context, from, to coaching.Month) (map[finding.Code]int, error) {
	found := map[finding.Code]int{}
	for m := from; m <= to; m = m.Before(-1) {
		rows, err := s.listRows(ctx, foundPK(m), "", 0)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			found[finding.Code(stringAttr(row, attrSK))] += int(numberAttr(row, attrTimes))
		}
	}
	return found, nil
}
