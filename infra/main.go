// Command infra is the CDK app: it adds the environment that -c environment=<name> names, from environments/<name>.json,
// with the binaries that make build-functions made. The CDK runs it in this folder.
package main

import (
	"fmt"
	"os"

	"github.com/aws/jsii-runtime-go"

	"beian/infra/stack"
)

const (
	environments = "environments"
	binaries     = "../dist/functions"
)

func main() {
	code := run()
	jsii.Close()
	os.Exit(code)
}

func run() int {
	app := stack.NewApp("")
	name, ok := app.Node().TryGetContext(jsii.String("environment")).(string)
	if !ok {
		name = "default"
	}
	s, err := stack.Load(environments, name)
	if err == nil {
		_, err = stack.Build(app, s, binaries)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	app.Synth(nil)
	return 0
}
