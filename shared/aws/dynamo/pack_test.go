package dynamo_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
)

func TestPack(t *testing.T) {
	want := map[string]any{"status": "FILED", "name": "示例", "sites": []any{1.0, "<&>"}}
	packed, err := dynamo.Pack(want)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(text)
	w.Close()
	kept, err := os.ReadFile("testdata/packed-1") // written when dictionary 1 was new
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string][]byte{"packed": packed, "kept": kept, "JSON": text, "gzip": zipped.Bytes()} {
		var got map[string]any
		if err := dynamo.Unpack(doc, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, doc := range map[string][]byte{"empty": nil, "cut": packed[:len(packed)/2], "only the form": packed[:1], "a later form": {2, 3}, "not gzip": {0x1f, 0x8b, 0}, "not JSON": []byte("x")} {
		if err := dynamo.Unpack(doc, new(map[string]any)); fault.KindOf(err) != fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPackedSize: what is stored at a decision about a usual order is at most half of its JSON.
func TestPackedSize(t *testing.T) {
	o := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC), filing.Done).Order
	for name, v := range map[string]any{"order": o, "private": o.Private} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := dynamo.Pack(v)
		if err != nil || len(packed) > len(text)/2 {
			t.Errorf("%s: %d of %d bytes, %v", name, len(packed), len(text), err)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	packed, err := dynamo.Pack(map[string]any{"status": "FILED"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add([]byte(`{"status":"FILED"}`))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, doc []byte) {
		var v any
		if err := dynamo.Unpack(doc, &v); err != nil && !strings.Contains(err.Error(), "Internal") {
			t.Error(err)
		}
	})
}
