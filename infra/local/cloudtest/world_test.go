package cloudtest_test

import (
	"bytes"
	"context"
	"debug/elf"
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

// A world is an empty account, and the CDK app with what it needs to be run.
type world struct {
	account    *cloud.Account
	modules    records.Modules
	folder     string
	repository string // where the app runs: it looks for the functions' binaries beside its folder
}

func newWorld(t *testing.T) *world {
	modules, err := records.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{modules: modules, folder: t.TempDir()}
	w.repository = filepath.Join(w.folder, "repository")
	w.build(t)
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

func (w *world) app() string { return filepath.Join(w.folder, "app") }

// build builds the CDK app.
func (w *world) build(t *testing.T) {
	t.Helper()
	infra := filepath.Dir(string(w.modules))
	w.run(t, filepath.Dir(infra), "go", "build", "-o", w.app(), "./infra")
	folder := filepath.Join(w.repository, "infra")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"environments", "cdk.json"} {
		if err := os.Symlink(filepath.Join(infra, name), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// synthesise has the app write the cloud assembly of the default environment. The functions' binaries do nothing; a
// revision makes them others.
func (w *world) synthesise(t *testing.T, revision string) (assembly string) {
	t.Helper()
	functions, err := filepath.Glob(filepath.Join(filepath.Dir(string(w.modules)), "..", "functions", "*", "lambda"))
	if err != nil || len(functions) == 0 {
		t.Fatalf("no functions: %v", err)
	}
	for _, path := range functions {
		function := filepath.Join(w.repository, "dist", "functions", filepath.Base(filepath.Dir(path)))
		if err := os.MkdirAll(function, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(function, "bootstrap"), append(header(), revision...), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	assembly = filepath.Join(w.folder, "assembly-"+revision)
	w.run(t, filepath.Join(w.repository, "infra"), w.cli(), "synth", "--quiet", "--app", w.app(), "--output", assembly)
	return assembly
}

// header is the header of a program for Linux on arm64.
func header() []byte {
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	binary.Write(&b, binary.LittleEndian, struct {
		Type, Machine            uint16
		Version                  uint32
		Entry, Program, Sections uint64
		Flags                    uint32
		Sizes                    [6]uint16
	}{Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_AARCH64), Version: uint32(elf.EV_CURRENT), Sizes: [6]uint16{64}})
	return b.Bytes()
}

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
	out, err := cmd.CombinedOutput()
	said := fmt.Sprintf("%s %s\n%s", filepath.Base(program), strings.Join(args, " "), out)
	t.Log(said)
	return said, err
}
