//go:build deploy

package deploytest

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestLint checks every template with cfn-lint. The golden templates are the synthesised ones; a test of infra/stack compares them.
func TestLint(t *testing.T) {
	templates, err := filepath.Glob("../stack/testdata/golden/*.json")
	if err != nil || len(templates) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	arguments := append([]string{"--regions", region,
		"--ignore-checks",
		"W3005", // the CDK makes each function depend on its role besides referring to it
		"E3601", // cfn-lint reads the machine's definition before its placeholders are filled; asl-validator reads it afterwards
		"--template"}, templates...)
	output, err := exec.CommandContext(t.Context(), "../../dist/python/bin/cfn-lint", arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("cfn-lint (installed by make test-deploy): %v\n%s", err, output)
	}
}
