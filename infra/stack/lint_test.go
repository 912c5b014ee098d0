//go:build deploy

package stack_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestLint checks every synthesised template with cfn-lint. Run it with make test-deploy, which installs cfn-lint.
func TestLint(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(synthesisFolder(t), "*.template.json"))
	if err != nil || len(files) != len(templates) {
		t.Fatalf("templates %q, %v", files, err)
	}
	arguments := append([]string{"--regions", "ap-southeast-1",
		"--ignore-checks",
		"W3005", // the CDK adds DependsOn to each function for the role that the function also refers to
		"E3601", // cfn-lint reads the machine's definition with its placeholders; TestMachine checks it after substitution
		"--template"}, files...)
	output, err := exec.CommandContext(t.Context(), "../../dist/python/bin/cfn-lint", arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("cfn-lint (installed by make test-deploy): %v\n%s", err, output)
	}
}
