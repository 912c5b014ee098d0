package guard

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/stack"
)

// Command is the main function of a command that checks the table of an environment, with the AWS credentials of the user, and fails if the check does.
// Its arguments are the folder of environments and the environment's name.
func Command(check func(ctx context.Context, client *dynamodb.Client, table string) error) {
	if err := run(context.Background(), check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, check func(context.Context, *dynamodb.Client, string) error) error {
	if len(os.Args) != 3 {
		return fmt.Errorf("usage: %s <folder of environments> <name>, for example: infra/environments default", filepath.Base(os.Args[0]))
	}
	s, err := stack.Load(os.Args[1], os.Args[2])
	if err != nil {
		return err
	}
	sdk, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region))
	if err != nil {
		return err
	}
	return check(ctx, dynamodb.NewFromConfig(sdk), s.TableName())
}
