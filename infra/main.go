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
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	defer jsii.Close()
	app := stack.NewApp("")
	name, ok := app.Node().TryGetContext(jsii.String("environment")).(string)
	if !ok {
		name = "default"
	}
	s, err := stack.Load(environments, name)
	if err != nil {
		return err
	}
	if _, err := stack.Build(app, s, binaries); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}
