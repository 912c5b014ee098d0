package system

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/shared/filing"
)

// Path returns the states of the execution of an order's round, from the Step Functions API.
func (s *System) Path(ctx context.Context, order filing.ID, round int) ([]string, error) {
	return Path(ctx, sfn.NewFromConfig(s.Parts.AWS), order, round)
}

// InState reports whether the execution of an order's round has entered a state last.
func (s *System) InState(ctx context.Context, order filing.ID, round int, state string) (bool, error) {
	path, err := s.Path(ctx, order, round)
	return len(path) > 0 && path[len(path)-1] == state, err
}

// Path is [System.Path] for a system in another process, whose AWS endpoints the client calls.
func Path(ctx context.Context, client *sfn.Client, order filing.ID, round int) ([]string, error) {
	pages := sfn.NewGetExecutionHistoryPaginator(client, &sfn.GetExecutionHistoryInput{
		ExecutionArn: aws.String(fmt.Sprintf("arn:aws:states:%s:%s:execution:%s:%s-%d", Region, Account, MachineName, order, round)),
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
