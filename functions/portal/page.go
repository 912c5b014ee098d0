package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

//go:embed templates words assets
var files embed.FS

// catalogue are the words of the pages, by file and key: "home.title". In the files, each key has the Chinese and the English text.
var catalogue = sync.OnceValue(loadWords)()

func loadWords() map[string]finding.Words {
	all := map[string]finding.Words{}
	names, err := fs.Glob(files, "words/*.json")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // the file is embedded
		}
		var words map[string][2]string
		if err := json.Unmarshal(text, &words); err != nil {
			panic(fmt.Sprintf("portal: %s: %v", name, err))
		}
		for key, pair := range words {
			all[strings.TrimSuffix(path.Base(name), ".json")+"."+key] = finding.Words{Chinese: pair[0], English: pair[1]}
		}
	}
	return all
}

// A page is the data of a template: the visit, whose methods give words and the state of the browser, and what the page shows.
type page struct {
	*visit
	Data any
}

// With returns the page with other data, for a template within the template.
func (p page) With(data any) page { return page{p.visit, data} }

// Once returns a new Idempotency-Key for a form: sending the form twice has one effect.
func (page) Once() string { return rand.Text() }

// Plus adds numbers, for counting from 1.
func (page) Plus(a, b int) int { return a + b }

// Day returns the day of a time in Shanghai, such as 2026年3月5日.
func (p page) Day(t time.Time) string {
	t = t.In(workday.Shanghai)
	if p.Language == "en" {
		return t.Format("2 January 2006")
	}
	return t.Format("2006年1月2日")
}

// Moment returns day and time of day in Shanghai.
func (p page) Moment(t time.Time) string {
	return p.Day(t) + " " + t.In(workday.Shanghai).Format("15:04")
}

// Instant returns a time for scripts and calendars (RFC 3339).
func (page) Instant(t time.Time) string { return t.Format(time.RFC3339) }

// Asset returns the address of a file in assets/. It contains a hash of the file, so browsers keep it for ever.
func (page) Asset(name string) (string, error) { return AssetAddress(name) }

// AssetAddress returns the path of a file in assets/, such as judge.js. Package cards of the laptop measures the module.
func AssetAddress(name string) (string, error) {
	hash, ok := assets()[name]
	if !ok {
		return "", fmt.Errorf("portal: no asset %q", name)
	}
	return "/assets/" + hash + "/" + name, nil
}

// templates are the templates of the pages. Each has the parts in templates/parts.
var templates = sync.OnceValue(func() map[string]*template.Template {
	parts := template.Must(template.New("").ParseFS(files, "templates/parts/*.html"))
	all := map[string]*template.Template{}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, name := range names {
		all[strings.TrimSuffix(path.Base(name), ".html")] = template.Must(template.Must(parts.Clone()).ParseFS(files, name))
	}
	return all
})

// show shows a page with status 200, or 422 if the operation of its form refused what was entered.
func (v *visit) show(name string, data any) error {
	if v.problem != nil {
		v.w.WriteHeader(v.problem.Status)
	}
	v.write(name, data)
	return nil
}

// write writes a page. A template that fails is a defect: the page becomes a 500.
func (v *visit) write(name string, data any) {
	var out bytes.Buffer
	if err := templates()[name].ExecuteTemplate(&out, "page", page{v, data}); err != nil {
		panic(err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.Language)
	_, _ = v.w.Write(out.Bytes()) // cannot fail: to memory
}

// assets returns the hash of each file in assets/.
var assets = sync.OnceValue(func() map[string]string {
	hashes := map[string]string{}
	entries, err := files.ReadDir("assets")
	if err != nil {
		panic(err) // the folder is embedded
	}
	for _, e := range entries {
		text, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err) // the file is embedded
		}
		sum := sha256.Sum256(text)
		hashes[e.Name()] = base64.RawURLEncoding.EncodeToString(sum[:9])
	}
	return hashes
})

func (p *Portal) registerAssets() {
	p.public("GET /assets/{hash}/{name}", func(v *visit) error {
		name := v.r.PathValue("name")
		if hash, ok := assets()[name]; !ok || hash != v.r.PathValue("hash") {
			v.showStatus(http.StatusNotFound) // a page from before a deployment has the address of an older file
			return nil
		}
		text, err := files.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		v.w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, err = v.w.Write(text)
		return err
	})
}

// compress compresses a response with gzip, because the gateway does not.
func compress(w *apigateway.Recorder, r *http.Request) {
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	if w.Header().Get("Content-Encoding") != "" || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || !strings.HasPrefix(kind, "text/") && kind != "application/json" && kind != "image/svg+xml" {
		return
	}
	w.Replace(func(body []byte) []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_, _ = z.Write(body) // cannot fail: to memory
		_ = z.Close()
		return out.Bytes()
	})
	w.Header().Set("Content-Encoding", "gzip")
}
