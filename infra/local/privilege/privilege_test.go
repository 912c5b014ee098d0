package privilege_test

import (
	"slices"
	"strings"
	"testing"

	"beian/infra/local/awsrequest"
	"beian/infra/local/privilege"
)

const (
	table   = "arn:aws:dynamodb:cn-north-1:000000000000:table/beian"
	machine = "arn:aws:states:cn-north-1:000000000000:stateMachine:filing"
)

func open(t *testing.T) *privilege.Ledger {
	t.Helper()
	roles, err := privilege.Read("../../stack/testdata/golden")
	if err != nil {
		t.Fatal(err)
	}
	return privilege.Open(roles)
}

func TestForbidden(t *testing.T) {
	live := map[string]string{"states:StateMachineQualifier": "live"}
	for name, c := range map[string]struct {
		call awsrequest.Call
		told bool
	}{
		"allowed":               {awsrequest.Call{By: "announce", Action: "dynamodb:GetItem", Resource: table}, false},
		"another's action":      {awsrequest.Call{By: "announce", Action: "ses:SendEmail", Resource: "arn:aws:ses:cn-north-1:000000000000:identity/provider.example"}, true},
		"the sender":            {awsrequest.Call{By: "sweeper", Action: "ses:SendEmail", Resource: "arn:aws:ses:cn-north-1:000000000000:identity/provider.example"}, false},
		"another sender":        {awsrequest.Call{By: "sweeper", Action: "ses:SendEmail", Resource: "arn:aws:ses:cn-north-1:000000000000:identity/other.example"}, true},
		"another table":         {awsrequest.Call{By: "announce", Action: "dynamodb:GetItem", Resource: table + "2"}, true},
		"an index of another":   {awsrequest.Call{By: "announce", Action: "dynamodb:Query", Resource: table + "/index/open"}, true},
		"by the alias":          {awsrequest.Call{By: "api", Action: "states:StartExecution", Resource: machine, Keys: live}, false},
		"beside the alias":      {awsrequest.Call{By: "api", Action: "states:StartExecution", Resource: machine}, true},
		"an SMS":                {awsrequest.Call{By: "sweeper", Action: "sns:Publish", Resource: "*"}, false},
		"a topic":               {awsrequest.Call{By: "sweeper", Action: "sns:Publish", Resource: "arn:aws:sns:cn-north-1:000000000000:operator"}, true},
		"the key of look-ups":   {awsrequest.Call{By: "smsreply", Action: "kms:GenerateMac", Resource: "arn:aws:kms:cn-north-1:000000000000:key/lookup"}, false},
		"opening with that key": {awsrequest.Call{By: "smsreply", Action: "kms:Decrypt", Resource: "arn:aws:kms:cn-north-1:000000000000:key/lookup"}, true},
		"no function":           {awsrequest.Call{By: "nobody", Action: "dynamodb:GetItem", Resource: table}, true},
	} {
		l := open(t)
		l.Note(c.call)
		if told := l.Forbidden(); (len(told) > 0) != c.told {
			t.Errorf("%s: %q", name, told)
		}
	}
}

// TestUnused: what was called is not told any more, and everything that is told could have been called.
func TestUnused(t *testing.T) {
	l := open(t)
	wanted := "announce may dynamodb:PutItem on " + strings.Replace(table, "cn-north-1", "ap-southeast-1", 1) + "-default, which nothing here calls and no reason explains"
	before := l.Unused()
	if !slices.Contains(before, wanted) {
		t.Fatalf("not told:\n%s\nbut\n%s", wanted, strings.Join(before, "\n"))
	}
	l.Note(awsrequest.Call{By: "announce", Action: "dynamodb:PutItem", Resource: table})
	if after := l.Unused(); slices.Contains(after, wanted) || len(after) != len(before)-1 {
		t.Errorf("one call took %d grants off %d", len(before)-len(after), len(before))
	}
}

func TestNoTemplates(t *testing.T) {
	if _, err := privilege.Read(t.TempDir()); err == nil {
		t.Error("roles were read from nowhere")
	}
}
