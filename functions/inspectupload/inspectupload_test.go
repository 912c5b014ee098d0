package inspectupload_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"beian/functions/inspectupload"
	"beian/shared/process/inspection"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/picture"
	"beian/shared/rules/picture/picturetest"
)

// uploads are the objects of a bucket by their keys.
type uploads map[string][]byte

var errStore = &fault.Fault{Kind: fault.Unavailable, Cause: errors.New("the store is down")}

func (u uploads) Read(_ context.Context, key evidence.Key) ([]byte, error) {
	file, ok := u[string(key)]
	switch {
	case !ok:
		return nil, &fault.Fault{Kind: fault.NotFound}
	case file == nil:
		return nil, errStore
	}
	return file, nil
}

func (u uploads) WriteObject(_ context.Context, key string, data []byte) error {
	u[key] = data
	return nil
}

func newKey(slot evidence.Slot) evidence.Key {
	return evidence.NewKey("01JCZK3V7M8N9P0Q1R2S3T4V5W", slot, time.Now())
}

// TestHandle: a result is stored for each upload, good or bad. An event that comes twice changes nothing, and one that comes after a second file was uploaded under the same key
// replaces the result of the first.
func TestHandle(t *testing.T) {
	photo, other := picturetest.Photo(1200, 900), picturetest.Photo(1000, 800)
	key := newKey(evidence.Slot(evidence.SubjectCertificateFront))
	objects := uploads{}
	h := inspectupload.Handler{Uploads: objects}
	for name, c := range map[string]struct {
		file []byte
		want finding.Code // "" if it passes
	}{
		"a photo":                {photo, ""},
		"no picture":             {make([]byte, inspection.MinSize), picture.CodeNotAnImage},
		"a PDF":                  {append([]byte("%PDF-1.4"), photo...), picture.CodePDF},
		"a picture that is torn": {photo[:len(photo)/2], picture.CodeUnreadable},
		"a file above the limit": {make([]byte, evidence.MaxUpload+1), picture.CodeTooLarge},
	} {
		objects[string(key)] = c.file
		for range 2 {
			if _, err := h.Handle(t.Context(), inspectupload.Input{Key: key}); err != nil {
				t.Fatal(err)
			}
			done, ok := inspection.Open(objects[key.Inspected()], key, c.file)
			if !ok || done.Found.Blocking() != (c.want != "") || c.want != "" && !done.Found.Has(c.want) {
				t.Errorf("%s: %t, found %v", name, ok, done.Found)
			}
		}
		if _, ok := inspection.Open(objects[key.Inspected()], key, other); ok || bytes.Contains(objects[key.Inspected()], photo[:64]) {
			t.Errorf("%s: the result can be read without the file", name)
		}
	}
}

// TestNothingToInspect: other objects, and an upload that is gone, have no result.
func TestNothingToInspect(t *testing.T) {
	key := newKey(evidence.Slot(evidence.OtherDocument))
	for _, other := range []evidence.Key{key, "", "other", evidence.Key(key.Inspected()), evidence.Key(key.Object("0a"))} {
		objects := uploads{}
		if other != key {
			objects[string(other)] = picturetest.Photo(1200, 900)
		}
		before := len(objects)
		if _, err := (inspectupload.Handler{Uploads: objects}).Handle(t.Context(), inspectupload.Input{Key: other}); err != nil || len(objects) != before {
			t.Errorf("%s: %v, %d objects", other, err, len(objects))
		}
	}
}

// TestFailures: no result is stored when the time is over or the store fails. The call fails, so the alarm counts it.
func TestFailures(t *testing.T) {
	key := newKey(evidence.Slot(evidence.OtherDocument))
	objects := uploads{string(key): picturetest.Photo(1200, 900)}
	h := inspectupload.Handler{Uploads: objects}
	ended, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := h.Handle(ended, inspectupload.Input{Key: key}); !errors.Is(err, context.DeadlineExceeded) || len(objects) != 1 {
		t.Errorf("after the time is over: %v, %d objects", err, len(objects))
	}
	objects[string(key)] = nil
	if _, err := h.Handle(t.Context(), inspectupload.Input{Key: key}); !errors.Is(err, errStore) || len(objects) != 1 {
		t.Errorf("a store that is down: %v, %d objects", err, len(objects))
	}
}
