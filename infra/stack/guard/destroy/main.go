// Command destroy asks for make destroy whether an environment may be taken away: it fails while there are filings. It
// reads the environment's table with the caller's own AWS credentials.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/stack"
	"beian/infra/stack/guard"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) != 2 {
		return errors.New("which environment? destroy <folder of environments> <name>, such as infra/environments default")
	}
	s, err := stack.Load(arguments[0], arguments[1])
	if err != nil {
		return err
	}
	sdk, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region))
	if err != nil {
		return err
	}
	return guard.Check(ctx, dynamodb.NewFromConfig(sdk), s.TableName())
}
