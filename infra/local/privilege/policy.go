package privilege

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"beian/infra/local/awsrequest"
)

// A permission is one action on one resource that a statement of a policy allows or denies.
type permission struct {
	deny             bool
	principal        string // a role, a service, everybody or account
	attached         string // the ARN of the resource that has the policy; "" for policies of roles
	action, resource string
	except           bool // the permission applies to all resources but this one
	conditions       map[string]map[string]any
}

// Principals other than roles and services.
const (
	everybody = "*"
	account   = "account" // leaves the decision to the policies of roles; its ARN depends on the partition
)

// operators are the supported operators of conditions. NumericLessThan is never true: it is used to deny old versions of TLS.
var operators = []string{"StringEquals", "ArnEquals", "ArnLike", "Bool", "NumericLessThan"}

// addPolicy adds the permissions of a policy document, of a role or attached to a resource.
func (p *Proof) addPolicy(t *template, id, role, attached string, document any) {
	var policy struct {
		Version   string
		Statement []struct {
			Sid, Effect                              string
			Principal, Action, Resource, NotResource any
			Condition                                map[string]map[string]any
		}
	}
	text, _ := json.Marshal(document) // cannot fail: was read from JSON
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&policy); err != nil {
		t.fail("%s: %w", id, err)
	}
	for _, s := range policy.Statement {
		for operator := range s.Condition {
			if !slices.Contains(operators, operator) {
				t.fail("%s: the operator %s is not known", id, operator)
			}
		}
		principals, resources := []string{role}, slices.Concat(stringList(s.Resource), stringList(s.NotResource))
		if of, ok := s.Principal.(map[string]any); ok {
			principals = slices.Concat(stringList(of["AWS"]), stringList(of["Service"]))
		} else if role == "" {
			principals = stringList(s.Principal)
		}
		if len(resources) == 0 {
			resources = []string{attached}
		}
		if len(principals) == 0 || len(stringList(s.NotResource)) > 1 {
			t.fail("%s: the form of the statement is not known", id)
		}
		for _, principal := range principals {
			if principal == "arn:"+t.partition()+":iam::"+awsrequest.Account+":root" {
				principal = account
			}
			for _, action := range stringList(s.Action) {
				if s.Effect == "Allow" && principal != account && (principal == everybody || strings.Contains(action, "*")) {
					t.fail("%s allows %s to %s; name the principal and the action", id, action, principal)
				}
				for _, resource := range resources {
					p.permissions = append(p.permissions, permission{s.Effect != "Allow", principal, attached, action, resource, s.NotResource != nil, s.Condition})
				}
			}
		}
	}
}

// allows reports whether AWS allows a call: some policy allows it, and none denies it. For a call to KMS, the key's policy must also
// delegate to the account.
func (p *Proof) allows(c Call) bool {
	allowed, delegated := false, !strings.HasPrefix(c.Action, "kms:")
	for _, one := range p.permissions {
		switch {
		case !one.appliesTo(c):
		case one.deny:
			return false
		case one.principal == account:
			delegated = true
		default:
			allowed = true
		}
	}
	return allowed && delegated
}

// appliesTo reports whether a permission applies to a call.
func (p permission) appliesTo(c Call) bool {
	if !slices.Contains([]string{c.By, everybody, account}, p.principal) || !strings.HasPrefix(c.Resource, p.attached) ||
		!matchesPattern(p.action, c.Action) || matchesPattern(p.resource, c.Resource) == p.except {
		return false
	}
	for operator, keys := range p.conditions {
		for key, wanted := range keys {
			got := c.Keys[key]
			if key == "aws:SecureTransport" {
				got = "true"
			}
			if !slices.ContainsFunc(stringList(wanted), func(want string) bool { return want == got || operator == "ArnLike" && matchesPattern(want, got) }) {
				return false
			}
		}
	}
	return true
}

// matchesPattern reports whether a text matches a pattern, in which * is any text.
func matchesPattern(pattern, text string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == text
	}
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$").MatchString(text)
}
