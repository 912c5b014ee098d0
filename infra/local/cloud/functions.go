package cloud

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"beian/infra/local/cloudformation"
)

// A Function is a function of Lambda.
type Function struct {
	FunctionName, Description    string
	Role, Runtime, Handler       string
	Architectures                []string
	Code                         struct{ S3Bucket, S3Key string }
	Environment                  struct{ Variables map[string]string }
	KmsKeyArn                    string
	LoggingConfig                struct{ LogFormat, LogGroup string }
	MemorySize, Timeout          int // MB, seconds
	ReservedConcurrentExecutions *int
	Tags                         []tag
}

// Limits of Lambda ("Lambda quotas"), and the defaults of a function.
const (
	largestVariables = 4 << 10 // bytes of the environment
	defaultMemory    = 128     // MB
	defaultTimeout   = 3       // seconds
)

func (a *Account) functionHandler() cloudformation.Handler {
	return handler(&a.made.functions, maker[Function]{
		createOnly: []string{"FunctionName"},
		name:       named(func(f Function) string { return f.FunctionName }, 64),
		attributes: func(id string, _ Function) map[string]any { return map[string]any{"Arn": a.functionARN(id)} },
		check:      a.checkFunction,
		create:     a.makeFunction,
		update:     func(ctx context.Context, id string, _ Function, f *Function) error { return a.makeFunction(ctx, id, f) },
		delete: func(_ context.Context, id string, _ Function) error {
			a.lambda.Remove(id)
			return nil
		},
	})
}

func (a *Account) functionARN(name string) string { return a.arn("lambda", "function:"+name) }

func (a *Account) checkFunction(f Function) error {
	size := 0
	for name, value := range f.Environment.Variables {
		size += len(name) + len(value)
	}
	switch {
	case f.Runtime != "provided.al2023":
		return fmt.Errorf("only the runtime provided.al2023 is known here, not %q", f.Runtime)
	case size > largestVariables:
		return fmt.Errorf("the environment has %d bytes; Lambda was unable to configure more than %d", size, largestVariables)
	case f.KmsKeyArn != "" && !a.hasKey(f.KmsKeyArn):
		return fmt.Errorf("the key %s does not exist", f.KmsKeyArn)
	case f.MemorySize != 0 && (f.MemorySize < 128 || f.MemorySize > 10240):
		return fmt.Errorf("MemorySize %d is not from 128 to 10240", f.MemorySize)
	case f.ReservedConcurrentExecutions != nil && *f.ReservedConcurrentExecutions < 1:
		return errors.New("a function that is stopped, with ReservedConcurrentExecutions below 1, is not known here")
	case f.Timeout < 0 || f.Timeout > 900:
		return fmt.Errorf("Timeout %d is not from 1 to 900", f.Timeout)
	}
	if err := checkProcessor(f.Architectures); err != nil {
		return err
	}
	if group := f.LoggingConfig.LogGroup; group != "" {
		if _, is := a.made.logGroups.get(group); !is {
			return fmt.Errorf("the log group %s does not exist", group)
		}
	}
	return a.checkRole(f.Role, "lambda.amazonaws.com")
}

// makeFunction reads the function's zip file, fills in the defaults and has it run.
func (a *Account) makeFunction(ctx context.Context, id string, f *Function) error {
	archive, err := a.get(ctx, f.Code.S3Bucket, f.Code.S3Key)
	if err != nil {
		return fmt.Errorf("code of function %s: %w", id, err)
	}
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return fmt.Errorf("code of function %s: could not unzip uploaded file: %w", id, err)
	}
	if !slices.ContainsFunc(files.File, func(file *zip.File) bool { return file.Name == "bootstrap" }) {
		return fmt.Errorf("code of function %s: the zip file has no file named bootstrap", id)
	}
	f.FunctionName = id
	if f.MemorySize == 0 {
		f.MemorySize = defaultMemory
	}
	if f.Timeout == 0 {
		f.Timeout = defaultTimeout
	}
	if err := a.install(*f, files); err != nil {
		return fmt.Errorf("code of function %s: %w", id, err)
	}
	return nil
}

// function finds a function by its name or ARN.
func (a *Account) function(name string) (Function, error) {
	f, is := a.made.functions.get(strings.TrimPrefix(name, a.functionARN("")))
	if !is {
		return f, fmt.Errorf("the function %s does not exist", name)
	}
	return f, nil
}

// A Permission lets a service call a function.
type Permission struct{ Action, FunctionName, Principal, SourceArn, SourceAccount string }

func (a *Account) permissionHandler() cloudformation.Handler {
	return handler(&a.made.permissions, maker[Permission]{
		createOnly: []string{"Action", "FunctionName", "Principal", "SourceArn", "SourceAccount"},
		name:       func(r cloudformation.Request, _ Permission) string { return r.Name(100) },
		attributes: func(id string, _ Permission) map[string]any { return map[string]any{"Id": id} },
		check: func(p Permission) error {
			if _, err := a.function(p.FunctionName); err != nil {
				return err
			}
			return required("Action", p.Action, "Principal", p.Principal)
		},
	})
}

// An InvokeConfig is how Lambda deals with calls that nobody waits for; here somebody waits for each.
type InvokeConfig struct {
	FunctionName, Qualifier                        string
	MaximumEventAgeInSeconds, MaximumRetryAttempts *int
}

func (a *Account) invokeConfigHandler() cloudformation.Handler {
	return handler(&a.made.invokeConfigs, maker[InvokeConfig]{
		createOnly: []string{"FunctionName", "Qualifier"},
		name: func(_ cloudformation.Request, c InvokeConfig) string {
			return strings.TrimPrefix(c.FunctionName, a.functionARN("")) + "|" + c.Qualifier
		},
		check: func(c InvokeConfig) error {
			if c.Qualifier != "$LATEST" {
				return fmt.Errorf("only the qualifier $LATEST is known here, not %q", c.Qualifier)
			}
			_, err := a.function(c.FunctionName)
			return err
		},
	})
}
