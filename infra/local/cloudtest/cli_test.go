package cloudtest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func (w *world) cli() string { return filepath.Join(string(w.modules), ".bin", "cdk") }

// cdk runs the command line against the account and returns what it says.
func (w *world) cdk(t *testing.T, args ...string) string {
	t.Helper()
	return w.run(t, w.folder, w.cli(), args...)
}

// run runs a program, which has to succeed, and returns what it says.
func (w *world) run(t *testing.T, folder, program string, args ...string) string {
	t.Helper()
	said, err := w.try(t, folder, program, args...)
	if err != nil {
		t.Fatalf("%s\n%v", said, err)
	}
	return said
}

// try runs a program that may know only of this account: no other configuration of AWS is there to be found.
func (w *world) try(t *testing.T, folder, program string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = folder
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "CDK_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_REGION="+region, "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secretKey, "CDK_DISABLE_CLI_TELEMETRY=true")
	if w.account != nil {
		cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL="+w.account.Endpoint())
	}
	begun := time.Now()
	out, err := cmd.CombinedOutput()
	said := fmt.Sprintf("%s %s (%.1f s)\n%s", filepath.Base(program), strings.Join(args, " "), time.Since(begun).Seconds(), out)
	t.Log(said)
	return said, err
}
