package portal

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRecognitionFiles: the worker alone may compile WebAssembly; modules and models are kept for ever, also after the next log-in.
func TestRecognitionFiles(t *testing.T) {
	f := newFixture(t)
	f.want(f.visit("GET /recognition"), 404)
	f.portal.config.Recognition = fstest.MapFS{
		"manifest.json":   {Data: []byte(`[{"name":"runtime.wasm","hash":"abc","bytes":7,"compressed":3}]`)},
		"runtime.wasm.gz": {Data: []byte("\x1f\x8b\xff")},
		"secret.gz":       {Data: []byte("x")},
	}
	var about reader
	if err := json.Unmarshal([]byte(f.visit("GET /recognition").Body), &about); err != nil || len(about.Files) != 1 || about.Files[0].URL != "/recognition/abc/runtime.wasm" {
		t.Fatalf("%+v: %v", about, err)
	}
	for _, path := range []string{about.Worker, about.Files[0].URL} {
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
