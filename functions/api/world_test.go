package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	"beian/shared/process/envelope"
	"beian/shared/process/inventory"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
	"beian/shared/web"
)

const region = "cn-north-1"

var login = credentials.NewStaticCredentialsProvider("local", "local-secret", "")

// TestAPI runs every exam on one pair of engines, for there can be only one gateway in a process.
func TestAPI(t *testing.T) {
	modules, err := localdynamodb.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := localdynamodb.Dynoxide{Binary: modules.Dynoxide()}.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys"), filingtest.Christmas)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // the gateway changes the working folder; this puts it back
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
	l := laptop{records: engine, objects: gateway, machine: machine.URL, keys: keys}
	for _, exam := range exams {
		t.Run(exam.name, func(t *testing.T) { exam.run(t, l.world(t)) })
	}
}

// laptop has the engines.
type laptop struct {
	records *localdynamodb.Engine
	objects *locals3.Gateway
	machine string
	keys    *keyfile.Service
}

var tables atomic.Int64

// A world is one provider with a table of its own. Its clock stands until it is moved, and its state machine takes
// every start and does nothing.
type world struct {
	t       *testing.T
	apis    []*web.API // the functions behind the HTTP API
	desk    *decide.Service
	store   *dynamo.Store
	objects envelope.Objects
	now     time.Time
	log     bytes.Buffer
}

func (l laptop) world(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: filingtest.Christmas}
	clock := func() time.Time { return w.now }
	client := dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: aws.String(l.records.Endpoint()), Credentials: login})
	keys := dynamo.Keys{Client: client, Table: fmt.Sprintf("beian-%d-keys", tables.Add(1))}
	w.store = &dynamo.Store{Client: client, Table: fmt.Sprintf("beian-%d", tables.Add(1)), Sealer: envelope.New(l.keys, keys, clock), Wall: clock}
	if err := errors.Join(dynamo.CreateTable(t.Context(), client, w.store.Table), dynamo.CreateKeysTable(t.Context(), client, keys.Table)); err != nil {
		t.Fatal(err)
	}
	w.desk = &decide.Service{
		Store: w.store, Machine: &stepfunctions.Machine{
			Client: sfn.New(sfn.Options{Region: region, Credentials: login, BaseEndpoint: aws.String(l.machine)}),
			ARN:    "arn:aws:states:cn-north-1:000000000000:stateMachine:filing",
		},
		Now: clock, Log: slog.New(slog.NewJSONHandler(&w.log, nil)),
	}
	objects := s3.New(s3.Options{Region: region, BaseEndpoint: aws.String(l.objects.Endpoint()), UsePathStyle: true, Credentials: login})
	w.objects = envelope.Objects{Sealer: w.store.Sealer, Bucket: &bucket.Bucket{Name: "evidence", Client: objects}}
	config := web.Config{Decisions: w.desk, Wall: clock}
	w.apis = []*web.API{
		reviewer.New(reviewer.Config{Config: config, Store: w.store, Objects: w.objects}),
		operator.New(operator.Config{Config: config, Store: w.store, Bureau: w.operator(), Retention: filing.Retention{Closed: 92, Filed: 92}}),
		api.New(api.Config{Config: config, Store: w.store, Uploads: &bucket.Bucket{Name: "uploads", Client: objects}, Objects: w.objects, Liveness: provider.Simulator{},
			Draw: func() string { return "777777" }, NewID: func() string { return ulid.Make().String() }}),
	}
	return w
}

// An answer is what the API said.
type answer struct {
	t       *testing.T
	status  int
	headers map[string]string
	text    string
	body    map[string]any
}

// A person is somebody who is logged in.
type person struct {
	w      *world
	claims map[string]string
}

func (w *world) as(account, groups string) person {
	return person{w, map[string]string{"sub": account, "cognito:groups": "[" + groups + "]",
		"phone_number": "+8619900000001", "email": "contact@example.com"}}
}

func (w *world) applicant() person { return w.as("account-1", "applicant") }
func (w *world) reviewer() person  { return w.as("reviewer-1", "reviewer") }
func (w *world) admin() person     { return w.as("admin-1", "admin") }

// route returns the function that has a path; the last one has all others, as at the gateway.
func (w *world) route(path string) *web.API {
	for _, a := range w.apis {
		for _, key := range append(a.Routes(), a.PublicRoutes()...) {
			_, pattern, _ := strings.Cut(key, " ")
			if matched, _ := pathpkg.Match(placeholder.ReplaceAllString(pattern, "*"), path); matched {
				return a
			}
		}
	}
	return w.apis[len(w.apis)-1]
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// do sends a request. Body nil is none; text goes as it is.
func (p person) do(route string, body any, headers ...string) answer {
	p.w.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	path, query, _ := strings.Cut(path, "?")
	e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + path, RawQueryString: query, Headers: map[string]string{"accept-language": "en"}}
	e.RequestContext.RequestID = "request-1"
	e.RequestContext.HTTP.Method = method
	if p.claims != nil {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: p.claims}}
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
			p.w.t.Fatal(err)
		}
		e.Body = string(text)
	}
	out, err := p.w.route(e.RawPath).Handle(p.w.t.Context(), e)
	if err != nil {
		p.w.t.Fatal(err)
	}
	a := answer{t: p.w.t, status: out.StatusCode, headers: out.Headers, text: out.Body, body: map[string]any{}}
	if out.IsBase64Encoded {
		content, err := base64.StdEncoding.DecodeString(out.Body)
		if err != nil {
			p.w.t.Fatal(err)
		}
		a.text = string(content)
		return a
	}
	if out.Body != "" {
		if err := json.Unmarshal([]byte(out.Body), &a.body); err != nil {
			p.w.t.Fatalf("%s: %v", route, err)
		}
	}
	return a
}

// is demands a status and, where any are given, the findings: their code and pointer.
func (a answer) is(status int, findings ...string) answer {
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
	if strings.HasPrefix(a.headers["Content-Type"], "image/") {
		return nil
	}
	if err := json.Unmarshal([]byte(a.text), &p); err != nil && a.text != "" {
		a.t.Fatal(err)
	}
	return p.Findings
}

// at returns what is in the answer under a path of names and indexes.
func (a answer) at(path ...any) any {
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

func (a answer) id() string { return a.at("id").(string) }

// wants demands a value in the answer.
func (a answer) wants(want any, path ...any) answer {
	a.t.Helper()
	if got := a.at(path...); got != want {
		a.t.Fatalf("%v is %v, want %v", path, got, want)
	}
	return a
}

// opening is the request that opens an application.
func opening(app filingtest.Application) map[string]any {
	return map[string]any{"province": app.Opening.Province, "entityKind": app.Opening.EntityKind, "name": app.Opening.Name,
		"certificate": map[string]any{"kind": app.Opening.Certificate.Kind, "number": app.Opening.Certificate.Number},
		"domains":     app.Opening.Domains}
}

// decide makes a decision of the system's, where the state machine would.
func (w *world) decide(id string, d filing.Decision) {
	w.t.Helper()
	if _, err := w.desk.Decide(w.t.Context(), filing.ID(id), filing.Beian, d); err != nil {
		w.t.Fatalf("%s: %v", d.Name(), err)
	}
}

// typed has the system determine the type of an order.
func (w *world) typed(id string) {
	w.t.Helper()
	o, err := w.desk.Store.Order(w.t.Context(), filing.ID(id))
	if err != nil {
		w.t.Fatal(err)
	}
	facts := map[filing.Domain]filing.Facts{}
	for _, d := range o.Domains {
		facts[d] = filing.Facts{}
	}
	w.decide(id, filing.DetermineType{Facts: facts})
}

// server enters a server for an account.
func (w *world) server(id, account string) {
	w.t.Helper()
	err := w.store.PutServer(w.t.Context(), inventory.Server{ID: id, Account: filing.Account(account), Placement: "11", Mode: 5,
		IPs: []string{"8.130.1.1"}, RentedAt: w.now.AddDate(0, -1, 0), ExpiresAt: w.now.AddDate(1, 0, 0), Quota: 5})
	if err != nil {
		w.t.Fatal(err)
	}
}

// to opens an application as account-1 and takes it to a step through the API.
func (w *world) to(app filingtest.Application, step filing.Step) string {
	w.t.Helper()
	me := w.applicant()
	id := me.do("POST /orders", opening(app)).is(201).id()
	order := "/orders/" + id
	for _, s := range []struct {
		at   filing.Step
		move func()
	}{
		{filing.VerifyType, func() { w.typed(id) }},
		{filing.VerifyProduct, func() {
			w.server("server-1", "account-1")
			me.do("PUT "+order+"/product", map[string]any{"server": "server-1"}).is(200)
		}},
		{filing.CollectDetails, func() {
			me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).is(200)
		}},
		{filing.CollectEvidence, func() { w.papers(me, order) }},
		{filing.VerifyAuthenticity, func() {
			for i := range app.Sites {
				w.prove(me, id, i).is(200)
			}
		}},
		{filing.AwaitConfirmation, func() {
			digest := me.do("GET "+order+"/summary", nil).is(200).at("digest")
			me.do("POST "+order+"/confirmation", map[string]any{"digest": digest}).is(200)
		}},
		{filing.InitialReview, func() {
			w.reviewer().do("POST "+order+"/claim", nil).is(200)
			w.reviewer().do("POST "+order+"/review", map[string]any{"verdict": "pass"}).is(200)
		}},
	} {
		if s.at == step {
			break
		}
		s.move()
	}
	me.do("GET "+order, nil).is(200).wants(string(step), "step")
	return id
}

// upload asks for forms, posts pictures, and returns what is to be said afterwards.
func (w *world) upload(me person, order string, pictures map[string][]byte) []map[string]any {
	w.t.Helper()
	var slots []map[string]any
	for slot := range pictures {
		slots = append(slots, map[string]any{"slot": slot, "contentType": "image/jpeg"})
	}
	forms := me.do("POST "+order+"/evidence", map[string]any{"slots": slots}).is(201)
	var papers []map[string]any
	for i := range slots {
		slot, key := forms.at("forms", i, "slot").(string), forms.at("forms", i, "key")
		w.post(forms.at("forms", i, "form").(map[string]any), pictures[slot])
		papers = append(papers, map[string]any{"slot": slot, "key": key})
	}
	return papers
}

// post sends a form as a browser does.
func (w *world) post(form map[string]any, file []byte) {
	w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range form["fields"].(map[string]any) {
		m.WriteField(name, value.(string))
	}
	part, err := m.CreateFormFile("file", "paper.jpg")
	if err != nil {
		w.t.Fatal(err)
	}
	part.Write(file)
	m.Close()
	response, err := http.Post(form["url"].(string), m.FormDataContentType(), &body)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		w.t.Fatalf("upload: %s", response.Status)
	}
}

// picture is an invented document.
var picture = scenario.SamplePicture("paper", 1)

// papers uploads everything that is required.
func (w *world) papers(me person, order string) {
	w.t.Helper()
	pictures := map[string][]byte{}
	for _, paper := range me.do("GET "+order+"/evidence", nil).is(200).at("owed").([]any) {
		if paper := paper.(map[string]any); paper["level"] == "required" {
			pictures[paper["slot"].(string)] = picture
		}
	}
	me.do("PUT "+order+"/evidence", map[string]any{"papers": w.upload(me, order, pictures)}).is(200)
}

// challenge begins the check of a site's leader.
func (w *world) challenge(me person, id string, site int) liveness.Challenge {
	w.t.Helper()
	a := me.do("POST /orders/"+id+"/challenges", map[string]any{"site": site}).is(201)
	c := liveness.Challenge{ID: a.id(), Leader: filing.Order{ID: filing.ID(id)}.LeaderReference(site)}
	for i := range a.at("actions").([]any) {
		c.Actions = append(c.Actions, liveness.Action(a.at("actions", i, "action").(string)))
	}
	return c
}

// prove passes the check of a site's leader.
func (w *world) prove(me person, id string, site int) answer {
	w.t.Helper()
	c := w.challenge(me, id, site)
	return me.do("PUT /orders/"+id+"/challenges/"+c.ID, capture(provider.Document(c)))
}

func capture(data []byte) map[string]any {
	return map[string]any{"capture": base64.StdEncoding.EncodeToString(data)}
}
