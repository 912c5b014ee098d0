package stack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"beian/functions/accesscheck"
	"beian/functions/api"
	"beian/functions/apidocs"
	"beian/functions/mailbounce"
	"beian/functions/operator"
	"beian/functions/portal"
	"beian/functions/reviewer"
	pages "beian/functions/staff"
	"beian/shared/web"
)

// accessLog is the format of the access log. It contains the route instead of the path, and no data of the caller.
const accessLog = `{"request":"$context.requestId","at":"$context.requestTime","route":"$context.routeKey",` +
	`"status":"$context.status","bytes":"$context.responseLength","ms":"$context.responseLatency",` +
	`"functionMs":"$context.integrationLatency","error":"$context.error.messageString"}`

// WebhookRoute receives replies from the SMS carrier. They are signed, so no token is required.
const WebhookRoute = "POST /webhooks/sms"

// httpAPIs are the HTTP API of applicants and that of staff. Each accepts the tokens of its users only: with Cognito, from its own user pool.
type httpAPIs struct{ applicants, staff awsapigatewayv2.HttpApi }

// newHTTPAPIs adds both APIs. All routes but the public ones and the webhooks require a token. The operations of the function api are in both,
// because staff use some of them too: GET /orders/{id} and the like.
func newHTTPAPIs(stack awscdk.Stack, s Settings, r *records, functions deployedFunctions) httpAPIs {
	applicants := newHTTPAPI(stack, s, functions, r.applicants, apiNames{api: "HttpApi", authorizer: "Tokens", log: "Log-httpapi", stage: "Stage", resource: "api", users: "applicants"})
	for _, route := range api.PublicRoutes() {
		applicants.addPublic(route, "api", "Reference data and health contain nothing that belongs to an account.")
	}
	for _, route := range apidocs.Routes() {
		applicants.addPublic(route, "apidocs", "The description of the API contains nothing that belongs to an account.")
	}
	applicants.add("ANY "+web.Prefix+"/{proxy+}", "api")
	applicants.addPublic(WebhookRoute, "smsreply", "The carrier signs its requests (HMAC-SHA256), and the function verifies the signature.")
	if !s.usesSES() {
		applicants.addPublic(mailbounce.Route, mailBounceFunction, "What reports bounces signs its requests (HMAC-SHA256), and the function verifies the signature.")
	}
	for _, route := range accesscheck.New(accesscheck.Config{}).PublicRoutes() {
		applicants.addPublic(route, "accesscheck", "Machines sign their requests (HMAC-SHA256), and the function verifies the signature; a badge has the number that the ministry publishes.")
	}
	for _, route := range portal.Routes() {
		applicants.addPublic(route, "portal", "A browser has a session in a cookie, which the function verifies.")
	}

	staff := newHTTPAPI(stack, s, functions, r.staff, apiNames{api: "StaffApi", authorizer: "StaffTokens", log: "Log-staffapi", stage: "StaffStage", resource: "staff-api", users: "staff"})
	for _, route := range reviewer.New(reviewer.Config{}).PublicRoutes() {
		staff.addPublic(route, "reviewer", "The path contains a token for one paper. The function verifies it; it expires after two minutes.")
	}
	for _, route := range operator.New(operator.Config{}).PublicRoutes() {
		staff.addPublic(route, "operator", "The path contains a token of one page: a sheet with its papers, or the differences. The function verifies it; it expires after 30 minutes.")
	}
	for _, route := range pages.Routes() {
		staff.addPublic(route, "staff", "A browser has a session in a cookie, which the function verifies.")
	}
	staff.add("ANY "+web.Prefix+"/{proxy+}", "api")
	for _, route := range reviewer.New(reviewer.Config{}).Routes() {
		staff.add(route, "reviewer")
	}
	for _, route := range operator.New(operator.Config{}).Routes() {
		staff.add(route, "operator")
	}
	for _, route := range accesscheck.New(accesscheck.Config{}).Routes() {
		staff.add(route, "accesscheck")
	}
	addOutput(stack, "API", applicants.api.ApiEndpoint(), "URL of the applicants' HTTP API")
	addOutput(stack, "StaffAPI", staff.api.ApiEndpoint(), "URL of the HTTP API of reviewers and operators")
	return httpAPIs{applicants.api, staff.api}
}

// apiNames are the construct ids of an HTTP API and its parts, the name of its resource, and its users.
type apiNames struct{ api, authorizer, log, stage, resource, users string }

// An httpAPI is an HTTP API to which routes are added.
type httpAPI struct {
	api          awsapigatewayv2.HttpApi
	authorizer   awsapigatewayv2.IHttpRouteAuthorizer
	functions    deployedFunctions
	integrations map[string]awsapigatewayv2.HttpRouteIntegration
}

// newHTTPAPI adds an HTTP API without routes, which accepts the tokens of a user pool; nil is the provider's own issuer.
func newHTTPAPI(stack awscdk.Stack, s Settings, functions deployedFunctions, users *userPool, n apiNames) *httpAPI {
	httpAPI := &httpAPI{functions: functions, integrations: map[string]awsapigatewayv2.HttpRouteIntegration{}}
	httpAPI.api = awsapigatewayv2.NewHttpApi(stack, jsii.String(n.api), &awsapigatewayv2.HttpApiProps{
		ApiName: jsii.String(s.resourceName(n.resource)), Description: jsii.String("Beian (" + s.Name + "): " + n.users), CreateDefaultStage: jsii.Bool(false),
	})
	issuer, audiences := issuerOf(stack, s, users)
	httpAPI.authorizer = awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String(n.authorizer), jsii.String(issuer),
		&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{AuthorizerName: jsii.String("tokens"), JwtAudience: jsii.Strings(audiences...)})
	log := awslogs.NewLogGroup(stack, jsii.String(n.log), &awslogs.LogGroupProps{
		Retention: logRetention[s.LogDays], RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	stage := awsapigatewayv2.NewHttpStage(stack, jsii.String(n.stage), &awsapigatewayv2.HttpStageProps{
		HttpApi: httpAPI.api, StageName: jsii.String("$default"), AutoDeploy: jsii.Bool(true), DetailedMetricsEnabled: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit: jsii.Number(s.Throttle.PerSecond), BurstLimit: jsii.Number(s.Throttle.Burst),
		},
	})
	stage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
		DestinationArn: log.LogGroupArn(), Format: jsii.String(accessLog),
	})
	return httpAPI
}

// add adds a route, such as "GET /path", that requires a token.
func (a *httpAPI) add(route, function string) { a.addRoute(route, function, a.authorizer) }

// addPublic adds a route without a token. The reason says what protects it.
func (a *httpAPI) addPublic(route, function, reason string) {
	for _, resource := range a.addRoute(route, function, awsapigatewayv2.NewHttpNoneAuthorizer()) {
		suppress(resource, "AwsSolutions-APIG4", reason)
	}
}

func (a *httpAPI) addRoute(route, function string, who awsapigatewayv2.IHttpRouteAuthorizer) []awsapigatewayv2.HttpRoute {
	to, has := a.integrations[function]
	if !has {
		to = awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("To-"+function), a.functions[function].lambda,
			&awsapigatewayv2integrations.HttpLambdaIntegrationProps{ScopePermissionToRoute: jsii.Bool(false)})
		a.integrations[function] = to
	}
	method, path, _ := strings.Cut(route, " ")
	return *a.api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
		Path: jsii.String(path), Methods: &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(method)}, Integration: to, Authorizer: who,
	})
}
