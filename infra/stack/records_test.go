package stack_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"beian/shared/aws/dynamo"
)

// TestTableMatchesStore compares the table in the template with the table that the store creates on the laptop.
func TestTableMatchesStore(t *testing.T) {
	compareTable(t, tableNamed(t, "Table"), dynamo.CreateTable)
	compareTable(t, tableNamed(t, "KeysTable"), dynamo.CreateKeysTable)
	for path, want := range map[string]any{
		"StreamSpecification.StreamViewType": "NEW_IMAGE", "DeletionProtectionEnabled": true,
		"TimeToLiveSpecification.AttributeName": "ttl", "TimeToLiveSpecification.Enabled": true,
		"PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": true, "SSESpecification.SSEEnabled": true,
	} {
		if got := tableNamed(t, "Table").property(path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	// A deleted key must not survive in a backup or stream.
	for path, want := range map[string]any{
		"StreamSpecification": nil, "PointInTimeRecoverySpecification": nil, "DeletionProtectionEnabled": true, "SSESpecification.SSEEnabled": true,
	} {
		if got := tableNamed(t, "KeysTable").property(path); got != want {
			t.Errorf("keys: %s = %v, want %v", path, got, want)
		}
	}
}

// tableNamed returns the table whose logical id has the prefix.
func tableNamed(t *testing.T, prefix string) *resource {
	t.Helper()
	for id, r := range readTemplate(t, "default-records").resourcesOf("AWS::DynamoDB::Table") {
		if strings.HasPrefix(id, prefix) {
			return r
		}
	}
	t.Fatalf("table %s does not exist", prefix)
	return nil
}

// compareTable compares a table of the template with the table that create creates.
func compareTable(t *testing.T, table *resource, create func(context.Context, *dynamodb.Client, string) error) {
	t.Helper()
	var want map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		doc, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(doc, &want)
		}
		if err != nil {
			t.Error(err)
		}
		w.Write([]byte("{}"))
	}))
	defer server.Close()
	client := dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(server.URL), Region: "ap-southeast-1",
		Credentials: credentials.NewStaticCredentialsProvider("local", "local-secret", "")})
	if err := create(t.Context(), client, "filings"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"KeySchema", "GlobalSecondaryIndexes", "BillingMode"} {
		if diff := cmp.Diff(want[name], table.Properties[name]); diff != "" {
			t.Errorf("%s of the laptop (-) and the stack (+):\n%s", name, diff)
		}
	}
	byName := cmp.Transformer("sorted", func(all []any) []string {
		var names []string
		for _, one := range all {
			names = append(names, one.(map[string]any)["AttributeName"].(string)+one.(map[string]any)["AttributeType"].(string))
		}
		slices.Sort(names)
		return names
	})
	if diff := cmp.Diff(want["AttributeDefinitions"], table.Properties["AttributeDefinitions"], byName); diff != "" {
		t.Error(diff)
	}
}

// TestRecordsAreKept: resources with data are retained when their stack is deleted, and are all in the records stack.
func TestRecordsAreKept(t *testing.T) {
	holding := []string{"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::Cognito::UserPool", "AWS::EC2::EIP"}
	for _, environment := range []string{"default", "full"} {
		for id, r := range readTemplate(t, environment+"-records").Resources {
			if slices.Contains(holding, r.Type) && r.DeletionPolicy != "Retain" {
				t.Errorf("%s is deleted with its stack", id)
			}
		}
		for id, r := range readTemplate(t, environment+"-system").Resources {
			switch {
			case r.Type == "AWS::KMS::Key": // encrypts variables, which a deployment sets again
			case slices.Contains(holding, r.Type):
				t.Errorf("%s is stateful and in the stateless stack", id)
			case r.Type == "AWS::Logs::LogGroup" && r.DeletionPolicy != "Retain" && !strings.HasPrefix(id, "NetworkLog"):
				t.Errorf("the log %s is deleted with its stack", id)
			}
		}
	}
}

func TestEvidence(t *testing.T) {
	template := readTemplate(t, "default-records")
	buckets := map[string]string{}
	for id, r := range template.resourcesOf("AWS::S3::Bucket") {
		for _, setting := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if r.property("PublicAccessBlockConfiguration."+setting) != true {
				t.Errorf("%s: %s is not set", id, setting)
			}
		}
		buckets[id[:len(id)-8]] = compactJSON(t, r.Properties) // without the hash
	}
	encrypted := []string{`"SSEAlgorithm":"aws:kms"`, `"BucketKeyEnabled":true`}
	for bucket, wanted := range map[string][]string{
		"Evidence": append(encrypted, `"VersioningConfiguration":{"Status":"Enabled"}`, `"NoncurrentVersionExpiration":{"NoncurrentDays":30}`, `"LogFilePrefix":"evidence/"`),
		"Uploads": append(encrypted, `"AllowedOrigins":["https://beian.provider.example"]`, `"AllowedMethods":["POST"]`,
			`"ExpirationInDays":1`, `"LogFilePrefix":"uploads/"`),
	} {
		for _, want := range wanted {
			if !strings.Contains(buckets[bucket], want) {
				t.Errorf("the bucket %s lacks %s", bucket, want)
			}
		}
	}
	if strings.Contains(buckets["Evidence"], "CorsConfiguration") || strings.Contains(buckets["Uploads"], "VersioningConfiguration") {
		t.Error("browsers can reach the evidence, or uploads have versions")
	}
	for id, r := range template.resourcesOf("AWS::S3::BucketPolicy") {
		if !strings.Contains(compactJSON(t, r.Properties), `"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"`) {
			t.Errorf("%s allows requests without TLS", id)
		}
	}
}

func TestKeys(t *testing.T) {
	var kinds []string
	for _, r := range readTemplate(t, "default-records").resourcesOf("AWS::KMS::Key") {
		if r.Properties["KeySpec"] == "HMAC_256" {
			kinds = append(kinds, "HMAC_256 "+r.Properties["KeyUsage"].(string))
			continue
		}
		if r.Properties["EnableKeyRotation"] != true {
			t.Error("a symmetric key is never rotated")
		}
		kinds = append(kinds, "symmetric")
	}
	slices.Sort(kinds)
	if diff := cmp.Diff([]string{"HMAC_256 GENERATE_VERIFY_MAC", "symmetric", "symmetric"}, kinds); diff != "" {
		t.Error(diff)
	}
}

// TestUsersOrIssuer: the stack has a user pool by default, and none if the provider has an issuer.
func TestUsersOrIssuer(t *testing.T) {
	if groups := readTemplate(t, "default-records").resourcesOf("AWS::Cognito::UserPoolGroup"); len(groups) != 3 {
		t.Errorf("%d groups", len(groups))
	}
	for id, r := range readTemplate(t, "full-records").Resources {
		if strings.HasPrefix(r.Type, "AWS::Cognito") {
			t.Errorf("%s exists although the provider has an issuer", id)
		}
	}
	authorizer := readTemplate(t, "full-system").onlyResource(t, "AWS::ApiGatewayV2::Authorizer")
	want := map[string]any{"Issuer": "https://login.provider.example", "Audience": []any{"beian"}}
	if diff := cmp.Diff(want, authorizer.Properties["JwtConfiguration"]); diff != "" {
		t.Error(diff)
	}
}

func compactJSON(t *testing.T, value any) string {
	t.Helper()
	doc, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}
