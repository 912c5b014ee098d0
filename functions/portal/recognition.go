package portal

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"sync"

	"beian/shared/web"
)

// recognitionCode are the modules that read papers in a worker of the browser.
//
//go:embed recognition/*.js
var recognitionCode embed.FS

// workerPolicy is the policy of the modules. The worker, and no page, may compile WebAssembly.
const workerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

// A recognitionFile is a file of [Config.Recognition]: part of the runtime, a model, or the decoder of HEIC photos, compressed with gzip.
type recognitionFile struct {
	Name       string `json:"name"`
	Hash       string `json:"hash"`          // of the content
	Bytes      int    `json:"bytes"`         // once decompressed
	Compressed int    `json:"compressed"`    // bytes over the network
	Use        string `json:"use,omitempty"` // "heic", or "" for reading papers
	URL        string `json:"url"`
}

// A reader is what a page needs to read papers in the browser.
type reader struct {
	program
	HEIC program `json:"heic"` // decodes HEIC photos
}

// A program runs in a worker of the browser.
type program struct {
	Worker string            `json:"worker"` // address of its script
	Files  []recognitionFile `json:"files"`  // that it loads
}

// codeHash is the hash of the modules. They import each other, so they share one folder.
var codeHash = sync.OnceValue(func() string {
	sum := sha256.New()
	names, err := fs.Glob(recognitionCode, "recognition/*.js")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, name := range names {
		text, err := recognitionCode.ReadFile(name)
		if err != nil {
			panic(err) // the file is embedded
		}
		sum.Write([]byte(name))
		sum.Write(text)
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:9])
})

// recognitionFiles returns the files that browsers need; none if the portal has none.
func (p *Portal) recognitionFiles() ([]recognitionFile, error) {
	if p.config.Recognition == nil {
		return nil, nil
	}
	text, err := fs.ReadFile(p.config.Recognition, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []recognitionFile
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("the files for the recognition of papers: %w", err)
	}
	for i, f := range all {
		all[i].URL = "/recognition/" + f.Hash + "/" + f.Name
	}
	return all, nil
}

// registerRecognition registers the modules and the files. Their addresses contain hashes, so browsers keep them for ever.
func (p *Portal) registerRecognition() {
	p.public("GET /recognition", func(v *visit) error {
		files, err := p.recognitionFiles()
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return &web.Problem{Status: http.StatusNotFound}
		}
		text, err := json.Marshal(reader{programOf("worker.js", "", files), programOf("heic.js", "heic", files)})
		if err != nil {
			return err
		}
		v.W.Header().Set("Content-Type", "application/json")
		_, err = v.W.Write(text)
		return err
	})
	p.public("GET /recognition/{hash}/{name}", func(v *visit) error {
		hash, name := v.R.PathValue("hash"), v.R.PathValue("name")
		if hash == codeHash() {
			text, err := recognitionCode.ReadFile("recognition/" + name)
			if err != nil {
				v.ShowStatus(http.StatusNotFound)
				return nil
			}
			return v.sendRecognition(name, text)
		}
		files, err := p.recognitionFiles()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(files, func(f recognitionFile) bool { return f.Hash == hash && f.Name == name }) {
			v.ShowStatus(http.StatusNotFound) // a page from before a deployment has the address of an older file
			return nil
		}
		content, err := fs.ReadFile(p.config.Recognition, name+".gz")
		if err != nil {
			return err
		}
		v.W.Header().Set("Content-Encoding", "gzip") // each browser that can run WebAssembly accepts it
		return v.sendRecognition(name, content)
	})
}

// programOf returns the program of a script, with the files for a use.
func programOf(script, use string, files []recognitionFile) program {
	p := program{Worker: "/recognition/" + codeHash() + "/" + script}
	for _, f := range files {
		if f.Use == use {
			p.Files = append(p.Files, f)
		}
	}
	return p
}

func (v *visit) sendRecognition(name string, content []byte) error {
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) {
	case ".mjs":
		kind = "text/javascript; charset=utf-8"
	case ".onnx":
		kind = "application/octet-stream"
	case ".wasm":
		kind = "application/wasm"
	}
	v.W.Header().Set("Content-Type", kind)
	v.W.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	v.W.Header().Set("Content-Security-Policy", workerPolicy)
	_, err := v.W.Write(content)
	return err
}

// ReaderMegabytes is how much a browser loads once to read papers, such as "7.3"; "" if the portal cannot offer it.
func (v *visit) ReaderMegabytes() (string, error) {
	files, err := v.portal.recognitionFiles()
	if err != nil || len(files) == 0 {
		return "", err
	}
	total := 0
	for _, f := range programOf("", "", files).Files {
		total += f.Compressed
	}
	return fmt.Sprintf("%.1f", float64(total)/1e6), nil
}
