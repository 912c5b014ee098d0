// Package apidocs is the function with the description of the API: the OpenAPI document at /openapi.json, and a page to try the API at /docs. It
// has no access to anything. It is separate from the function api because the page, Swagger UI, would be a tenth of that function, which
// is loaded whole at each cold start.
//
//	lambda.Start(apidocs.New(config).Handle)
package apidocs

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	swagger "github.com/swaggest/swgui/v5/static"

	"beian/shared/process/decide"
	"beian/shared/web"
)

// Config has the dependencies of the function.
type Config struct {
	Wall func() time.Time
	Log  *slog.Logger
}

// openAPI is the document of all functions. The tests of functions/api write it.
//
//go:embed openapi.json
var openAPI []byte

// The page to try the API is Swagger UI. Its content security policy allows only this origin.

//go:embed docs.html
var docsPage []byte

//go:embed docs.js
var docsScript []byte

const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// New returns the function.
func New(config Config) *web.API {
	a := web.New(web.Config{Decisions: &decide.Service{Now: config.Wall, Log: config.Log}, Wall: config.Wall})
	a.ServeFile("/openapi.json", web.File{Header: map[string]string{"Content-Type": "application/openapi+json"}, Content: compressOpenAPI, Gzip: true})
	serve := func(path, kind string, compressed bool, content func() ([]byte, error)) {
		a.ServeFile(path, web.File{Header: map[string]string{"Content-Type": kind, "Content-Security-Policy": docsPolicy,
			"Referrer-Policy": "no-referrer", "Cache-Control": "public, max-age=3600"}, Content: content, Gzip: compressed})
	}
	asset := func(name string) func() ([]byte, error) {
		return func() ([]byte, error) { return fs.ReadFile(swagger.FS, name) }
	}
	serve("/docs", "text/html; charset=utf-8", false, func() ([]byte, error) { return docsPage, nil })
	serve("/docs/docs.js", "text/javascript; charset=utf-8", false, func() ([]byte, error) { return docsScript, nil })
	serve("/docs/favicon-32x32.png", "image/png", false, asset("favicon-32x32.png"))
	serve("/docs/swagger-ui.css", "text/css; charset=utf-8", true, asset("swagger-ui.css.gz"))
	serve("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", true, asset("swagger-ui-bundle.js.gz"))
	return a
}

// Routes returns the function's route keys. None needs a token.
func Routes() []string {
	return []string{"ANY " + web.Prefix + "/docs", "ANY " + web.Prefix + "/docs/{file}", "ANY " + web.Prefix + "/openapi.json"}
}

// compressOpenAPI returns the OpenAPI document, compressed, without the white space that makes its changes readable.
var compressOpenAPI = sync.OnceValues(func() ([]byte, error) {
	var compact, compressed bytes.Buffer
	if err := json.Compact(&compact, openAPI); err != nil {
		return nil, err
	}
	z := gzip.NewWriter(&compressed)
	_, _ = z.Write(compact.Bytes()) // cannot fail: to memory
	err := z.Close()
	return compressed.Bytes(), err
})
