package stacktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/people"
	"beian/infra/local/system"
)

// The one system of these tests, in which three filings have been made from the first form to the number, and the
// template of the stateless stack. The template is read first: the evidence store goes into a folder of its own.
var (
	sys      *system.System
	template map[string]resource
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if template, err = read("../../stack/testdata/golden/default-system.json"); err != nil {
		return 1, err
	}
	folder, err := os.MkdirTemp("", "beian-stack-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	ctx := context.Background()
	sys, err = system.Start(ctx, system.Config{
		Folder: folder, Clock: clock.StandingAt(demo.Day), Staff: demo.Staff, ReviewDelay: 10 * time.Millisecond,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, sys.Close()) }()
	story, err := demo.New(ctx, sys, &people.World{
		Portal: sys.PortalURL, HTTP: &http.Client{Timeout: 30 * time.Second}, Sent: sys.Messages.Sent, SMSSecret: []byte(system.SMSSecret),
	}, io.Discard)
	if err != nil {
		return 1, err
	}
	if _, err := story.Three(ctx); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

type resource struct {
	Type       string
	Properties struct {
		RouteKey, AuthorizationType string // of a route
		PolicyName                  string // of a policy
		PolicyDocument              struct {
			Statement []struct{ Action any }
		}
	}
}

func read(path string) (map[string]resource, error) {
	doc, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var made struct{ Resources map[string]resource }
	err = json.Unmarshal(doc, &made)
	return made.Resources, err
}

// actions are the recorded operations whose name is not that of the action that allows it.
var actions = map[string][]string{
	"dynamodb:TransactWriteItems": {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
	"s3:GET":                      {"s3:GetObject"},
	"s3:PUT":                      {"s3:PutObject"},
}

// ours are calls that the laptop makes for itself: the stack makes the table, and only tests ask for the path of states.
var ours = []string{"dynamodb:CreateTable", "states:GetExecutionHistory"}

// elsewhere are actions that the templates allow the functions and nobody calls on the laptop.
var elsewhere = map[string]string{
	"logs:CreateLogStream":      "the laptop's log is its standard output",
	"logs:PutLogEvents":         "the laptop's log is its standard output",
	"kms:Decrypt":               "the laptop's keys are in a file",
	"kms:GenerateDataKey":       "the laptop's keys are in a file",
	"kms:GenerateMac":           "the laptop's keys are in a file",
	"dynamodb:DescribeStream":   "the laptop wakes the sweeper itself",
	"dynamodb:GetRecords":       "the laptop wakes the sweeper itself",
	"dynamodb:GetShardIterator": "the laptop wakes the sweeper itself",
	"dynamodb:ListStreams":      "the laptop wakes the sweeper itself",
	"sqs:SendMessage":           "Lambda does so when it gives up on a record of the stream",
	"s3:ListBucket":             "S3 asks for it to say that an object is missing",
}

// TestRecordedCallsAreAllowed compares the calls to AWS that three filings made with what the functions' roles allow,
// both ways. Which function may do what is proved from the code, in infra/stack.
func TestRecordedCallsAreAllowed(t *testing.T) {
	var allowed []string
	for _, r := range template {
		if r.Type != "AWS::IAM::Policy" || strings.HasPrefix(r.Properties.PolicyName, "Rolemachine") || strings.HasPrefix(r.Properties.PolicyName, "Roleschedules") {
			continue
		}
		for _, s := range r.Properties.PolicyDocument.Statement {
			switch action := s.Action.(type) {
			case string:
				allowed = append(allowed, action)
			case []any:
				for _, one := range action {
					allowed = append(allowed, one.(string))
				}
			}
		}
	}
	slices.Sort(allowed)
	allowed = slices.Compact(allowed)
	if len(allowed) == 0 {
		t.Fatal("the template allows nothing")
	}
	called := map[string]bool{}
	for operation := range sys.Traffic.Counts() {
		if slices.Contains(ours, operation) {
			continue
		}
		if as, ok := actions[operation]; ok {
			for _, one := range as {
				called[one] = true
			}
			continue
		}
		called[operation] = true
	}
	for action := range called {
		if !slices.Contains(allowed, action) {
			t.Errorf("%s is called, and no role allows it", action)
		}
		if elsewhere[action] != "" {
			t.Errorf("%s is called, and needs no explanation", action)
		}
	}
	for _, action := range allowed {
		if !called[action] && elsewhere[action] == "" {
			t.Errorf("%s is allowed, and no filing needed it", action)
		}
	}
}

// TestRoutes knocks at every route of the template without a token: the laptop turns away whom the gateway on AWS would.
func TestRoutes(t *testing.T) {
	values := strings.NewReplacer("{proxy+}", "orders", "{code}", "110000", "{file}", "docs.js")
	routes := 0
	for id, r := range template {
		if r.Type != "AWS::ApiGatewayV2::Route" {
			continue
		}
		routes++
		method, path, _ := strings.Cut(r.Properties.RouteKey, " ")
		if method == "ANY" {
			method = http.MethodGet
		}
		request, err := http.NewRequestWithContext(t.Context(), method, sys.PortalURL+values.Replace(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		// The gateway refuses with a challenge; a function that refuses has none.
		refused := answer.StatusCode == http.StatusUnauthorized && strings.HasPrefix(answer.Header.Get("WWW-Authenticate"), "Bearer")
		if refused != (r.Properties.AuthorizationType == "JWT") {
			t.Errorf("%s (%s): %d at the laptop, %s on AWS", r.Properties.RouteKey, id, answer.StatusCode, r.Properties.AuthorizationType)
		}
		if answer.StatusCode == http.StatusNotFound {
			t.Errorf("%s is nowhere on the laptop", r.Properties.RouteKey)
		}
	}
	if routes < 5 {
		t.Errorf("%d routes", routes)
	}
}
