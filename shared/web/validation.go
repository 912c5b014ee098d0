package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/strictjson"
)

// Findings about the syntax of a request. Package filing checks its content.
const (
	CodeFieldUnknown    finding.Code = "field-unknown"
	CodeFieldTwice      finding.Code = "field-twice"
	CodeFieldMissing    finding.Code = "field-missing"
	CodeFieldType       finding.Code = "field-type"
	CodeFieldValue      finding.Code = "field-value"
	CodeFieldLength     finding.Code = "field-length"
	CodeFieldTooLong    finding.Code = "field-too-long"
	CodeFieldTooMany    finding.Code = "field-too-many"
	CodeFieldCharacters finding.Code = "field-characters"
	CodeNotJSON         finding.Code = "body-not-json"
	CodeNotUTF8         finding.Code = "body-not-utf-8"
	CodeBodyMissing     finding.Code = "body-missing"
	CodeBodyTooLarge    finding.Code = "body-too-large"
	CodeContentType     finding.Code = "content-type"
	CodeContentEncoding finding.Code = "content-encoding"
	CodeParameter       finding.Code = "parameter-invalid"
	CodeParameterNew    finding.Code = "parameter-unknown"
	CodeParameterTwice  finding.Code = "parameter-twice"
	CodeQuery           finding.Code = "query-malformed"
)

// findingsOf converts errors of huma to findings. It drops the values that the errors quote.
func (c *Call) findingsOf(message string, errs []error) collection {
	if len(errs) == 0 && message == "request body is required" {
		return collection{found: finding.List{finding.New(CodeBodyMissing, "")}}
	}
	var l collection
	for _, err := range errs {
		d, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			d = &huma.ErrorDetail{Location: "body"}
		}
		if d.Location == "body" && findingOf(d).Code == CodeNotJSON {
			if unfit := findUnfit(c.body, d.Message); len(unfit.found) > 0 {
				l = l.with(unfit)
				continue
			}
		}
		l.add(func() finding.Finding { return findingOf(d) })
	}
	if len(l.found) == 0 {
		l.found = finding.List{finding.New(CodeNotJSON, "")}
	}
	return l
}

func findingOf(d *huma.ErrorDetail) finding.Finding {
	place, rest, _ := strings.Cut(d.Location, ".")
	if root, _, indexed := strings.Cut(place, "["); indexed {
		place, rest = root, strings.TrimPrefix(d.Location, root)
	}
	if place != "body" {
		if d.Message == "unknown query parameter" {
			return finding.New(CodeParameterNew, "", "name", strictjson.Shorten(rest))
		}
		return finding.New(CodeParameter, "", "name", strictjson.Shorten(rest))
	}
	pointer := pointerOf(rest)
	var name string
	var limit int
	switch {
	case d.Message == validation.MsgUnexpectedProperty:
		return finding.New(CodeFieldUnknown, pointer)
	case matchesFormat(d.Message, validation.MsgExpectedRequiredProperty, &name):
		return finding.New(CodeFieldMissing, pointer+strictjson.Pointer(name))
	case matchesFormat(d.Message, validation.MsgExpectedMaxLength, &limit):
		return finding.New(CodeFieldTooLong, pointer, "max", fmt.Sprint(limit))
	case matchesFormat(d.Message, validation.MsgExpectedMinLength, &limit):
		return finding.New(CodeFieldLength, pointer, "min", fmt.Sprint(limit))
	case matchesFormat(d.Message, validation.MsgExpectedMaxItems, &limit):
		return finding.New(CodeFieldTooMany, pointer, "max", fmt.Sprint(limit))
	case matchesFormat(d.Message, validation.MsgExpectedMinItems, &limit):
		return finding.New(CodeFieldLength, pointer, "min", fmt.Sprint(limit))
	}
	if _, ok := jsonTypeWords[d.Message]; ok {
		return wrongTypeOf(pointer, d.Message)
	}
	if rest == "" {
		return finding.New(CodeNotJSON, "")
	}
	return finding.New(CodeFieldValue, pointer)
}

// wrongTypeOf returns the finding about a field with another type than a message of huma says.
func wrongTypeOf(pointer, expected string) finding.Finding {
	wanted := jsonTypeWords[expected]
	return finding.New(CodeFieldType, pointer, "type", wanted.Chinese, "type-en", wanted.English)
}

// jsonTypeWords are the names of the expected JSON types, by huma's message.
var jsonTypeWords = map[string]finding.Words{
	validation.MsgExpectedString:          {Chinese: "文本", English: "text"},
	validation.MsgExpectedInteger:         {Chinese: "不带小数点和指数的整数", English: "a whole number without decimal point and exponent"},
	validation.MsgExpectedNumber:          {Chinese: "数字", English: "a number"},
	validation.MsgExpectedBoolean:         {Chinese: "true 或 false", English: "true or false"},
	validation.MsgExpectedArray:           {Chinese: "列表", English: "a list"},
	validation.MsgExpectedObject:          {Chinese: "对象", English: "an object"},
	validation.MsgExpectedBase64String:    {Chinese: "base64 文本", English: "base64 text"},
	validation.MsgExpectedRFC3339DateTime: {Chinese: "日期时间（RFC 3339）", English: "a date and time (RFC 3339)"},
}

// matchesFormat reports whether a message fits a format, and reads its variable.
func matchesFormat(message, form string, into any) bool {
	_, err := fmt.Sscanf(message, form, into)
	return err == nil
}

var indexPattern = pattern.New(`\[(\d+)\]`)

// pointerOf converts a location of huma, such as "sites[0].name", to a JSON pointer.
func pointerOf(place string) string {
	if place == "" {
		return ""
	}
	parts := strings.Split(strings.TrimPrefix(indexPattern().ReplaceAllString(place, ".$1"), "."), ".")
	for i, part := range parts {
		parts[i] = unquoteName(part)
	}
	return strictjson.Pointer(parts...)
}

// Huma separates the names in a location by dots, and puts indexes in brackets. Names with these characters are quoted before it sees
// them, as in a URL.
var (
	quoteName   = strings.NewReplacer("%", "%25", ".", "%2E", "[", "%5B").Replace
	unquoteName = strings.NewReplacer("%25", "%", "%2E", ".", "%5B", "[").Replace
)

// unmarshal is [json.Unmarshal], which quotes the names if the result is to be validated. No field has a name that is quoted.
func unmarshal(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return err
	}
	if document, ok := into.(*any); ok {
		*document = quoteNames(*document)
	}
	return nil
}

func quoteNames(value any) any {
	switch value := value.(type) {
	case map[string]any:
		quoted := make(map[string]any, len(value))
		for name, one := range value {
			quoted[quoteName(name)] = quoteNames(one)
		}
		return quoted
	case []any:
		for i, one := range value {
			value[i] = quoteNames(one)
		}
	}
	return value
}
