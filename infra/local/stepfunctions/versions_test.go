package stepfunctions_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
)

// saying is a machine that ends by saying a word.
func saying(word string) string {
	return fmt.Sprintf(`{"StartAt":"Say","States":{"Say":{"Type":"Pass","Result":%q,"End":true}}}`, word)
}

// says starts an execution and returns what it says at its end.
func (d *desk) says(machine, name string) string {
	d.t.Helper()
	started, err := d.StartExecution(d.t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(machine), Name: aws.String(name)})
	if err != nil {
		d.t.Fatal(err)
	}
	for {
		got, err := d.DescribeExecution(d.t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
		if err != nil {
			d.t.Fatal(err)
		}
		if got.Status != types.ExecutionStatusRunning {
			return aws.ToString(got.Output)
		}
	}
}

func to(version *string) []types.RoutingConfigurationListItem {
	return []types.RoutingConfigurationListItem{{StateMachineVersionArn: version, Weight: 100}}
}

// TestVersions: an alias points at what was published, whatever becomes of the machine, and after a restart too.
func TestVersions(t *testing.T) {
	d := newDesk(t, nil, nil)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	made, err := d.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("word"), Definition: aws.String(saying("one")), RoleArn: aws.String("arn:aws:iam::000000000000:role/word"),
	})
	must(err)
	machine := *made.StateMachineArn
	first, err := d.PublishStateMachineVersion(ctx, &sfn.PublishStateMachineVersionInput{StateMachineArn: &machine})
	must(err)
	again, err := d.PublishStateMachineVersion(ctx, &sfn.PublishStateMachineVersionInput{StateMachineArn: &machine})
	must(err)
	if *first.StateMachineVersionArn != machine+":1" || *again.StateMachineVersionArn != machine+":1" {
		t.Errorf("versions %s, %s", *first.StateMachineVersionArn, *again.StateMachineVersionArn)
	}
	alias, err := d.CreateStateMachineAlias(ctx, &sfn.CreateStateMachineAliasInput{Name: aws.String("live"), RoutingConfiguration: to(first.StateMachineVersionArn)})
	must(err)
	if *alias.StateMachineAliasArn != machine+":live" {
		t.Errorf("alias %s", *alias.StateMachineAliasArn)
	}
	changed, err := d.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &machine, Definition: aws.String(saying("two"))})
	must(err)
	_, err = d.PublishStateMachineVersion(ctx, &sfn.PublishStateMachineVersionInput{StateMachineArn: &machine, RevisionId: aws.String("old")})
	if _, ok := errors.AsType[*types.ConflictException](err); !ok {
		t.Errorf("an old revision is published: %v", err)
	}
	if got := d.says(machine, "a"); got != `"two"` {
		t.Errorf("the machine says %s", got)
	}
	if got := d.says(machine+":live", "b"); got != `"one"` {
		t.Errorf("the alias says %s", got)
	}
	second, err := d.PublishStateMachineVersion(ctx, &sfn.PublishStateMachineVersionInput{StateMachineArn: &machine, RevisionId: changed.RevisionId})
	must(err)
	_, err = d.UpdateStateMachineAlias(ctx, &sfn.UpdateStateMachineAliasInput{StateMachineAliasArn: alias.StateMachineAliasArn, RoutingConfiguration: to(second.StateMachineVersionArn)})
	must(err)
	d.close()
	d.open(nil)
	for n, want := range map[string]string{":live": `"two"`, ":1": `"one"`, ":2": `"two"`} {
		if got := d.says(machine+n, "after"+n[1:]); got != want {
			t.Errorf("%s says %s after the restart, want %s", n, got, want)
		}
	}
	for _, arn := range []string{machine + ":3", machine + ":0", machine + ":dead", machine + ":"} {
		if _, err := d.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &arn}); err == nil {
			t.Errorf("%s is started", arn)
		}
	}
	_, err = d.DeleteStateMachineAlias(ctx, &sfn.DeleteStateMachineAliasInput{StateMachineAliasArn: alias.StateMachineAliasArn})
	must(err)
	if _, err := d.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: alias.StateMachineAliasArn}); err == nil {
		t.Error("an alias that was deleted starts something")
	}
	for range 2 {
		_, err = d.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &machine})
		must(err)
	}
	if _, err := d.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine}); err == nil {
		t.Error("a machine that was deleted starts something")
	}
}

func TestVersionRefusals(t *testing.T) {
	d := newDesk(t, nil, map[string]string{"word": saying("one"), "other": saying("x")})
	word, other := d.host.MachineARN("word"), d.host.MachineARN("other")
	for _, machine := range []string{word, other} {
		if _, err := d.PublishStateMachineVersion(t.Context(), &sfn.PublishStateMachineVersionInput{StateMachineArn: &machine}); err != nil {
			t.Fatal(err)
		}
	}
	create := func(name string, routing []types.RoutingConfigurationListItem) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := d.CreateStateMachineAlias(ctx, &sfn.CreateStateMachineAliasInput{Name: &name, RoutingConfiguration: routing})
			return err
		}
	}
	if err := create("live", to(aws.String(word+":1")))(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		do   func(context.Context) error
		want string
	}{
		"a number":        {create("7", to(aws.String(word+":1"))), "InvalidName"},
		"no version":      {create("a", to(aws.String(word))), "ValidationException"},
		"an alias of one": {create("a", to(aws.String(word+":live"))), "ValidationException"},
		"unknown version": {create("a", to(aws.String(word+":2"))), "StateMachineDoesNotExist"},
		"two versions":    {create("a", append(to(aws.String(word+":1")), to(aws.String(word+":1"))...)), "ValidationException"},
		"another's":       {create("live", to(aws.String(other+":1"))), ""},
		"bad definition": {func(ctx context.Context) error {
			_, err := d.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &word, Definition: aws.String(`{}`)})
			return err
		}, "InvalidDefinition"},
		"alias of another machine": {func(ctx context.Context) error {
			_, err := d.UpdateStateMachineAlias(ctx, &sfn.UpdateStateMachineAliasInput{StateMachineAliasArn: aws.String(word + ":live"), RoutingConfiguration: to(aws.String(other + ":1"))})
			return err
		}, "ValidationException"},
		"no alias": {func(ctx context.Context) error {
			_, err := d.DeleteStateMachineAlias(ctx, &sfn.DeleteStateMachineAliasInput{StateMachineAliasArn: aws.String(word + ":dead")})
			return err
		}, "ResourceNotFound"},
		"no ARN": {func(ctx context.Context) error {
			_, err := d.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: aws.String("word")})
			return err
		}, "InvalidArn"},
	} {
		err := c.do(t.Context())
		refusal, ok := errors.AsType[smithy.APIError](err)
		if c.want == "" && err != nil || c.want != "" && (!ok || refusal.ErrorCode() != c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
