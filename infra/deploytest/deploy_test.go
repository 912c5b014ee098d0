//go:build deploy

// Package deploytest proves that the CDK app deploys, with tools that this project did not write: the CDK's command line deploys the
// app to MiniStack, an AWS emulator. Run the test with make test-deploy, which installs MiniStack and cfn-lint; cfn-lint checks the
// templates first.
//
// MiniStack enforces no IAM and ignores some properties. Package infra/local/privilege proves least privilege.
package deploytest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/ministack"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
)

const (
	recordsStack = "beian-default-records"
	systemStack  = "beian-default-system"
)

// TestDeployment bootstraps an empty account, deploys the default environment, performs the checks of make deploy, sets the bureau's
// secrets as deploy.md says, and files one website. While the filing waits for the SMS reply, a second deployment rotates the secret
// of the webhook.
func TestDeployment(t *testing.T) {
	a := newAccount(t)
	a.checkGaps(t)
	d := newDeployment(t, a)
	d.runCDK(t, "bootstrap", "aws://"+accountID+"/"+region)
	outputs := d.deploy(t, 1)
	d.checkSmoke(t, outputs[systemStack]["API"], outputs[systemStack]["StaffAPI"])

	d.putSecret(t, "beian/default/bureau", map[string]string{
		"user": system.BureauUser, "password": system.BureauPassword, "key": system.BureauKey, "iv": system.BureauIV})
	d.deploy(t, 2)
	s := d.newScenario(t, outputs)
	id := s.fileToSMS(t)

	secret := webhook.NewSecret()
	d.putSecret(t, "beian/default/sms", map[string]string{"active": secret.Reveal() + "," + d.secretField(t, "beian/default/sms", "active")})
	d.deploy(t, 3)
	s.SMSSecret = secret
	s.replyAndAwaitNumber(t, id)
	if said := d.runCDK(t, "diff", "--all", "--app", d.assembly); !strings.Contains(said, "Number of stacks with differences: 0") {
		t.Error("the account differs from the templates that were deployed")
	}
}

// A deployment is the default environment on an account, with this machine's processor and a simulated bureau's addresses.
type deployment struct {
	*account
	bureau   string // where the simulator listens
	folder   string
	assembly string // the folder of the newest cloud assembly
}

func newDeployment(t *testing.T, a *account) *deployment {
	t.Helper()
	d := &deployment{account: a, folder: t.TempDir()}
	simulated, err := system.OpenBureau(system.Config{Folder: d.folder, Clock: clock.New()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(system.BureauHandler(simulated))
	t.Cleanup(func() { server.Close(); simulated.Close() })
	d.bureau = server.URL
	// The app expects the functions' binaries beside its folder.
	for _, link := range [][2]string{{"infra/cdk.json", "../cdk.json"}, {"dist/functions", "../../dist/programs"}} {
		target, err := filepath.Abs(link[1])
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(d.folder, link[0])
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	d.runProgram(t, ".", "go", "build", "-o", filepath.Join(d.folder, "app"), "..")
	return d
}

// deploy synthesises the environment with a revision of its secrets, bridges the gaps and deploys it. It returns the outputs by stack and name.
func (d *deployment) deploy(t *testing.T, revision int) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../environments/default.json")
	if err != nil {
		t.Fatal(err)
	}
	var settings map[string]any
	if err := json.Unmarshal(text, &settings); err != nil {
		t.Fatal(err)
	}
	settings["architecture"] = map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	settings["secretsRevision"] = revision
	settings["domains"] = map[string]any{"lookups": "off"}    // the test contacts nobody outside
	settings["secondReadings"] = map[string]any{"percent": 0} // its one reviewer decides alone
	settings["bureau"] = map[string]any{"provider": system.BureauProvider, "upDownLoad": d.bureau + bureau.UpDownLoadPath,
		"status": d.bureau + bureau.BeianStatusPath, "verifyPassword": d.bureau + bureau.VerifyPasswordPath}
	environments := filepath.Join(d.folder, "environments")
	if err := os.MkdirAll(environments, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(environments, "default.json"), marshal(t, settings), 0o600); err != nil {
		t.Fatal(err)
	}
	d.assembly = filepath.Join(d.folder, fmt.Sprintf("assembly-%d", revision))
	d.runProgram(t, filepath.Join(d.folder, "infra"), d.cdkPath(t), "synth", "--quiet", "-c", "environments="+environments,
		"--app", filepath.Join(d.folder, "app"), "--output", d.assembly)
	bridgeGaps(t, d.assembly)
	file := filepath.Join(d.folder, "outputs.json")
	d.runCDK(t, "deploy", "--all", "--app", d.assembly, "--require-approval", "never", "--outputs-file", file)
	if text, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	var outputs map[string]map[string]string
	if err := json.Unmarshal(text, &outputs); err != nil {
		t.Fatal(err)
	}
	return outputs
}

func (d *deployment) cdkPath(t *testing.T) string {
	t.Helper()
	cli, err := filepath.Abs("../node_modules/.bin/cdk")
	if err != nil {
		t.Fatal(err)
	}
	return cli
}

// runCDK runs the CDK's command line against the account and returns its output.
func (d *deployment) runCDK(t *testing.T, arguments ...string) string {
	t.Helper()
	return d.runProgram(t, d.folder, d.cdkPath(t), append(arguments, "--no-notices")...)
}

// runProgram runs a program that can reach only this account, and returns its output.
func (d *deployment) runProgram(t *testing.T, folder, program string, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = folder
	command.Env = append(ministack.PlainEnvironment(), "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_REGION="+region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_ENDPOINT_URL=http://"+d.Address, "CDK_DISABLE_CLI_TELEMETRY=true")
	started := time.Now()
	output, err := command.CombinedOutput()
	t.Logf("%s %s: %.1f s", filepath.Base(program), arguments[0], time.Since(started).Seconds())
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(arguments, " "), err, output)
	}
	return string(output)
}

// checkSmoke performs the smoke test of make deploy.
func (d *deployment) checkSmoke(t *testing.T, api, staff string) {
	t.Helper()
	for path, want := range map[string]int{api + "/api/v1/health": http.StatusOK, api + "/api/v1/orders": http.StatusUnauthorized, staff + "/api/v1/orders": http.StatusUnauthorized} {
		response, err := d.client.Get(path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s responds with %s, want %d", path, response.Status, want)
		}
	}
}

// putSecret sets fields of a secret as an operator does.
func (d *deployment) putSecret(t *testing.T, name string, fields map[string]string) {
	t.Helper()
	d.callOperation(t, "secretsmanager.PutSecretValue", map[string]string{"SecretId": name, "SecretString": string(marshal(t, fields))}, nil)
}

// secretField returns a field of a secret.
func (d *deployment) secretField(t *testing.T, name, field string) string {
	t.Helper()
	var got struct{ SecretString string }
	d.callOperation(t, "secretsmanager.GetSecretValue", map[string]string{"SecretId": name}, &got)
	var fields map[string]string
	if err := json.Unmarshal([]byte(got.SecretString), &fields); err != nil {
		t.Fatal(err)
	}
	return fields[field]
}

// A deployedScenario is one filing over the deployed API.
type deployedScenario struct {
	scenario.Client
	application                scenario.Application
	applicant, reviewer, admin *scenario.User
}

// newScenario logs an applicant, a reviewer and an administrator in.
func (d *deployment) newScenario(t *testing.T, outputs map[string]map[string]string) *deployedScenario {
	t.Helper()
	s := &deployedScenario{application: scenario.Invented(1)}
	s.Client = scenario.Client{Portal: outputs[systemStack]["API"], HTTP: d.client, Sent: d.sentMessages}
	staff := scenario.Client{Portal: outputs[systemStack]["StaffAPI"], HTTP: d.client, Sent: d.sentMessages}
	users := outputs[recordsStack]
	s.applicant = s.WithToken(d.logIn(t, users["ApplicantPool"], users["ApplicantClient"], "applicant", ""))
	s.reviewer = staff.WithToken(d.logIn(t, users["StaffPool"], users["StaffClient"], "reviewer", "reviewer"))
	s.admin = staff.WithToken(d.logIn(t, users["StaffPool"], users["StaffClient"], "admin", "admin"))
	return s
}

// fileToSMS files an application up to the SMS check.
func (s *deployedScenario) fileToSMS(t *testing.T) filing.ID {
	t.Helper()
	now := time.Now()
	if err := s.admin.ListServer(t.Context(), s.application.Server, s.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	id, err := s.application.AdvanceTo(t.Context(), s.applicant, s.reviewer, filing.VerifySMS)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// replyAndAwaitNumber answers the SMS and waits until the number was sent by SMS and email.
func (s *deployedScenario) replyAndAwaitNumber(t *testing.T, id filing.ID) {
	t.Helper()
	mobile := scenario.LeaderMobiles(s.application.Details)[0]
	code, err := s.AwaitOrderCode(t.Context(), mobile, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ReplySMS(t.Context(), "reply-1", mobile, "验证码："+code); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(4 * time.Minute) // the exchange runs every minute
	for ; ; time.Sleep(time.Second) {
		order, err := s.applicant.Order(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if order.Status == filing.Approved && order.Bureau != nil && len(order.Bureau.Sites) == 1 {
			number := order.Bureau.Sites[0].Number
			if number != "" && s.hasReceived("+86"+mobile, number) && s.hasReceived(fmt.Sprint(s.application.Contact["email"]), number) {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the order is at %s, status %s", order.Step, order.Status)
		}
	}
}

func (s *deployedScenario) hasReceived(to, text string) bool {
	for _, m := range s.Sent(to) {
		if strings.Contains(m.Text, text) {
			return true
		}
	}
	return false
}
