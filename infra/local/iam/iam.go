// Package iam says whether IAM policies allow a request, as AWS evaluates the policies of a role: what is not allowed is
// denied, and a denial beats what allows.
//
// Of the policy language it knows what this project's templates and the CDK's own use; what it does not know is refused
// when a policy is parsed, so that nothing is allowed by mistake.
package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Policy is a policy document.
type Policy struct {
	Version   string
	ID        string `json:"Id,omitempty"`
	Statement oneOrMore[Statement]
}

// A Statement allows or denies actions on resources.
type Statement struct {
	Sid         string `json:",omitempty"`
	Effect      Effect
	Principal   json.RawMessage `json:",omitempty"` // of resource policies; who that is, is the caller's business
	Action      oneOrMore[string]
	NotAction   oneOrMore[string]
	Resource    oneOrMore[string]
	NotResource oneOrMore[string]
	// Condition holds operators, condition keys and values.
	Condition map[Operator]map[string]oneOrMore[value]
}

// Effect is what a statement does.
type Effect string

// Effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Operator compares a condition key with values.
type Operator string

// Operators. Values of StringLike and ArnLike may have wildcards.
const (
	StringEquals    Operator = "StringEquals"
	StringNotEquals Operator = "StringNotEquals"
	StringLike      Operator = "StringLike"
	ARNLike         Operator = "ArnLike"
	Bool            Operator = "Bool"
	NumericLessThan Operator = "NumericLessThan"
)

// oneOrMore is a value that IAM writes without brackets where it is alone.
type oneOrMore[T any] []T

func (o *oneOrMore[T]) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		return strictly(text, (*[]T)(o))
	}
	var one T
	if err := strictly(text, &one); err != nil {
		return err
	}
	*o = oneOrMore[T]{one}
	return nil
}

// A value is what a condition key is compared with. IAM takes numbers and truths for the texts that they are written as.
type value string

func (v *value) UnmarshalJSON(text []byte) error {
	var scalar any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&scalar); err != nil {
		return err
	}
	switch scalar := scalar.(type) {
	case string, bool, json.Number:
		*v = value(fmt.Sprint(scalar))
		return nil
	}
	return fmt.Errorf("%s is no value of a condition", text)
}

func strictly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// Parse reads a policy document strictly.
func Parse(document []byte) (Policy, error) {
	var p Policy
	if err := strictly(document, &p); err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	if p.Version != "2012-10-17" {
		return Policy{}, fmt.Errorf("policy: version %q is not 2012-10-17", p.Version)
	}
	for i, s := range p.Statement {
		if err := s.check(); err != nil {
			return Policy{}, fmt.Errorf("policy: statement %d: %w", i, err)
		}
	}
	return p, nil
}

func (s Statement) check() error {
	switch {
	case s.Effect != Allow && s.Effect != Deny:
		return fmt.Errorf("effect %q", s.Effect)
	case (len(s.Action) == 0) == (len(s.NotAction) == 0):
		return errors.New("it wants one of Action and NotAction")
	case len(s.Resource) > 0 && len(s.NotResource) > 0:
		return errors.New("it has both Resource and NotResource")
	}
	for operator := range s.Condition {
		switch operator {
		case StringEquals, StringNotEquals, StringLike, ARNLike, Bool:
		case NumericLessThan: // of S3's own keys (s3:TlsVersion), which no request here carries
		default:
			return fmt.Errorf("operator %q is not known here", operator)
		}
	}
	return nil
}

// A Request is what somebody asks to do.
type Request struct {
	Action   string            // "dynamodb:GetItem"
	Resource string            // an ARN; "*" where the action has none
	Keys     map[string]string // condition keys that the request has, as they are spelt in policies
}

// Allowed reports whether policies allow a request.
func Allowed(policies []Policy, r Request) bool {
	allowed := false
	for _, p := range policies {
		for _, s := range p.Statement {
			if !s.Fits(r) {
				continue
			}
			if s.Effect == Deny {
				return false
			}
			allowed = true
		}
	}
	return allowed
}

// Fits reports whether a statement is about a request.
func (s Statement) Fits(r Request) bool {
	return s.action(r.Action) && s.resource(r.Resource) && s.condition(r.Keys)
}

func (s Statement) action(asked string) bool {
	fits := func(pattern string) bool { return like(strings.ToLower(pattern), strings.ToLower(asked)) }
	if len(s.NotAction) > 0 {
		return !slices.ContainsFunc(s.NotAction, fits)
	}
	return slices.ContainsFunc(s.Action, fits)
}

func (s Statement) resource(asked string) bool {
	fits := func(pattern string) bool { return like(pattern, asked) }
	if len(s.NotResource) > 0 {
		return !slices.ContainsFunc(s.NotResource, fits)
	}
	return slices.ContainsFunc(s.Resource, fits)
}

func (s Statement) condition(keys map[string]string) bool {
	for operator, wanted := range s.Condition {
		for key, values := range wanted {
			got, has := keys[key]
			if !compare(operator, value(got), has, values) {
				return false
			}
		}
	}
	return true
}

// compare compares a key's value. A key that the request does not have fits only what wants it to be something else.
func compare(operator Operator, got value, has bool, wanted []value) bool {
	switch operator {
	case StringEquals:
		return has && slices.Contains(wanted, got)
	case StringNotEquals:
		return !has || !slices.Contains(wanted, got)
	case StringLike, ARNLike:
		return has && slices.ContainsFunc(wanted, func(pattern value) bool { return like(string(pattern), string(got)) })
	case Bool:
		return has && slices.ContainsFunc(wanted, func(one value) bool { return strings.EqualFold(string(one), string(got)) })
	case NumericLessThan:
		return false
	}
	return false
}

// like reports whether a text fits a pattern, in which * is any text and ? any byte.
func like(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return len(pattern) == len(text) && begins(pattern, text)
	}
	if len(text) < len(first)+len(last) || !begins(first, text) || !begins(last, text[len(text)-len(last):]) {
		return false
	}
	rest := text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		for !begins(part, rest) {
			if rest == "" {
				return false
			}
			rest = rest[1:]
		}
		rest = rest[len(part):]
	}
	return true
}

// begins reports whether a text begins with a pattern, in which ? is any byte.
func begins(pattern, text string) bool {
	if len(text) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != text[i] {
			return false
		}
	}
	return true
}
