package privilege_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/awsrequest"
	"beian/infra/local/privilege"
)

const golden = "../../stack/testdata/golden"

const (
	table   = "arn:aws:dynamodb:cn-north-1:000000000000:table/beian"
	machine = "arn:aws:states:cn-north-1:000000000000:stateMachine:filing"
)

func read(t *testing.T, folder string) *privilege.Roles {
	t.Helper()
	roles, err := privilege.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	return roles
}

func TestForbidden(t *testing.T) {
	if found := read(t, golden).Forbidden(); len(found) > 0 {
		t.Fatalf("AWS's own calls are forbidden:\n%s", strings.Join(found, "\n"))
	}
	live := map[string]string{"states:StateMachineQualifier": "live"}
	for name, c := range map[string]struct {
		call      awsrequest.Call
		forbidden bool
	}{
		"allowed":                     {awsrequest.Call{By: "announce", Action: "dynamodb:GetItem", Resource: table}, false},
		"an action of another role":   {awsrequest.Call{By: "announce", Action: "ses:SendEmail", Resource: "arn:aws:ses:cn-north-1:000000000000:identity/provider.example"}, true},
		"the sender":                  {awsrequest.Call{By: "sweeper", Action: "ses:SendEmail", Resource: "arn:aws:ses:cn-north-1:000000000000:identity/provider.example"}, false},
		"another sender":              {awsrequest.Call{By: "sweeper", Action: "ses:SendEmail", Resource: "arn:aws:ses:cn-north-1:000000000000:identity/other.example"}, true},
		"another table":               {awsrequest.Call{By: "announce", Action: "dynamodb:GetItem", Resource: table + "2"}, true},
		"an index of another role":    {awsrequest.Call{By: "announce", Action: "dynamodb:Query", Resource: table + "/index/open"}, true},
		"by the alias":                {awsrequest.Call{By: "api", Action: "states:StartExecution", Resource: machine, Keys: live}, false},
		"without the alias":           {awsrequest.Call{By: "api", Action: "states:StartExecution", Resource: machine}, true},
		"an SMS":                      {awsrequest.Call{By: "sweeper", Action: "sns:Publish", Resource: "*"}, false},
		"a topic":                     {awsrequest.Call{By: "sweeper", Action: "sns:Publish", Resource: "arn:aws:sns:cn-north-1:000000000000:operator"}, true},
		"the key of look-ups":         {awsrequest.Call{By: "smsreply", Action: "kms:GenerateMac", Resource: "arn:aws:kms:cn-north-1:000000000000:key/lookup"}, false},
		"decrypting with that key":    {awsrequest.Call{By: "smsreply", Action: "kms:Decrypt", Resource: "arn:aws:kms:cn-north-1:000000000000:key/lookup"}, true},
		"the machine and a function":  {awsrequest.Call{By: "machine", Action: "lambda:InvokeFunction", Resource: "arn:aws:lambda:ap-southeast-1:000000000000:function:beian-default-announce"}, false},
		"the machine and the webhook": {awsrequest.Call{By: "machine", Action: "lambda:InvokeFunction", Resource: "arn:aws:lambda:ap-southeast-1:000000000000:function:beian-default-smsreply"}, true},
		"the schedules and the API":   {awsrequest.Call{By: "schedules", Action: "lambda:InvokeFunction", Resource: "arn:aws:lambda:ap-southeast-1:000000000000:function:beian-default-api"}, true},
		"a caller without a role":     {awsrequest.Call{By: "unknown", Action: "dynamodb:GetItem", Resource: table}, true},
	} {
		roles := read(t, golden)
		roles.Record(c.call)
		if found := roles.Forbidden(); (len(found) > 0) != c.forbidden {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// TestUnused records a call, after which its grant is no longer reported.
func TestUnused(t *testing.T) {
	roles := read(t, golden)
	want := "announce may dynamodb:PutItem on arn:aws:dynamodb:ap-southeast-1:000000000000:table/beian-default, which nothing calls and no excuse explains"
	before := roles.Unused()
	if !slices.Contains(before, want) {
		t.Fatalf("%q is not among\n%s", want, strings.Join(before, "\n"))
	}
	roles.Record(awsrequest.Call{By: "announce", Action: "dynamodb:PutItem", Resource: table})
	if after := roles.Unused(); slices.Contains(after, want) || len(after) != len(before)-1 {
		t.Errorf("one call removed %d of %d grants", len(before)-len(after), len(before))
	}
}

// TestUnreachable evaluates the policies of resources: every alarm reaches the operator's topic, the API its functions, and so on.
func TestUnreachable(t *testing.T) {
	found, err := read(t, golden).Unreachable()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range found {
		t.Error(one)
	}
}

// TestUnreachableFinds breaks the policies of the golden templates.
func TestUnreachableFinds(t *testing.T) {
	for name, c := range map[string]struct{ old, replacement, want string }{
		"an alarm":            {`"Service": "cloudwatch.amazonaws.com"`, `"Service": "events.amazonaws.com"`, "cloudwatch.amazonaws.com may not sns:Publish"},
		"the API":             {`"Principal": "apigateway.amazonaws.com"`, `"Principal": "events.amazonaws.com"`, "apigateway.amazonaws.com may not lambda:InvokeFunction"},
		"a bucket's log":      {`"Service": "logging.s3.amazonaws.com"`, `"Service": "events.amazonaws.com"`, "logging.s3.amazonaws.com may not s3:PutObject"},
		"the dead letters":    {`"aws:SecureTransport": "false"`, `"aws:SecureTransport": "true"`, "denies sqs:SendMessage to schedules"},
		"an unknown resource": {`"AWS::CloudWatch::Dashboard"`, `"AWS::Events::Rule"`, "what does AWS::Events::Rule call?"},
	} {
		folder := t.TempDir()
		for _, file := range []string{"default-records.json", "default-system.json"} {
			text, err := os.ReadFile(filepath.Join(golden, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, file), []byte(strings.ReplaceAll(string(text), c.old, c.replacement)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		found, err := read(t, folder).Unreachable()
		if err != nil {
			found = append(found, err.Error())
		}
		if !slices.ContainsFunc(found, func(one string) bool { return strings.Contains(one, c.want) }) {
			t.Errorf("%s: %q does not contain %q", name, found, c.want)
		}
	}
}

func TestNoTemplates(t *testing.T) {
	if _, err := privilege.Read(t.TempDir()); err == nil {
		t.Error("roles were read from an empty folder")
	}
}
