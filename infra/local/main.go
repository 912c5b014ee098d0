// Command local runs Beian on one machine:
//
//	local run      start the system with sample filings and keep it running (-bootstrap: with the built functions)
//	local demo     play a year of a provider with one customer, or one kind of application, in a new system, and exit
//	local bench    measure the system; with the name of a part, such as "filing" or "queue", only that
//	local bureau   run only the bureau simulator
//	local models   build what browsers need to read papers, in a folder
//	local invoke   invoke a function with a sample event
//	local import   import a table with what is filed already
//	local reconcile
//	               list what differs between the register of a running system and the bureau's full copy
//	local rules-diff
//	               list the rules, and the open orders, on which two versions or two days differ
//	local verify-watch
//	               verify the exported history of a watched website
//
// The Makefile starts it; see `make help`.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
)

func main() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" { // collect less often than by default, and stay under 300 MB (make bench)
		debug.SetGCPercent(300)
		debug.SetMemoryLimit(176 << 20)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	commands := map[string]func(context.Context, []string) error{"run": run, "demo": runDemo, "bench": runBench, "bureau": runBureau, "invoke": invoke,
		"rules-diff": diffRules, "reconcile": reconcile, "import": importFile, "models": buildModels, "verify-watch": verifyWatch}
	name, args := "run", os.Args[1:]
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	command, ok := commands[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "beian: unknown command %q; use run, demo, bench, bureau, invoke, rules-diff, reconcile, import, verify-watch or models\n", name)
		os.Exit(2)
	}
	if err := command(ctx, args); err != nil && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "beian: %v\n", err)
		os.Exit(1)
	}
}

// logger writes warnings and errors as text to stderr. LOG=info adds each request.
func logger() *slog.Logger {
	level := slog.LevelWarn
	if os.Getenv("LOG") == "info" {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// dataFolder is the absolute path of the data: DATA, or .local.
func dataFolder() (string, error) { return filepath.Abs(cmp.Or(os.Getenv("DATA"), ".local")) }

// inTempFolder calls do with a new folder and removes the folder afterwards.
func inTempFolder(do func(folder string) error) (err error) {
	folder, err := os.MkdirTemp("", "beian-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	return do(folder)
}

// portFromEnv reads a port number from an environment variable.
func portFromEnv(name string, fallback int) (int, error) {
	text := os.Getenv(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 65535 {
		return 0, fmt.Errorf("%s=%q is not a port; use a number up to 65535, or 0 for a free port / %[1]s=%[2]q 不是端口，请使用不大于 65535 的数字，或用 0 选取空闲端口", name, text)
	}
	return n, nil
}
