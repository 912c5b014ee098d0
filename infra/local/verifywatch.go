package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"beian/shared/process/sitewatch"
)

// verifyWatch verifies the exported history of a website, and prints what it proves. It needs only the file and the public key.
func verifyWatch(_ context.Context, args []string) error { return printWatch(os.Stdout, args) }

// printWatch is verifyWatch with its output.
func printWatch(out io.Writer, args []string) error {
	if len(args) != 2 || args[0] == "" || args[1] == "" {
		return errors.New("usage: make verify-watch FILE=<exported history> KEY=<public key in base64>")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(args[1]))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("%q is not an Ed25519 public key of %d bytes in base64", args[1], ed25519.PublicKeySize)
	}
	file, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	statements, err := sitewatch.Verify(file, key)
	if err != nil {
		return err
	}
	first := statements[0]
	fmt.Fprintf(out, "Proved: %d statements about %s of filing %s\n", len(statements), first.Host, first.Filing)
	for _, s := range statements {
		var found []string
		for _, f := range s.Findings {
			found = append(found, fmt.Sprintf("%s (%s, %s)", f.Code, f.Severity, f.Host))
		}
		if len(found) == 0 {
			found = []string{"nothing is wrong"}
		}
		fmt.Fprintf(out, "  %s  %s  %s\n", s.At.UTC().Format("2006-01-02 15:04:05 UTC"), s.Number, strings.Join(found, ", "))
	}
	return nil
}
