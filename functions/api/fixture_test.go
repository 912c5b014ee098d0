package api_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	pathpkg "path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/oklog/ulid/v2"

	"beian/functions/api"
	"beian/functions/operator"
	"beian/functions/reviewer"
	localdynamodb "beian/infra/local/dynamodb"
	"beian/infra/local/dynamodb/dynamodbtest"
	"beian/infra/local/keyfile"
	locals3 "beian/infra/local/s3"
	"beian/infra/local/scenario"
	"beian/shared/aws/bucket"
	"beian/shared/aws/dynamo"
	"beian/shared/aws/stepfunctions"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	provider "beian/shared/partners/liveness"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/process/inventory"
	"beian/shared/process/late"
	"beian/shared/process/notify"
	"beian/shared/process/people"
	"beian/shared/rules/finding"
	"beian/shared/setup"
	"beian/shared/web"
)

const region = "cn-north-1"

var login = credentials.NewStaticCredentialsProvider("local", "local-secret", "")

// TestAPI runs all apiTests on the same engines, because a process can have only one S3 gateway.
func TestAPI(t *testing.T) {
	engine := dynamodbtest.Start(t)
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys"), filingtest.December2019)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // the gateway changes the working directory; this restores it
	gateway, err := locals3.Start(t.Context(), locals3.Config{
		Folder: t.TempDir(), Region: region, AccessKey: "local", SecretKey: "local-secret", Buckets: []string{"evidence", "uploads"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gateway.Close() })
	machine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		io.WriteString(w, `{"executionArn":"arn:aws:states:cn-north-1:000000000000:execution:filing:1","startDate":1}`)
	}))
	t.Cleanup(machine.Close)
	shared := engines{records: engine, objects: gateway, machine: machine.URL, keys: keys}
	for _, test := range apiTests {
		t.Run(test.name, func(t *testing.T) { test.run(t, shared.newFixture(t)) })
	}
}

// engines are the database, the object store and the keys that all tests share.
type engines struct {
	records *localdynamodb.Engine
	objects *locals3.Gateway
	machine string
	keys    *keyfile.Service
}

var tables atomic.Int64

// A fixture is the API of one provider, with new tables. Its clock changes only when the test sets now. Its state machine accepts
// every start and does nothing.
type fixture struct {
	t         *testing.T
	apis      []*web.API // the functions behind the HTTP API
	reviews   reviewer.Config
	decisions *decide.Service
	store     *dynamo.Store
	table     *dynamodb.Client // of the store
	objects   envelope.Objects
	uploads   *bucket.Bucket
	now       time.Time
	log       bytes.Buffer
}

func (e engines) newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, now: filingtest.December2019}
	clock := func() time.Time { return f.now }
	f.table = dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: aws.String(e.records.Endpoint()), HTTPClient: setup.NewHTTPClient(), Credentials: login})
	keys := dynamo.Keys{Client: dynamo.ClientOf(f.table), Table: fmt.Sprintf("beian-%d-keys", tables.Add(1))}
	f.store = &dynamo.Store{Client: keys.Client, Table: fmt.Sprintf("beian-%d", tables.Add(1)), Encrypter: envelope.New(e.keys, keys, clock), Wall: clock}
	if err := errors.Join(dynamo.CreateTable(t.Context(), f.table, f.store.Table), dynamo.CreateKeysTable(t.Context(), f.table, keys.Table)); err != nil {
		t.Fatal(err)
	}
	machine := sfn.New(sfn.Options{Region: region, HTTPClient: setup.NewHTTPClient(), Credentials: login, BaseEndpoint: aws.String(e.machine)})
	const machineARN = "arn:aws:states:cn-north-1:000000000000:stateMachine:filing"
	f.decisions = &decide.Service{
		Store: f.store, Machine: &stepfunctions.Machine{Client: stepfunctions.ClientOf(machine), ARN: machineARN},
		Now: clock, Log: slog.New(slog.NewJSONHandler(&f.log, nil)),
	}
	objects := s3.New(s3.Options{Region: region, BaseEndpoint: aws.String(e.objects.Endpoint()), UsePathStyle: true, HTTPClient: setup.NewHTTPClient(), Credentials: login})
	f.objects = envelope.Objects{Encrypter: f.store.Encrypter, Bucket: &bucket.Bucket{Name: "evidence", Client: objects}}
	f.uploads = &bucket.Bucket{Name: "uploads", Client: objects}
	config := web.Config{Decisions: f.decisions, Wall: clock, People: &people.Register{Store: f.store, Now: clock, Log: f.decisions.Log}, Retention: filing.DefaultRetention}
	f.reviews = reviewer.Config{Config: config, Store: f.store, Objects: f.objects, Sender: notify.Sender{ProviderName: finding.Words{Chinese: "示例云", English: "Example Cloud"}, PortalURL: "https://beian.example", SupportPhone: "400-000-0000"}}
	owed := &duties.Service{Store: f.store, Now: clock, NewID: func() string { return "letter" }, Log: f.decisions.Log}
	f.apis = []*web.API{
		reviewer.New(f.reviews),
		operator.New(operator.Config{Config: config, Store: f.store, Bureau: f.operatorService(), Objects: f.objects, Webhooks: f.webhooks(clock), Duties: owed, Late: &late.Finder{Decisions: f.decisions, Store: f.store, Machine: stepfunctions.NewExecutions(machine, machineARN), Bureau: f.operatorService(), Wall: clock}}),
		api.New(api.Config{Config: config, Store: f.store, Uploads: f.uploads, Objects: f.objects, Liveness: provider.Simulator{}, Duties: owed,
			Draw: func() string { return "777777" }, NewID: func() string { return ulid.Make().String() }}),
	}
	return f
}

// An answer is a response of the API.
type answer struct {
	t       *testing.T
	status  int
	headers map[string]string
	text    string
	body    map[string]any
}

// A client calls the API as one account.
type client struct {
	timeout time.Duration // of the function; 0 is none
	fixture *fixture
	claims  map[string]string
}

func (f *fixture) clientAs(account, groups string) client {
	return client{fixture: f, claims: map[string]string{"sub": account, "cognito:groups": "[" + groups + "]",
		"phone_number": "+8619900000001", "phone_number_verified": "true", "email": "contact@example.com", "email_verified": "true"}}
}

func (f *fixture) applicant() client { return f.clientAs("account-1", "applicant") }
func (f *fixture) reviewer() client  { return f.staffAs("reviewer-1", "reviewer") }
func (f *fixture) admin() client     { return f.staffAs("admin-1", "admin") }

// staffAs returns a member of staff, whose email address is account@provider.example.
func (f *fixture) staffAs(account, groups string) client {
	return client{fixture: f, claims: map[string]string{"sub": account, "cognito:groups": "[" + groups + "]", "email": account + "@provider.example"}}
}

// route returns the function for a path; the last function has all other paths, as in API Gateway.
func (f *fixture) route(path string) *web.API {
	for _, a := range f.apis {
		for _, key := range append(a.Routes(), a.PublicRoutes()...) {
			_, pattern, _ := strings.Cut(key, " ")
			if matched, _ := pathpkg.Match(placeholder.ReplaceAllString(pattern, "*"), path); matched {
				return a
			}
		}
	}
	return f.apis[len(f.apis)-1]
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// do sends a request. A nil body is none; a string is sent unchanged; other values are sent as JSON.
func (c client) do(route string, body any, headers ...string) answer {
	c.fixture.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	path, query, _ := strings.Cut(path, "?")
	e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + path, RawQueryString: query, Headers: map[string]string{"accept-language": "en"}}
	e.RequestContext.RequestID = "request-1"
	e.RequestContext.HTTP.Method = method
	if c.claims != nil {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: c.claims}}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		e.Headers[headers[i]] = headers[i+1]
	}
	switch body := body.(type) {
	case nil:
	case string:
		e.Body = body
	default:
		text, err := json.Marshal(body)
		if err != nil {
			c.fixture.t.Fatal(err)
		}
		e.Body = string(text)
	}
	ctx := c.fixture.t.Context()
	if c.timeout > 0 {
		within, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		ctx = within
	}
	out, err := c.fixture.route(e.RawPath).Handle(ctx, e)
	if err != nil {
		c.fixture.t.Fatal(err)
	}
	a := answer{t: c.fixture.t, status: out.StatusCode, headers: out.Headers, text: out.Body, body: map[string]any{}}
	if out.IsBase64Encoded {
		content, err := base64.StdEncoding.DecodeString(out.Body)
		if err != nil {
			c.fixture.t.Fatal(err)
		}
		a.text = string(content)
		return a
	}
	if out.Body != "" && isJSON(out.Headers) {
		if err := json.Unmarshal([]byte(out.Body), &a.body); err != nil {
			c.fixture.t.Fatalf("%s: %v", route, err)
		}
		if hasNull(a.body) { // the document allows none
			c.fixture.t.Errorf("%s: a value is null: %.2000s", route, out.Body)
		}
	}
	return a
}

// isJSON reports whether an answer is JSON, as all are but pages and files.
func isJSON(headers map[string]string) bool { return strings.Contains(headers["Content-Type"], "json") }

// hasNull reports whether a JSON value is null or contains null.
func hasNull(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, hasNull)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(value)), hasNull)
	}
	return value == nil
}

// wantStatus fails the test if the status differs, or the findings ("code pointer"), if any are given.
func (a answer) wantStatus(status int, findings ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %.600s", a.status, status, a.text)
	}
	var got []string
	for _, f := range a.findings() {
		got = append(got, string(f.Code)+" "+f.Pointer)
	}
	slices.Sort(got)
	slices.Sort(findings)
	if len(findings) > 0 && !slices.Equal(got, findings) {
		a.t.Fatalf("findings %q, want %q", got, findings)
	}
	return a
}

func (a answer) findings() finding.List {
	var p struct{ Findings finding.List }
	if !isJSON(a.headers) {
		return nil
	}
	if err := json.Unmarshal([]byte(a.text), &p); err != nil && a.text != "" {
		a.t.Fatal(err)
	}
	return p.Findings
}

// value returns the value in the answer at a path of names and indexes.
func (a answer) value(path ...any) any {
	a.t.Helper()
	var value any = a.body
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(map[string]any)[step]
		case int:
			value = value.([]any)[step]
		}
	}
	return value
}

func (a answer) id() string { return a.value("id").(string) }

// wantValue fails the test if the value at a path differs.
func (a answer) wantValue(want any, path ...any) answer {
	a.t.Helper()
	if got := a.value(path...); got != want {
		a.t.Fatalf("%v is %v, want %v", path, got, want)
	}
	return a
}

// openingBody returns the request body that creates an order.
func openingBody(app filingtest.Application) map[string]any {
	return map[string]any{"province": app.Opening.Province, "entityKind": app.Opening.EntityKind, "name": app.Opening.Name,
		"certificate": map[string]any{"kind": app.Opening.Certificate.Kind, "number": app.Opening.Certificate.Number},
		"domains":     app.Opening.Domains}
}

// decide carries out a decision of the system, as the state machine would.
func (f *fixture) decide(id string, d filing.Decision) {
	f.t.Helper()
	if _, err := f.decisions.Decide(f.t.Context(), filing.ID(id), filing.Beian, d); err != nil {
		f.t.Fatalf("%s: %v", d.Name(), err)
	}
}

// determineType determines the type of an order.
func (f *fixture) determineType(id string) {
	f.t.Helper()
	o, err := f.decisions.Store.Order(f.t.Context(), filing.ID(id))
	if err != nil {
		f.t.Fatal(err)
	}
	walk := filingtest.Walk{T: f.t, Order: o, At: o.CreatedAt}
	f.decide(id, filing.DetermineType{Facts: walk.Facts(filing.Facts{}), DomainFacts: walk.DomainFacts()})
}

// putServer adds a server of an account to the inventory.
func (f *fixture) putServer(id, account string) {
	f.t.Helper()
	err := f.store.PutServer(f.t.Context(), inventory.Server{ID: id, Account: filing.Account(account), Placement: "11", Mode: 5,
		IPs: []string{"8.130.1.1"}, RentedAt: f.now.AddDate(0, -1, 0), ExpiresAt: f.now.AddDate(1, 0, 0), Quota: 5})
	if err != nil {
		f.t.Fatal(err)
	}
}

// orderAt creates an order as account-1 and brings it to a step through the API. It returns the order's id.
func (f *fixture) orderAt(app filingtest.Application, step filing.Step) string {
	return f.orderOf("account-1", app, step)
}

// orderOf is orderAt for an account.
func (f *fixture) orderOf(account string, app filingtest.Application, step filing.Step) string {
	f.t.Helper()
	me, server := f.clientAs(account, "applicant"), strings.Replace(account, "account", "server", 1)
	id := me.do("POST /orders", openingBody(app)).wantStatus(201).id()
	order := "/orders/" + id
	for _, s := range []struct {
		at   filing.Step
		move func()
	}{
		{filing.VerifyType, func() { f.determineType(id) }},
		{filing.VerifyProduct, func() {
			f.putServer(server, account)
			me.do("PUT "+order+"/product", map[string]any{"server": server}).wantStatus(200)
		}},
		{filing.CollectDetails, func() {
			me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).wantStatus(200)
		}},
		{filing.CollectEvidence, func() { f.uploadRequired(me, order) }},
		{filing.VerifyAuthenticity, func() {
			for i := range app.Sites {
				f.passLiveness(me, id, i).wantStatus(200)
			}
		}},
		{filing.AwaitConfirmation, func() {
			digest := me.do("GET "+order+"/summary", nil).wantStatus(200).value("digest")
			me.do("POST "+order+"/confirmation", map[string]any{"digest": digest}).wantStatus(200)
		}},
		{filing.InitialReview, func() {
			f.reviewer().do("POST "+order+"/claim", nil).wantStatus(200)
			f.reviewer().do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(200)
		}},
	} {
		if s.at == step {
			break
		}
		s.move()
	}
	me.do("GET "+order, nil).wantStatus(200).wantValue(string(step), "step")
	return id
}

// confirm brings an order from the evidence, or a later step, to the review through the API.
func (f *fixture) confirm(me client, id string) {
	f.t.Helper()
	order := "/orders/" + id
	for {
		switch o := me.do("GET "+order, nil).wantStatus(200); filing.Step(o.value("step").(string)) {
		case filing.CollectEvidence:
			f.uploadRequired(me, order)
		case filing.VerifyAuthenticity:
			for i := range o.value("sites").([]any) {
				f.passLiveness(me, id, i).wantStatus(200)
			}
		case filing.AwaitConfirmation:
			digest := me.do("GET "+order+"/summary", nil).wantStatus(200).value("digest")
			me.do("POST "+order+"/confirmation", map[string]any{"digest": digest}).wantStatus(200).wantValue("InitialReview", "step")
			return
		default:
			f.t.Fatalf("order at %v: %.600s", o.value("step"), o.text)
		}
	}
}

// uploadPapers requests forms and posts pictures. It returns the papers for PUT evidence.
func (f *fixture) uploadPapers(me client, order string, pictures map[string][]byte) []map[string]any {
	f.t.Helper()
	var slots []map[string]any
	for slot := range pictures {
		slots = append(slots, map[string]any{"slot": slot, "contentType": "image/jpeg"})
	}
	forms := me.do("POST "+order+"/evidence", map[string]any{"slots": slots}).wantStatus(201)
	var papers []map[string]any
	for i := range slots {
		slot, key := forms.value("forms", i, "slot").(string), forms.value("forms", i, "key")
		f.postForm(forms.value("forms", i, "form").(map[string]any), pictures[slot])
		papers = append(papers, map[string]any{"slot": slot, "key": key})
	}
	return papers
}

// postForm sends a form as a browser does.
func (f *fixture) postForm(form map[string]any, file []byte) {
	f.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range form["fields"].(map[string]any) {
		m.WriteField(name, value.(string))
	}
	part, err := m.CreateFormFile("file", "paper.jpg")
	if err != nil {
		f.t.Fatal(err)
	}
	part.Write(file)
	m.Close()
	response, err := http.Post(form["url"].(string), m.FormDataContentType(), &body)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		f.t.Fatalf("upload: %s", response.Status)
	}
}

// picture is an invented document.
var picture = scenario.SamplePicture("paper", 1)

// uploadRequired uploads all required papers.
func (f *fixture) uploadRequired(me client, order string) {
	f.t.Helper()
	pictures := map[string][]byte{}
	for _, paper := range me.do("GET "+order+"/evidence", nil).wantStatus(200).value("owed").([]any) {
		if paper := paper.(map[string]any); paper["level"] == "required" {
			pictures[paper["slot"].(string)] = picture
		}
	}
	me.do("PUT "+order+"/evidence", map[string]any{"papers": f.uploadPapers(me, order, pictures)}).wantStatus(200)
}
