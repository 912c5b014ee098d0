package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/cloud"
	"beian/infra/local/records"
	"beian/infra/local/system"
	"beian/infra/local/trail"
	"beian/shared/regulator"
)

const (
	rootKey    = "root"
	rootSecret = "root-local-secret" // no secret: the account listens on this machine only
)

// openAccount starts an empty AWS account, with a bureau beside it, and says how to deploy to it. Both are gone when it ends.
func openAccount(ctx context.Context, _ []string) (err error) {
	folder, err := os.MkdirTemp("", "beian-cloud-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	awsPort, err := port("AWS_PORT", 4566)
	bureauPort, wrong := port("BUREAU_PORT", 8090)
	if err := errors.Join(err, wrong); err != nil {
		return err
	}
	bureau, address, err := serveBureau(folder, bureauPort)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bureau.Close()) }()
	region, err := writeEnvironment(folder, address)
	if err != nil {
		return err
	}
	modules, err := records.FindModules(".")
	if err != nil {
		return err
	}
	engine, err := records.Dynoxide{Binary: modules.Dynoxide()}.Start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	var output io.Writer
	if os.Getenv("LOG") == "info" {
		output = os.Stderr
	}
	account, err := cloud.Open(ctx, cloud.Config{
		Folder: filepath.Join(folder, "account"), Port: awsPort, Region: region, AccessKey: rootKey, SecretKey: rootSecret,
		Tables: engine.Endpoint(), Log: logger(), Output: output,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, account.Close()) }()
	fmt.Printf(`An empty AWS account, in memory. In another terminal, in this folder:

  export AWS_ENDPOINT_URL=%[1]s AWS_REGION=%[2]s AWS_ACCESS_KEY_ID=%[3]s AWS_SECRET_ACCESS_KEY=%[4]s
  infra/node_modules/.bin/cdk bootstrap aws://%[6]s/%[2]s
  make deploy ENV=laptop ENVIRONMENTS=%[5]s/environments

Then .github/docs/deploy.md, from the secrets on. The bureau is %[7]s: user %[8]s, password %[9]s, key %[10]s, IV %[11]s.
Messages: %[1]s/local/outbox   Tokens: curl -d client=<UserPoolClient> -d person=me -d group=applicant %[1]s/local/token
Ctrl-C ends it, and nothing is kept.
`, account.Endpoint(), region, rootKey, rootSecret, folder, trail.Account, address, system.BureauUser, system.BureauPassword, system.BureauKey, system.BureauIV)
	<-ctx.Done()
	return nil
}

// serveBureau starts the bureau simulator and returns its address.
func serveBureau(folder string, number int) (ends io.Closer, address string, err error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", number))
	if err != nil {
		return nil, "", fmt.Errorf("port %d of 127.0.0.1 is taken; stop the other program or set BUREAU_PORT: %w", number, err)
	}
	bureau, err := system.OpenBureau(system.Config{Folder: folder, Clock: clock.New(), ReviewDelay: reviewDelay})
	if err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: system.BureauHandler(bureau), ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	return closers{server, bureau}, "http://" + listener.Addr().String(), nil
}

// closers are closed in order.
type closers []io.Closer

func (c closers) Close() (err error) {
	for _, each := range c {
		err = errors.Join(err, each.Close())
	}
	return err
}

// writeEnvironment writes the environment "laptop" into a folder: the default one, with this machine's processor and the
// simulated bureau. It returns the environment's Region.
func writeEnvironment(folder, bureau string) (region string, err error) {
	text, err := os.ReadFile("infra/environments/default.json")
	if err != nil {
		return "", fmt.Errorf("start it in the folder of the repository: %w", err)
	}
	var settings map[string]any
	if err := json.Unmarshal(text, &settings); err != nil {
		return "", err
	}
	settings["architecture"] = map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	settings["bureau"] = map[string]any{"provider": system.BureauProvider, "upDownLoad": bureau + regulator.UpDownLoadPath,
		"status": bureau + regulator.BeianStatusPath, "verifyPassword": bureau + regulator.VerifyPasswordPath}
	if text, err = json.MarshalIndent(settings, "", "  "); err != nil {
		return "", err
	}
	region, _ = settings["region"].(string)
	environments := filepath.Join(folder, "environments")
	return region, errors.Join(os.Mkdir(environments, 0o700), os.WriteFile(filepath.Join(environments, "laptop.json"), append(text, '\n'), 0o600))
}
