package cloudtest_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"beian/infra/local/clock"
	"beian/infra/local/cloud"
	"beian/infra/local/records"
	"beian/infra/local/system"
	"beian/shared/regulator"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const (
	region    = "ap-southeast-1" // of the default environment
	account   = "000000000000"
	accessKey = "root"
	secretKey = "root-secret"
)

// A world is an empty account, a bureau, and the CDK app with what it needs to be run.
type world struct {
	account *cloud.Account
	bureau  string // where the simulator listens
	modules records.Modules
	// folder holds the environment's settings, and a copy of the repository as far as the app looks at it: the app wants
	// the functions' binaries beside its folder.
	folder string
}

func newWorld(t *testing.T) *world {
	modules, err := records.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{modules: modules, folder: t.TempDir()}
	w.build(t)
	engine, err := records.Dynoxide{Binary: modules.Dynoxide()}.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	bureau, err := system.OpenBureau(system.Config{Folder: w.folder, Clock: clock.New()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(system.BureauHandler(bureau))
	t.Cleanup(func() { server.Close(); bureau.Close() })
	w.bureau = server.URL
	t.Chdir(t.TempDir()) // the gateway changes the working folder; this puts it back
	w.account, err = cloud.Open(t.Context(), cloud.Config{
		Folder: filepath.Join(w.folder, "account"), Region: region, AccessKey: accessKey, SecretKey: secretKey,
		Tables: engine.Endpoint(), Output: t.Output(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.account.Close() })
	return w
}

// sdk is how the account's root reaches it.
func (w *world) sdk() aws.Config {
	return aws.Config{Region: region, BaseEndpoint: aws.String(w.account.Endpoint()), Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, "")}
}

func (w *world) infra() string { return filepath.Dir(string(w.modules)) }
func (w *world) app() string   { return filepath.Join(w.folder, "app") }

// build builds the CDK app, and the functions as they are built for AWS but for this machine's processor.
func (w *world) build(t *testing.T) {
	t.Helper()
	root := filepath.Dir(w.infra())
	w.run(t, root, "go", "build", "-o", w.app(), "./infra")
	w.run(t, root, "make", "build-functions", "FUNCTIONS="+filepath.Join(w.folder, "dist", "functions"), "GOARCH_OF_ENV="+runtime.GOARCH)
	if err := os.Mkdir(filepath.Join(w.folder, "infra"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(w.infra(), "cdk.json"), filepath.Join(w.folder, "infra", "cdk.json")); err != nil {
		t.Fatal(err)
	}
}

// synthesise has the app write the cloud assembly of the default environment: with the bureau and the processor that there
// are here, and a revision of the secrets.
func (w *world) synthesise(t *testing.T, revision int) (assembly string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.infra(), "environments", "default.json"))
	if err != nil {
		t.Fatal(err)
	}
	var settings map[string]any
	if err := json.Unmarshal(text, &settings); err != nil {
		t.Fatal(err)
	}
	settings["architecture"] = map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	settings["secretsRevision"] = revision
	settings["bureau"] = map[string]any{"provider": system.BureauProvider, "upDownLoad": w.bureau + regulator.UpDownLoadPath,
		"status": w.bureau + regulator.BeianStatusPath, "verifyPassword": w.bureau + regulator.VerifyPasswordPath}
	if text, err = json.Marshal(settings); err != nil {
		t.Fatal(err)
	}
	environments := filepath.Join(w.folder, "environments")
	if err := os.MkdirAll(environments, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(environments, "default.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	assembly = filepath.Join(w.folder, "assembly")
	w.run(t, filepath.Join(w.folder, "infra"), w.cli(), "synth", "--quiet", "-c", "environments="+environments, "--app", w.app(), "--output", assembly)
	return assembly
}

// deploy deploys both stacks and returns what the command line says.
func (w *world) deploy(t *testing.T, assembly string, more ...string) string {
	t.Helper()
	return w.cdk(t, append([]string{"deploy", "--all", "--app", assembly, "--require-approval", "never"}, more...)...)
}

// outputs are what a deployment has written of its stacks: by stack, then by name.
func outputs(t *testing.T, file string) (all map[string]map[string]string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for stack, want := range map[string][]string{recordsStack: {"TableName", "EvidenceBucket", "UserPool", "UserPoolClient", "DKIM1"}, systemStack: {"API", "StateMachine", "DeadLetters"}} {
		for _, name := range want {
			if strings.TrimSpace(all[stack][name]) == "" {
				t.Fatalf("the stack %s has no output %s: %v", stack, name, all[stack])
			}
		}
	}
	return all
}
