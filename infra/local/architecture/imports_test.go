package architecture_test

import (
	"slices"
	"strings"
	"testing"
)

// groups are the layers of shared/, each with the packages of shared/ that it may import: a group, or one package of a group.
var groups = map[string][]string{
	// The functions themselves; their lambda/main.go, which wires, may import everything.
	"functions": {"web", "process", "partners", "bureau", "workflow", "filing", "rules", "aws/apigateway", "aws/bucket"},

	"rules":    {"rules"},
	"filing":   {"filing", "rules"},
	"bureau":   {"bureau", "rules/finding"},
	"process":  {"process", "filing", "rules", "bureau"},
	"partners": {"partners", "filing", "rules"},
	"aws":      {"aws", "process", "filing", "rules"},
	"workflow": {"workflow", "filing"},
	"web":      {"web", "process", "workflow", "filing", "rules", "aws/apigateway"},
	"setup":    {"setup", "aws", "partners", "process", "bureau", "filing", "rules"},
}

// TestImports checks the import rule of the functions and of each group of shared/. Only shared/aws and shared/setup import the AWS SDK; nothing in shared/
// or functions/ imports infra/, and only infra/stack imports the CDK.
func TestImports(t *testing.T) {
	out, err := goInRoot("list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], "beian/")
		path, shared := strings.CutPrefix(name, "shared/")
		group, _, _ := strings.Cut(path, "/")
		allowed, known := groups[group]
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
