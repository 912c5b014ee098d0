// Command local runs the whole of Beian on one machine.
//
//	local run      start the system and leave it up, with sample filings in it (-bootstrap: with the built functions)
//	local demo     tell three filings in a fresh system, and end
//	local bench    measure
//	local bureau   run the bureau simulator alone
//	local invoke   send a sample event to a function of the running system
//
// It is started by the Makefile; see `make help`.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	commands := map[string]func(context.Context, []string) error{"run": run, "demo": tellDemo, "bench": measure, "bureau": standAlone, "invoke": invoke}
	name, rest := "run", os.Args[1:]
	if len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	command, ok := commands[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "beian: there is no command %q; there are run, demo, bench, bureau and invoke\n", name)
		os.Exit(2)
	}
	if err := command(ctx, rest); err != nil && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "beian: %v\n", err)
		os.Exit(1)
	}
}

// logger logs warnings and worse as text to stderr; LOG=info shows each request.
func logger() *slog.Logger {
	level := slog.LevelWarn
	if os.Getenv("LOG") == "info" {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
