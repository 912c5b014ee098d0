package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"beian/infra/local/iam"
	"beian/infra/local/trail"
)

// authorise holds a request to the policies of whoever signed it. Root may do everything that no bucket's policy denies.
func (a *Account) authorise(r *http.Request, key, service string) error {
	calls, err := a.calls(r, key, service)
	if err != nil {
		return refuse("AccessDenied", "It cannot be told what the request asks for: %v", err)
	}
	for _, c := range calls {
		if asked := request(c); !a.may(c.By, asked) {
			return a.deny(a.caller(c.By), asked)
		}
	}
	return nil
}

// calls are what a request asks for. One that nobody signed asks for nothing; S3 refuses it.
func (a *Account) calls(r *http.Request, key, service string) ([]trail.Call, error) {
	on := func(resource string) trail.Call {
		return trail.Call{By: key, Action: service + ":" + operation(r), Resource: resource}
	}
	switch service {
	case "cloudformation":
		calls := []trail.Call{on("*")}
		if role := r.PostForm.Get("RoleARN"); role != "" {
			calls = append(calls, trail.Call{By: key, Action: "iam:PassRole", Resource: role})
		}
		return calls, nil
	case "sts":
		call := on("*")
		if role := r.PostForm.Get("RoleArn"); role != "" {
			call.Resource = role
		}
		return []trail.Call{call}, nil
	case "ssm", "secretsmanager":
		return a.named(r, on)
	}
	calls, err := trail.Read(r)
	if key == "" && errors.Is(err, trail.ErrUnknown) {
		return nil, nil
	}
	return calls, err
}

// named are the calls of a request in JSON on parameters or a secret that it names.
func (a *Account) named(r *http.Request, on func(resource string) trail.Call) ([]trail.Call, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, largestRequest))
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in struct {
		Name, SecretId string
		Names          []string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	if in.SecretId != "" {
		return []trail.Call{on(a.secretARN(in.SecretId))}, nil
	}
	if in.Name != "" {
		in.Names = append(in.Names, in.Name)
	}
	if len(in.Names) == 0 {
		return []trail.Call{on("*")}, nil
	}
	var calls []trail.Call
	for _, name := range in.Names {
		calls = append(calls, on(a.arn("ssm", "parameter/"+strings.TrimPrefix(name, "/"))))
	}
	return calls, nil
}

// request is a call as policies look at it. The condition keys are those that the templates' policies ask for. Every
// request counts as if it came by TLS, as it would on AWS.
func request(c trail.Call) iam.Request {
	keys := map[string]string{"aws:SecureTransport": "true", "aws:ResourceAccount": trail.Account, "s3:ResourceAccount": trail.Account}
	for name, value := range c.Keys {
		keys[name] = value
	}
	return iam.Request{Action: c.Action, Resource: c.Resource, Keys: keys}
}

// may reports whether whoever has an access key may do something: root everything, a session what its role's policies
// allow, and neither what a bucket's policy denies to all.
func (a *Account) may(key string, r iam.Request) bool {
	if a.denied(r) {
		return false
	}
	if key == a.config.AccessKey {
		return true
	}
	s, is := a.sessions.get(key)
	return is && iam.Allowed(a.policiesOf(roleName(s.role)), r)
}

// denied reports whether the policy of a bucket denies a request. What such policies allow, they allow to services of AWS.
func (a *Account) denied(r iam.Request) bool {
	if !strings.HasPrefix(r.Action, "s3:") {
		return false
	}
	for _, p := range a.made.bucketPolicies.list() {
		for _, s := range p.PolicyDocument.Statement {
			if s.Effect == iam.Deny && s.Fits(r) {
				return true
			}
		}
	}
	return false
}
