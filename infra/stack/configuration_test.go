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

// groups are the groups of variables, by their names in package setup.
var groups = map[string][]environ.Name{
	"ForDecisions": setup.ForDecisions, "ForBucket": setup.ForBucket, "ForUploads": setup.ForUploads, "ForRetention": setup.ForRetention, "ForSiteWatch": setup.ForSiteWatch, "ForLiveness": setup.ForLiveness, "ForDomains": setup.ForDomains, "ForMessages": setup.ForMessages,
	"ForSMSReply": setup.ForSMSReply, "ForWebhooks": setup.ForWebhooks, "ForMailBounce": setup.ForMailBounce, "ForAccessChecks": setup.ForAccessChecks, "ForLimits": setup.ForLimits, "ForRegulator": setup.ForRegulator, "ForBureauFiles": setup.ForBureauFiles, "ForCharacters": setup.ForCharacters, "ForCancellations": setup.ForCancellations, "ForAgencies": setup.ForAgencies, "ForPortal": setup.ForPortal, "ForReview": setup.ForReview, "ForTasks": setup.ForTasks, "ForSender": setup.ForSender, "ForStaff": setup.ForStaff,
}

// laptopVariables are the variables without a value on AWS.
var laptopVariables = []environ.Name{environ.SMSHours, environ.Clock}

// notInFull maps each optional variable that the environment full cannot set, because SNS excludes another carrier, SES a mail relay, and a link to the
// bureau filing by hand, to an environment that sets it.
var notInFull = map[environ.Name]string{environ.SMSRegion: "abroad", environ.SMTPURL: "china", environ.SMTPPassword: "china", environ.Bureau: "manual"}

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

// TestConfiguration compares the variables that each main passes to setup.Begin with those that the template sets.
func TestConfiguration(t *testing.T) {
	for environment := range environmentFolders {
		system := readTemplate(t, environment+"-system")
		for _, f := range functionsOf(environment) {
			wanted := variablesRead(t, filepath.Join(functions, f.Name, "lambda", "main.go"))
			_, function := system.function(t, environment, f.Name)
			given, _ := function.property("Environment.Variables").(map[string]any)
			for _, name := range wanted {
				_, is := given[string(name)]
				all, ok := notInFull[name]
				if !ok {
					all = "full"
				}
				needed := environment == all || !slices.Contains(environ.Optional, name) && (environment != "manual" || !slices.Contains(environ.OfInterface, name))
				switch {
				case slices.Contains(laptopVariables, name) && is:
					t.Errorf("%s: %s is only for the laptop, but set on AWS", f.Name, name)
				case !slices.Contains(laptopVariables, name) && needed && !is:
					t.Errorf("%s (%s): %s is read but not set", f.Name, environment, name)
				}
			}
			for name := range given {
				if !slices.Contains(wanted, environ.Name(name)) {
					t.Errorf("%s (%s): %s is set but not read", f.Name, environment, name)
				}
			}
			lookup := func(name string) (string, bool) {
				value, ok := given[name]
				if !ok {
					return "", false
				}
				if text, is := value.(string); is {
					return text, ok
				}
				return "x", ok
			}
			if _, err := environ.Load(lookup, wanted...); err != nil {
				t.Errorf("%s (%s): %v", f.Name, environment, err)
			}
		}
	}
}

// variablesRead returns the variables that a main passes to setup.Begin; none for a main without package setup.
func variablesRead(t *testing.T, path string) []environ.Name {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []environ.Name
	calls := 0
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || selectorOf(call.Fun) != "Begin" {
			return true
		}
		calls++
		for _, argument := range call.Args {
			group, ok := groups[selectorOf(argument)]
			if !ok {
				t.Errorf("%s: setup.%s is missing in groups: %v", path, selectorOf(argument), slices.Sorted(maps.Keys(groups)))
			}
			names = append(names, group...)
		}
		return false
	})
	uses := slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"beian/shared/setup"` })
	if uses != (calls == 1) {
		t.Errorf("%s: setup.Begin is called %d times", path, calls)
	}
	return names
}

// selectorOf returns the name in setup.<name>.
func selectorOf(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if of, ok := s.X.(*ast.Ident); !ok || of.Name != "setup" {
		return ""
	}
	return s.Sel.Name
}

// TestSecretsAreReferences: templates contain references to secrets, not their values.
func TestSecretsAreReferences(t *testing.T) {
	secret := []environ.Name{environ.SMSSecrets, environ.BounceSecrets, environ.AccessSecrets, environ.CarrierSecret, environ.SMTPPassword, environ.LivenessSecret, environ.RegistrarSecret, environ.BureauUser, environ.BureauPassword, environ.BureauKey, environ.BureauIV}
	for environment := range environmentFolders {
		for id, function := range readTemplate(t, environment+"-system").resourcesOf("AWS::Lambda::Function") {
			given, _ := function.property("Environment.Variables").(map[string]any)
			for _, name := range secret {
				if value, ok := given[string(name)]; ok && !isReference(value) {
					t.Errorf("%s: %s is not a reference to a secret", id, name)
				}
			}
			if function.Properties["KmsKeyArn"] == nil {
				t.Errorf("%s: the variables are not encrypted with a customer managed key", id)
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
	path := filepath.Join(folder, "verifytype", "bootstrap")
	want := "function verifytype has no Linux binary at " + path + "; run make build-functions / 函数 verifytype 在 " + path + " 没有 Linux 程序，请运行 make build-functions"
	if err == nil || err.Error() != want {
		t.Errorf("no binary: %v", err)
	}
	if err := writePlaceholders(folder, stack.X86); err != nil {
		t.Fatal(err)
	}
	_, err = stack.Build(app, s, folder)
	want = path + " is built for EM_X86_64, but the environment's architecture is arm64; run make build-functions / " +
		path + " 的架构是 EM_X86_64，而环境的 architecture 是 arm64，请运行 make build-functions"
	if err == nil || err.Error() != want {
		t.Errorf("a binary for another processor: %v", err)
	}
}
