package stepfunctions_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"beian/infra/local/asl"
)

// placeholder matches what a deployment replaces in a definition: the partition and the functions' ARNs.
var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// TestValidatorAccepts checks the product's definitions, and the test cases of package asl, with asl-validator: a definition that
// only package asl accepts would fail on AWS.
func TestValidatorAccepts(t *testing.T) {
	const validator = "../../node_modules/.bin/asl-validator"
	if _, err := os.Stat(validator); err != nil {
		t.Fatalf("asl-validator is not installed; run: npm ci --prefix infra (%v)", err)
	}
	var arguments []string
	for _, file := range definitions(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = placeholder.ReplaceAllFunc(text, func(name []byte) []byte {
			if string(name) == "${Partition}" {
				return []byte("aws")
			}
			return name[2 : len(name)-1]
		})
		if _, err := asl.Parse(text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		filled := filepath.Join(t.TempDir(), filepath.Base(filepath.Dir(file))+".asl.json")
		if err := os.WriteFile(filled, text, 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "--json-path", filled)
	}
	command := exec.Command(validator, arguments...)
	var complaints strings.Builder
	command.Stderr = &complaints
	if err := command.Run(); err != nil {
		t.Errorf("asl-validator: %v\n%s", err, complaints.String())
	}
}

func definitions(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{
		"../asl/testdata/cases/*/definition.asl.json",
		"../../../shared/workflow/*.asl.json",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 30 {
		t.Fatalf("only %d definitions are found", len(files))
	}
	return files
}
