package stack_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/functions/mailbounce"
)

// TestSender: the sender is in the records stack, or in a separate stack if mail.region is set.
func TestSender(t *testing.T) {
	for environment, home := range map[string]string{"default": "default-records", "full": "full-mail", "abroad": "abroad-records"} {
		for _, name := range templates {
			if name == home || !strings.HasPrefix(name, environment) {
				continue
			}
			for id, r := range readTemplate(t, name).Resources {
				if strings.HasPrefix(r.Type, "AWS::SES::") {
					t.Errorf("%s has %s", name, id)
				}
			}
		}
		template := readTemplate(t, home)
		identity := template.onlyResource(t, "AWS::SES::EmailIdentity")
		if got := identity.Properties["EmailIdentity"]; got != "provider.example" {
			t.Errorf("SES verifies %v", got)
		}
		if identity.property("ConfigurationSetAttributes.ConfigurationSetName") == nil {
			t.Error("email is sent without the configuration set that counts bounces")
		}
		if got := template.onlyResource(t, "AWS::SES::ConfigurationSet").Properties["Name"]; got != "beian-"+environment {
			t.Errorf("the configuration set is %v", got)
		}
		events := compactJSON(t, template.resourcesOf("AWS::SES::ConfigurationSetEventDestination"))
		for _, want := range []string{`"bounce"`, `"complaint"`, "CloudWatchDestination", "EventBridgeDestination"} {
			if !strings.Contains(events, want) {
				t.Errorf("events lack %s: %s", want, events)
			}
		}
		for _, record := range []string{"DKIM1", "DKIM2", "DKIM3"} {
			if template.Outputs[record] == nil {
				t.Errorf("%s does not contain %s", home, record)
			}
		}
	}
}

// TestSendPermission: only the sweeper may send email, from the one sender, in the sender's Region.
func TestSendPermission(t *testing.T) {
	for environment, region := range map[string]string{"default": "ap-southeast-1", "full": "ap-southeast-1", "abroad": "ap-northeast-2"} {
		document := readTemplate(t, environment+"-system")
		found := false
		for _, policy := range document.resourcesOf("AWS::IAM::Policy") {
			for _, one := range policy.property("PolicyDocument.Statement").([]any) {
				statement := one.(map[string]any)
				if !slices.Contains(asList(statement["Action"]), any("ses:SendEmail")) {
					continue
				}
				found = true
				in := []any{"arn:", map[string]any{"Ref": "AWS::Partition"}, ":ses:" + region + ":", map[string]any{"Ref": "AWS::AccountId"}}
				of := func(resource string) any {
					return map[string]any{"Fn::Join": []any{"", append(slices.Clone(in), ":"+resource)}}
				}
				want := []any{of("configuration-set/beian-" + environment), of("identity/provider.example")}
				if diff := cmp.Diff(want, statement["Resource"]); diff != "" {
					t.Errorf("%s may send as:\n%s", environment, diff)
				}
			}
		}
		if !found {
			t.Errorf("no function of %s may send email", environment)
		}
	}
}

// TestBounces: a bounce of this environment's sender reaches the sweeper, from another Region too, and only the ids of message and email do.
func TestBounces(t *testing.T) {
	for name, environment := range map[string]string{"default-system": "default", "full-system": "full", "full-mail": "full"} {
		rule := readTemplate(t, name).rule(t, "Email Bounced")
		if got := compactJSON(t, rule.Properties["EventPattern"]); got != `{"detail":{"mail":{"tags":{"ses:configuration-set":["beian-`+environment+`"]}}},"detail-type":["Email Bounced"],"source":["aws.ses"]}` {
			t.Errorf("%s selects %s", name, got)
		}
		want := `"InputTemplate":"{\"bounce\":{\"email\":\u003cdetail-mail-messageId\u003e,\"key\":\u003cdetail-mail-tags-beian-key-0-\u003e}}"`
		if name == "full-mail" {
			want = `:events:ap-east-1:`
		}
		if got := compactJSON(t, rule.Properties["Targets"]); !strings.Contains(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestBouncesOfARelay: with a mail relay, bounces come by the webhook alone, whose secret is generated; with SES, there is none.
func TestBouncesOfARelay(t *testing.T) {
	for _, environment := range []string{"china", "default"} {
		relay, document, found := environment == "china", readTemplate(t, environment+"-system"), false
		for id, r := range document.resourcesOf("AWS::ApiGatewayV2::Route") {
			if r.Properties["RouteKey"] == mailbounce.Route {
				found = true
				if integration := compactJSON(t, r.Properties["Target"]); r.Properties["AuthorizationType"] != "NONE" || !strings.Contains(integration, "mailbounce") {
					t.Errorf("%s calls %s", id, integration)
				}
			}
		}
		if found != relay {
			t.Errorf("%s: there is a webhook: %t", environment, found)
		}
		if rule := strings.Contains(compactJSON(t, document.resourcesOf("AWS::Events::Rule")), "Email Bounced"); rule == relay {
			t.Errorf("%s: there is a rule: %t", environment, rule)
		}
		secrets := compactJSON(t, readTemplate(t, environment+"-records").resourcesOf("AWS::SecretsManager::Secret"))
		if strings.Contains(secrets, `"Name":"beian/`+environment+`/bounces"`) != relay {
			t.Errorf("%s has the secrets %s", environment, secrets)
		}
	}
	for _, name := range []string{"china-records", "china-system"} {
		for id, r := range readTemplate(t, name).Resources {
			if strings.HasPrefix(r.Type, "AWS::SES::") || strings.HasPrefix(r.Type, "AWS::Cognito::") {
				t.Errorf("%s has %s", name, id)
			}
		}
	}
}

// TestMailInAnotherRegion: the alarms are in the Region of their metrics, and the sender is deployed before the functions.
func TestMailInAnotherRegion(t *testing.T) {
	mail := readTemplate(t, "full-mail")
	for id, alarm := range mail.resourcesOf("AWS::CloudWatch::Alarm") {
		if alarm.Properties["Namespace"] != "AWS/SES" || compactJSON(t, alarm.Properties["Dimensions"]) != `[{"Name":"ses:configuration-set","Value":"beian-full"}]` {
			t.Errorf("%s uses the metric %v %v", id, alarm.Properties["Namespace"], alarm.Properties["Dimensions"])
		}
	}
	if got := mail.onlyResource(t, "AWS::SNS::Subscription").Properties["Endpoint"]; got != "operations@provider.example" {
		t.Errorf("alarms go to %v", got)
	}
	if !strings.Contains(compactJSON(t, readTemplate(t, "full-system").onlyResource(t, "AWS::CloudWatch::Dashboard").Properties), `\"region\":\"ap-southeast-1\"`) {
		t.Error("the dashboard reads the email metrics of the wrong Region")
	}
	stacks := manifest(t)
	if got := stacks["beian-full-mail"].Environment; got != "aws://unknown-account/ap-southeast-1" {
		t.Errorf("the mail stack is in %s", got)
	}
	if !slices.Contains(stacks["beian-full-system"].Dependencies, "beian-full-mail") {
		t.Error("the functions may be deployed before the sender")
	}
	if got := stacks["beian-full-system"].Environment; got != "aws://unknown-account/ap-east-1" {
		t.Errorf("the system stack is in %s", got)
	}
	if names := slices.Sorted(maps.Keys(stacks)); len(names) != len(templates) {
		t.Errorf("stacks %q", names)
	}
}

// TestAlarmsOfWebhooks: a webhook answers 503 if it fails, which is no error of Lambda, so that its alarm counts the line of its log too.
func TestAlarmsOfWebhooks(t *testing.T) {
	system := readTemplate(t, "china-system")
	for name, metric := range map[string]string{"beian-china-errors-mailbounce": "LostBounces", "beian-china-errors-smsreply": "LostReplies"} {
		watched := ""
		for _, r := range system.resourcesOf("AWS::CloudWatch::Alarm") {
			if r.Properties["AlarmName"] == name {
				doc, err := json.Marshal(r.Properties["Metrics"])
				if watched = string(doc); err != nil {
					t.Error(err)
				}
			}
		}
		if !strings.Contains(watched, `"MetricName":"`+metric+`"`) || !strings.Contains(watched, `"MetricName":"Errors"`) {
			t.Errorf("%s watches %s", name, watched)
		}
	}
}
