// Package privilege holds what the functions call on the laptop against what their roles allow on AWS, out of the
// templates: nothing that is called may be forbidden, and nothing may be allowed that nobody calls and no reason explains.
package privilege

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"beian/infra/local/awsrequest"
	"beian/infra/local/cloudformation"
	"beian/infra/local/iam"
)

// Environment is the environment whose templates are read.
const Environment = "default"

// region is where its settings place it.
const region = "ap-southeast-1"

// Roles are the policies of each function's role, by the function's name.
type Roles map[string][]iam.Policy

// Read reads the roles out of the environment's templates: files <environment>-records.json and -system.json in a folder,
// as the golden ones of infra/stack are.
func Read(folder string) (Roles, error) {
	exports := map[string]string{}
	records, err := evaluate(folder, "records", exports)
	if err != nil {
		return nil, err
	}
	outputs, err := records.Outputs()
	if err != nil {
		return nil, err
	}
	for _, o := range outputs {
		exports[o.ExportName] = o.Value
	}
	system, err := evaluate(folder, "system", exports)
	if err != nil {
		return nil, err
	}
	policies, err := system.policies()
	if err != nil {
		return nil, err
	}
	roles := Roles{}
	for id := range system.template.Resources {
		if system.template.Resources[id].Type != "AWS::Lambda::Function" {
			continue
		}
		properties, err := system.Properties(id)
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(fmt.Sprint(properties["FunctionName"]), "beian-"+Environment+"-")
		roles[name] = policies[fmt.Sprint(properties["Role"])]
		if len(roles[name]) == 0 {
			return nil, fmt.Errorf("function %s: its role has no policy", name)
		}
	}
	return roles, nil
}

// A stack is one template, evaluated.
type stack struct {
	*cloudformation.Evaluation
	template *cloudformation.Template
}

func evaluate(folder, name string, exports map[string]string) (stack, error) {
	text, err := os.ReadFile(filepath.Join(folder, Environment+"-"+name+".json"))
	if err != nil {
		return stack{}, err
	}
	template, err := cloudformation.Parse(text)
	if err != nil {
		return stack{}, fmt.Errorf("%s: %w", name, err)
	}
	e, err := template.Evaluate(cloudformation.Inputs{
		Region: region, Account: awsrequest.Account, StackName: "beian-" + Environment + "-" + name,
		LookUp: func(string, string) (string, error) { return "30", nil }, // the version that the CDK's bootstrap stack has
		Resource: func(id string) (cloudformation.Physical, bool) {
			r, ok := template.Resources[id]
			if !ok {
				return cloudformation.Physical{}, false
			}
			return physical(id, r), true
		},
		Export: func(name string) (string, bool) { value, ok := exports[name]; return value, ok },
	})
	return stack{e, template}, err
}

// physical is what a resource would be. What no policy names is only told apart by its ARN.
func physical(id string, r cloudformation.Resource) cloudformation.Physical {
	arn := func(service, resource string) string {
		return "arn:aws:" + service + ":" + region + ":" + awsrequest.Account + ":" + resource
	}
	p := cloudformation.Physical{ID: id, Attributes: map[string]any{"Arn": arn("other", id)}}
	switch r.Type {
	case "AWS::DynamoDB::Table":
		p.ID = "beian-" + Environment
		if strings.HasPrefix(id, "Keys") {
			p.ID += "-keys"
		}
		p.Attributes = map[string]any{"Arn": arn("dynamodb", "table/"+p.ID), "StreamArn": arn("dynamodb", "table/"+p.ID+"/stream/1")}
	case "AWS::S3::Bucket":
		p.ID = strings.ToLower(id)
		if strings.HasPrefix(id, "Evidence") && !strings.HasPrefix(id, "EvidenceVisits") {
			p.ID = "beian-evidence"
		}
		if strings.HasPrefix(id, "Uploads") {
			p.ID = "beian-uploads"
		}
		p.Attributes["Arn"] = "arn:aws:s3:::" + p.ID
	case "AWS::KMS::Key":
		for _, name := range []string{"filings", "lookup", "evidence"} {
			if strings.HasPrefix(id, "Key"+name) {
				p.ID = name
			}
		}
		p.Attributes["Arn"] = arn("kms", "key/"+p.ID)
	case "AWS::SES::EmailIdentity":
		p.ID = "provider.example"
		for i := range 3 {
			p.Attributes[fmt.Sprint("DkimDNSTokenName", i+1)], p.Attributes[fmt.Sprint("DkimDNSTokenValue", i+1)] = "name", "value"
		}
	case "AWS::SES::ConfigurationSet":
		p.ID = "beian-" + Environment
	}
	return p
}

// policies are the policies of each role, by the role's ARN.
func (s stack) policies() (map[string][]iam.Policy, error) {
	all := map[string][]iam.Policy{}
	for id, r := range s.template.Resources {
		if r.Type != "AWS::IAM::Policy" {
			continue
		}
		properties, err := s.Properties(id)
		if err != nil {
			return nil, err
		}
		document, err := json.Marshal(properties["PolicyDocument"])
		if err != nil {
			return nil, err
		}
		policy, err := iam.Parse(document)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		roles, _ := properties["Roles"].([]any)
		for _, role := range roles {
			name := fmt.Sprint(role) // what Ref gives is the logical id here
			arn := fmt.Sprint(physical(name, s.template.Resources[name]).Attributes["Arn"])
			all[arn] = append(slices.Clip(all[arn]), policy)
		}
	}
	return all, nil
}

// deployed turns the names of the laptop into those of the environment on AWS.
var deployed = strings.NewReplacer(":cn-north-1:", ":"+region+":", ":stateMachine:filing", ":stateMachine:beian-"+Environment+"-filing",
	":table/beian", ":table/beian-"+Environment)

// asDeployed is a call as it would be on AWS.
func asDeployed(c awsrequest.Call) iam.Request {
	return iam.Request{Action: c.Action, Resource: deployed.Replace(c.Resource), Keys: c.Keys}
}
