// Package architecture_test checks the structure of the repository: folders, imports, the size of the functions, and samples.
package architecture_test

import (
	"bytes"
	"encoding/json"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"beian/events"
	"beian/functions/inspectupload"
	"beian/functions/reminders"
	"beian/functions/sweeper"
	"beian/functions/webhooks"
	"beian/infra/local/scenario"
	"beian/shared/process/decide"
	"beian/shared/workflow"
)

const root = "../../.."

// functionFolders returns the folders in functions/.
func functionFolders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestEveryFunctionHasASample: each function has a sample, which decodes strictly into its input.
func TestEveryFunctionHasASample(t *testing.T) {
	inputs := map[string]func() any{
		"api":           func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"apidocs":       func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"portal":        func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"staff":         func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"reviewer":      func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"operator":      func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"accesscheck":   func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"mailbounce":    func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"smsreply":      func() any { return new(lambdaevents.APIGatewayV2HTTPRequest) },
		"inspectupload": func() any { return new(inspectupload.Input) },
		"webhooks":      func() any { return new(webhooks.Input) },
		"sweeper":       func() any { return new(sweeper.Input) },
		"reminders":     func() any { return new(reminders.Input) },
		"retention":     func() any { return new(struct{}) },
		"sitewatch":     func() any { return new(struct{}) },
		"exchange":      func() any { return new(struct{}) },
		"applications":  func() any { return new(scenario.Application) },
	}
	for _, task := range workflow.Tasks() {
		inputs[task.Folder()] = func() any { return new(decide.Input) }
	}
	samples := map[string]int{}
	err := fs.WalkDir(events.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		folder := path.Dir(name)
		input, ok := inputs[folder]
		if !ok {
			t.Errorf("events/%s belongs to no function", name)
			return nil
		}
		text, err := events.Files.ReadFile(name)
		if err != nil {
			return err
		}
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		if err := strict.Decode(input()); err != nil {
			t.Errorf("events/%s does not fit its function: %v", name, err)
		}
		samples[folder]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range functionFolders(t) {
		if samples[folder] == 0 {
			t.Errorf("functions/%s has no sample in events/%s", folder, folder)
		}
	}
}

// TestPackageComments: each package has one package comment.
func TestPackageComments(t *testing.T) {
	comments := map[string]int{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || d.Name() == "node_modules" || d.Name() == "dist") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		if file.Doc != nil {
			comments[filepath.Dir(name)]++
		} else {
			comments[filepath.Dir(name)] += 0
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, n := range comments {
		if n != 1 {
			t.Errorf("%s has %d package comments, not one", folder, n)
		}
	}
}
