package cloud

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"beian/infra/local/iam"
	"beian/infra/local/lambdahost"
	"beian/infra/local/stepfunctions"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// processors are the architectures of Lambda by the names that Go has for them.
var processors = map[string]string{"arm64": "arm64", "amd64": "x86_64"}

// largestFile is the most bytes of a function's code, unpacked ("Lambda quotas").
const largestFile = 250 << 20

// install has a function run from what its zip file holds: in processes with the variables of its template and no others but those
// that Lambda sets, under credentials of its role that last as long as it does.
func (a *Account) install(f Function, files *zip.Reader) error {
	folder := filepath.Join(a.config.Folder, "functions", f.FunctionName, path.Base(f.Code.S3Key))
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		if err := unpack(files, folder); err != nil {
			return errors.Join(err, os.RemoveAll(folder))
		}
	}
	s := a.assume(f.Role, f.FunctionName, 0)
	env := []string{
		"AWS_REGION=" + a.config.Region, "AWS_DEFAULT_REGION=" + a.config.Region, "AWS_ENDPOINT_URL=" + a.endpoint,
		"AWS_ACCESS_KEY_ID=" + s.key, "AWS_SECRET_ACCESS_KEY=" + s.secret, "AWS_SESSION_TOKEN=" + s.token,
	}
	for _, name := range slices.Sorted(maps.Keys(f.Environment.Variables)) {
		env = append(env, name+"="+f.Environment.Variables[name])
	}
	program := lambdahost.Program{Folder: folder, Env: env, Timeout: time.Duration(f.Timeout) * time.Second, Output: a.config.Output}
	if f.ReservedConcurrentExecutions != nil {
		program.Most = *f.ReservedConcurrentExecutions
	}
	a.lambda.Install(f.FunctionName, program)
	return nil
}

// unpack writes what a zip file holds into a new folder.
func unpack(files *zip.Reader, folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, file := range files.File {
		if file.FileInfo().IsDir() {
			continue
		}
		if err := unpackFile(root, file); err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
	}
	return nil
}

func unpackFile(root *os.Root, file *zip.File) error {
	if file.UncompressedSize64 > largestFile { // package zip reads no more than it says
		return fmt.Errorf("it has more than %d bytes", largestFile)
	}
	from, err := file.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	if err := root.MkdirAll(path.Dir(file.Name), 0o700); err != nil {
		return err
	}
	to, err := root.OpenFile(file.Name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// checkProcessor returns an error when a function is built for another processor than this machine has.
func checkProcessor(architectures []string) error {
	here := processors[runtime.GOARCH]
	if len(architectures) == 0 {
		architectures = []string{"x86_64"}
	}
	if !slices.Contains(architectures, here) {
		return fmt.Errorf("the function is for %v and this machine is %s; say so in the environment's architecture", architectures, here)
	}
	return nil
}

// invokeAs calls a function under a role.
func (a *Account) invokeAs(ctx context.Context, role, function string, payload []byte) ([]byte, error) {
	asked := iam.Request{Action: "lambda:InvokeFunction", Resource: function}
	if !iam.Allowed(a.policiesOf(roleName(role)), asked) {
		return nil, a.deny(role, asked)
	}
	return a.lambda.Invoke(ctx, function, payload)
}

// invokeForMachine calls a function for a state machine, under the machine's role.
func (a *Account) invokeForMachine(ctx context.Context, function string, payload []byte) (result []byte, functionError bool, err error) {
	name := stepfunctions.MachineOf(ctx)
	m, is := a.made.machines.get(a.arn("states", "stateMachine:"+name))
	if !is {
		return nil, false, fmt.Errorf("the state machine %s is gone, and its role with it", name)
	}
	out, err := a.invokeAs(ctx, m.RoleArn, function, payload)
	failed, is := errors.AsType[messages.InvokeResponse_Error](err)
	switch {
	case !is:
		return out, false, err
	case failed.Type == lambdahost.NotFound:
		return nil, false, fmt.Errorf("%w: %s", stepfunctions.ErrNoFunction, function)
	}
	result, err = json.Marshal(failed)
	return result, true, err
}

// permits reports whether a function lets a service call it for a source.
func (a *Account) permits(function, service, source string) bool {
	for _, p := range a.made.permissions.list() {
		own, err := a.function(p.FunctionName)
		statement := iam.Statement{Action: []string{p.Action}, Resource: []string{p.SourceArn}}
		if err == nil && a.functionARN(own.FunctionName) == function && p.Principal == service &&
			statement.Fits(iam.Request{Action: "lambda:InvokeFunction", Resource: source}) {
			return true
		}
	}
	return false
}
