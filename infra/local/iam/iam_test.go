package iam_test

import (
	"testing"

	"beian/infra/local/iam"
)

func parse(t *testing.T, statements string) []iam.Policy {
	t.Helper()
	p, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":` + statements + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return []iam.Policy{p}
}

func TestAllowed(t *testing.T) {
	const table = "arn:aws:dynamodb:cn-north-1:000000000000:table/beian"
	get := iam.Request{Action: "dynamodb:GetItem", Resource: table}
	for name, c := range map[string]struct {
		statements string
		request    iam.Request
		want       bool
	}{
		"nothing":           {`[]`, get, false},
		"the action":        {`{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"` + table + `"}`, get, true},
		"in another case":   {`{"Effect":"Allow","Action":"DynamoDB:getitem","Resource":"*"}`, get, true},
		"one of several":    {`{"Effect":"Allow","Action":["dynamodb:PutItem","dynamodb:GetItem"],"Resource":["a","` + table + `"]}`, get, true},
		"another action":    {`{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"*"}`, get, false},
		"another table":     {`{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"` + table + `2"}`, get, false},
		"an index of it":    {`{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"` + table + `/index/*"}`, get, false},
		"wildcards":         {`{"Effect":"Allow","Action":"dynamodb:*Item","Resource":"arn:aws:dynamodb:*:*:table/b?ian"}`, get, true},
		"a star takes none": {`{"Effect":"Allow","Action":"*","Resource":"` + table + `*"}`, get, true},
		"no wildcard in it": {`{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"` + table + `"}`, iam.Request{Action: "dynamodb:GetItem", Resource: "*"}, false},
		"a denial beats":    {`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"dynamodb:Get*","Resource":"*"}]`, get, false},
		"another is denied": {`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"dynamodb:*","Resource":"*"}]`, get, true},
		"all but topics":    {`{"Effect":"Allow","Action":"sns:Publish","NotResource":"arn:aws:sns:*:*:*"}`, iam.Request{Action: "sns:Publish", Resource: "*"}, true},
		"a topic":           {`{"Effect":"Allow","Action":"sns:Publish","NotResource":"arn:aws:sns:*:*:*"}`, iam.Request{Action: "sns:Publish", Resource: "arn:aws:sns:a:b:c"}, false},
		"condition":         {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":["x","y"]}}}`, iam.Request{Action: "a:B", Keys: map[string]string{"a:b": "y"}}, true},
		"condition unmet":   {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":"x"}}}`, iam.Request{Action: "a:B", Keys: map[string]string{"a:b": "y"}}, false},
		"condition without": {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":"x"}}}`, iam.Request{Action: "a:B"}, false},
		"not, without":      {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"a:b":"x"}}}`, iam.Request{Action: "a:B"}, true},
		"not, and it is":    {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"a:b":"x"}}}`, iam.Request{Action: "a:B", Keys: map[string]string{"a:b": "x"}}, false},
		"like":              {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"a:b":"arn:*:x"}}}`, iam.Request{Action: "a:B", Keys: map[string]string{"a:b": "arn:y:x"}}, true},
		"bool":              {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":"true"}}}`, iam.Request{Action: "a:B", Keys: map[string]string{"a:b": "true"}}, true},
		"both conditions":   {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":"x"},"Bool":{"a:c":"true"}}}`, iam.Request{Action: "a:B", Keys: map[string]string{"a:b": "x"}}, false},
		"a truth":           {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":true}}}`, iam.Request{Action: "a:B", Keys: map[string]string{"a:b": "true"}}, true},
		"a number":          {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"s3:TlsVersion":1.2}}}`, get, false},
		"numbers never fit": {`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"s3:TlsVersion":"1.2"}}}`, get, false},
	} {
		if c.request.Resource == "" {
			c.request.Resource = "*"
		}
		if got := iam.Allowed(parse(t, c.statements), c.request); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestRefusedPolicies(t *testing.T) {
	for want, document := range map[string]string{
		`policy: unexpected EOF`:                                         `{"Version":`,
		`policy: json: unknown field "Statements"`:                       `{"Version":"2012-10-17","Statements":[]}`,
		`policy: json: unknown field "Actions"`:                          `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Actions":"*"}}`,
		`policy: version "2008-10-17" is not 2012-10-17`:                 `{"Version":"2008-10-17","Statement":[]}`,
		`policy: statement 0: effect "Permit"`:                           `{"Version":"2012-10-17","Statement":{"Effect":"Permit","Action":"*","Resource":"*"}}`,
		`policy: statement 0: it wants one of Action and NotAction`:      `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}`,
		`policy: statement 1: it has both Resource and NotResource`:      `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"}]}`,
		`policy: statement 0: operator "DateLessThan" is not known here`: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}}}`,
	} {
		if _, err := iam.Parse([]byte(document)); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// FuzzParse: nothing that parses makes Allowed panic, and an empty policy list allows nothing.
func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, "s3:GetObject")
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["a:*b*"],"NotResource":"?*"}]}`, "a:bb")
	f.Fuzz(func(t *testing.T, document, action string) {
		p, err := iam.Parse([]byte(document))
		if err != nil {
			return
		}
		if iam.Allowed([]iam.Policy{p}, iam.Request{Action: action, Resource: action}) && len(p.Statement) == 0 {
			t.Error("an empty policy allows something")
		}
	})
}
