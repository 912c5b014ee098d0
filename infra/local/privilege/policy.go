package privilege

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"beian/infra/local/awsrequest"
)

// A statement is one statement of a policy. What our templates do not use is refused by [readPolicy].
type statement struct {
	Sid                   string
	Effect                string
	Principal             any // only in policies of resources
	Action                any
	Resource, NotResource any
	Condition             map[string]map[string]any
}

// readPolicy reads the statements of a policy document whose functions have been resolved.
func readPolicy(document any) ([]statement, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	var policy struct {
		Version   string
		Statement []statement
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&policy); err != nil {
		return nil, err
	}
	for _, s := range policy.Statement {
		for operator := range s.Condition {
			switch operator {
			case "StringEquals", "ArnLike", "Bool", "NumericLessThan":
			default:
				return nil, fmt.Errorf("the condition operator %s is not implemented", operator)
			}
		}
	}
	return policy.Statement, nil
}

// allowed evaluates statements as AWS does: a Deny wins over every Allow, and without an Allow a call is denied. principal is the
// service that makes the call; "" is a role, to whose own policies the principal of a statement does not apply.
func allowed(statements []statement, principal string, c awsrequest.Call) bool {
	allow := false
	for _, s := range statements {
		if !s.matches(c) || principal != "" && !s.isFor(principal) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allow = true
	}
	return allow
}

func (s statement) matches(c awsrequest.Call) bool {
	matchesAny := func(patterns any, value string) bool {
		return slices.ContainsFunc(texts(patterns), func(pattern string) bool { return like(pattern, value) })
	}
	if !matchesAny(s.Action, c.Action) || s.Resource != nil && !matchesAny(s.Resource, c.Resource) || s.NotResource != nil && matchesAny(s.NotResource, c.Resource) {
		return false
	}
	for operator, keys := range s.Condition {
		for key, wanted := range keys {
			// A key that the call does not have matches nothing.
			if value, ok := c.Keys[key]; !ok || operator == "NumericLessThan" || !matchesAny(wanted, value) {
				return false
			}
		}
	}
	return true
}

func (s statement) isFor(principal string) bool {
	if s.Principal == "*" {
		return true
	}
	kinds, _ := s.Principal.(map[string]any)
	return slices.Contains(texts(kinds["AWS"]), "*") || slices.Contains(texts(kinds["Service"]), principal)
}

// like reports whether a text matches a pattern, in which * stands for any text.
func like(pattern, text string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	if !strings.HasPrefix(text, first) {
		return false
	}
	for i := len(first); i <= len(text); i++ {
		if like(rest, text[i:]) {
			return true
		}
	}
	return false
}
