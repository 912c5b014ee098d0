package cloud_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestAPI: a route calls its function if the function permits it; one that is not public wants a token of the pool.
func TestAPI(t *testing.T) {
	w := newWorld(t)
	w.program()
	api := map[string]any{
		"R": resource("AWS::IAM::Role", role), "F": resource("AWS::Lambda::Function", obeying),
		"Pool":   resource("AWS::Cognito::UserPool", `{"UserPoolName": "people"}`),
		"Client": resource("AWS::Cognito::UserPoolClient", `{"UserPoolId": {"Ref": "Pool"}, "IdTokenValidity": 5, "TokenValidityUnits": {"IdToken": "minutes"}}`),
		"Group":  resource("AWS::Cognito::UserPoolGroup", `{"UserPoolId": {"Ref": "Pool"}, "GroupName": "reviewer"}`),
		"A":      resource("AWS::ApiGatewayV2::Api", `{"Name": "a", "ProtocolType": "HTTP"}`),
		"I": resource("AWS::ApiGatewayV2::Integration", `{"ApiId": {"Ref": "A"}, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
			"IntegrationUri": {"Fn::GetAtt": ["F", "Arn"]}}`),
		"Z": resource("AWS::ApiGatewayV2::Authorizer", `{"ApiId": {"Ref": "A"}, "Name": "z", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"],
			"JwtConfiguration": {"Audience": [{"Ref": "Client"}], "Issuer": {"Fn::GetAtt": ["Pool", "ProviderURL"]}}}`),
		"Open": resource("AWS::ApiGatewayV2::Route", `{"ApiId": {"Ref": "A"}, "RouteKey": "GET /open", "AuthorizationType": "NONE",
			"Target": {"Fn::Join": ["/", ["integrations", {"Ref": "I"}]]}}`),
		"Closed": resource("AWS::ApiGatewayV2::Route", `{"ApiId": {"Ref": "A"}, "RouteKey": "GET /closed", "AuthorizationType": "JWT", "AuthorizerId": {"Ref": "Z"},
			"Target": {"Fn::Join": ["/", ["integrations", {"Ref": "I"}]]}}`),
		"S": resource("AWS::ApiGatewayV2::Stage", `{"ApiId": {"Ref": "A"}, "StageName": "$default", "AutoDeploy": true}`),
	}
	permitted := with(api, map[string]any{"P": resource("AWS::Lambda::Permission", `{"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "F"},
		"Principal": "apigateway.amazonaws.com", "SourceArn": {"Fn::Sub": "arn:aws:execute-api:`+region+`:`+accountID+`:${A}/*/*/open"}}`)})
	outputs := map[string]any{"Address": attribute("A", "ApiEndpoint"), "Client": ref("Client"), "Pool": ref("Pool")}
	get := func(address, token string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	s, failed := w.deploy("app", api, outputs)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	at := output(t, s, "Address")
	if status, said := get(at+"/open", ""); status != http.StatusInternalServerError {
		t.Errorf("a function that permits nobody answers %d %s", status, said)
	}
	if refused := w.Denied(); len(refused) != 1 || !strings.Contains(refused[0], "lambda:InvokeFunction "+functionARN) {
		t.Errorf("refused: %q", refused)
	}
	if s, failed = w.deploy("app", permitted, outputs); len(failed) > 0 {
		t.Fatal(failed)
	}
	status, said := get(at+"/open", "")
	for _, want := range []string{"A=b", "AWS_REGION=" + region, "AWS_ENDPOINT_URL=" + w.Endpoint(), "AWS_ACCESS_KEY_ID=ASIA", "AWS_SESSION_TOKEN=", "AWS_LAMBDA_FUNCTION_NAME=f"} {
		if status != http.StatusOK || !strings.Contains(said, want) {
			t.Errorf("%d without %s: %s", status, want, said)
		}
	}
	if _, err := w.Token(output(t, s, "Client"), "somebody", "owner"); err == nil {
		t.Error("a group that is not there is in a token")
	}
	token, err := w.Token(output(t, s, "Client"), "somebody", "reviewer")
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := get(at+"/closed", ""); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
	if status, _ := get(at+"/closed", token[:len(token)-4]+"AAAA"); status != http.StatusUnauthorized {
		t.Errorf("with another signature: %d", status)
	}
	if status, _ := get(at+"/closed", token); status != http.StatusInternalServerError { // it is let in, and the permission is for another path
		t.Errorf("with a token: %d", status)
	}
}
