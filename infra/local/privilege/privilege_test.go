package privilege_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/privilege"
)

const (
	region = "ap-southeast-1"
	golden = "../../stack/testdata/golden"
	local  = "cn-north-1:000000000000:" // Region and account of the laptop
	onAWS  = "ap-southeast-1:000000000000:"
)

// laptop are variables of the functions on the laptop.
var laptop = map[string]string{
	"TABLE": "beian", "KEYS_TABLE": "beian-keys", "BUCKET": "beian-evidence", "UPLOADS": "beian-uploads",
	"KMS_KEY": "arn:aws:kms:" + local + "key/filings", "KMS_MAC_KEY": "arn:aws:kms:" + local + "key/lookup",
	"STATE_MACHINE": "arn:aws:states:" + local + "stateMachine:filing:live",
}

func read(folder string) (*privilege.Proof, error) {
	return privilege.Read(region, filepath.Join(folder, "default-records.json"), filepath.Join(folder, "default-system.json"))
}

func readGolden(t *testing.T) *privilege.Proof {
	t.Helper()
	p, err := read(golden)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestForbidden(t *testing.T) {
	p := readGolden(t)
	if found := p.Forbidden(p.Calls(nil, laptop)); len(found) > 0 {
		t.Errorf("calls of AWS:\n%s", strings.Join(found, "\n"))
	}
	const table, machine = "arn:aws:dynamodb:" + local + "table/beian", "arn:aws:states:" + local + "stateMachine:filing"
	live := map[string]string{"states:StateMachineQualifier": "live"}
	for name, c := range map[string]struct {
		call      privilege.Call
		forbidden bool
	}{
		"allowed":                     {privilege.Call{By: "announce", Action: "dynamodb:GetItem", Resource: table}, false},
		"an action of another":        {privilege.Call{By: "announce", Action: "ses:SendEmail", Resource: "arn:aws:ses:" + local + "identity/provider.example"}, true},
		"the sender":                  {privilege.Call{By: "sweeper", Action: "ses:SendEmail", Resource: "arn:aws:ses:" + local + "identity/provider.example"}, false},
		"another sender":              {privilege.Call{By: "sweeper", Action: "ses:SendEmail", Resource: "arn:aws:ses:" + local + "identity/other.example"}, true},
		"another table":               {privilege.Call{By: "announce", Action: "dynamodb:GetItem", Resource: table + "2"}, true},
		"an index of another":         {privilege.Call{By: "announce", Action: "dynamodb:Query", Resource: table + "/index/open"}, true},
		"by the alias":                {privilege.Call{By: "api", Action: "states:StartExecution", Resource: machine, Keys: live}, false},
		"without the alias":           {privilege.Call{By: "api", Action: "states:StartExecution", Resource: machine}, true},
		"an SMS":                      {privilege.Call{By: "sweeper", Action: "sns:Publish", Resource: "*"}, false},
		"a topic":                     {privilege.Call{By: "sweeper", Action: "sns:Publish", Resource: "arn:aws:sns:" + local + "other"}, true},
		"the key of look-ups":         {privilege.Call{By: "smsreply", Action: "kms:GenerateMac", Resource: laptop["KMS_MAC_KEY"]}, false},
		"decrypting with that key":    {privilege.Call{By: "smsreply", Action: "kms:Decrypt", Resource: laptop["KMS_MAC_KEY"]}, true},
		"an object":                   {privilege.Call{By: "reviewer", Action: "s3:GetObject", Resource: "arn:aws:s3:::beian-evidence/beian/a.jpg"}, false},
		"an object of another bucket": {privilege.Call{By: "reviewer", Action: "s3:GetObject", Resource: "arn:aws:s3:::beian-uploads/a.jpg"}, true},
		"writing an object":           {privilege.Call{By: "reviewer", Action: "s3:PutObject", Resource: "arn:aws:s3:::beian-evidence/a.jpg"}, true},
		"the machine and an entry":    {privilege.Call{By: "machine", Action: "lambda:InvokeFunction", Resource: "arn:aws:lambda:" + onAWS + "function:beian-default-smsreply"}, true},
		"the schedules and the API":   {privilege.Call{By: "schedules", Action: "lambda:InvokeFunction", Resource: "arn:aws:lambda:" + onAWS + "function:beian-default-api"}, true},
		"a caller without a role":     {privilege.Call{By: "unknown", Action: "dynamodb:GetItem", Resource: table}, true},
	} {
		if found := p.Forbidden(p.Calls([]privilege.Call{c.call}, laptop)); (len(found) > 0) != c.forbidden {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// TestUnused makes calls, after which their permissions are no longer reported.
func TestUnused(t *testing.T) {
	p := readGolden(t)
	before := p.Unused(p.Calls(nil, laptop))
	for _, want := range []string{
		"announce may dynamodb:PutItem on arn:aws:dynamodb:" + onAWS + "table/beian-default, which nothing calls",
		"sweeper may sns:Publish on all but arn:aws:sns:*:*:*, which nothing calls",
	} {
		if !slices.Contains(before, want) {
			t.Errorf("%q is not among\n%s", want, strings.Join(before, "\n"))
		}
	}
	for call, permissions := range map[*privilege.Call]int{
		{By: "announce", Action: "dynamodb:PutItem", Resource: "arn:aws:dynamodb:" + local + "table/beian"}:         1,
		{By: "reviewer", Action: "s3:GetObject", Resource: "arn:aws:s3:::beian-evidence/a.jpg"}:                     3, // with kms:Decrypt and s3:ListBucket
		{By: "exchange", Action: "s3:PutObject", Resource: "arn:aws:s3:::beian-evidence/a.jpg"}:                     2, // with kms:GenerateDataKey
		{By: "sweeper", Action: "ses:SendEmail", Resource: "arn:aws:ses:" + local + "identity/provider.example"}:    2, // with the configuration set
		{By: "announce", Action: "dynamodb:PutItem", Resource: "arn:aws:dynamodb:" + local + "table/beian-unknown"}: 0,
	} {
		if after := p.Unused(p.Calls([]privilege.Call{*call}, laptop)); len(before)-len(after) != permissions {
			t.Errorf("%v uses %d permissions, want %d", *call, len(before)-len(after), permissions)
		}
	}
}

// TestFaults changes the templates, and expects what the proof reports.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct{ old, changed, want string }{
		"no alarm arrives":        {`"Service": "cloudwatch.amazonaws.com"`, `"Service": "events.amazonaws.com"`, "cloudwatch.amazonaws.com calls sns:Publish"},
		"alarms of anyone":        {`"aws:SourceAccount"`, `"aws:SourceOrgID"`, "cloudwatch.amazonaws.com calls sns:Publish"},
		"another API":             {`"Principal": "apigateway.amazonaws.com"`, `"Principal": "events.amazonaws.com"`, "apigateway.amazonaws.com calls lambda:InvokeFunction"},
		"no log of a bucket":      {`"Service": "logging.s3.amazonaws.com"`, `"Service": "events.amazonaws.com"`, "logging.s3.amazonaws.com calls s3:PutObject"},
		"a role without service":  {`"Service": "scheduler.amazonaws.com"`, `"Service": "events.amazonaws.com"`, "scheduler.amazonaws.com calls sts:AssumeRole"},
		"dead letters are denied": {`"aws:SecureTransport": "false"`, `"aws:SecureTransport": "true"`, "schedules calls sqs:SendMessage"},
		"a key without users":     {`"kms:*"`, `"kms:Describe*"`, "api calls kms:Decrypt"},
		"an unused service":       {`"Service": "states.amazonaws.com"`, `"Service": ["states.amazonaws.com", "events.amazonaws.com"]`, "events.amazonaws.com may sts:AssumeRole"},
		"all indexes":             {`"/index/open"`, `"/index/*"`, "reviewer may dynamodb:Query on arn:aws:dynamodb:" + onAWS + "table/beian-default/index/*, more than one resource"},
		"all actions":             {`"kms:GenerateMac"`, `"kms:*"`, "allows kms:* to api; name the principal and the action"},
		"everybody":               {`"Service": "cloudwatch.amazonaws.com"`, `"AWS": "*"`, "allows sns:Publish to *; name the principal and the action"},
		"an unknown principal":    {`"Service": "cloudwatch.amazonaws.com"`, `"Federated": "*"`, "the form of the statement is not known"},
		"an unknown type":         {`"AWS::CloudWatch::Dashboard"`, `"AWS::Events::EventBus"`, "the type AWS::Events::EventBus is not known"},
		"an unknown function":     {`"Fn::ImportValue"`, `"Fn::Select"`, "Fn::Select of beian-default-records:"},
		"an unknown operator":     {`"StringEquals"`, `"StringNotLike"`, "the operator StringNotLike is not known"},
		"an unknown field":        {`"NotResource"`, `"NotAction"`, `unknown field "NotAction"`},
		"an unknown destination":  {`"CloudWatchDestination"`, `"SnsDestination"`, "the destination of events is not known"},
		"an unknown subscription": {`"Protocol": "email"`, `"Protocol": "sqs"`, "the protocol sqs is not known"},
	} {
		folder := t.TempDir()
		for _, file := range []string{"default-records.json", "default-system.json"} {
			text, err := os.ReadFile(filepath.Join(golden, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, file), []byte(strings.ReplaceAll(string(text), c.old, c.changed)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var found []string
		p, err := read(folder)
		if err != nil {
			found = append(found, err.Error())
		} else {
			calls := p.Calls([]privilege.Call{{By: "api", Action: "kms:Decrypt", Resource: laptop["KMS_KEY"]}}, laptop)
			found = append(p.Forbidden(calls), p.Unused(calls)...)
		}
		if !slices.ContainsFunc(found, func(one string) bool { return strings.Contains(one, c.want) }) {
			t.Errorf("%s: %q is not among %q", name, c.want, found)
		}
	}
}

func TestNoTemplates(t *testing.T) {
	if _, err := read(t.TempDir()); err == nil {
		t.Error("templates were read from an empty folder")
	}
}
