package awsrequest

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"strings"

	"beian/infra/local/asl"
)

func readDynamoDB(q request, body []byte) ([]Call, error) {
	var in struct {
		TableName, IndexName string
		TransactItems        []struct {
			Put, Update, Delete, ConditionCheck, Get *struct{ TableName string }
		}
		RequestItems map[string]any // of BatchGetItem, by table
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	table := func(name string) string { return q.arn("dynamodb", "table/"+name) }
	if in.TableName != "" {
		resource := table(in.TableName)
		if in.IndexName != "" {
			resource += "/index/" + in.IndexName
		}
		return []Call{{Action: q.operation, Resource: resource}}, nil
	}
	var calls []Call
	for _, one := range in.TransactItems {
		for action, on := range map[string]*struct{ TableName string }{
			"PutItem": one.Put, "UpdateItem": one.Update, "DeleteItem": one.Delete, "ConditionCheckItem": one.ConditionCheck, "GetItem": one.Get,
		} {
			if on != nil {
				calls = append(calls, Call{Action: "dynamodb:" + action, Resource: table(on.TableName)})
			}
		}
	}
	for name := range in.RequestItems {
		calls = append(calls, Call{Action: q.operation, Resource: table(name)})
	}
	if len(calls) == 0 {
		return []Call{{Action: q.operation, Resource: "*"}}, nil
	}
	return calls, nil
}

func readKMS(q request, body []byte) ([]Call, error) {
	var in struct {
		KeyID             string `json:"KeyId"`
		EncryptionContext map[string]string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(in.KeyID, "arn:") {
		in.KeyID = q.arn("kms", "key/"+in.KeyID)
	}
	call := Call{Action: q.operation, Resource: in.KeyID, Keys: map[string]string{}}
	for name, value := range in.EncryptionContext {
		call.Keys["kms:EncryptionContext:"+name] = value
	}
	return []Call{call}, nil
}

// readStepFunctions attributes a task token to the state machine of its execution.
func readStepFunctions(q request, body []byte) ([]Call, error) {
	var in struct {
		Machine   string `json:"stateMachineArn"`
		Execution string `json:"executionArn"`
		Token     string `json:"taskToken"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	call := Call{Action: q.operation, Resource: "*"}
	switch {
	case in.Execution != "":
		call.Resource = in.Execution
	case in.Token != "":
		// Step Functions rejects an invalid token from every caller.
		if execution, ok := asl.TokenExecution(in.Token); ok {
			if parts := strings.Split(execution, ":"); len(parts) == 8 {
				call.Resource = q.arn("states", "stateMachine:"+parts[6])
			}
		}
	case in.Machine != "":
		// arn:aws:states:<Region>:<account>:stateMachine:<name>[:<alias or version>]
		parts := strings.Split(in.Machine, ":")
		if len(parts) == 8 {
			call.Keys = map[string]string{"states:StateMachineQualifier": parts[7]}
			parts = parts[:7]
		}
		call.Resource = strings.Join(parts, ":")
	}
	return []Call{call}, nil
}

// readSES attributes an email to the identity that it is sent from, the domain of the address.
func readSES(q request, body []byte) ([]Call, error) {
	var in struct{ FromEmailAddress, ConfigurationSetName string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(in.FromEmailAddress)
	if err != nil {
		return nil, fmt.Errorf("FromEmailAddress is not an address")
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	calls := []Call{{Action: q.operation, Resource: q.arn("ses", "identity/"+domain)}}
	if in.ConfigurationSetName != "" {
		calls = append(calls, Call{Action: q.operation, Resource: q.arn("ses", "configuration-set/"+in.ConfigurationSetName)})
	}
	return calls, nil
}

// readSNS returns "*" for an SMS, which has no resource.
func readSNS(q request, body []byte) ([]Call, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	call := Call{Action: "sns:" + form.Get("Action"), Resource: "*"}
	if topic := form.Get("TopicArn") + form.Get("TargetArn"); topic != "" {
		call.Resource = topic
	}
	return []Call{call}, nil
}
