package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"beian/infra/local/cloudformation"
	"beian/infra/local/iam"
	"beian/infra/local/trail"
)

// A Role is an IAM role.
type Role struct {
	RoleName, Path, Description string
	AssumeRolePolicyDocument    trust
	ManagedPolicyArns           []string
	PermissionsBoundary         string
	MaxSessionDuration          int
	Policies                    []inlinePolicy
	Tags                        []tag
}

type inlinePolicy struct {
	PolicyName     string
	PolicyDocument document
}

// A document is a policy document, parsed when it is read.
type document struct{ iam.Policy }

func (d *document) UnmarshalJSON(text []byte) (err error) {
	d.Policy, err = iam.Parse(text)
	return err
}

// A trust is the document that says who may assume a role.
type trust struct {
	Version   string
	Statement []struct {
		Sid, Effect string
		Action      texts
		Principal   principals
		Condition   map[string]map[string]texts // of external ids and the like, which no request here carries
	}
}

// principals are names by kind: AWS, Service, Federated. Everybody is "*" of AWS.
type principals map[string]texts

func (p *principals) UnmarshalJSON(text []byte) error {
	if string(text) == `"*"` {
		*p = principals{"AWS": {"*"}}
		return nil
	}
	return json.Unmarshal(text, (*map[string]texts)(p))
}

// texts is one text or a list of them, as policy documents have both.
type texts []string

func (t *texts) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("[")) {
		return json.Unmarshal(text, (*[]string)(t))
	}
	var one string
	err := json.Unmarshal(text, &one)
	*t = texts{one}
	return err
}

// trusts reports whether one of the principals of a kind may assume the role.
func (t trust) trusts(kind string, names ...string) bool {
	for _, s := range t.Statement {
		if s.Effect == "Allow" && slices.Contains(s.Action, "sts:AssumeRole") &&
			slices.ContainsFunc(s.Principal[kind], func(p string) bool { return slices.Contains(names, p) }) {
			return true
		}
	}
	return false
}

// A policy is attached to roles by the template.
type policy struct {
	PolicyName     string
	PolicyDocument document
	Roles          []string
}

type managedPolicy struct {
	ManagedPolicyName, Path, Description string
	PolicyDocument                       document
}

func (a *Account) roleHandler() cloudformation.Handler {
	return handler(&a.made.roles, maker[Role]{
		createOnly: []string{"RoleName", "Path"},
		name:       named(func(r Role) string { return r.RoleName }, 64),
		attributes: func(id string, r Role) map[string]any {
			return map[string]any{"Arn": a.roleARN(r.Path, id), "RoleId": "AROA" + id}
		},
		check: func(r Role) error {
			if len(r.AssumeRolePolicyDocument.Statement) == 0 {
				return fmt.Errorf("the role's AssumeRolePolicyDocument lets nobody assume it")
			}
			return nil
		},
	})
}

func (a *Account) roleARN(path, name string) string {
	return "arn:" + a.partition() + ":iam::" + trail.Account + ":role/" + strings.TrimPrefix(path, "/") + name
}

func (a *Account) policyHandler() cloudformation.Handler {
	return handler(&a.made.policies, maker[policy]{
		createOnly: []string{"PolicyName"},
		name:       func(r cloudformation.Request, _ policy) string { return r.Name(128) },
		attributes: func(id string, _ policy) map[string]any { return map[string]any{"Id": id} },
		check: func(p policy) error {
			if len(p.Roles) == 0 {
				return fmt.Errorf("the policy is of no role")
			}
			for _, role := range p.Roles {
				if _, is := a.made.roles.get(role); !is {
					return fmt.Errorf("the role with name %s cannot be found", role)
				}
			}
			return required("PolicyName", p.PolicyName)
		},
	})
}

func (a *Account) managedPolicyHandler() cloudformation.Handler {
	arn := func(name string) string {
		return "arn:" + a.partition() + ":iam::" + trail.Account + ":policy/" + name
	}
	return handler(&a.made.managed, maker[managedPolicy]{
		createOnly: []string{"ManagedPolicyName", "Path", "Description"},
		name: func(r cloudformation.Request, p managedPolicy) string {
			if p.ManagedPolicyName != "" {
				return arn(p.ManagedPolicyName)
			}
			return arn(r.Name(128))
		},
		attributes: func(id string, _ managedPolicy) map[string]any { return map[string]any{"PolicyArn": id} },
		delete:     func(context.Context, string, managedPolicy) error { return nil },
	})
}

// policiesOf are all policies of a role: its own, and those that are attached to it.
func (a *Account) policiesOf(name string) []iam.Policy {
	role, is := a.made.roles.get(name)
	if !is {
		return nil
	}
	var all []iam.Policy
	for _, p := range role.Policies {
		all = append(all, p.PolicyDocument.Policy)
	}
	for _, p := range a.made.policies.list() {
		if slices.Contains(p.Roles, name) {
			all = append(all, p.PolicyDocument.Policy)
		}
	}
	for _, arn := range role.ManagedPolicyArns {
		if own, is := a.made.managed.get(arn); is {
			all = append(all, own.PolicyDocument.Policy)
		}
		if allows := awsManaged[arn[strings.LastIndexByte(arn, '/')+1:]]; len(allows) > 0 && strings.Contains(arn, ":iam::aws:policy/") {
			all = append(all, iam.Policy{Statement: []iam.Statement{{Effect: iam.Allow, Action: allows, Resource: []string{"*"}}}})
		}
	}
	return all
}

// awsManaged are the actions of the policies of AWS's own that the CDK's bootstrap gives its roles, as far as they are
// called here.
var awsManaged = map[string][]string{
	"AdministratorAccess":             {"*"},
	"AWSCloudFormationReadOnlyAccess": {"cloudformation:Describe*", "cloudformation:Get*", "cloudformation:List*"},
	"ReadOnlyAccess":                  {"cloudformation:Describe*", "cloudformation:Get*", "cloudformation:List*", "s3:Get*", "s3:List*", "ssm:Get*"},
}

// checkRole returns an error when there is no role of this ARN that the service may assume.
func (a *Account) checkRole(arn, service string) error {
	role, is := a.made.roles.get(roleName(arn))
	if !is || !role.AssumeRolePolicyDocument.trusts("Service", service) {
		return fmt.Errorf("the role %s cannot be assumed by %s", arn, service)
	}
	return nil
}
