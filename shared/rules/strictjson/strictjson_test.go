package strictjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/shared/rules/strictjson"
)

type answer struct {
	Passed bool `json:"passed"`
	Holder struct {
		Name string `json:"name"`
	} `json:"holder"`
}

func TestUnmarshal(t *testing.T) {
	for name, tc := range map[string]struct {
		document string
		want     []string // pointers; nil is no NameError
		invalid  bool
	}{
		"good":                  {document: ` {"passed":true,"holder":{"name":"a"},"more":[{"passed":1},{"passed":1}]} `},
		"twice":                 {document: `{"passed":false,"passed":true}`, want: []string{"/passed"}},
		"twice after unescape":  {document: `{"passed":false,"\u0070assed":true}`, want: []string{"/passed"}},
		"other case":            {document: `{"passed":false,"Passed":true}`, want: []string{"/Passed"}},
		"long s":                {document: `{"passed":false,"paſsed":true}`, want: []string{"/paſsed"}},
		"nested":                {document: `{"holder":{"name":"a","name":"b"}}`, want: []string{"/holder/name"}},
		"in an unknown value":   {document: `{"x":[{"a":1,"a":2}]}`, want: []string{"/x/0/a"}},
		"names with signs":      {document: `{"a/~":1,"a/~":1}`, want: []string{"/a~1~0"}},
		"text after it":         {document: `{"passed":true}{}`, invalid: true},
		"byte order mark":       {document: "\ufeff{}", invalid: true},
		"comment":               {document: `{} // x`, invalid: true},
		"NaN":                   {document: `{"a":NaN}`, invalid: true},
		"not UTF-8":             {document: "{\"a\":\"\xff\"}", invalid: true},
		"half":                  {document: `{"a":`, invalid: true},
		"empty":                 {document: ``, invalid: true},
		"too deep":              {document: strings.Repeat("[", 101) + strings.Repeat("]", 101), invalid: true},
		"a value of other type": {document: `{"passed":1}`, invalid: true},
	} {
		var a answer
		err := strictjson.Unmarshal([]byte(tc.document), &a)
		wrong, _ := errors.AsType[*strictjson.NameError](err)
		switch {
		case tc.want != nil && (wrong == nil || !cmp.Equal(wrong.Pointers, tc.want)),
			tc.want == nil && wrong != nil,
			tc.want == nil && (err != nil) != tc.invalid:
			t.Errorf("%s: %v %+v", name, err, wrong)
		}
	}
}

func TestUnmarshalExact(t *testing.T) {
	var a answer
	if err := strictjson.UnmarshalExact([]byte(`{"passed":true}`), &a, "passed"); err != nil || !a.Passed {
		t.Error(err)
	}
	err := strictjson.UnmarshalExact([]byte(`{"Passed":true,"y":1}`), &a, "passed")
	if wrong, ok := errors.AsType[*strictjson.NameError](err); !ok || !cmp.Equal(wrong.Pointers, []string{"/Passed", "/y"}) {
		t.Errorf("%v", err)
	}
	if err := strictjson.UnmarshalExact([]byte(`null`), &a); err != nil {
		t.Error(err)
	}
}

// TestPointer: a pointer shows no hostile or long names.
func TestPointer(t *testing.T) {
	for want, names := range map[string][]string{
		"/a~1b/0": {"a/b", "0"}, "/?": {"\u202e\x00\xff"}, "/ab": {"a\u200bb"},
		"/" + strings.Repeat("x", 61) + "…": {strings.Repeat("x", 5000)},
	} {
		if got := strictjson.Pointer(names...); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
	if got := strictjson.Pointer(strings.Split(strings.Repeat("abc,", 100), ",")...); len(got) > 256 || !strings.HasPrefix(got, "/abc/abc/") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{`{"a":1,"\u0061":2}`, `[{"a":[1e999]}]`, `"\ud800"`, "\ufeff{}", `{"A":1,"a":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var value any
		if err := strictjson.Unmarshal(document, &value); err == nil && !json.Valid(document) {
			t.Errorf("%q is not JSON", document)
		}
	})
}
