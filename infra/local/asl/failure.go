package asl

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Error names that the interpreter raises, or that a Retry or Catch may contain.
const (
	ErrorAll               = "States.ALL"
	ErrorTimeout           = "States.Timeout"
	ErrorResultPath        = "States.ResultPathMatchFailure"
	ErrorParameterPath     = "States.ParameterPathFailure"
	ErrorRuntime           = "States.Runtime"
	ErrorDataLimitExceeded = "States.DataLimitExceeded"
)

// A Failure is an error name, which Retry and Catch match, and its cause.
type Failure struct {
	Name  string
	Cause string
}

// Error returns name and cause.
func (f *Failure) Error() string { return f.Name + ": " + f.Cause }

func failuref(name, format string, args ...any) *Failure {
	return &Failure{Name: name, Cause: fmt.Sprintf(format, args...)}
}

// FunctionFailure reads the error object of a Lambda function, {"errorType": …, "errorMessage": …}. The name of the failure is the
// type, the cause is the whole object.
func FunctionFailure(payload []byte) *Failure {
	var object struct {
		Type string `json:"errorType"`
	}
	if json.Unmarshal(payload, &object) != nil || object.Type == "" {
		object.Type = "Lambda.Unknown"
	}
	return &Failure{Name: object.Type, Cause: string(payload)}
}

// matches reports whether a Retry or Catch with these error names applies to the failure. States.ALL applies neither to
// States.Runtime, which always ends the execution, nor to States.DataLimitExceeded.
func (f *Failure) matches(names []string) bool {
	return slices.Contains(names, f.Name) && f.Name != ErrorRuntime ||
		slices.Contains(names, ErrorAll) && f.Name != ErrorRuntime && f.Name != ErrorDataLimitExceeded
}
