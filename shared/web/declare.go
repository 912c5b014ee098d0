package web

import (
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"beian/shared/process/limits"
)

// A declaration is an operation of an API. Huma derives schemas from the types of an operation when it is registered with an API of huma. To
// do so for all operations took most of the start of a function, which then answers one or two of them. Therefore an operation is registered
// when its first request comes, with a separate API; and all are registered with one API for the OpenAPI document.
type declaration struct {
	Operation
	method, path string // the path is below [Prefix]
	register     func(huma.API, huma.Operation)
}

// needsNoToken reports whether the operation needs no token.
func (d declaration) needsNoToken() bool { return d.Roles.public() || d.Roles.signed() }

// declare adds an operation with the types of its input and output. It panics if the declaration contradicts itself.
func (a *API) declare(o Operation, in, out reflect.Type, register func(huma.API, huma.Operation)) {
	if len(o.Roles) == 0 {
		panic("web: " + o.Route + " declares no roles")
	}
	if o.onOrder() && o.Reads == "" && strings.HasPrefix(o.Route, "GET ") {
		panic("web: " + o.Route + " does not declare what it reads")
	}
	if o.Counts != "" && o.Roles.public() && limits.Defaults[o.Counts].Max[limits.Address] == 0 {
		panic("web: " + o.Route + " is counted for nothing that a caller without an account has")
	}
	method, path, _ := strings.Cut(o.Route, " ")
	d := declaration{o, method, path, register}
	a.operations = append(a.operations, d)
	handler := sync.OnceValue(func() http.HandlerFunc {
		var serving handlerOnly
		api := humago.NewWithPrefix(&serving, "", configOf(&inputRegistry{Registry: newRegistry(), output: bodyOf(in, out)}))
		d.register(api, a.servedOperation(d))
		return serving.handler
	})
	a.mux.HandleFunc(method+" "+Prefix+path, func(w http.ResponseWriter, r *http.Request) { handler()(w, r) })
}

// servedOperation returns what huma needs to serve an operation.
func (a *API) servedOperation(d declaration) huma.Operation {
	op := huma.Operation{
		OperationID: operationID(d.method, d.path), Method: d.method, Path: d.path, DefaultStatus: max(d.Status, http.StatusOK), MaxBodyBytes: d.MaxBody, BodyReadTimeout: -1,
		Middlewares: huma.Middlewares{a.requireRole(d.Operation, d.path, d.action(d.method)), checkQuery, readBody},
	}
	if d.Roles.signed() {
		op.Middlewares = append(op.Middlewares, a.requireSignature)
	}
	return op
}

// OpenAPI returns the description of this function's operations, which is derived at the first call. The test of functions/api merges those of
// all functions.
func (a *API) OpenAPI() *huma.OpenAPI { return a.document() }

// Describe adds to the OpenAPI document what the types of operations do not say. The function is called once all operations are described.
func (a *API) Describe(add func(*huma.OpenAPI)) { a.additions = append(a.additions, add) }

// DescribeContent says what the answer to a GET of a path contains, by media type, if that does not follow from its type.
func (a *API) DescribeContent(path string, content map[string]*huma.MediaType) {
	a.Describe(func(d *huma.OpenAPI) { d.Paths[path].Get.Responses["200"].Content = content })
}

func (a *API) describe() *huma.OpenAPI {
	config := configOf(newRegistry())
	config.Components.Responses = sharedResponses(config.Components.Schemas)
	api := humago.NewWithPrefix(new(handlerOnly), Prefix, config)
	for _, d := range a.operations {
		op := a.servedOperation(d)
		op.Summary, op.Description, op.Tags = d.Summary, d.Description, []string{d.Tag}
		op.Extensions, op.Responses = d.extensions(), errorResponses(d.errorStatuses())
		switch {
		case d.Roles.signed():
			op.Security = []map[string][]string{{signatureScheme: {}}}
		case !d.Roles.public():
			op.Security = []map[string][]string{{securityScheme: {}}}
		}
		d.register(api, op)
	}
	document := api.OpenAPI()
	for _, add := range a.additions {
		add(document)
	}
	return document
}

func newRegistry() huma.Registry {
	return huma.NewMapRegistry("#/components/schemas/", schemaName)
}

func configOf(schemas huma.Registry) huma.Config {
	c := huma.DefaultConfig("Beian", "1")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // no $schema in responses
	c.RejectUnknownQueryParameters = true
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	c.Formats = map[string]huma.Format{"application/json": format, "json": format}
	c.Components.Schemas = schemas
	return c
}

// An inputRegistry derives no schema of a body of output: responses are not validated.
type inputRegistry struct {
	huma.Registry
	output reflect.Type // nil if the output has no body, or the input has one of the same type
}

func (r *inputRegistry) Schema(t reflect.Type, allowRef bool, hint string) *huma.Schema {
	if t == r.output || t == problemOf {
		return &huma.Schema{}
	}
	return r.Registry.Schema(t, allowRef, hint)
}

var problemOf = reflect.TypeFor[Problem]()

// bodyOf returns the type of the body of an output, for an [inputRegistry].
func bodyOf(in, out reflect.Type) reflect.Type {
	body, has := out.FieldByName("Body")
	if !has {
		return nil
	}
	if given, has := in.FieldByName("Body"); has && given.Type == body.Type {
		return nil
	}
	return body.Type
}

// A handlerOnly is the mux of an API with one operation, whose request was found by another mux.
type handlerOnly struct{ handler http.HandlerFunc }

func (h *handlerOnly) HandleFunc(_ string, handler func(http.ResponseWriter, *http.Request)) {
	h.handler = handler
}

func (h *handlerOnly) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.handler(w, r) }
