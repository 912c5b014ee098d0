package cloud_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// ask sends a request in JSON, signed for a service, and returns the answer and whether it was a success.
func (w *world) ask(by aws.CredentialsProvider, service, region, target, body string) (string, bool) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.Endpoint()+"/", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	credentials, err := by.Retrieve(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(w.t.Context(), credentials, r, hex.EncodeToString(sum[:]), service, region, time.Now()); err != nil {
		w.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text), answer.StatusCode == http.StatusOK
}

func (w *world) tokens() *sts.Client {
	return sts.New(sts.Options{Region: region, BaseEndpoint: aws.String(w.Endpoint()), Credentials: as(root, secret, ""), RetryMaxAttempts: 1})
}

func refused(t *testing.T, err error, code, words string) {
	t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != code || !strings.Contains(refusal.ErrorMessage(), words) {
		t.Errorf("error %v, want %s: %s", err, code, words)
	}
}

func TestSessionMayDoWhatItsRoleMay(t *testing.T) {
	w := newWorld(t)
	w.upload()
	_, failed := w.deploy("roles", map[string]any{
		"Reader": resource("AWS::IAM::Role", `{"RoleName": "reader", "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
			"Principal": {"AWS": "000000000000"}}]}}`),
		"Reads": resource("AWS::IAM::Policy", `{"PolicyName": "p", "Roles": [{"Ref": "Reader"}], "PolicyDocument": {"Version": "2012-10-17",
			"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::code/*"}]}}`),
		"Service": resource("AWS::IAM::Role", strings.Replace(role, `"r"`, `"service"`, 1)),
		"Closed": resource("AWS::S3::BucketPolicy", `{"Bucket": "code", "PolicyDocument": {"Version": "2012-10-17",
			"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::code/text.zip"},
				{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}`),
	}, nil)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	_, err := w.tokens().AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::000000000000:role/service"), RoleSessionName: aws.String("s")})
	refused(t, err, "AccessDenied", "not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role/service")
	_, err = w.tokens().AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::000000000000:role/nobody"), RoleSessionName: aws.String("s")})
	refused(t, err, "AccessDenied", "role/nobody")
	got, err := w.tokens().AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::000000000000:role/reader"), RoleSessionName: aws.String("s")})
	if err != nil {
		t.Fatal(err)
	}
	c := got.Credentials
	reader := as(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	get := func(by aws.CredentialsProvider, key string) error {
		out, err := w.objects(by).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("code"), Key: &key})
		if err == nil {
			out.Body.Close()
		}
		return err
	}
	if err := get(reader, "f.zip"); err != nil {
		t.Errorf("what the role may: %v", err)
	}
	_, err = w.objects(reader).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("code"), Key: aws.String("x"), Body: bytes.NewReader(nil)})
	refused(t, err, "AccessDenied", "assumed-role/reader/s is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::code/x")
	refused(t, get(as(root, secret, ""), "text.zip"), "AccessDenied", "s3:GetObject on resource: arn:aws:s3:::code/text.zip")
	if get(as(root, "another secret", ""), "f.zip") == nil || get(as(*c.AccessKeyId, *c.SecretAccessKey, "another token"), "f.zip") == nil {
		t.Error("S3 takes a signature that is not good")
	}
	_, err = cloudformation.New(cloudformation.Options{Region: region, BaseEndpoint: aws.String(w.Endpoint()), Credentials: reader, RetryMaxAttempts: 1}).
		DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	refused(t, err, "AccessDenied", "not authorized to perform: cloudformation:DescribeStacks")
	if said, _ := w.ask(reader, "secretsmanager", region, "secretsmanager.GetSecretValue", `{"SecretId": "s"}`); !strings.Contains(said, "AccessDeniedException") {
		t.Error(said)
	}
}

func TestWhoAsks(t *testing.T) {
	w := newWorld(t)
	who, err := w.tokens().GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Arn) != "arn:aws:iam::000000000000:root" || aws.ToString(who.Account) != accountID {
		t.Errorf("%+v, %v", who, err)
	}
	_, err = w.tokens().GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	refused(t, err, "InvalidAction", "The operation GetSessionToken is not known here.")
	_, err = w.tokens().AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("a/b"), RoleSessionName: aws.String("s"), ExternalId: aws.String("x")})
	refused(t, err, "SerializationException", "ExternalId")
}

func TestRequestsToNobody(t *testing.T) {
	w := newWorld(t)
	owner := as(root, secret, "")
	for name, c := range map[string]struct {
		by                      aws.CredentialsProvider
		service, region, target string
		want                    string
	}{
		"another service":   {owner, "ec2", region, "AmazonEC2.DescribeImages", "The service ec2 is not known here (DescribeImages)."},
		"another operation": {owner, "ssm", region, "AmazonSSM.PutParameter", "The operation PutParameter is not known here."},
		"another region":    {owner, "ssm", "eu-west-1", "AmazonSSM.GetParameter", "the request was signed for eu-west-1"},
		"another key":       {as("nobody", secret, ""), "ssm", region, "AmazonSSM.GetParameter", "The security token included in the request is invalid."},
	} {
		if said, ok := w.ask(c.by, c.service, c.region, c.target, `{}`); ok || !strings.Contains(said, c.want) {
			t.Errorf("%s: %s, want %q", name, said, c.want)
		}
	}
}

func TestParameters(t *testing.T) {
	w := newWorld(t)
	if _, failed := w.deploy("app", map[string]any{"P": resource("AWS::SSM::Parameter", `{"Name": "/a/b", "Type": "String", "Value": "7"}`)}, nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	owner := as(root, secret, "")
	if said, ok := w.ask(owner, "ssm", region, "AmazonSSM.GetParameter", `{"Name": "/a/b"}`); !ok || !strings.Contains(said, `"Value":"7"`) {
		t.Error(said)
	}
	if said, ok := w.ask(owner, "ssm", region, "AmazonSSM.GetParameters", `{"Names": ["/a/b", "/c"]}`); !ok || !strings.Contains(said, `"InvalidParameters":["/c"]`) {
		t.Error(said)
	}
	if said, ok := w.ask(owner, "ssm", region, "AmazonSSM.GetParameter", `{"Name": "/c"}`); ok || !strings.Contains(said, "ParameterNotFound") {
		t.Error(said)
	}
}

func TestSecrets(t *testing.T) {
	const drawn = `{"Name": "app/sms", "GenerateSecretString": {"ExcludePunctuation": true, "GenerateStringKey": "active", "PasswordLength": 48, "SecretStringTemplate": "{}"}}`
	resources := func(description string) map[string]any {
		return map[string]any{
			"S": resource("AWS::SecretsManager::Secret", drawn),
			"F": map[string]any{"Type": "AWS::SSM::Parameter", "DependsOn": "S", "Properties": json.RawMessage(`{"Type": "String", "Value": "{{resolve:secretsmanager:app/sms:SecretString:active}}", "Description": "` + description + `"}`)},
		}
	}
	w := newWorld(t)
	outputs := map[string]any{"Secret": ref("S"), "Parameter": ref("F")}
	s, failed := w.deploy("app", resources("1"), outputs)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	owner := as(root, secret, "")
	read := func() (active string) {
		t.Helper()
		said, ok := w.ask(owner, "secretsmanager", region, "secretsmanager.GetSecretValue", `{"SecretId": "`+output(t, s, "Secret")+`"}`)
		var got struct{ SecretString string }
		var fields struct{ Active string }
		if err := errors.Join(json.Unmarshal([]byte(said), &got), json.Unmarshal([]byte(got.SecretString), &fields)); !ok || err != nil {
			t.Fatal(said, err)
		}
		return fields.Active
	}
	first := read()
	if len(first) != 48 || strings.ContainsAny(first, `"!/`) {
		t.Errorf("drawn %d characters", len(first))
	}
	parameter := func() string {
		t.Helper()
		said, _ := w.ask(owner, "ssm", region, "AmazonSSM.GetParameter", `{"Name": "`+output(t, s, "Parameter")+`"}`)
		return said
	}
	if !strings.Contains(parameter(), first) {
		t.Error("the dynamic reference is not resolved")
	}
	if said, ok := w.ask(owner, "secretsmanager", region, "secretsmanager.PutSecretValue", `{"SecretId": "app/sms", "SecretString": "{\"active\":\"mine\"}"}`); !ok {
		t.Fatal(said)
	}
	if s, failed = w.deploy("app", resources("2"), outputs); s.StackStatus != types.StackStatusUpdateComplete {
		t.Fatal(failed)
	}
	if read() != "mine" || !strings.Contains(parameter(), `"mine"`) {
		t.Error("a deployment does not keep the secret that was put, or does not read it again")
	}
	if said, ok := w.ask(owner, "secretsmanager", region, "secretsmanager.GetSecretValue", `{"SecretId": "other"}`); ok || !strings.Contains(said, "ResourceNotFoundException") {
		t.Error(said)
	}
}
