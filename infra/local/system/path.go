package system

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/shared/filing"
)

// Path returns the states that the execution of an order's round went through, asked over the Step Functions API.
func (s *System) Path(ctx context.Context, order filing.ID, round int) ([]string, error) {
	pages := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(s.Parts.AWS), &sfn.GetExecutionHistoryInput{
		ExecutionArn: aws.String(s.Machine.ExecutionARN(MachineName, fmt.Sprintf("%s-%d", order, round))),
	})
	var path []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			if e.StateEnteredEventDetails != nil {
				path = append(path, aws.ToString(e.StateEnteredEventDetails.Name))
			}
		}
	}
	return path, nil
}
