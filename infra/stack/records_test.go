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

// TestUsers: applicants log in with a code, staff with password and authenticator app. Only the pool of staff has groups, so that no token of
// an applicant gives the role of staff, and it has no registration.
func TestUsers(t *testing.T) {
	template := readTemplate(t, "default-records")
	pools := map[any]*resource{}
	for id, pool := range template.resourcesOf("AWS::Cognito::UserPool") {
		pools[pool.Properties["UserPoolName"]] = pool
		if pool.Properties["UserPoolName"] == "beian-default" {
			for _, group := range template.resourcesOf("AWS::Cognito::UserPoolGroup") {
				if group.property("UserPoolId.Ref") != id || group.Properties["GroupName"] == "applicant" {
					t.Errorf("group %v", group.Properties)
				}
			}
		}
	}
	staff, applicants := pools["beian-default"], pools["beian-default-applicants"]
	if staff == nil || applicants == nil {
		t.Fatalf("pools %v", pools)
	}
	for name, check := range map[string]struct {
		got, want any
	}{
		"staff register":          {staff.property("AdminCreateUserConfig.AllowAdminCreateUserOnly"), true},
		"second factor of staff":  {staff.Properties["MfaConfiguration"], "ON"},
		"factors of staff":        {compactJSON(t, staff.Properties["EnabledMfas"]), `["SOFTWARE_TOKEN_MFA"]`},
		"first factor of staff":   {staff.property("Policies.SignInPolicy"), nil},
		"applicants register":     {applicants.property("AdminCreateUserConfig.AllowAdminCreateUserOnly"), false},
		"first factor":            {compactJSON(t, applicants.property("Policies.SignInPolicy.AllowedFirstAuthFactors")), `["PASSWORD","EMAIL_OTP","SMS_OTP"]`},
		"logins":                  {compactJSON(t, applicants.Properties["UsernameAttributes"]), `["email","phone_number"]`},
		"verified":                {compactJSON(t, applicants.Properties["AutoVerifiedAttributes"]), `["email","phone_number"]`},
		"sender until SES is set": {applicants.Properties["EmailConfiguration"], nil},
	} {
		if !cmp.Equal(check.want, check.got) {
			t.Errorf("%s: %v, want %v", name, check.got, check.want)
		}
	}
	clients := map[string]string{}
	for _, client := range template.resourcesOf("AWS::Cognito::UserPoolClient") {
		clients[compactJSON(t, client.Properties["CallbackURLs"])] = compactJSON(t, client.Properties)
	}
	portal := clients[`["https://beian.provider.example/callback"]`]
	for _, want := range []string{`"ALLOW_USER_AUTH"`, `"AllowedOAuthFlows":["code"]`, `"LogoutURLs":["https://beian.provider.example/"]`, `"PreventUserExistenceErrors":"ENABLED"`} {
		if !strings.Contains(portal, want) {
			t.Errorf("the portal's client lacks %s: %s", want, portal)
		}
	}
}

// TestSenderOfCodes: with a verified domain, Cognito sends codes from the provider's address; without SNS there are no codes by SMS.
func TestSenderOfCodes(t *testing.T) {
	pool := func(environment string) *resource {
		for _, pool := range readTemplate(t, environment+"-records").resourcesOf("AWS::Cognito::UserPool") {
			if pool.Properties["UserPoolName"] == "beian-"+environment+"-applicants" {
				return pool
			}
		}
		t.Fatalf("%s has no pool of applicants", environment)
		return nil
	}
	manual := pool("manual")
	sender := compactJSON(t, manual.Properties["EmailConfiguration"])
	for _, want := range []string{`"EmailSendingAccount":"DEVELOPER"`, `beian@provider.example`, `identity/provider.example`} {
		if !strings.Contains(sender, want) {
			t.Errorf("the sender lacks %s: %s", want, sender)
		}
	}
	if got := compactJSON(t, manual.property("Policies.SignInPolicy.AllowedFirstAuthFactors")); got != `["PASSWORD","EMAIL_OTP"]` || manual.Properties["SmsConfiguration"] != nil {
		t.Errorf("without SNS: %s, %v", got, manual.Properties["SmsConfiguration"])
	}
	if region := pool("abroad").property("SmsConfiguration.SnsRegion"); region != "ap-northeast-1" {
		t.Errorf("SMS are sent from %v", region)
	}
}

// TestOwnIssuer: with the provider's own issuer there is no user pool, and both APIs accept its tokens.
func TestOwnIssuer(t *testing.T) {
	for id, r := range readTemplate(t, "full-records").Resources {
		if strings.HasPrefix(r.Type, "AWS::Cognito") {
			t.Errorf("%s exists although the provider has an issuer", id)
		}
	}
	authorizers := readTemplate(t, "full-system").resourcesOf("AWS::ApiGatewayV2::Authorizer")
	if len(authorizers) != 2 {
		t.Errorf("%d authorizers", len(authorizers))
	}
	for _, authorizer := range authorizers {
		want := map[string]any{"Issuer": "https://login.provider.example", "Audience": []any{"beian"}}
		if diff := cmp.Diff(want, authorizer.Properties["JwtConfiguration"]); diff != "" {
			t.Error(diff)
		}
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
