package api

import (
	"compress/gzip"
	_ "embed"
	"io"
	"io/fs"
	"net/http"

	swagger "github.com/swaggest/swgui/v5/static"
)

// The page to try the API: Swagger UI, served from here whole. Its policy lets it load nothing from elsewhere.

//go:embed docs.html
var docsPage []byte

//go:embed docs.js
var docsScript []byte

const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// assets are the files of Swagger UI that the page loads, and their content types. They are embedded compressed.
var assets = map[string]string{
	"swagger-ui.css":       "text/css; charset=utf-8",
	"swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}

func asset(name string) ([]byte, error) {
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

// docs declares the page.
func (a *API) docs() {
	serve := func(path, kind string, content func() ([]byte, error)) {
		a.mux.HandleFunc("GET "+Prefix+path, func(w http.ResponseWriter, r *http.Request) {
			c := callOf(r.Context())
			c.route = path
			text, err := content()
			if err != nil {
				c.problem(err).write(w)
				return
			}
			h := w.Header()
			h.Set("Content-Type", kind)
			h.Set("Content-Security-Policy", docsPolicy)
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cache-Control", "public, max-age=3600")
			_, _ = w.Write(text) // held in memory
		})
	}
	serve("/docs", "text/html; charset=utf-8", func() ([]byte, error) { return docsPage, nil })
	serve("/docs/docs.js", "text/javascript; charset=utf-8", func() ([]byte, error) { return docsScript, nil })
	serve("/docs/favicon-32x32.png", "image/png", func() ([]byte, error) { return fs.ReadFile(swagger.FS, "favicon-32x32.png") })
	for name, kind := range assets {
		serve("/docs/"+name, kind, func() ([]byte, error) { return asset(name) })
	}
}
