package apigateway_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
)

func TestCallerOf(t *testing.T) {
	for _, tc := range []struct {
		name   string
		claims map[string]string
		want   apigateway.Caller
		none   bool
	}{
		{name: "no claims", none: true},
		{name: "no subject", claims: map[string]string{"cognito:groups": "[admin]"}, none: true},
		{name: "a subject with white space", claims: map[string]string{"sub": "a b"}, none: true},
		{name: "a subject that could end a key", claims: map[string]string{"sub": "a#b"}, none: true},
		{name: "a long subject", claims: map[string]string{"sub": strings.Repeat("a", 129)}, none: true},
		{name: "no groups", claims: map[string]string{"sub": "u1"}, want: apigateway.Caller{Account: "u1", Roles: []filing.Role{filing.Applicant}}},
		{name: "an empty claim", claims: map[string]string{"sub": "u1", "groups": ""}, want: apigateway.Caller{Account: "u1"}},
		{name: "an empty list", claims: map[string]string{"sub": "u1", "cognito:groups": "[]"}, want: apigateway.Caller{Account: "u1"}},
		{name: "two groups", claims: map[string]string{"sub": "u1", "cognito:groups": "[applicant reviewer]"},
			want: apigateway.Caller{Account: "u1", Roles: []filing.Role{filing.Applicant, filing.Reviewer}}},
		{name: "another issuer", claims: map[string]string{"sub": "u1", "groups": `["admin","staff"]`},
			want: apigateway.Caller{Account: "u1", Roles: []filing.Role{filing.Admin}}},
		{name: "in both, once", claims: map[string]string{"sub": "u1", "groups": "[admin]", "cognito:groups": "[admin]"},
			want: apigateway.Caller{Account: "u1", Roles: []filing.Role{filing.Admin}}},
		{name: "not a part of a word", claims: map[string]string{"sub": "u1", "groups": "[administrator system Admin]"},
			want: apigateway.Caller{Account: "u1"}},
		{name: "contact", claims: map[string]string{"sub": "u1", "phone_number": "+8613900000000", "email": "w@EXAMPLE.cn"},
			want: apigateway.Caller{Account: "u1", Roles: []filing.Role{filing.Applicant}, Mobile: "13900000000", Email: "w@example.cn"}},
		{name: "verified contact", claims: map[string]string{"sub": "u1", "phone_number": "+8613900000000", "phone_number_verified": "true", "email": "w@example.cn", "email_verified": "true"},
			want: apigateway.Caller{Account: "u1", Roles: []filing.Role{filing.Applicant}, Mobile: "13900000000", Email: "w@example.cn", Verified: filing.Contact{Mobile: "13900000000", Email: "w@example.cn"}}},
		{name: "a contact that is not verified", claims: map[string]string{"sub": "u1", "phone_number": "+8613900000000", "phone_number_verified": "false", "email": "w@example.cn", "email_verified": "1"},
			want: apigateway.Caller{Account: "u1", Roles: []filing.Role{filing.Applicant}, Mobile: "13900000000", Email: "w@example.cn"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := apigateway.CallerOf(tc.claims)
			if ok == tc.none || !cmp.Equal(tc.want, got) {
				t.Errorf("CallerOf = %+v, %v", got, ok)
			}
		})
	}
}

func TestCallerIs(t *testing.T) {
	c := apigateway.Caller{Roles: []filing.Role{filing.Reviewer}}
	if c.Is(filing.Applicant) || c.Is() || !c.Is(filing.Applicant, filing.Reviewer) || !c.Staff() {
		t.Error("roles are mixed up")
	}
}

func FuzzCallerOf(f *testing.F) {
	f.Add("u1", "[applicant reviewer]")
	f.Add("", "admin")
	f.Add("u\x00", `["admin"]`)
	f.Fuzz(func(t *testing.T, sub, groups string) {
		c, ok := apigateway.CallerOf(map[string]string{"sub": sub, "groups": groups})
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
