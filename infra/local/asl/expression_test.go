package asl

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

// Paths and intrinsic functions have no door of their own in the package's interface, so these tests are inside.

func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"$", "$$", "$.a.b[0]", "$['a b', \"c\"][*]", "$..a", "$..[0]", "$.a[-1:]", "$.a[0, 2]", "$[?(@.a)]", "$.订单",
		"$.a[", "$['a", "$.a[:2]", "$..*",
	} {
		f.Add(seed)
	}
	document, err := decode([]byte(`{"a": {"b": [1, 2, {"c": null}]}, "a b": "x", "订单": [[]]}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePath(text)
		if err != nil {
			return
		}
		if p.text != text {
			t.Errorf("the path %q calls itself %q", text, p.text)
		}
		v, ok := p.get(document)
		if _, list := v.([]any); !p.definite() && (!ok || !list) {
			t.Errorf("%q gives %v", text, v)
		}
		if p, err := parseResultPath(text); err == nil {
			if root, err := p.put(map[string]any{}, "new"); err == nil {
				if v, ok := p.get(root); !ok || v != "new" {
					t.Errorf("what is put at %q is not found there: %v", text, v)
				}
			}
		}
	})
}

func FuzzCall(f *testing.F) {
	for _, seed := range []string{
		"States.Format('{} \\{\\}', $.a)", "States.Array()", "States.MathAdd(1, -2)", "States.UUID()",
		"States.ArrayRange(1, 9, 2)", "States.StringToJson('{\"a\": 1}')", "States.MathRandom(1, 10, 4)",
		"States.ArrayPartition(States.Array(1, 2, 3), 2)", "States.Hash('a', 'MD5')", "States.StringSplit('a,b', ',')",
		"States.JsonMerge($, $, false)", "States.Base64Decode('YQ==')", "States.ArrayGetItem($.l, 1)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCall(text)
		if err != nil {
			return
		}
		input, err := decode([]byte(`{"a": "x", "l": [1, 2]}`))
		if err != nil {
			t.Fatal(err)
		}
		sc := &scope{
			input: input, context: func() any { return map[string]any{} },
			random: func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) },
		}
		v, err := c.value(sc)
		if err != nil {
			return
		}
		if !json.Valid(encode(v)) {
			t.Errorf("%s gives %v", text, v)
		}
	})
}

func TestIntrinsicRefusals(t *testing.T) {
	for _, text := range []string{
		"States.Format('{}')", "States.Format('', 1)", "States.Format(1)", "States.StringToJson('{')",
		"States.ArrayPartition($.l, 0)", "States.ArrayPartition(1, 1)", "States.ArrayRange(1, 2000, 1)",
		"States.ArrayRange(1, 2, 0)", "States.ArrayGetItem($.l, 2)", "States.ArrayGetItem($.l, -1)",
		"States.ArrayLength('a')", "States.Base64Decode('!')", "States.Hash('a', 'CRC')",
		"States.JsonMerge($, $, true)", "States.JsonMerge($.l, $, false)", "States.MathRandom(2, 2)",
		"States.MathAdd(1.5, 1)", "States.MathAdd(9223372036854775807, 1)", "States.StringSplit(1, ',')",
		"States.ArrayUnique(3)", "States.ArrayContains(3, 3)", "States.Array($.missing)",
	} {
		c, err := parseCall(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		sc := &scope{input: map[string]any{"l": []any{json.Number("1"), json.Number("2")}}}
		if v, err := c.value(sc); err == nil {
			t.Errorf("%s gives %v", text, v)
		}
	}
}
