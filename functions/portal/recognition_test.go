package portal

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"beian/shared/web/pages"
)

// TestRecognitionFiles: the workers alone may compile WebAssembly; the decoder of HEIC photos is not loaded for reading papers; modules and models are kept for ever, also after the next log-in.
func TestRecognitionFiles(t *testing.T) {
	f := newFixture(t)
	f.want(f.visit("GET /recognition"), 404)
	f.portal.config.Recognition = fstest.MapFS{
		"manifest.json":   {Data: []byte(`[{"name":"runtime.wasm","hash":"abc","bytes":7,"compressed":3},{"name":"heif.wasm","hash":"def","bytes":9,"compressed":2,"use":"heic"}]`)},
		"runtime.wasm.gz": {Data: []byte("\x1f\x8b\xff")},
		"heif.wasm.gz":    {Data: []byte("\x1f\x8b\xfe")},
		"secret.gz":       {Data: []byte("x")},
	}
	var about reader
	if err := json.Unmarshal([]byte(f.visit("GET /recognition").Body), &about); err != nil || len(about.Files) != 1 || about.Files[0].URL != "/recognition/abc/runtime.wasm" {
		t.Fatalf("%+v: %v", about, err)
	}
	if len(about.HEIC.Files) != 1 || about.HEIC.Files[0].URL != "/recognition/def/heif.wasm" {
		t.Fatalf("for HEIC photos: %+v", about.HEIC)
	}
	for _, path := range []string{about.Worker, about.Files[0].URL, about.HEIC.Worker, about.HEIC.Files[0].URL} {
		r := f.visit("GET "+path, "accept-encoding", "gzip")
		f.want(r, 200)
		for name, want := range map[string]string{"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding", "Content-Encoding": "gzip"} {
			if r.Headers[name] != want {
				t.Errorf("%s: %s %q, want %q", path, name, r.Headers[name], want)
			}
		}
		if policy := r.Headers["Content-Security-Policy"]; !strings.Contains(policy, "script-src 'self' 'wasm-unsafe-eval';") {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
	if kind := f.visit("GET " + about.Files[0].URL).Headers["Content-Type"]; kind != "application/wasm" {
		t.Errorf("type %q", kind)
	}
	for _, path := range []string{"/recognition/old/runtime.wasm", "/recognition/abc/secret", "/recognition/abc/..%2Fmanifest.json", strings.Replace(about.Worker, "worker.js", "none.js", 1),
		strings.Replace(about.Worker, "worker.js", "..%2Frecognition.go", 1)} {
		f.want(f.visit("GET "+path), 404)
	}
	if policy := f.visit("GET /").Headers["Content-Security-Policy"]; strings.Contains(policy, "wasm") {
		t.Errorf("a page has the policy %q", policy)
	}
}

// TestReadings: what the device read is kept once for each field, and only for fields of the page that sends it.
func TestReadings(t *testing.T) {
	all := detailPages(1)
	leader, subject := all[0], all[1]
	d := draft{Document: pages.Document{}}
	d.takeReadings(subject, []string{`{"pointer":"/subject/name","text":"甲"}`, `{"pointer":"/subject/leader/name","text":"乙"}`, `{"pointer":"/contact/email","text":"x"}`, "null", "[", "1"})
	d.takeReadings(leader, []string{`{"pointer":"/subject/leader/name","text":"乙"}`})
	d.takeReadings(subject, []string{`{"pointer":"/subject/name","text":"丙"}`})
	if got := d.readingsOf(subject); len(got) != 1 || got[0] != `{"pointer":"/subject/name","text":"丙"}` {
		t.Errorf("of the subject: %v", got)
	}
	if got := d.readingsOf(leader); len(got) != 1 || got[0] != `{"pointer":"/subject/leader/name","text":"乙"}` {
		t.Errorf("of its leader: %v", got)
	}
}
