package register_test

import (
	"slices"
	"testing"

	"beian/shared/filing/register"
)

// TestWithImport: an import adds and replaces, and never deletes: an empty value, a site or an access that the table lacks changes nothing.
func TestWithImport(t *testing.T) {
	one := "/sites/浙ICP备2024000001号-1"
	for name, c := range map[string]struct {
		table func() register.Filing
		want  []string
	}{
		"the same": {func() register.Filing { return filed(1, 2) }, nil},
		"fewer":    {func() register.Filing { return filed(2) }, nil},
		"empty": {func() register.Filing {
			f := filed(1)
			f.Private.Subject, f.Private.Sites[0] = register.Subject{}, register.Site{}
			return f
		}, nil},
		"no ids": {func() register.Filing {
			f := filed(1)
			f.MinistryID, f.Sites[0].MinistryID, f.Sites[0].Domains[0].MinistryID, f.Sites[0].Accesses[0].MinistryID = "", "", "", ""
			return f
		}, nil},
		"a name":     {func() register.Filing { f := filed(1); f.Private.Sites[0].Name = "示例新"; return f }, []string{one + "/details/name"}},
		"a new site": {func() register.Filing { return filed(3) }, []string{"/sites/浙ICP备2024000001号-3"}},
		"another access": {func() register.Filing {
			f := filed(1)
			f.Sites[0].Accesses = []register.Access{{Provider: 8}}
			return f
		}, []string{one + "/filed/accesses/1"}},
		"an account of another": {func() register.Filing { f := filed(1); f.Account = "b"; return f }, nil},
	} {
		f := filed(1, 2)
		if got := changed(f, f.WithImport(c.table())); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	unowned := filed(1)
	unowned.Account = ""
	if got := changed(unowned, unowned.WithImport(filed(1))); !slices.Equal(got, []string{"/account"}) {
		t.Errorf("a filing without account: %q", got)
	}
}

// TestMerge: a change that was made of an older version is made of the newest one. What both changed is as the change has it; lists are one value.
func TestMerge(t *testing.T) {
	type doc struct {
		Name, Remark string
		Leader       struct{ Mobile, Email string }
		Codes        []int
	}
	base := doc{Name: "a", Remark: "r", Codes: []int{1, 2}}
	base.Leader.Mobile = "1"
	change, now := base, base
	change.Name, change.Leader.Email, change.Codes, change.Remark = "b", "e", []int{1}, ""
	now.Leader.Mobile, now.Codes, now.Name = "2", []int{1, 2, 3}, "c"
	got := register.Merge(base, change, now)
	want := doc{Name: "b", Codes: []int{1}}
	want.Leader.Mobile, want.Leader.Email = "2", "e"
	if got.Name != want.Name || got.Remark != want.Remark || got.Leader != want.Leader || !slices.Equal(got.Codes, want.Codes) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if same := register.Merge(base, base, now); same.Name != "c" || len(same.Codes) != 3 {
		t.Errorf("no change: %+v", same)
	}
}

// TestDifferences: each place that differs, once, however deep; lists of texts and numbers are one value, lists of objects are compared in order.
func TestDifferences(t *testing.T) {
	type m = map[string]any
	for name, c := range map[string]struct {
		before, after any
		want          []string
	}{
		"same":             {m{"a": 1, "b": []int{1}}, m{"a": 1, "b": []int{1}}, nil},
		"a value":          {m{"a": m{"b": 1}}, m{"a": m{"b": 2}}, []string{"/a/b"}},
		"a new object":     {m{}, m{"a": m{"b": 1, "c": 2}}, []string{"/a"}},
		"a list of texts":  {m{"a": []string{"x", "y"}}, m{"a": []string{"y"}}, []string{"/a"}},
		"a list of rows":   {m{"a": []m{{"b": 1}, {"b": 2}}}, m{"a": []m{{"b": 1}}}, []string{"/a/1"}},
		"a row":            {m{"a": []m{{"b": 1}}}, m{"a": []m{{"b": 2}}}, []string{"/a/0/b"}},
		"an escaped place": {m{"a/b~c": 1}, m{"a/b~c": 2}, []string{"/a~1b~0c"}},
		"nothing":          {nil, nil, nil},
	} {
		var got []string
		for _, d := range register.Differences(c.before, c.after) {
			got = append(got, d.Pointer)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
