package stack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"beian/functions/api"
	"beian/functions/operator"
	"beian/functions/portal"
	"beian/functions/reviewer"
	"beian/shared/web"
)

// accessLog is the format of the access log. It contains the route instead of the path, and no data of the caller.
const accessLog = `{"request":"$context.requestId","at":"$context.requestTime","route":"$context.routeKey",` +
	`"status":"$context.status","bytes":"$context.responseLength","ms":"$context.responseLatency",` +
	`"functionMs":"$context.integrationLatency","error":"$context.error.messageString"}`

// WebhookRoute receives replies from the SMS carrier. They are signed, so no token is required.
const WebhookRoute = "POST /webhooks/sms"

// newHTTPAPI adds the HTTP API: a route for each path of the reviewers, the operators and the public, and one route for all other
// paths. All routes but the public ones and the webhook require a token.
func newHTTPAPI(stack awscdk.Stack, s Settings, r *records, functions deployedFunctions) awsapigatewayv2.HttpApi {
	httpAPI := awsapigatewayv2.NewHttpApi(stack, jsii.String("HttpApi"), &awsapigatewayv2.HttpApiProps{
		ApiName: jsii.String(s.resourceName("api")), Description: jsii.String("Beian (" + s.Name + ")"), CreateDefaultStage: jsii.Bool(false),
	})
	issuer, audiences, _ := identityOf(stack, s, r)
	authorizer := awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Tokens"), jsii.String(issuer),
		&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{AuthorizerName: jsii.String("tokens"), JwtAudience: jsii.Strings(audiences...)})
	to := func(function string) awsapigatewayv2integrations.HttpLambdaIntegration {
		return awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("To-"+function), functions[function].lambda,
			&awsapigatewayv2integrations.HttpLambdaIntegrationProps{ScopePermissionToRoute: jsii.Bool(false)})
	}
	add := func(route string, target awsapigatewayv2.HttpRouteIntegration, who awsapigatewayv2.IHttpRouteAuthorizer) []awsapigatewayv2.HttpRoute {
		method, path, _ := strings.Cut(route, " ")
		return *httpAPI.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path: jsii.String(path), Methods: &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(method)},
			Integration: target, Authorizer: who,
		})
	}
	noToken := awsapigatewayv2.NewHttpNoneAuthorizer()
	applicants, reviewers, operators := to("api"), to("reviewer"), to("operator")
	for _, route := range api.PublicRoutes() {
		for _, resource := range add(route, applicants, noToken) {
			suppress(resource, "AwsSolutions-APIG4", "Reference data, health and the API description contain nothing that belongs to an account.")
		}
	}
	for _, route := range reviewer.New(reviewer.Config{}).PublicRoutes() {
		for _, resource := range add(route, reviewers, noToken) {
			suppress(resource, "AwsSolutions-APIG4", "The path contains a token for one paper. The function verifies it; it expires after two minutes.")
		}
	}
	for _, route := range operator.New(operator.Config{}).PublicRoutes() {
		for _, resource := range add(route, operators, noToken) {
			suppress(resource, "AwsSolutions-APIG4", "The path contains a token of one page: a sheet with its papers, or the differences. The function verifies it; it expires after 30 minutes.")
		}
	}
	add("ANY "+web.Prefix+"/{proxy+}", applicants, authorizer)
	for _, route := range reviewer.New(reviewer.Config{}).Routes() {
		add(route, reviewers, authorizer)
	}
	for _, route := range operator.New(operator.Config{}).Routes() {
		add(route, operators, authorizer)
	}
	for _, resource := range add(WebhookRoute, to("smsreply"), noToken) {
		suppress(resource, "AwsSolutions-APIG4", "The carrier signs its requests (HMAC-SHA256), and the function verifies the signature.")
	}
	for _, route := range portal.Routes() {
		for _, resource := range add(route, to("portal"), noToken) {
			suppress(resource, "AwsSolutions-APIG4", "A browser has a session in a cookie, which the function verifies.")
		}
	}
	log := awslogs.NewLogGroup(stack, jsii.String("Log-httpapi"), &awslogs.LogGroupProps{
		Retention: logRetention[s.LogDays], RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	stage := awsapigatewayv2.NewHttpStage(stack, jsii.String("Stage"), &awsapigatewayv2.HttpStageProps{
		HttpApi: httpAPI, StageName: jsii.String("$default"), AutoDeploy: jsii.Bool(true), DetailedMetricsEnabled: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit: jsii.Number(s.Throttle.PerSecond), BurstLimit: jsii.Number(s.Throttle.Burst),
		},
	})
	stage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
		DestinationArn: log.LogGroupArn(), Format: jsii.String(accessLog),
	})
	addOutput(stack, "API", httpAPI.ApiEndpoint(), "URL of the HTTP API")
	return httpAPI
}
