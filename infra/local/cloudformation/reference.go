package cloudformation

import "strings"

// pseudo are the parameters that every template has.
var pseudo = map[string]bool{
	"AWS::AccountId": true, "AWS::NoValue": true, "AWS::NotificationARNs": true, "AWS::Partition": true,
	"AWS::Region": true, "AWS::StackId": true, "AWS::StackName": true, "AWS::URLSuffix": true,
}

func (e *Evaluation) ref(argument any) (any, error) {
	name, ok := argument.(string)
	if !ok {
		return nil, wrong("Template format error: All Ref references must be of type string")
	}
	if value, is := e.parameters[name]; is {
		return value, nil
	}
	switch name {
	case "AWS::AccountId":
		return e.inputs.Account, nil
	case "AWS::NoValue":
		return noValue{}, nil
	case "AWS::NotificationARNs":
		return []any{}, nil
	case "AWS::Partition":
		return Partition(e.inputs.Region), nil
	case "AWS::Region":
		return e.inputs.Region, nil
	case "AWS::StackId":
		return e.inputs.StackID, nil
	case "AWS::StackName":
		return e.inputs.StackName, nil
	case "AWS::URLSuffix":
		return URLSuffix(e.inputs.Region), nil
	}
	made, err := e.made(name)
	return made.ID, err
}

// Partition is the part of AWS that a region belongs to, the second word of an ARN.
func Partition(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "aws-cn"
	}
	return "aws"
}

// URLSuffix is the domain of a region's services.
func URLSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// made is what a resource has become.
func (e *Evaluation) made(id string) (Physical, error) {
	r, is := e.template.Resources[id]
	if !is || !e.active(r.Condition) {
		return Physical{}, wrong("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", id)
	}
	made, is := e.inputs.Resource(id)
	if !is {
		return Physical{}, wrong("Resource %s is referred to before it is made", id)
	}
	return made, nil
}

// attribute splits the argument of Fn::GetAtt.
func attribute(argument any) (id, name string, err error) {
	if dotted, ok := argument.(string); ok {
		id, name, _ = strings.Cut(dotted, ".")
	} else if list, ok := texts(argument); ok && len(list) == 2 {
		id, name = list[0], list[1]
	}
	if id == "" || name == "" {
		return "", "", wrong("Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")
	}
	return id, name, nil
}

func (e *Evaluation) getAtt(argument any) (any, error) {
	id, name, err := attribute(argument)
	if err != nil {
		return nil, err
	}
	made, err := e.made(id)
	if err != nil {
		return nil, err
	}
	if made.changing {
		return knownAfterApply, nil
	}
	value, is := made.Attributes[name]
	if !is {
		return nil, wrong("Template error: resource %s does not support attribute type %s in Fn::GetAtt", id, name)
	}
	return value, nil
}
