package stack_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/infra/stack"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

const functions = "../../functions"

// groups are the variables of package setup by their names in the mains.
var groups = map[string][]environ.Name{
	"ForDecisions": setup.ForDecisions, "ForBucket": setup.ForBucket, "ForUploads": setup.ForUploads, "ForRetention": setup.ForRetention, "ForLiveness": setup.ForLiveness, "ForMessages": setup.ForMessages,
	"ForSMSReply": setup.ForSMSReply, "ForRegulator": setup.ForRegulator, "ForBureauFiles": setup.ForBureauFiles,
}

// onLaptop are variables that have no value on AWS.
var onLaptop = []environ.Name{environ.Clock}

// besideFull are optional variables that full has no value for, and which environment has: SNS and another carrier
// exclude each other.
var besideFull = map[environ.Name]string{environ.SMSRegion: "abroad"}

// TestEveryFolderIsAFunction compares the folders of functions/ with the stack's list.
func TestEveryFolderIsAFunction(t *testing.T) {
	mains, err := filepath.Glob(filepath.Join(functions, "*", "lambda", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	var folders, known []string
	for _, path := range mains {
		folders = append(folders, filepath.Base(filepath.Dir(filepath.Dir(path))))
	}
	for _, f := range stack.Functions {
		known = append(known, f.Name)
	}
	slices.Sort(known)
	slices.Sort(folders)
	if diff := cmp.Diff(folders, known); diff != "" {
		t.Errorf("folders with a lambda/main.go (-) and stack.Functions (+):\n%s", diff)
	}
}

// TestConfiguration proves both ways that the variables a main reads are those that its function is given: by what the
// mains hand to setup.Begin, and by what the templates say.
func TestConfiguration(t *testing.T) {
	for environment := range folders {
		system := read(t, environment+"-system")
		for _, f := range stack.Functions {
			wanted := begun(t, filepath.Join(functions, f.Name, "lambda", "main.go"))
			_, function := system.function(t, environment, f.Name)
			given, _ := function.at("Environment.Variables").(map[string]any)
			for _, name := range wanted {
				_, is := given[string(name)]
				all, beside := besideFull[name]
				if !beside {
					all = "full"
				}
				needed := environment == all || !slices.Contains(environ.Optional, name)
				switch {
				case slices.Contains(onLaptop, name) && is:
					t.Errorf("%s: %s is for the laptop and set on AWS", f.Name, name)
				case !slices.Contains(onLaptop, name) && needed && !is:
					t.Errorf("%s (%s): %s is read and not set", f.Name, environment, name)
				}
			}
			for name := range given {
				if !slices.Contains(wanted, environ.Name(name)) {
					t.Errorf("%s (%s): %s is set and not read", f.Name, environment, name)
				}
			}
			if _, err := environ.Load(func(name string) (string, bool) { _, ok := given[name]; return "x", ok }, wanted...); err != nil {
				t.Errorf("%s (%s): %v", f.Name, environment, err)
			}
		}
	}
}

// begun returns the variables that a main hands to setup.Begin.
func begun(t *testing.T, path string) []environ.Name {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []environ.Name
	calls := 0
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || selected(call.Fun) != "Begin" {
			return true
		}
		calls++
		for _, argument := range call.Args {
			group, ok := groups[selected(argument)]
			if !ok {
				t.Errorf("%s: setup.%s is not known to this test, which knows %v", path, selected(argument), slices.Sorted(maps.Keys(groups)))
			}
			names = append(names, group...)
		}
		return false
	})
	if calls != 1 {
		t.Errorf("%s: setup.Begin is called %d times", path, calls)
	}
	return names
}

// selected is the name in setup.<name>.
func selected(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if of, ok := s.X.(*ast.Ident); !ok || of.Name != "setup" {
		return ""
	}
	return s.Sel.Name
}

// TestSecretsAreReferences: no value of a secret is in a template.
func TestSecretsAreReferences(t *testing.T) {
	secret := []environ.Name{environ.SMSSecrets, environ.CarrierSecret, environ.LivenessSecret, environ.BureauUser, environ.BureauPassword, environ.BureauKey, environ.BureauIV}
	for environment := range folders {
		for id, function := range read(t, environment+"-system").of("AWS::Lambda::Function") {
			given, _ := function.at("Environment.Variables").(map[string]any)
			for _, name := range secret {
				if value, ok := given[string(name)]; ok && !isReference(value) {
					t.Errorf("%s: %s is no reference to a secret", id, name)
				}
			}
			if function.Properties["KmsKeyArn"] == nil {
				t.Errorf("%s: its variables are not encrypted with a key of ours", id)
			}
		}
	}
}

func isReference(value any) bool {
	text, ok := value.(string)
	return ok && strings.HasPrefix(text, "{{resolve:secretsmanager:beian/") && strings.HasSuffix(text, "}}")
}

func TestBinariesAreChecked(t *testing.T) {
	folder := t.TempDir()
	s, err := stack.Load(environments, "default")
	if err != nil {
		t.Fatal(err)
	}
	app := stack.NewApp(filepath.Join(folder, "out"))
	_, err = stack.Build(app, s, folder)
	want := "function verifytype has no binary for Linux at " + filepath.Join(folder, "verifytype", "bootstrap") + ": run make build-functions"
	if err == nil || err.Error() != want {
		t.Errorf("nothing built: %v", err)
	}
	if err := placeholders(folder, stack.X86); err != nil {
		t.Fatal(err)
	}
	_, err = stack.Build(app, s, folder)
	want = filepath.Join(folder, "verifytype", "bootstrap") +
		" is built for EM_X86_64, and the environment's architecture is arm64: run make build-functions"
	if err == nil || err.Error() != want {
		t.Errorf("built for another processor: %v", err)
	}
}
