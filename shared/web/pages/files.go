package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// loadWords reads the words of pages, by file and key: "home.title". In the files, each key has the Chinese and the English text.
func loadWords(sources ...fs.FS) map[string]finding.Words {
	all := map[string]finding.Words{}
	for name, text := range filesIn("words/*.json", sources...) {
		var words map[string][2]string
		if err := json.Unmarshal(text, &words); err != nil {
			panic(fmt.Sprintf("pages: %s: %v", name, err))
		}
		for key, pair := range words {
			all[strings.TrimSuffix(path.Base(name), ".json")+"."+key] = finding.Words{Chinese: pair[0], English: pair[1]}
		}
	}
	return all
}

// SharedWords returns the words that all functions with pages share, by key.
func SharedWords() map[string]finding.Words { return loadWords(shared) }

// filesIn returns the files of a pattern. A later source replaces the file of an earlier one. The sources are embedded, so it panics where one cannot be read.
func filesIn(pattern string, sources ...fs.FS) map[string][]byte {
	all := map[string][]byte{}
	for _, source := range sources {
		names, err := fs.Glob(source, pattern)
		if err != nil {
			panic(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(source, name)
			if err != nil {
				panic(err)
			}
			all[name] = text
		}
	}
	return all
}

// A Page is the data of a template: the visit, whose methods give words and the state of the browser, and what the page shows. A function that
// has further methods for its templates embeds it; see [Config.Dot].
type Page struct {
	*Visit
	Data any
}

// With returns the page with other data, for a template within the template.
func (p Page) With(data any) Page { return Page{p.Visit, data} }

// Once returns a new Idempotency-Key for a form: sending the form twice has one effect.
func (*Visit) Once() string { return rand.Text() }

// Plus adds numbers, for counting from 1.
func (*Visit) Plus(a, b int) int { return a + b }

// Day returns the day of a time in Shanghai, such as 2026年3月5日.
func (v *Visit) Day(t time.Time) string {
	t = t.In(workday.Shanghai)
	if v.Language == "en" {
		return t.Format("2 January 2006")
	}
	return t.Format("2006年1月2日")
}

// Moment returns day and time of day in Shanghai.
func (v *Visit) Moment(t time.Time) string {
	return v.Day(t) + " " + t.In(workday.Shanghai).Format("15:04")
}

// Instant returns a time for scripts and calendars (RFC 3339).
func (*Visit) Instant(t time.Time) string { return t.Format(time.RFC3339) }

// Asset returns the address of a file in assets/. It contains a hash of the file, so browsers keep it for ever.
func (v *Visit) Asset(name string) (string, error) { return v.site.AssetAddress(name) }

// AssetAddress returns the path of a file in assets/, such as judge.js.
func (s *Site) AssetAddress(name string) (string, error) {
	hash, ok := s.hashes[name]
	if !ok {
		return "", fmt.Errorf("pages: no asset %q", name)
	}
	return s.config.Prefix + "/assets/" + hash + "/" + name, nil
}

// parseTemplates returns the templates of the pages. Each has the parts in templates/parts.
func parseTemplates(sources ...fs.FS) map[string]*template.Template {
	parts := template.New("")
	for _, text := range filesIn("templates/parts/*.html", sources...) {
		template.Must(parts.Parse(string(text)))
	}
	all := map[string]*template.Template{}
	for name, text := range filesIn("templates/*.html", sources...) {
		all[strings.TrimSuffix(path.Base(name), ".html")] = template.Must(template.Must(parts.Clone()).Parse(string(text)))
	}
	return all
}

// Show shows a page with status 200, or 422 if the operation of its form refused what was entered.
func (v *Visit) Show(name string, data any) error {
	if v.Problem != nil {
		v.W.WriteHeader(v.Problem.Status)
	}
	v.write(name, data)
	return nil
}

// write writes a page. A template that fails is a defect: the page becomes a 500.
func (v *Visit) write(name string, data any) {
	var dot any = Page{v, data}
	if v.site.config.Dot != nil {
		dot = v.site.config.Dot(v, data)
	}
	var out bytes.Buffer
	if err := v.site.templates()[name].ExecuteTemplate(&out, "page", dot); err != nil {
		panic(err)
	}
	v.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.W.Header().Set("Content-Language", v.Language)
	_, _ = v.W.Write(out.Bytes()) // cannot fail: to memory
}

// hashAssets returns a hash of each file in assets/.
func hashAssets(sources ...fs.FS) map[string]string {
	hashes := map[string]string{}
	for name, text := range filesIn("assets/*", sources...) {
		sum := sha256.Sum256(text)
		hashes[path.Base(name)] = base64.RawURLEncoding.EncodeToString(sum[:9])
	}
	return hashes
}

func (s *Site) registerAssets() {
	s.Public("GET /assets/{hash}/{name}", func(v *Visit) error {
		name := v.R.PathValue("name")
		if hash, ok := s.hashes[name]; !ok || hash != v.R.PathValue("hash") {
			v.ShowStatus(http.StatusNotFound) // a page from before a deployment has the address of an older file
			return nil
		}
		text, err := fs.ReadFile(s.config.Files, "assets/"+name)
		if errors.Is(err, fs.ErrNotExist) {
			text, err = shared.ReadFile("assets/" + name)
		}
		if err != nil {
			return err
		}
		v.W.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		v.W.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, err = v.W.Write(text)
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
