package models

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"beian/infra/local/dynamodb"
)

// TestBuild: the build is the same each time, each file fits into a function's response, and all together are within the aim.
func TestBuild(t *testing.T) {
	modules, err := dynamodb.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	first, second := t.TempDir(), t.TempDir()
	for _, folder := range []string{first, second, second} {
		if err := Build(string(modules), folder, Reduced); err != nil {
			t.Fatal(err)
		}
	}
	list, err := Read(first)
	if err != nil || len(list) != len(common)+2 {
		t.Fatalf("%d files: %v", len(list), err)
	}
	for _, f := range list {
		a, errA := os.ReadFile(filepath.Join(first, f.Name+".gz"))
		b, errB := os.ReadFile(filepath.Join(second, f.Name+".gz"))
		if errA != nil || errB != nil || !bytes.Equal(a, b) || len(a) != f.Compressed {
			t.Errorf("%s differs between builds: %v %v", f.Name, errA, errB)
		}
		z, err := gzip.NewReader(bytes.NewReader(a))
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(z); err != nil || len(content) != f.Bytes {
			t.Errorf("%s has %d bytes, the manifest says %d: %v", f.Name, len(content), f.Bytes, err)
		}
	}
	if total := Compressed(list, ""); total > 9_000_000 {
		t.Errorf("browsers load %d bytes to read papers; the aim is 9 MB", total)
	}
	if total := Compressed(list, HEIC); total == 0 || total > 2_000_000 {
		t.Errorf("browsers load %d bytes to decode HEIC photos; the aim is 2 MB", total)
	}
	if err := Build(filepath.Join(first, "none"), t.TempDir(), Reduced); err == nil {
		t.Error("a build without npm packages succeeds")
	}
}

// TestQuantiseChannels: each weight is off by half a level of its channel at most.
func TestQuantiseChannels(t *testing.T) {
	weights := []float32{1, -.5, .003, 100, -50, 0.4, 0, 0, 0}
	whole, scales := quantiseChannels(weights, []uint64{3, 3}, 0, 127)
	for i, w := range weights {
		scale := math.Float32frombits(uint32(scales[i/3*4]) | uint32(scales[i/3*4+1])<<8 | uint32(scales[i/3*4+2])<<16 | uint32(scales[i/3*4+3])<<24)
		if got := float32(int8(whole[i])) * scale; math.Abs(float64(got-w)) > float64(scale)/2*1.001 {
			t.Errorf("%v became %v", w, got)
		}
	}
}
