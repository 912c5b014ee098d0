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
	"slices"
	"strings"
	"sync"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// files are the words, templates and assets of a site. Each is read when it is first needed: a process of a function shows few pages. They are
// embedded and tested, so a file that cannot be read or parsed is a defect, and panics.
type files struct {
	sources   []fs.FS // a later source replaces the file of an earlier one
	words     memo[map[string]finding.Words]
	parts     func() *template.Template
	templates memo[*template.Template]
	hashes    memo[string]
}

func newFiles(sources ...fs.FS) *files {
	f := &files{sources: sources}
	f.words.derive, f.templates.derive, f.hashes.derive = f.parseWords, f.parseTemplate, f.hashAsset
	f.parts = sync.OnceValue(f.parseParts)
	return f
}

// A memo derives a value for a key once, at its first use.
type memo[T any] struct {
	derive func(key string) T
	mu     sync.Mutex
	values map[string]T
}

func (m *memo[T]) get(key string) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, has := m.values[key]
	if !has {
		value = m.derive(key)
		if m.values == nil {
			m.values = map[string]T{}
		}
		m.values[key] = value
	}
	return value
}

// read returns a file; has is false if no source has it.
func (f *files) read(name string) (text []byte, has bool) {
	for _, source := range slices.Backward(f.sources) {
		text, err := fs.ReadFile(source, name)
		switch {
		case err == nil:
			return text, true
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid): // a name from a request may be invalid
			panic(err)
		}
	}
	return nil, false
}

// list returns the names of the files of a pattern.
func (f *files) list(pattern string) []string {
	var all []string
	for _, source := range f.sources {
		names, err := fs.Glob(source, pattern)
		if err != nil {
			panic(err)
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// parseWords returns the words of a file by key: "title". In the file, each key has the Chinese and the English text.
func (f *files) parseWords(file string) map[string]finding.Words {
	text, has := f.read("words/" + file + ".json")
	if !has {
		return nil
	}
	var pairs map[string][2]string
	if err := json.Unmarshal(text, &pairs); err != nil {
		panic(fmt.Sprintf("pages: words/%s.json: %v", file, err))
	}
	words := map[string]finding.Words{}
	for key, pair := range pairs {
		words[key] = finding.Words{Chinese: pair[0], English: pair[1]}
	}
	return words
}

// wordsOf returns the words with a key: "home.title".
func (f *files) wordsOf(key string) (words finding.Words, has bool) {
	file, rest, _ := strings.Cut(key, ".")
	words, has = f.words.get(file)[rest]
	return words, has
}

// allWords returns the words of all files by key: "home.title".
func (f *files) allWords() map[string]finding.Words {
	all := map[string]finding.Words{}
	for _, name := range f.list("words/*.json") {
		file := strings.TrimSuffix(path.Base(name), ".json")
		for key, words := range f.words.get(file) {
			all[file+"."+key] = words
		}
	}
	return all
}

// SharedWords returns the words that all functions with pages share, by key.
func SharedWords() map[string]finding.Words { return newFiles(shared).allWords() }

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
	hash := s.files.hashes.get(name)
	if hash == "" {
		return "", fmt.Errorf("pages: no asset %q", name)
	}
	return s.config.Prefix + "/assets/" + hash + "/" + name, nil
}

// parseParts returns the parts that the templates of all pages have.
func (f *files) parseParts() *template.Template {
	parts := template.New("")
	for _, name := range f.list("templates/parts/*.html") {
		text, _ := f.read(name)
		template.Must(parts.Parse(string(text)))
	}
	return parts
}

// parseTemplate returns the template of a page, with the parts.
func (f *files) parseTemplate(name string) *template.Template {
	text, has := f.read("templates/" + name + ".html")
	if !has {
		panic("pages: no template " + name)
	}
	return template.Must(template.Must(f.parts().Clone()).Parse(string(text)))
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
	if err := v.site.files.templates.get(name).ExecuteTemplate(&out, "page", dot); err != nil {
		panic(err)
	}
	v.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.W.Header().Set("Content-Language", v.Language)
	_, _ = v.W.Write(out.Bytes()) // cannot fail: to memory
}

// hashAsset returns a hash of a file in assets/; "" if there is none.
func (f *files) hashAsset(name string) string {
	text, has := f.read("assets/" + name)
	if !has {
		return ""
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (s *Site) registerAssets() {
	s.Public("GET /assets/{hash}/{name}", func(v *Visit) error {
		name := v.R.PathValue("name")
		text, has := s.files.read("assets/" + name)
		if !has || s.files.hashes.get(name) != v.R.PathValue("hash") {
			v.ShowStatus(http.StatusNotFound) // a page from before a deployment has the address of an older file
			return nil
		}
		v.W.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		v.W.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, err := v.W.Write(text)
		return err
	})
}

// compress compresses a response with gzip, because the gateway does not.
func compress(w *apigateway.Recorder, r *http.Request) {
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	if w.Header().Get("Content-Encoding") != "" || !web.AcceptsGzip(r.Header) || !strings.HasPrefix(kind, "text/") && kind != "application/json" && kind != "image/svg+xml" {
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
