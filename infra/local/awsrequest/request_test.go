package awsrequest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/google/go-cmp/cmp"

	"beian/infra/local/awsrequest"
)

// reading is a transport that parses the SDK's requests and checks that the bodies do not change.
type reading struct {
	calls []awsrequest.Call
	err   error
}

var errRead = errors.New("read")

func (r *reading) RoundTrip(request *http.Request) (*http.Response, error) {
	var before []byte
	if request.Body != nil {
		var err error
		if before, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(before))
	}
	r.calls, r.err = awsrequest.Read(request)
	if request.Body != nil {
		if after, err := io.ReadAll(request.Body); err != nil || !bytes.Equal(before, after) {
			r.err = errors.Join(r.err, errors.New("the body was changed"), err)
		}
	}
	return nil, errRead
}

const place = ":cn-north-1:000000000000:"

func TestRead(t *testing.T) {
	var r reading
	sdk := aws.Config{
		Region: "cn-north-1", BaseEndpoint: aws.String("http://127.0.0.1:1"), HTTPClient: &http.Client{Transport: &r}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("api", "secret", ""),
	}
	records, machine, objects := dynamodb.NewFromConfig(sdk), sfn.NewFromConfig(sdk), s3.NewFromConfig(sdk, func(o *s3.Options) { o.UsePathStyle = true })
	table := aws.String("beian")
	key := map[string]ddb.AttributeValue{"pk": &ddb.AttributeValueMemberS{Value: "secret"}}
	for name, c := range map[string]struct {
		call func(context.Context) error
		want []awsrequest.Call
	}{
		"an item": {func(ctx context.Context) error {
			_, err := records.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key})
			return err
		}, []awsrequest.Call{{Action: "dynamodb:GetItem", Resource: "arn:aws:dynamodb" + place + "table/beian"}}},
		"an index": {func(ctx context.Context) error {
			_, err := records.Query(ctx, &dynamodb.QueryInput{TableName: table, IndexName: aws.String("open")})
			return err
		}, []awsrequest.Call{{Action: "dynamodb:Query", Resource: "arn:aws:dynamodb" + place + "table/beian/index/open"}}},
		"several items": {func(ctx context.Context) error {
			_, err := records.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]ddb.KeysAndAttributes{"beian": {Keys: []map[string]ddb.AttributeValue{key}}}})
			return err
		}, []awsrequest.Call{{Action: "dynamodb:BatchGetItem", Resource: "arn:aws:dynamodb" + place + "table/beian"}}},
		"a transaction": {func(ctx context.Context) error {
			_, err := records.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []ddb.TransactWriteItem{
				{Put: &ddb.Put{TableName: table, Item: key}}, {Delete: &ddb.Delete{TableName: table, Key: key}},
				{ConditionCheck: &ddb.ConditionCheck{TableName: table, Key: key, ConditionExpression: aws.String("x")}},
			}})
			return err
		}, []awsrequest.Call{
			{Action: "dynamodb:ConditionCheckItem", Resource: "arn:aws:dynamodb" + place + "table/beian"},
			{Action: "dynamodb:DeleteItem", Resource: "arn:aws:dynamodb" + place + "table/beian"},
			{Action: "dynamodb:PutItem", Resource: "arn:aws:dynamodb" + place + "table/beian"},
		}},
		"all tables": {func(ctx context.Context) error {
			_, err := records.ListTables(ctx, &dynamodb.ListTablesInput{})
			return err
		}, []awsrequest.Call{{Action: "dynamodb:ListTables", Resource: "*"}}},
		"a key": {func(ctx context.Context) error {
			_, err := kms.NewFromConfig(sdk).Decrypt(ctx, &kms.DecryptInput{KeyId: aws.String("filings"), CiphertextBlob: []byte("x"), EncryptionContext: map[string]string{"order": "BA1"}})
			return err
		}, []awsrequest.Call{{Action: "kms:Decrypt", Resource: "arn:aws:kms" + place + "key/filings", Keys: map[string]string{"kms:EncryptionContext:order": "BA1"}}}},
		"a MAC": {func(ctx context.Context) error {
			_, err := kms.NewFromConfig(sdk).GenerateMac(ctx, &kms.GenerateMacInput{KeyId: aws.String("arn:aws:kms" + place + "key/lookup"), Message: []byte("x"), MacAlgorithm: kmstypes.MacAlgorithmSpecHmacSha256})
			return err
		}, []awsrequest.Call{{Action: "kms:GenerateMac", Resource: "arn:aws:kms" + place + "key/lookup", Keys: map[string]string{}}}},
		"a machine by its alias": {func(ctx context.Context) error {
			_, err := machine.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String("arn:aws:states" + place + "stateMachine:filing:live")})
			return err
		}, []awsrequest.Call{{Action: "states:StartExecution", Resource: "arn:aws:states" + place + "stateMachine:filing", Keys: map[string]string{"states:StateMachineQualifier": "live"}}}},
		"an invalid token": {func(ctx context.Context) error {
			_, err := machine.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: aws.String("x"), Output: aws.String("{}")})
			return err
		}, []awsrequest.Call{{Action: "states:SendTaskSuccess", Resource: "*"}}},
		"an execution": {func(ctx context.Context) error {
			_, err := machine.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String("arn:aws:states" + place + "execution:filing:BA1-1")})
			return err
		}, []awsrequest.Call{{Action: "states:GetExecutionHistory", Resource: "arn:aws:states" + place + "execution:filing:BA1-1"}}},
		"a mail": {func(ctx context.Context) error {
			_, err := sesv2.NewFromConfig(sdk).SendEmail(ctx, &sesv2.SendEmailInput{
				FromEmailAddress: aws.String("Beian <beian@provider.example>"), Destination: &ses.Destination{ToAddresses: []string{"a@b.example"}},
				Content: &ses.EmailContent{}, ConfigurationSetName: aws.String("counts"),
			})
			return err
		}, []awsrequest.Call{
			{Action: "ses:SendEmail", Resource: "arn:aws:ses" + place + "configuration-set/counts"},
			{Action: "ses:SendEmail", Resource: "arn:aws:ses" + place + "identity/provider.example"},
		}},
		"an SMS": {func(ctx context.Context) error {
			_, err := sns.NewFromConfig(sdk).Publish(ctx, &sns.PublishInput{PhoneNumber: aws.String("+8618900000001"), Message: aws.String("x")})
			return err
		}, []awsrequest.Call{{Action: "sns:Publish", Resource: "*"}}},
		"a topic": {func(ctx context.Context) error {
			_, err := sns.NewFromConfig(sdk).Publish(ctx, &sns.PublishInput{TopicArn: aws.String("arn:aws:sns" + place + "operator"), Message: aws.String("x")})
			return err
		}, []awsrequest.Call{{Action: "sns:Publish", Resource: "arn:aws:sns" + place + "operator"}}},
		"an object": {func(ctx context.Context) error {
			_, err := objects.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("evidence"), Key: aws.String("o-1/a.jpg")})
			return err
		}, []awsrequest.Call{{Action: "s3:GetObject", Resource: "arn:aws:s3:::evidence/o-1/a.jpg"}}},
		"an object written": {func(ctx context.Context) error {
			_, err := objects.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("evidence"), Key: aws.String("a"), Body: strings.NewReader("picture")})
			return err
		}, []awsrequest.Call{{Action: "s3:PutObject", Resource: "arn:aws:s3:::evidence/a"}}},
		"objects deleted": {func(ctx context.Context) error {
			_, err := objects.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: aws.String("evidence"),
				Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{{Key: aws.String("a")}}}})
			return err
		}, []awsrequest.Call{{Action: "s3:DeleteObject", Resource: "arn:aws:s3:::evidence/*"}}},
		"a bucket": {func(ctx context.Context) error {
			_, err := objects.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("evidence")})
			return err
		}, []awsrequest.Call{{Action: "s3:ListBucket", Resource: "arn:aws:s3:::evidence"}}},
	} {
		if err := c.call(t.Context()); !errors.Is(err, errRead) {
			t.Fatalf("%s: %v", name, err)
		}
		for i := range c.want {
			c.want[i].By = "api"
		}
		slices.SortFunc(r.calls, func(a, b awsrequest.Call) int { return strings.Compare(a.Action+a.Resource, b.Action+b.Resource) })
		if diff := cmp.Diff(c.want, r.calls); r.err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, r.err, diff)
		}
	}
}

// TestPresigned checks that what a browser sends is attributed to the signer.
func TestPresigned(t *testing.T) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range map[string]string{"key": "orders/BA1/a.jpg", "X-Amz-Credential": "api/20191226/cn-north-1/s3/aws4_request"} {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := form.CreateFormFile("file", "a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(bytes.Repeat([]byte("x"), 100_000)); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	post := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/evidence", &body)
	post.Header.Set("Content-Type", form.FormDataContentType())
	get := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/evidence/orders/BA1/a.jpg?X-Amz-Credential=api%2F20191226%2Fcn-north-1%2Fs3%2Faws4_request", nil)
	for action, request := range map[string]*http.Request{"s3:PutObject": post, "s3:GetObject": get} {
		got, err := awsrequest.Read(request)
		if diff := cmp.Diff([]awsrequest.Call{{By: "api", Action: action, Resource: "arn:aws:s3:::evidence/orders/BA1/a.jpg"}}, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	if awsrequest.Key(get) != "api" {
		t.Errorf("the query was signed by %q", awsrequest.Key(get))
	}
}

// TestUnknown checks that requests of other forms are errors.
func TestUnknown(t *testing.T) {
	signed := func(service, body string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", strings.NewReader(body))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=api/20191226/cn-north-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
		return r
	}
	broken := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/evidence", strings.NewReader("no form"))
	broken.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	for name, r := range map[string]*http.Request{
		"unsigned":        httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil),
		"another service": signed("ec2", ""),
		"no JSON":         signed("dynamodb", "{"),
		"no JSON to KMS":  signed("kms", ""),
		"no execution":    signed("states", "[]"),
		"no sender":       signed("ses", `{"FromEmailAddress":"nobody"}`),
		"no form":         broken,
	} {
		if calls, err := awsrequest.Read(r); err == nil || len(calls) > 0 {
			t.Errorf("%s: %v, %v", name, calls, err)
		}
	}
}
