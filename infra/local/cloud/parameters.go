package cloud

import (
	"encoding/json"
	"fmt"
	"strings"

	"beian/infra/local/cloudformation"
)

// A Parameter is a parameter of Systems Manager.
type Parameter struct{ Name, Type, Value, Description string }

func (a *Account) parameterHandler() cloudformation.Handler {
	return handler(&a.made.parameters, maker[Parameter]{
		createOnly: []string{"Name", "Type"},
		name:       named(func(p Parameter) string { return p.Name }, 1011),
		attributes: func(_ string, p Parameter) map[string]any { return map[string]any{"Type": p.Type, "Value": p.Value} },
		check: func(p Parameter) error {
			if p.Type != "String" {
				return fmt.Errorf("a parameter of the type %q is not known here", p.Type)
			}
			return required("Value", p.Value)
		},
	})
}

// lookUp answers a template's dynamic references.
func (a *Account) lookUp(service, key string) (string, error) {
	if service == "ssm" {
		p, is := a.made.parameters.get(key)
		if !is {
			return "", fmt.Errorf("Unable to fetch parameters [%s] from parameter store for this account.", key) // the service's words
		}
		return p.Value, nil
	}
	// secret-id:SecretString:field; the id may be an ARN, and stages or versions are not known here.
	id, field, ok := strings.Cut(key, ":SecretString")
	if !ok {
		return "", fmt.Errorf("the dynamic reference to the secret %s has no :SecretString", key)
	}
	s, err := a.secret(id)
	if err != nil {
		return "", err
	}
	field = strings.Trim(field, ":")
	if field == "" {
		return s.value, nil
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(s.value), &fields); err != nil {
		return "", fmt.Errorf("the secret %s is no JSON object, so it has no field %s", id, field)
	}
	value, is := fields[field].(string)
	if !is {
		return "", fmt.Errorf("the secret %s has no text in the field %s", id, field)
	}
	return value, nil
}

// parameterOperation answers Systems Manager.
func (a *Account) parameterOperation(q query) (any, error) {
	switch q.operation {
	case "GetParameter":
		var in struct {
			Name           string
			WithDecryption bool // none is encrypted
		}
		if err := q.read(&in); err != nil {
			return nil, err
		}
		p, is := a.made.parameters.get(in.Name)
		if !is {
			return nil, refuse("ParameterNotFound", "There is no parameter %s.", in.Name)
		}
		return map[string]any{"Parameter": p}, nil
	case "GetParameters":
		var in struct {
			Names          []string
			WithDecryption bool
		}
		if err := q.read(&in); err != nil {
			return nil, err
		}
		found, missing := []Parameter{}, []string{}
		for _, name := range in.Names {
			if p, is := a.made.parameters.get(name); is {
				found = append(found, p)
			} else {
				missing = append(missing, name)
			}
		}
		return map[string]any{"Parameters": found, "InvalidParameters": missing}, nil
	}
	return nil, q.unknown()
}
