//go:build deploy

package stack_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLint checks every synthesised template with cfn-lint, those for the Regions of China against the resource types that CloudFormation has there. Run it with
// make test-deploy, which installs cfn-lint.
func TestLint(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(synthesisFolder(t), "*.template.json"))
	if err != nil || len(files) != len(templates) {
		t.Fatalf("templates %q, %v", files, err)
	}
	ofChina := func(file string) bool { return strings.HasPrefix(filepath.Base(file), "beian-china-") }
	china := slices.DeleteFunc(slices.Clone(files), func(file string) bool { return !ofChina(file) })
	if len(china) != 2 {
		t.Errorf("templates for China: %q", china)
	}
	lint(t, slices.DeleteFunc(files, ofChina), "ap-southeast-1")
	lint(t, china, regionsOfChina...)
}

func lint(t *testing.T, files []string, regions ...string) {
	t.Helper()
	arguments := slices.Concat([]string{"--ignore-checks",
		"W3005", // the CDK adds DependsOn to each function for the role that the function also refers to
		"E3601", // cfn-lint reads the machine's definition with its placeholders; TestMachine checks it after substitution
		"--regions"}, regions, []string{"--template"}, files)
	output, err := exec.CommandContext(t.Context(), "../../dist/python/bin/cfn-lint", arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("cfn-lint (installed by make test-deploy): %v\n%s", err, output)
	}
}
