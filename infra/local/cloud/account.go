// Package cloud is an AWS account on this machine that is empty at first: the CDK's own command line deploys to it.
//
// One endpoint answers for all services; it tells them apart by the credential scope of a request's signature. Stacks are
// made by package cloudformation, with handlers for the types of resources that this project's templates and the CDK's
// bootstrap template have. A property, a type, an operation or a service that is not known here is refused by name, so
// that nothing passes by being ignored.
//
// The account is in memory, apart from the objects and the tables, and ends with the process.
package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"beian/infra/local/cloudformation"
	"beian/infra/local/keys"
	"beian/infra/local/objects"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Config says where an account is and what it stands on.
type Config struct {
	Folder               string // of the objects and the keys; absolute
	Port                 int    // on 127.0.0.1; 0 picks a free one
	Region, Account      string
	AccessKey, SecretKey string // of the account's root
	Tables               string // the endpoint of a DynamoDB-compatible engine
	Now                  func() time.Time
	Log                  *slog.Logger // nil is silent
}

// An Account answers the APIs of the services. Make it with [Open], end it with [Account.Close].
type Account struct {
	config   Config
	endpoint string
	listener net.Listener
	server   *http.Server
	stacks   *cloudformation.Host
	gateway  *objects.Gateway
	objects  *s3.Client
	tables   *dynamodb.Client
	keys     keys.Host
	sessions shelf[session]
	made     made
}

// Open starts an empty account. It fails when a gateway of package objects already runs in this process.
func Open(ctx context.Context, c Config) (a *Account, err error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	a = &Account{config: c}
	a.stacks, err = cloudformation.New(cloudformation.Config{
		Region: c.Region, Account: c.Account, Handlers: a.handlers(), Object: a.object, LookUp: a.lookUp, Now: c.Now, Log: c.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("cloud: %w", err)
	}
	a.listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	if err != nil {
		return nil, fmt.Errorf("cloud: %w", err)
	}
	a.endpoint = "http://" + a.listener.Addr().String()
	a.gateway, err = objects.Start(ctx, objects.Config{
		Folder: c.Folder, Region: c.Region, AccessKey: c.AccessKey, SecretKey: c.SecretKey, Secret: a.secretOf, Token: a.tokenOf,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cloud: %w", err), a.listener.Close())
	}
	root := credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, "")
	a.objects = s3.New(s3.Options{Region: c.Region, BaseEndpoint: aws.String(a.gateway.Endpoint()), UsePathStyle: true, Credentials: root})
	a.tables = dynamodb.New(dynamodb.Options{Region: c.Region, BaseEndpoint: aws.String(c.Tables), Credentials: root})
	a.server = &http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second}
	go a.server.Serve(a.listener)
	return a, nil
}

// Endpoint is what AWS_ENDPOINT_URL has to be for the account's clients.
func (a *Account) Endpoint() string { return a.endpoint }

// Close ends the account: what is under way in a stack ends after the resource that is at work.
func (a *Account) Close() error {
	return errors.Join(a.stacks.Close(), a.server.Close(), a.made.close(), a.gateway.Close())
}

// arn is the ARN of something in the account.
func (a *Account) arn(service, resource string) string {
	return "arn:" + a.partition() + ":" + service + ":" + a.config.Region + ":" + a.config.Account + ":" + resource
}

func (a *Account) partition() string { return cloudformation.Partition(a.config.Region) }

// object reads what an S3 URL in path-style names.
func (a *Account) object(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return a.get(ctx, bucket, key)
}

func (a *Account) get(ctx context.Context, bucket, key string) ([]byte, error) {
	if cmp.Or(bucket, key) == "" {
		return nil, errors.New("no object is named")
	}
	out, err := a.objects.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("s3://%s/%s: %w", bucket, key, err)
	}
	defer out.Body.Close()
	return io.ReadAll(out.Body)
}
