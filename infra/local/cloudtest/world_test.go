package cloudtest_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beian/infra/local/cloud"
	"beian/infra/local/records"
)

const (
	region    = "ap-southeast-1" // of the default environment
	account   = "000000000000"
	accessKey = "root"
	secretKey = "root-secret"
)

// A world is an empty account, and the cloud assembly of the default environment to deploy to it.
type world struct {
	account  *cloud.Account
	modules  records.Modules
	folder   string
	assembly string
}

// newWorld makes a world whose functions have binaries that do nothing.
func newWorld(t *testing.T) *world {
	modules, err := records.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{modules: modules, folder: t.TempDir()}
	w.synthesise(t)
	engine, err := records.Dynoxide{Binary: modules.Dynoxide()}.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	t.Chdir(t.TempDir()) // the gateway changes the working folder; this puts it back
	w.account, err = cloud.Open(t.Context(), cloud.Config{
		Folder: filepath.Join(w.folder, "data"), Region: region, Account: account, AccessKey: accessKey, SecretKey: secretKey, Tables: engine.Endpoint(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.account.Close() })
	return w
}

// synthesise builds the CDK app and has it write the cloud assembly. The app looks for the functions' binaries beside
// its folder, so it runs in a folder that looks like the repository.
func (w *world) synthesise(t *testing.T) {
	t.Helper()
	infra := filepath.Dir(string(w.modules))
	root := filepath.Dir(infra)
	app := filepath.Join(w.folder, "app")
	w.run(t, root, "go", "build", "-o", app, "./infra")
	folder := filepath.Join(w.folder, "repository", "infra")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"environments", "cdk.json"} {
		if err := os.Symlink(filepath.Join(infra, name), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	functions, err := filepath.Glob(filepath.Join(root, "functions", "*", "lambda"))
	if err != nil || len(functions) == 0 {
		t.Fatalf("no functions: %v", err)
	}
	for _, path := range functions {
		function := filepath.Join(w.folder, "repository", "dist", "functions", filepath.Base(filepath.Dir(path)))
		if err := os.MkdirAll(function, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(function, "bootstrap"), header(), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w.assembly = filepath.Join(w.folder, "assembly")
	w.run(t, folder, w.cli(), "synth", "--quiet", "--app", app, "--output", w.assembly)
}

// header is the header of a program for Linux on arm64, and nothing after it.
func header() []byte {
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	binary.Write(&b, binary.LittleEndian, struct {
		Type, Machine          uint16
		Version                uint32
		Entry, Program, Shared uint64
		Flags                  uint32
		Sizes                  [6]uint16
	}{Type: 2, Machine: 183, Version: 1, Sizes: [6]uint16{64}})
	return b.Bytes()
}

func (w *world) cli() string { return filepath.Join(string(w.modules), ".bin", "cdk") }

// cdk runs the command line against the account and returns what it says.
func (w *world) cdk(t *testing.T, args ...string) string {
	t.Helper()
	return w.run(t, w.folder, w.cli(), args...)
}

// run runs a program that may know only of this account: no other configuration of AWS is there to be found.
func (w *world) run(t *testing.T, folder, program string, args ...string) string {
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
	out, err := cmd.CombinedOutput()
	said := fmt.Sprintf("%s %s\n%s", filepath.Base(program), strings.Join(args, " "), out)
	if err != nil {
		t.Fatalf("%s%v", said, err)
	}
	t.Log(said)
	return string(out)
}
