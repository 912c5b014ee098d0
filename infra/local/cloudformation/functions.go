package cloudformation

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// pseudo are the parameters that every template has.
var pseudo = map[string]bool{
	"AWS::AccountId": true, "AWS::NoValue": true, "AWS::NotificationARNs": true, "AWS::Partition": true,
	"AWS::Region": true, "AWS::StackId": true, "AWS::StackName": true, "AWS::URLSuffix": true,
}

// noValue is what Ref AWS::NoValue gives: the property or the element that has it is left out.
type noValue struct{}

// functions are the intrinsic functions that give a value.
var functions map[string]func(e *Evaluation, argument any) (any, error)

func init() { // functions resolve their arguments, which may hold functions
	functions = map[string]func(e *Evaluation, argument any) (any, error){
		"Ref": (*Evaluation).ref, "Fn::GetAtt": (*Evaluation).getAtt, "Fn::Join": (*Evaluation).join, "Fn::Sub": (*Evaluation).sub,
		"Fn::Select": (*Evaluation).selected, "Fn::Split": (*Evaluation).split, "Fn::If": (*Evaluation).either,
		"Fn::ImportValue": (*Evaluation).importValue, "Fn::GetAZs": (*Evaluation).zones, "Fn::Base64": (*Evaluation).base64,
		"Fn::FindInMap": (*Evaluation).find,
	}
}

// resolve is value with its functions replaced by what they give.
func (e *Evaluation) resolve(value any) (any, error) {
	switch v := value.(type) {
	case []any:
		list := make([]any, 0, len(v))
		for _, each := range v {
			got, err := e.resolve(each)
			if err != nil {
				return nil, err
			}
			if got != any(noValue{}) {
				list = append(list, got)
			}
		}
		return list, nil
	case map[string]any:
		if name, argument, is := call(v); is && name != "Condition" {
			function, known := functions[name]
			if !known {
				return nil, wrong("Template error: %s is not a supported function here", name)
			}
			return function(e, argument)
		}
		all := make(map[string]any, len(v))
		for name, each := range v {
			if strings.HasPrefix(name, "Fn::") {
				return nil, wrong("Template format error: %s must be the only member of its object", name)
			}
			got, err := e.resolve(each)
			if err != nil {
				return nil, err
			}
			if got != any(noValue{}) {
				all[name] = got
			}
		}
		return all, nil
	}
	return value, nil
}

func (e *Evaluation) resolveText(value any) (string, error) {
	got, err := e.resolve(value)
	if err != nil {
		return "", err
	}
	s, ok := text(got)
	if !ok {
		return "", wrong("Template error: a string is needed where there is %s", kind(got))
	}
	return s, nil
}

func (e *Evaluation) resolveList(value any) ([]any, error) {
	got, err := e.resolve(value)
	if err != nil {
		return nil, err
	}
	list, ok := got.([]any)
	if !ok {
		return nil, wrong("Template error: a list is needed where there is %s", kind(got))
	}
	return list, nil
}

func kind(value any) string {
	switch value.(type) {
	case nil, noValue:
		return "nothing"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a scalar"
}

// arguments checks the number of a function's arguments; most < 0 is any number from least.
func arguments(function string, argument any, least, most int) ([]any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) < least || most >= 0 && len(list) > most {
		return nil, wrong("Template error: every %s object requires a list of the right number of arguments", function)
	}
	return list, nil
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
	value, is := made.Attributes[name]
	if !is {
		return nil, wrong("Template error: resource %s does not support attribute type %s in Fn::GetAtt", id, name)
	}
	return value, nil
}

func (e *Evaluation) join(argument any) (any, error) {
	list, err := arguments("Fn::Join", argument, 2, 2)
	if err != nil {
		return nil, err
	}
	separator, err := e.resolveText(list[0])
	if err != nil {
		return nil, err
	}
	parts, err := e.resolveList(list[1])
	if err != nil {
		return nil, err
	}
	words, ok := texts(parts)
	if !ok {
		return nil, wrong("Template error: every Fn::Join object requires a delimiter and a list of strings")
	}
	return strings.Join(words, separator), nil
}

// substitution splits the argument of Fn::Sub into its text and its own variables.
func substitution(argument any) (s string, own map[string]any, err error) {
	if s, ok := argument.(string); ok {
		return s, nil, nil
	}
	if list, ok := argument.([]any); ok && len(list) == 2 {
		s, isText := list[0].(string)
		own, isObject := list[1].(map[string]any)
		if isText && isObject {
			return s, own, nil
		}
	}
	return "", nil, wrong("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments")
}

func (e *Evaluation) sub(argument any) (any, error) {
	s, own, err := substitution(argument)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	last := 0
	for _, at := range variable.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[last:at[0]])
		last = at[1]
		word, err := e.substitute(s[at[2]:at[3]], own)
		if err != nil {
			return nil, err
		}
		b.WriteString(word)
	}
	return b.String() + s[last:], nil
}

// substitute is what stands for ${name}.
func (e *Evaluation) substitute(name string, own map[string]any) (string, error) {
	if literal, is := strings.CutPrefix(name, "!"); is {
		return "${" + literal + "}", nil
	}
	if value, is := own[name]; is {
		return e.resolveText(value)
	}
	function := "Ref"
	if strings.Contains(name, ".") {
		function = "Fn::GetAtt"
	}
	return e.resolveText(map[string]any{function: name})
}

func (e *Evaluation) selected(argument any) (any, error) {
	list, err := arguments("Fn::Select", argument, 2, 2)
	if err != nil {
		return nil, err
	}
	index, err := e.resolveText(list[0])
	if err != nil {
		return nil, err
	}
	from, err := e.resolveList(list[1])
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(index)
	if err != nil || n < 0 || n >= len(from) {
		return nil, wrong("Template error: Fn::Select cannot select nonexistent value at index %s", index)
	}
	return from[n], nil
}

func (e *Evaluation) split(argument any) (any, error) {
	list, err := arguments("Fn::Split", argument, 2, 2)
	if err != nil {
		return nil, err
	}
	separator, err := e.resolveText(list[0])
	if err != nil {
		return nil, err
	}
	whole, err := e.resolveText(list[1])
	if err != nil {
		return nil, err
	}
	if separator == "" {
		return nil, wrong("Template error: Fn::Split requires a delimiter")
	}
	var parts []any
	for _, part := range strings.Split(whole, separator) {
		parts = append(parts, part)
	}
	return parts, nil
}

func (e *Evaluation) either(argument any) (any, error) {
	list, err := arguments("Fn::If", argument, 3, 3)
	if err != nil {
		return nil, err
	}
	name, ok := list[0].(string)
	if !ok {
		return nil, wrong("Template error: Fn::If requires the name of a condition")
	}
	holds, err := e.named(name)
	if err != nil {
		return nil, err
	}
	if holds {
		return e.resolve(list[1])
	}
	return e.resolve(list[2])
}

func (e *Evaluation) importValue(argument any) (any, error) {
	name, err := e.resolveText(argument)
	if err != nil {
		return nil, err
	}
	value, is := e.inputs.Export(name)
	if !is {
		return nil, wrong("No export named %s found.", name)
	}
	return value, nil
}

// zones are three for every region.
func (e *Evaluation) zones(argument any) (any, error) {
	region, err := e.resolveText(argument)
	if err != nil {
		return nil, err
	}
	if region == "" {
		region = e.inputs.Region
	}
	return []any{region + "a", region + "b", region + "c"}, nil
}

func (e *Evaluation) base64(argument any) (any, error) {
	plain, err := e.resolveText(argument)
	return base64.StdEncoding.EncodeToString([]byte(plain)), err
}

func (e *Evaluation) find(argument any) (any, error) {
	list, err := arguments("Fn::FindInMap", argument, 3, 3)
	if err != nil {
		return nil, err
	}
	var value any = e.template.Mappings
	for _, each := range list {
		key, err := e.resolveText(each)
		if err != nil {
			return nil, err
		}
		level, _ := value.(map[string]any)
		next, is := level[key]
		if !is {
			return nil, wrong("Template error: Unable to get mapping for %s", key)
		}
		value = next
	}
	return value, nil
}
