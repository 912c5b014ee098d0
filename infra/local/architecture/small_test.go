package architecture_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tags are those of the Makefile's build-functions.
const tags = "-tags=lambda.norpc,nethttpomithttp2"

// TestFunctionsCarryOnlyWhatTheyNeed: only the functions that need a heavy package import it.
func TestFunctionsCarryOnlyWhatTheyNeed(t *testing.T) {
	heavy := []struct {
		imported string
		only     []string // the functions that need it
		reason   string
	}{
		{"text/template", []string{"portal", "staff"}, "it calls methods by name, for which every operation of the AWS clients is kept; see shared/process/notify"},
		{"html/template", []string{"portal", "staff"}, "it runs text/template; the pages pay for it, see ADR 41"},
		{"github.com/aws/aws-sdk-go-v2/config", nil, "Lambda sets all that the SDK needs; see shared/setup"},
		{"github.com/aws/aws-sdk-go-v2/service/sesv2", []string{"sweeper"}, "only the sweeper sends; see shared/setup/sending"},
		{"github.com/aws/aws-sdk-go-v2/service/sns", []string{"sweeper"}, "only the sweeper sends; see shared/setup/sending"},
		{"github.com/emersion/go-smtp", []string{"sweeper"}, "only the sweeper sends; see shared/setup/sending"},
		{"beian/shared/process/notify", []string{"reviewer", "staff", "sweeper"}, "the sweeper writes to people, and reviewers see before a verdict what it will write"},
		{"beian/shared/rules/picture", []string{"api", "portal", "staff", "reviewer", "inspectupload"}, "applicants upload pictures, and reviewers see them marked"},
		{"image", []string{"api", "portal", "staff", "reviewer", "inspectupload"}, "applicants upload pictures, and reviewers see them marked"},
		{"github.com/danielgtaylor/huma/v2", []string{"api", "apidocs", "portal", "staff", "reviewer", "operator", "accesscheck"}, "the framework of the HTTP API"},
		{"github.com/swaggest/swgui/v5/static", []string{"apidocs"}, "the page to try the API"},
	}
	out, err := goInRoot("list", tags, "-f", `{{.ImportPath}} {{join .Deps " "}}`, "beian/functions/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	found := 0
	for line := range strings.Lines(string(out)) {
		imports := strings.Fields(line)
		function, isMain := strings.CutSuffix(strings.TrimPrefix(imports[0], "beian/functions/"), "/lambda")
		if !isMain {
			continue
		}
		found++
		for _, h := range heavy {
			if slices.Contains(imports[1:], h.imported) && !slices.Contains(h.only, function) {
				t.Errorf("%s must not import %s: %s", function, h.imported, h.reason)
			}
		}
	}
	if found != len(functionFolders(t)) {
		t.Errorf("%d functions were checked, want %d", found, len(functionFolders(t)))
	}
}

// initBytes limits what a package of this module may allocate before main begins: enough for some regular expressions, too little
// for a table.
const initBytes = 128 << 10

// TestFunctionsStartLight: no code calls methods by name, so the linker drops unused ones, and tables are decoded at their first
// use. The listed functions differ in their imports.
func TestFunctionsStartLight(t *testing.T) {
	allocated := regexp.MustCompile(`(?m)^init (beian/\S+) .* (\d+) bytes`)
	for _, function := range []string{"api", "reviewer", "operator", "sweeper", "exchange", "verifytype", "announce"} {
		binary := filepath.Join(t.TempDir(), function)
		edges, err := goInRoot("build", tags, "-ldflags=-dumpdep", "-o", binary, "./functions/"+function+"/lambda").CombinedOutput()
		if err != nil {
			t.Fatalf("go build: %v", err)
		}
		for line := range strings.Lines(string(edges)) {
			if caller, _, found := strings.Cut(line, " <ReflectMethod> ->"); found {
				t.Errorf("%s: %s calls methods by name, so the linker keeps every exported method of every type", function, caller)
				break
			}
		}
		start := exec.Command(binary)
		start.Env = []string{"GODEBUG=inittrace=1"}
		trace, err := start.CombinedOutput()
		if _, ended := err.(*exec.ExitError); !ended {
			t.Fatalf("%s starts without its variables: %v", function, err)
		}
		inits := allocated.FindAllStringSubmatch(string(trace), -1)
		if len(inits) == 0 {
			t.Errorf("%s: no package is in the trace", function)
		}
		for _, init := range inits {
			if bytes, err := strconv.Atoi(init[2]); err != nil || bytes > initBytes {
				t.Errorf("%s: package %s allocates %s bytes before main, more than %d; decode it at its first use (sync.OnceValue)",
					function, init[1], init[2], initBytes)
			}
		}
	}
}

// TestPatterns: each expression of package pattern is well-formed. A malformed one would panic only at its first use.
func TestPatterns(t *testing.T) {
	out, err := goInRoot("list", "-f", `{{if .GoFiles}}{{.Dir}} {{join .GoFiles " "}}{{end}}`, "beian/shared/...", "beian/functions/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		constants := map[string]ast.Expr{}
		var expressions []ast.Expr
		for _, name := range words[1:] {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(words[0], name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			expressions = append(expressions, patternsIn(file, constants)...)
		}
		for _, e := range expressions {
			text, err := textOf(e, constants)
			if err == nil {
				_, err = regexp.Compile(text)
			}
			if err != nil {
				t.Errorf("%s: %v", words[0], err)
			}
			count++
		}
	}
	if count < 40 {
		t.Errorf("%d expressions", count)
	}
}

// patternsIn returns the arguments of the calls of pattern.New in a file, and adds the values of the file's names to constants.
func patternsIn(file *ast.File, constants map[string]ast.Expr) (found []ast.Expr) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if i < len(n.Values) {
					constants[name.Name] = n.Values[i]
				}
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "New" && len(n.Args) == 1 {
				if of, ok := f.X.(*ast.Ident); ok && of.Name == "pattern" {
					found = append(found, n.Args[0])
				}
			}
		}
		return true
	})
	return found
}

// textOf returns the value of literals and constants, added.
func textOf(e ast.Expr, constants map[string]ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.Unquote(e.Value)
	case *ast.Ident:
		if value, has := constants[e.Name]; has {
			return textOf(value, constants)
		}
	case *ast.BinaryExpr:
		left, err := textOf(e.X, constants)
		right, other := textOf(e.Y, constants)
		return left + right, errors.Join(err, other)
	}
	return "", fmt.Errorf("%T is not constant", e)
}

// goInRoot returns a go command that runs in the root of the repository.
func goInRoot(args ...string) *exec.Cmd {
	command := exec.Command("go", args...)
	command.Dir = root
	return command
}
