package asl

import (
	"encoding/json"
	"slices"
)

// Error names that the language itself raises.
const (
	ErrorAll               = "States.ALL"
	ErrorTimeout           = "States.Timeout"
	ErrorHeartbeatTimeout  = "States.HeartbeatTimeout"
	ErrorTaskFailed        = "States.TaskFailed"
	ErrorPermissions       = "States.Permissions"
	ErrorResultPath        = "States.ResultPathMatchFailure"
	ErrorParameterPath     = "States.ParameterPathFailure"
	ErrorBranchFailed      = "States.BranchFailed"
	ErrorNoChoiceMatched   = "States.NoChoiceMatched"
	ErrorIntrinsic         = "States.IntrinsicFailure"
	ErrorRuntime           = "States.Runtime"
	ErrorDataLimitExceeded = "States.DataLimitExceeded"
)

// reserved are the names with the prefix "States." that a Retry or Catch may mention.
var reserved = []string{
	ErrorAll, ErrorTimeout, ErrorHeartbeatTimeout, ErrorTaskFailed, ErrorPermissions, ErrorResultPath,
	ErrorParameterPath, ErrorBranchFailed, ErrorNoChoiceMatched, ErrorIntrinsic, ErrorRuntime, ErrorDataLimitExceeded,
}

// A Failure is an error name, which Retry and Catch match, and its cause.
type Failure struct {
	Name  string
	Cause string
	// branch is set when the failure came up from a branch of a Parallel or an iteration of a Map.
	branch bool
}

// Error gives the name and the cause.
func (f *Failure) Error() string { return f.Name + ": " + f.Cause }

// FunctionFailure reads the error object that a Lambda function answers with, {"errorType": …, "errorMessage": …}.
// The error's name is its type, the cause is the whole object.
func FunctionFailure(payload []byte) *Failure {
	var object struct {
		Type string `json:"errorType"`
	}
	if json.Unmarshal(payload, &object) != nil || object.Type == "" {
		object.Type = "Lambda.Unknown"
	}
	return &Failure{Name: object.Type, Cause: string(payload)}
}

// matches reports whether a Retry or Catch with these names applies to the failure.
//
// States.Runtime always ends the execution, and only its own name matches States.DataLimitExceeded. States.TaskFailed
// stands for every error but States.Timeout; States.Timeout includes missed heartbeats.
func (f *Failure) matches(names []string) bool {
	if f.Name == ErrorRuntime {
		return false
	}
	if slices.Contains(names, f.Name) {
		return true
	}
	if f.Name == ErrorDataLimitExceeded {
		return false
	}
	return slices.ContainsFunc(names, func(name string) bool {
		switch name {
		case ErrorAll:
			return true
		case ErrorTaskFailed:
			return f.Name != ErrorTimeout
		case ErrorTimeout:
			return f.Name == ErrorHeartbeatTimeout
		case ErrorBranchFailed:
			return f.branch
		}
		return false
	})
}

func isReserved(name string) bool { return slices.Contains(reserved, name) }
