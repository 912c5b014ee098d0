// Command infra is the CDK app. The CDK runs it in this folder. It defines the stacks of one environment, with the binaries of
// make build-functions:
//
//	-c environment=<name>      reads <name>.json; the default is "default"
//	-c environments=<folder>   the folder of that file; the default is "environments"
package main

import (
	"fmt"
	"os"

	"github.com/aws/jsii-runtime-go"

	"beian/infra/stack"
)

const binaries = "../dist/functions"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	defer jsii.Close()
	app := stack.NewApp("")
	option := func(key, otherwise string) string {
		if text, ok := app.Node().TryGetContext(&key).(string); ok {
			return text
		}
		return otherwise
	}
	s, err := stack.Load(option("environments", "environments"), option("environment", "default"))
	if err != nil {
		return err
	}
	if _, err := stack.Build(app, s, binaries); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}
