package stack_test

import (
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"beian/infra/local/system"
)

// TestRoutes compares the routes of the template with those of the laptop, and which of them require a token. The environment china has all: it sends email through a relay.
func TestRoutes(t *testing.T) {
	onAWS, onLaptop := map[string]bool{}, map[string]bool{}
	for _, r := range readTemplate(t, "china-system").resourcesOf("AWS::ApiGatewayV2::Route") {
		key, _ := r.Properties["RouteKey"].(string)
		onAWS[key] = r.Properties["AuthorizationType"] == "JWT"
	}
	for _, r := range system.Routes(func(string) lambda.Handler { return nil }) {
		onLaptop[r.Key] = !r.Public
	}
	if diff := cmp.Diff(onAWS, onLaptop); diff != "" {
		t.Errorf("routes and whether they need a token, on AWS (-) and on the laptop (+):\n%s", diff)
	}
}
