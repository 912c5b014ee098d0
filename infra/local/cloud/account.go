// Package cloud is an AWS account on this machine that is empty at first: the CDK's own command line deploys to it.
//
// One endpoint answers for all services; it tells them apart by the credential scope of a request's signature. Stacks are
// made by package cloudformation, with handlers for the types of resources that this project's templates and the CDK's
// bootstrap template have. A property, a type, an operation or a service that is not known here is refused by name, so
// that nothing passes by being ignored.
//
// What is deployed runs: functions from their zip files as processes of this machine, under credentials of their roles; the
// state machine; an HTTP API on a port of its own; schedules; the mapping that reads a table's stream. Each request to the
// endpoint is held to the policies of whoever signed it, and what a service does for a role to that role's.
//
// The account ends with the process: a folder that it had is of no use to another.
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
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/cloudformation"
	"beian/infra/local/keys"
	"beian/infra/local/lambdahost"
	"beian/infra/local/messages"
	"beian/infra/local/objects"
	"beian/infra/local/stepfunctions"
	"beian/infra/local/trail"
	"beian/shared/setup"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// Config says where an account is and what it stands on.
type Config struct {
	Folder               string       // of all its files; absolute, and empty at first
	Port                 int          // on 127.0.0.1; 0 picks a free one
	Region               string       // of the commercial partition, which is all that package trail reads
	AccessKey, SecretKey string       // of the account's root
	Tables               string       // the endpoint of a DynamoDB-compatible engine
	Clock                *clock.Clock // nil shows real time, by which the functions go in any case
	Log                  *slog.Logger // nil is silent
	Output               io.Writer    // gets what the functions write; nil is nobody
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
	states   *sfn.Client
	keys     keys.Host
	machines *stepfunctions.Host
	lambda   lambdahost.Host
	messages *messages.Sink
	sessions shelf[session]
	made     made
	refused  refusals

	running context.Context // of what works by itself: schedules and mappings
	stop    context.CancelFunc
	loops   sync.WaitGroup
}

// Open starts an empty account. It fails when a gateway of package objects already runs in this process.
func Open(ctx context.Context, c Config) (a *Account, err error) {
	if c.Clock == nil {
		c.Clock = clock.New()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if cloudformation.Partition(c.Region) != "aws" {
		return nil, fmt.Errorf("cloud: an account in %s is not known here; take a Region outside China and AWS GovCloud", c.Region)
	}
	a = &Account{config: c}
	a.running, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cloud: %w", err), a.Close())
	}
	return a, nil
}

// open starts what the account is made of.
func (a *Account) open(ctx context.Context) (err error) {
	c := a.config
	a.lambda = lambdahost.Host{Prefix: a.functionARN("")}
	a.listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	if err != nil {
		return err
	}
	a.endpoint = "http://" + a.listener.Addr().String()
	a.gateway, err = objects.Start(ctx, objects.Config{
		Folder: filepath.Join(c.Folder, "objects"), Region: c.Region, AccessKey: c.AccessKey, SecretKey: c.SecretKey, Secret: a.secretOf, Token: a.tokenOf,
	})
	if err != nil {
		return err
	}
	a.messages, err = messages.Open(messages.Config{Folder: filepath.Join(c.Folder, "messages"), Now: c.Clock.Now})
	if err != nil {
		return err
	}
	a.machines, err = stepfunctions.Open(stepfunctions.Config{
		Dir: filepath.Join(c.Folder, "executions"), Clock: c.Clock, Invoke: a.invokeForMachine, Region: c.Region, Account: trail.Account, Log: c.Log,
	})
	if err != nil {
		return err
	}
	a.stacks, err = cloudformation.New(cloudformation.Config{
		Region: c.Region, Account: trail.Account, Handlers: a.handlers(), Object: a.object, LookUp: a.lookUp, Now: c.Clock.Now, Log: c.Log,
	})
	if err != nil {
		return err
	}
	root := aws.Config{
		Region: c.Region, Credentials: credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, ""), HTTPClient: setup.Unhurried{HTTPClient: &http.Client{}},
	}
	a.objects = s3.NewFromConfig(root, func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = aws.String(a.gateway.Endpoint()), true })
	a.tables = dynamodb.NewFromConfig(root, func(o *dynamodb.Options) { o.BaseEndpoint = &c.Tables })
	a.states = sfn.NewFromConfig(root, func(o *sfn.Options) { o.BaseEndpoint = &a.endpoint })
	a.server = &http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second}
	go a.server.Serve(a.listener)
	return nil
}

// Endpoint is what AWS_ENDPOINT_URL has to be for the account's clients.
func (a *Account) Endpoint() string { return a.endpoint }

// Sent returns what was sent by SMS or email to a phone or mailbox, oldest first.
func (a *Account) Sent(to string) []messages.Message { return a.messages.Sent(to) }

// Close ends the account: what is under way in a stack ends after the resource that is at work, and functions end at once.
func (a *Account) Close() (err error) {
	a.stop()
	if a.stacks != nil {
		err = a.stacks.Close()
	}
	err = errors.Join(err, a.made.close(), a.lambda.Close())
	a.loops.Wait()
	if a.machines != nil {
		err = errors.Join(err, a.machines.Close())
	}
	if a.server != nil {
		err = errors.Join(err, a.server.Close())
	} else if a.listener != nil {
		err = errors.Join(err, a.listener.Close())
	}
	if a.messages != nil {
		err = errors.Join(err, a.messages.Close())
	}
	if a.gateway != nil {
		err = errors.Join(err, a.gateway.Close())
	}
	return err
}

// arn is the ARN of something in the account.
func (a *Account) arn(service, resource string) string {
	return "arn:" + a.partition() + ":" + service + ":" + a.config.Region + ":" + trail.Account + ":" + resource
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
