package inspection

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/picture"
	"beian/shared/rules/picture/picturetest"
)

var front = evidence.Slot(evidence.SubjectCertificateFront)

// TestSealedResult: a stored result is used for exactly the upload and file that were inspected, and by the version of the checks that found it. It discloses no picture.
func TestSealedResult(t *testing.T) {
	photo := picturetest.Photo(1200, 900)
	done, err := Inspect(t.Context(), front, photo, picture.NewBudget())
	if err != nil || done.Found.Blocking() || !bytes.Equal(done.Original(photo), photo) || len(done.Small) == 0 || len(done.Small) > front.Limit() {
		t.Fatalf("%v, %d bytes, %v", done.Found, len(done.Small), err)
	}
	key := evidence.NewKey("01JCZK3V7M8N9P0Q1R2S3T4V5W", front, time.Now())
	sealed, err := done.Seal(key, photo)
	if err != nil {
		t.Fatal(err)
	}
	if read, ok := Open(sealed, key, photo); !ok || !bytes.Equal(read.Small, done.Small) || read.Format != picture.JPEG {
		t.Errorf("%t: %d bytes of %s", ok, len(read.Small), read.Format)
	}
	plain, err := json.Marshal(done)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain[:len(plain)/2]) {
		t.Error("the result has the picture in clear")
	}
	before, err := cipherOf("0", photo)
	if err != nil {
		t.Fatal(err)
	}
	older := before.Seal(nil, nil, plain, []byte(key))
	changed := bytes.Clone(photo)
	changed[len(changed)-1] ^= 1
	for name, c := range map[string]struct {
		sealed []byte
		key    evidence.Key
		file   []byte
	}{
		"another file": {sealed, key, changed}, "another upload": {sealed, key + "1", photo}, "an older version": {older, key, photo},
		"cut off": {sealed[:len(sealed)/2], key, photo}, "nothing": {nil, key, photo},
	} {
		if _, ok := Open(c.sealed, c.key, c.file); ok {
			t.Errorf("%s: the result is used", name)
		}
	}
}

// TestFindingsAreStored: what blocks an upload is known from its stored result, too.
func TestFindingsAreStored(t *testing.T) {
	file := []byte("%PDF-1.4")
	done, err := Inspect(t.Context(), front, file, picture.NewBudget())
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := done.Seal("key", file)
	if err != nil {
		t.Fatal(err)
	}
	if read, ok := Open(sealed, "key", file); !ok || !read.Found.Has(picture.CodePDF) || read.Found[0] != done.Found[0] || read.Small != nil {
		t.Errorf("%t, %v", ok, read.Found)
	}
}

// TestLargestResult: a file above the limit of what is stored is reduced, and its result is within MaxResult.
func TestLargestResult(t *testing.T) {
	photo := append(picturetest.Photo(1600, 1200), make([]byte, evidence.MaxOriginal)...)
	done, err := Inspect(t.Context(), front, photo, picture.NewBudget())
	if err != nil || done.Reduced == nil || len(done.Original(photo)) > evidence.MaxOriginal {
		t.Fatalf("%v: %d bytes, %v", done.Found, len(done.Original(photo)), err)
	}
	done.Reduced = make([]byte, evidence.MaxOriginal)
	if sealed, err := done.Seal("key", photo); err != nil || len(sealed) > MaxResult {
		t.Errorf("%d bytes, %v", len(sealed), err)
	}
}

// TestTimeIsOver: an inspection ends with its context.
func TestTimeIsOver(t *testing.T) {
	ended, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := Inspect(ended, front, picturetest.Photo(1200, 900), picture.NewBudget()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestEarly(t *testing.T) {
	for size, want := range map[int]bool{0: false, MinSize - 1: false, MinSize: true, evidence.MaxUpload: true, evidence.MaxUpload + 1: false} {
		if Early(size) != want {
			t.Errorf("%d bytes: %t", size, !want)
		}
	}
}
