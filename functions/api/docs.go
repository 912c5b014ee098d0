package api

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"io"
	"io/fs"
	"sync"

	swagger "github.com/swaggest/swgui/v5/static"
)

// The page to try the API is Swagger UI. Its content security policy allows only this origin.

//go:embed docs.html
var docsPage []byte

//go:embed docs.js
var docsScript []byte

const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// assets are the files of Swagger UI that the page loads, with their content types. They are embedded compressed.
var assets = map[string]string{
	"swagger-ui.css":       "text/css; charset=utf-8",
	"swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}

func readAsset(name string) ([]byte, error) {
	file, err := swagger.FS.Open(name + ".gz")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unzipped)
}

// compactOpenAPI returns the OpenAPI document without the white space that makes its changes readable, a third of it.
var compactOpenAPI = sync.OnceValues(func() ([]byte, error) {
	var compact bytes.Buffer
	err := json.Compact(&compact, openAPI)
	return compact.Bytes(), err
})

// registerDocs registers the OpenAPI document and the page to try the API.
func (a operations) registerDocs() {
	a.ServeFile("/openapi.json", map[string]string{"Content-Type": "application/openapi+json"},
		compactOpenAPI)
	serve := func(path, kind string, content func() ([]byte, error)) {
		a.ServeFile(path, map[string]string{"Content-Type": kind, "Content-Security-Policy": docsPolicy,
			"Referrer-Policy": "no-referrer", "Cache-Control": "public, max-age=3600"}, content)
	}
	serve("/docs", "text/html; charset=utf-8", func() ([]byte, error) { return docsPage, nil })
	serve("/docs/docs.js", "text/javascript; charset=utf-8", func() ([]byte, error) { return docsScript, nil })
	serve("/docs/favicon-32x32.png", "image/png", func() ([]byte, error) { return fs.ReadFile(swagger.FS, "favicon-32x32.png") })
	for name, kind := range assets {
		serve("/docs/"+name, kind, func() ([]byte, error) { return readAsset(name) })
	}
}
