package caller_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/shared/aws/caller"
	"beian/shared/filing"
)

func TestOf(t *testing.T) {
	for _, tc := range []struct {
		name   string
		claims map[string]string
		want   caller.Caller
		nobody bool
	}{
		{name: "no claims", nobody: true},
		{name: "no subject", claims: map[string]string{"cognito:groups": "[admin]"}, nobody: true},
		{name: "a subject with white space", claims: map[string]string{"sub": "a b"}, nobody: true},
		{name: "a subject that could end a key", claims: map[string]string{"sub": "a#b"}, nobody: true},
		{name: "a long subject", claims: map[string]string{"sub": strings.Repeat("a", 129)}, nobody: true},
		{name: "no groups", claims: map[string]string{"sub": "u1"}, want: caller.Caller{Account: "u1"}},
		{name: "an empty list", claims: map[string]string{"sub": "u1", "cognito:groups": "[]"}, want: caller.Caller{Account: "u1"}},
		{name: "two groups", claims: map[string]string{"sub": "u1", "cognito:groups": "[applicant reviewer]"},
			want: caller.Caller{Account: "u1", Roles: []filing.Role{filing.Applicant, filing.Reviewer}}},
		{name: "another issuer", claims: map[string]string{"sub": "u1", "groups": `["admin","staff"]`},
			want: caller.Caller{Account: "u1", Roles: []filing.Role{filing.Admin}}},
		{name: "in both, once", claims: map[string]string{"sub": "u1", "groups": "[admin]", "cognito:groups": "[admin]"},
			want: caller.Caller{Account: "u1", Roles: []filing.Role{filing.Admin}}},
		{name: "not a part of a word", claims: map[string]string{"sub": "u1", "groups": "[administrator system Admin]"},
			want: caller.Caller{Account: "u1"}},
		{name: "contact", claims: map[string]string{"sub": "u1", "phone_number": "+8613900000000", "email": "w@EXAMPLE.cn"},
			want: caller.Caller{Account: "u1", Mobile: "13900000000", Email: "w@example.cn"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := caller.Of(tc.claims)
			if ok == tc.nobody || !cmp.Equal(tc.want, got) {
				t.Errorf("Of = %+v, %v", got, ok)
			}
		})
	}
}

func TestIs(t *testing.T) {
	c := caller.Caller{Roles: []filing.Role{filing.Reviewer}}
	if c.Is(filing.Applicant) || c.Is() || !c.Is(filing.Applicant, filing.Reviewer) || !c.Staff() {
		t.Error("roles are mixed up")
	}
}

func FuzzOf(f *testing.F) {
	f.Add("u1", "[applicant reviewer]")
	f.Add("", "admin")
	f.Add("u\x00", `["admin"]`)
	f.Fuzz(func(t *testing.T, sub, groups string) {
		c, ok := caller.Of(map[string]string{"sub": sub, "groups": groups})
		if ok != (c.Account != "") {
			t.Errorf("ok %v with account %q", ok, c.Account)
		}
		for _, r := range c.Roles {
			if !strings.Contains(groups, string(r)) || r == filing.System {
				t.Errorf("role %q out of %q", r, groups)
			}
		}
	})
}
