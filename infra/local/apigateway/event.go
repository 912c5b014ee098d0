package apigateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

const account = "000000000000"

// event is the request as payload 2.0 has it.
func event(r *http.Request, key string, parameters, claims map[string]string, body []byte, id string,
	now time.Time) events.APIGatewayV2HTTPRequest {
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: key, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Headers: map[string]string{"host": r.Host}, PathParameters: parameters,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: key, AccountID: account, Stage: "$default", RequestID: id, APIID: "local",
			DomainName: r.Host, DomainPrefix: "local",
			Time: now.UTC().Format("02/Jan/2006:15:04:05 +0000"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent(),
			},
		},
	}
	for name, values := range r.Header {
		if name != "Cookie" {
			e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	if r.ContentLength > 0 {
		e.Headers["content-length"] = fmt.Sprint(r.ContentLength)
	}
	e.Headers["x-forwarded-for"] = join(e.Headers["x-forwarded-for"], source)
	e.Headers["x-forwarded-proto"] = "http"
	for _, line := range r.Header["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if pair = strings.TrimSpace(pair); pair != "" {
				e.Cookies = append(e.Cookies, pair)
			}
		}
	}
	if query := r.URL.Query(); len(query) > 0 {
		e.QueryStringParameters = map[string]string{}
		for name, values := range query {
			e.QueryStringParameters[name] = strings.Join(values, ",")
		}
	}
	if claims != nil {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
		}
	}
	if isText(r.Header, body) {
		e.Body = string(body)
	} else {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return e
}

func join(before, last string) string {
	if before == "" {
		return last
	}
	return before + "," + last
}

// isText reports whether the gateway passes the body on as it is. A form is not among what it takes for text.
func isText(header http.Header, body []byte) bool {
	if len(body) == 0 {
		return true
	}
	if header.Get("Content-Encoding") != "" || !utf8.Valid(body) {
		return false
	}
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	switch kind {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml")
}

// An answer is what goes back to the client.
type answer struct {
	status  int
	headers map[string]string
	cookies []string
	body    []byte
}

var errMalformed = errors.New("the function's answer is not of payload 2.0")

// parseAnswer reads a function's answer. Without a statusCode the gateway infers one: 200, and the whole answer is
// the body, a JSON string without its quotes.
func parseAnswer(payload []byte) (answer, error) {
	var whole any
	if err := json.Unmarshal(payload, &whole); err != nil {
		return answer{}, errMalformed
	}
	fields, _ := whole.(map[string]any)
	if _, has := fields["statusCode"]; !has {
		kind := map[string]string{"content-type": "application/json"}
		inferred := answer{status: http.StatusOK, headers: kind, body: payload}
		if text, is := whole.(string); is {
			inferred.body = []byte(text)
		}
		return inferred, nil
	}
	var out struct {
		StatusCode      int            `json:"statusCode"`
		Headers         map[string]any `json:"headers"`
		Cookies         []string       `json:"cookies"`
		Body            string         `json:"body"`
		IsBase64Encoded bool           `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(payload, &out); err != nil || out.StatusCode < 200 || out.StatusCode > 599 {
		return answer{}, errMalformed
	}
	a := answer{status: out.StatusCode, headers: map[string]string{}, cookies: out.Cookies, body: []byte(out.Body)}
	for name, value := range out.Headers {
		switch value := value.(type) {
		case string:
			a.headers[name] = value
		case float64, bool:
			a.headers[name] = fmt.Sprint(value)
		default:
			return answer{}, errMalformed
		}
	}
	if out.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(out.Body)
		if err != nil {
			return answer{}, errMalformed
		}
		a.body = decoded
	}
	return a, nil
}

func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	for name, value := range a.headers {
		switch http.CanonicalHeaderKey(name) {
		case "Content-Length", "Transfer-Encoding", "Connection": // the server's own business
		default:
			h.Set(name, value)
		}
	}
	for _, cookie := range a.cookies {
		h.Add("Set-Cookie", cookie)
	}
	if h.Get("Content-Type") == "" && len(a.body) > 0 {
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}
