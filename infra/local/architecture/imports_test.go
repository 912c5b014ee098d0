package architecture_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// importRules reads the table of ADR 12: for each group of shared/, and for functions, what it may import of shared/: a group, or one
// package of a group.
func importRules(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".github/adr/0012-layers-of-shared.md"))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(?:shared/)?(\\w+)` \\| (.*) \\|$").FindAllStringSubmatch(string(text), -1) {
		rules[row[1]] = strings.Split(strings.Trim(row[2], "`"), "`, `")
	}
	if len(rules) != 10 {
		t.Fatalf("ADR 12 has %d rules", len(rules))
	}
	return rules
}

// TestImports checks the import rules of ADR 12.
func TestImports(t *testing.T) {
	out, err := goInRoot("list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("go list: %v\n%s", err, exit.Stderr)
	} else if err != nil {
		t.Fatalf("go list: %v", err)
	}
	rules := importRules(t)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], "beian/")
		path, shared := strings.CutPrefix(name, "shared/")
		group, _, _ := strings.Cut(path, "/")
		allowed, known := rules[group]
		isFunction := group == "functions"
		if shared && !known {
			t.Errorf("%s is in no group of shared/", name)
		}
		for _, imported := range fields[1:] {
			ours, isOurs := strings.CutPrefix(imported, "beian/")
			of, isShared := strings.CutPrefix(ours, "shared/")
			switch {
			case strings.Contains(imported, "aws-cdk-go") && name != "infra" && !strings.HasPrefix(name, "infra/stack"):
				t.Errorf("%s imports %s: only infra/stack imports the CDK", name, imported)
			case (shared || isFunction) && strings.Contains(imported, "/aws-sdk-go-v2") && group != "aws" && group != "setup",
				shared && strings.Contains(imported, "/aws-lambda-go") && group != "aws" && group != "setup":
				t.Errorf("%s imports %s: only shared/aws and shared/setup import the SDK", name, imported)
			case (shared || isFunction) && isOurs && strings.HasPrefix(ours, "infra"):
				t.Errorf("%s imports %s", name, ours)
			case known && !strings.HasSuffix(name, "/lambda") && isShared && !slices.ContainsFunc(allowed, func(a string) bool { return of == a || strings.HasPrefix(of, a+"/") }):
				t.Errorf("%s imports %s; of shared/ it may import %s", name, ours, strings.Join(allowed, ", "))
			}
		}
	}
}
