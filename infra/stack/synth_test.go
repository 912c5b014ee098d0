package stack_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"beian/infra/stack"
)

const environments = "../environments"

// environmentFolders maps the environments of the tests to their folders: default; full, with every optional setting; abroad,
// with SMS from another Region; manual, without a link to the bureau, with SMS through a carrier; and china, in a Region of China.
var environmentFolders = map[string]string{"default": environments, "full": "testdata", "abroad": "testdata", "manual": "testdata", "china": environments}

// templates are the names of all their stacks.
var templates = []string{"default-records", "default-system", "full-records", "full-system", "full-mail", "abroad-records", "abroad-system", "manual-records", "manual-system",
	"china-records", "china-system"}

// functionsOf returns the functions of an environment: without a link to the bureau, nothing is exchanged with it; only a mail relay's bounces come by webhook.
func functionsOf(environment string) []stack.Function {
	return slices.DeleteFunc(slices.Clone(stack.Functions), func(f stack.Function) bool {
		return environment == "manual" && (f.Name == "exchange" || f.Name == "sitewatch") || environment != "china" && f.Name == "mailbounce"
	})
}

// hasFixedAddress reports whether the functions of an environment that call the bureau do so from a fixed address, in a VPC.
func hasFixedAddress(environment string) bool { return environment == "full" || environment == "china" }

// synthesis is the result of the one synthesis that all tests share.
var synthesis struct {
	once   sync.Once
	folder string
	err    error
	// findings are the findings of cdk-nag.
	findings []string
}

// TestMain does not close the CDK's runtime, which ends with this process: jsii.Close has a data race, which the race detector
// reports.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.RemoveAll(synthesis.folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// synthesisFolder returns the folder of the cloud assembly.
func synthesisFolder(t *testing.T) string {
	t.Helper()
	synthesis.once.Do(func() { synthesis.err = synthesise() })
	if synthesis.err != nil {
		t.Fatal(synthesis.err)
	}
	return filepath.Join(synthesis.folder, "out")
}

func synthesise() error {
	var err error
	if synthesis.folder, err = os.MkdirTemp("", "stack"); err != nil {
		return err
	}
	app := stack.NewApp(filepath.Join(synthesis.folder, "out"))
	var stacks []awscdk.Stack
	for name, folder := range environmentFolders {
		s, err := stack.Load(folder, name)
		if err != nil {
			return err
		}
		binaries := filepath.Join(synthesis.folder, string(s.Architecture))
		if err := writePlaceholders(binaries, s.Architecture); err != nil {
			return err
		}
		system, err := stack.Build(app, s, binaries)
		if err != nil {
			return err
		}
		stacks = append(stacks, system.Records, system.System)
		if system.Mail != nil {
			stacks = append(stacks, system.Mail)
		}
	}
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Verbose: jsii.Bool(true), Reports: jsii.Bool(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_CSV},
	}), nil)
	app.Synth(nil)
	for _, one := range stacks {
		annotations := assertions.Annotations_FromStack(one)
		for _, message := range append(
			*annotations.FindError(jsii.String("*"), assertions.Match_AnyValue()),
			*annotations.FindWarning(jsii.String("*"), assertions.Match_AnyValue())...) {
			//lint:ignore SA1019 the CDK's assertions return the deprecated type
			synthesis.findings = append(synthesis.findings, fmt.Sprint(*message.Id, ": ", message.Entry.Data))
		}
	}
	return nil
}

// writePlaceholders writes an empty Linux program for each function: an ELF header.
func writePlaceholders(folder string, a stack.Architecture) error {
	machine := uint16(183) // EM_AARCH64
	if a == stack.X86 {
		machine = 62 // EM_X86_64
	}
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(header[16:], 2) // an executable
	binary.LittleEndian.PutUint16(header[18:], machine)
	binary.LittleEndian.PutUint32(header[20:], 1)
	binary.LittleEndian.PutUint16(header[52:], 64)
	binary.LittleEndian.PutUint16(header[54:], 56)
	binary.LittleEndian.PutUint16(header[58:], 64)
	for _, f := range stack.Functions {
		if err := os.MkdirAll(filepath.Join(folder, f.Name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, f.Name, "bootstrap"), header, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// A template is a CloudFormation template.
type template struct {
	Resources map[string]*resource
	Outputs   map[string]any
}

type resource struct {
	Type           string
	Properties     map[string]any
	Metadata       map[string]any
	DeletionPolicy string

	UpdateReplacePolicy string
}

// readTemplate returns the template of a stack, such as "default-records".
func readTemplate(t *testing.T, name string) template {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(synthesisFolder(t), "beian-"+name+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var document template
	if err := json.Unmarshal(doc, &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// A deployedStack is a stack in the manifest of the cloud assembly.
type deployedStack struct {
	Type         string
	Environment  string
	Dependencies []string
}

// manifest returns the stacks of the cloud assembly by name.
func manifest(t *testing.T) map[string]deployedStack {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(synthesisFolder(t), "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Artifacts map[string]deployedStack }
	if err := json.Unmarshal(doc, &all); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(all.Artifacts, func(_ string, one deployedStack) bool { return one.Type != "aws:cloudformation:stack" })
	return all.Artifacts
}

// resourcesOf returns the resources of a type.
func (document template) resourcesOf(kind string) map[string]*resource {
	found := map[string]*resource{}
	for id, r := range document.Resources {
		if r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// onlyResource returns the resource of a type. It fails the test unless there is exactly one.
func (document template) onlyResource(t *testing.T, kind string) *resource {
	t.Helper()
	found := document.resourcesOf(kind)
	if len(found) != 1 {
		t.Fatalf("%d resources are %s, want one", len(found), kind)
	}
	for _, r := range found {
		return r
	}
	return nil
}

// property returns a property by its path, such as "Code.S3Key".
func (r *resource) property(path string) any {
	var value any = r.Properties
	for name := range strings.SplitSeq(path, ".") {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = fields[name]
	}
	return value
}

// function returns a function's resource and its name in the template.
func (document template) function(t *testing.T, environment, name string) (string, *resource) {
	t.Helper()
	for id, r := range document.resourcesOf("AWS::Lambda::Function") {
		if r.property("FunctionName") == "beian-"+environment+"-"+name {
			return id, r
		}
	}
	t.Fatalf("function %s does not exist", name)
	return "", nil
}
