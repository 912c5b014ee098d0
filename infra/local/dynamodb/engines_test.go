package dynamodb_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	localdynamodb "beian/infra/local/dynamodb"
	"beian/shared/setup"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// asParent is an environment variable. If it names a file, the test binary starts an engine on that file, prints the engine's
// process id, and waits until it is killed.
const asParent = "DYNAMODB_TEST_PARENT"

func TestMain(m *testing.M) {
	if file := os.Getenv(asParent); file != "" {
		engine, err := localdynamodb.Dynoxide{Binary: os.Getenv("DYNAMODB_TEST_BINARY"), File: file}.Start()
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(engine.Pid())
		select {}
	}
	os.Exit(m.Run())
}

func binary(t testing.TB) string {
	t.Helper()
	modules, err := localdynamodb.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	return modules.Dynoxide()
}

func client(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       "cn-north-1",
		BaseEndpoint: aws.String(endpoint),
		HTTPClient:   setup.NewHTTPClient(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}

func startEngine(t testing.TB, d localdynamodb.Dynoxide) *localdynamodb.Engine {
	t.Helper()
	engine, err := d.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}

func createTable(t testing.TB, c *dynamodb.Client) {
	t.Helper()
	key := func(name string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: aws.String(name), KeyType: kind}
	}
	text := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	_, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String("Filings"),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{text("PK"), text("SK"), text("G")},
		KeySchema:            []types.KeySchemaElement{key("PK", types.KeyTypeHash), key("SK", types.KeyTypeRange)},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("ByG"),
			KeySchema:  []types.KeySchemaElement{key("G", types.KeyTypeHash), key("SK", types.KeyTypeRange)},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func item(pk, sk, g string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{Value: pk},
		"SK": &types.AttributeValueMemberS{Value: sk},
		"G":  &types.AttributeValueMemberS{Value: g},
	}
}

func putItem(ctx context.Context, c *dynamodb.Client, pk, sk string) error {
	_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("Filings"), Item: item(pk, sk, "open")})
	return err
}

func hasItem(t testing.TB, c *dynamodb.Client, pk, sk string) bool {
	t.Helper()
	out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("Filings"), ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.Item) > 0
}

func pollUntil(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.After(20 * time.Second); !reached(); {
		select {
		case <-deadline:
			t.Fatalf("%s: not reached", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestDataOutlivesTheEngine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "filings.db")
	first := startEngine(t, localdynamodb.Dynoxide{Binary: binary(t), File: file})
	createTable(t, client(first.Endpoint()))
	if err := putItem(t.Context(), client(first.Endpoint()), "ORDER#1", "ORDER"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	second := startEngine(t, localdynamodb.Dynoxide{Binary: binary(t), File: file})
	if !hasItem(t, client(second.Endpoint()), "ORDER#1", "ORDER") {
		t.Error("the item is gone after a restart")
	}
}

func TestEngineComesBackWhenItDies(t *testing.T) {
	engine := startEngine(t, localdynamodb.Dynoxide{
		Binary: binary(t), File: filepath.Join(t.TempDir(), "filings.db"), Logf: t.Logf})
	c := client(engine.Endpoint())
	createTable(t, c)
	for round := range 2 {
		pk := fmt.Sprintf("ORDER#%d", round)
		if err := putItem(t.Context(), c, pk, "ORDER"); err != nil {
			t.Fatal(err)
		}
		before := engine.Pid()
		syscall.Kill(before, syscall.SIGKILL)
		pollUntil(t, "a new process", func() bool { return engine.Pid() != before && engine.Healthy(t.Context()) == nil })
		if !hasItem(t, c, pk, "ORDER") {
			t.Errorf("%s was acknowledged and is gone", pk)
		}
	}
}

func TestEngineDiesWithItsParent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "filings.db")
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), asParent+"="+file, "DYNAMODB_TEST_BINARY="+binary(t))
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the parent printed %q", line)
	}
	if _, err := (localdynamodb.Dynoxide{Binary: binary(t), File: file}).Start(); !errors.Is(err, localdynamodb.ErrInUse) {
		t.Errorf("a second engine on the same file: %v, want ErrInUse", err)
	}
	parent.Process.Kill()
	parent.Wait()
	startEngine(t, localdynamodb.Dynoxide{Binary: binary(t), File: file})
	pollUntil(t, "the end of the child", func() bool {
		state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(state), ") Z ")
	})
}

// TestChildKeepsTheLock checks that a child whose parent has ended keeps other engines off its file until it ends.
func TestChildKeepsTheLock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "filings.db")
	lock, err := os.Create(file + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	orphan := exec.Command(binary(t), "serve", "--port", "0", "--db-path", file)
	orphan.ExtraFiles = []*os.File{lock}
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := (localdynamodb.Dynoxide{Binary: binary(t), File: file}).Start(); !errors.Is(err, localdynamodb.ErrInUse) {
		t.Errorf("%v, want ErrInUse", err)
	}
	if err := orphan.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = orphan.Wait() // it was killed
	startEngine(t, localdynamodb.Dynoxide{Binary: binary(t), File: file})
}

func TestRefusals(t *testing.T) {
	folder := t.TempDir()
	garbage := filepath.Join(folder, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 400)), 0o600); err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(folder, "torn.db")
	if err := os.WriteFile(torn, []byte("SQLite format 3\x00"+strings.Repeat("\x00torn", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port

	for _, tc := range []struct {
		name   string
		engine interface {
			Start() (*localdynamodb.Engine, error)
		}
		want error
	}{
		{"no binary", localdynamodb.Dynoxide{Binary: filepath.Join(folder, "none")}, localdynamodb.ErrNotInstalled},
		{"no jar", localdynamodb.DynamoDBLocal{Folder: folder}, localdynamodb.ErrNotInstalled},
		{"port taken", localdynamodb.Dynoxide{Binary: binary(t), Port: port}, localdynamodb.ErrPortTaken},
		{"not a database", localdynamodb.Dynoxide{Binary: binary(t), File: garbage}, localdynamodb.ErrCorrupt},
		{"a damaged database", localdynamodb.Dynoxide{Binary: binary(t), File: torn}, localdynamodb.ErrCorrupt},
	} {
		t.Run(tc.name, func(t *testing.T) {
			engine, err := tc.engine.Start()
			if err == nil {
				engine.Close()
			}
			if !errors.Is(err, tc.want) {
				t.Errorf("Start: %v, want %v", err, tc.want)
			}
		})
	}
}

// TestSecretAddress: without a port, the engine does not listen where a web page can find it. Only Linux has more than one address of the
// loopback.
func TestSecretAddress(t *testing.T) {
	engine, err := localdynamodb.Dynoxide{Binary: binary(t)}.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	host, port, err := net.SplitHostPort(strings.TrimPrefix(engine.Endpoint(), "http://"))
	if address, perr := netip.ParseAddr(host); err != nil || perr != nil || !address.IsLoopback() || (host != "127.0.0.1") != (runtime.GOOS == "linux") {
		t.Fatalf("the engine listens at %s", engine.Endpoint())
	}
	if host == "127.0.0.1" {
		return
	}
	if c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
		c.Close()
		t.Error("the engine answers at 127.0.0.1")
	}
}

// TestPortTakenMeanwhile: another program takes the free port before the engine does; the engine starts on another one.
func TestPortTakenMeanwhile(t *testing.T) {
	folder := t.TempDir()
	first, program := filepath.Join(folder, "first"), filepath.Join(folder, "engine")
	script := fmt.Sprintf("#!/bin/sh\n[ -e '%s' ] || { : >'%s'; echo 'error: port 45589 is already in use' >&2; exit 1; }\nexec '%s' \"$@\"\n", first, first, binary(t))
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	engine, err := localdynamodb.Dynoxide{Binary: program}.Start()
	if err != nil {
		t.Fatal(err)
	}
	engine.Close()
}
