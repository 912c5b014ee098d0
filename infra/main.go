// Command infra is the CDK app: it adds the environment that -c environment=<name> names, from <name>.json in the folder
// that -c environments=<folder> names (environments, unless it is said), with the binaries that make build-functions made.
// The CDK runs it in this folder.
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
	said := func(key, otherwise string) string {
		if text, ok := app.Node().TryGetContext(&key).(string); ok {
			return text
		}
		return otherwise
	}
	s, err := stack.Load(said("environments", "environments"), said("environment", "default"))
	if err != nil {
		return err
	}
	if _, err := stack.Build(app, s, binaries); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}
