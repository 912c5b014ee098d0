package stack_test

import (
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

// A reach is what code of Beian may come to from one of its functions. It follows calls, function values, closures, and
// the methods of values that are turned into interfaces; what it says is never too little.
type reach struct {
	program *ssa.Program
	// methods are all methods of Beian's types by name, for calls through interfaces.
	methods map[string][]*ssa.Function
	seen    map[*ssa.Function]bool
	// calls are the operations of AWS that were come to, as IAM has them.
	calls map[string]bool
}

const (
	ours     = "beian/"
	services = "github.com/aws/aws-sdk-go-v2/service/"
)

// prefixes are the prefixes of IAM's actions where they are not the SDK's names of services.
var prefixes = map[string]string{"sesv2": "ses", "sfn": "states"}

// actions are the operations whose name is not that of the action that allows it.
var actions = map[string][]string{
	"dynamodb:TransactWriteItems":  {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
	"dynamodb:NewQueryPaginator":   {"dynamodb:Query"},
	"s3:PresignPostObject":         {"s3:PutObject"},
	"s3:PresignGetObject":          {"s3:GetObject"},
	"s3:NewListObjectsV2Paginator": {"s3:ListBucket"},
	"s3:ListObjectsV2":             {"s3:ListBucket"},
	"s3:DeleteObjects":             {"s3:DeleteObject"},
}

// harmless are names of the SDK's packages that call nothing.
var harmless = []string{"New", "NewFromConfig", "NewPresignClient", "WithPresignExpires", "Options"}

// load reads Beian's own code. The SDK and everything else is known by its types only.
func load(t *testing.T) (*ssa.Program, map[string]*ssa.Package) {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: "../.."}, "./functions/...", "./shared/...")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range loaded {
		for _, e := range p.Errors {
			t.Error(e)
		}
	}
	program, made := ssautil.Packages(loaded, ssa.InstantiateGenerics)
	program.Build()
	byPath := map[string]*ssa.Package{}
	for _, p := range made {
		if p != nil {
			byPath[p.Pkg.Path()] = p
		}
	}
	return program, byPath
}

// methodsOf are all methods of Beian's types by name.
func methodsOf(program *ssa.Program, all map[string]*ssa.Package) map[string][]*ssa.Function {
	found := map[string][]*ssa.Function{}
	for path, p := range all {
		if !strings.HasPrefix(path, ours) {
			continue
		}
		for _, member := range p.Members {
			named, ok := member.(*ssa.Type)
			if !ok || types.IsInterface(named.Type()) {
				continue
			}
			set := program.MethodSets.MethodSet(types.NewPointer(named.Type()))
			for i := range set.Len() {
				if f := program.MethodValue(set.At(i)); f != nil {
					found[f.Name()] = append(found[f.Name()], f)
				}
			}
		}
	}
	return found
}

func (r *reach) visit(f *ssa.Function) {
	if f == nil || r.seen[f] {
		return
	}
	r.seen[f] = true
	r.note(f)
	for _, block := range f.Blocks {
		for _, instruction := range block.Instrs {
			if call, ok := instruction.(ssa.CallInstruction); ok && call.Common().IsInvoke() {
				r.through(call.Common())
			}
			if made, ok := instruction.(*ssa.MakeInterface); ok {
				r.methodsOf(made.X.Type(), made.Type())
			}
			for _, operand := range instruction.Operands(nil) {
				if value, ok := (*operand).(*ssa.Function); ok && !r.indexed(f, value) {
					r.visit(value)
				}
			}
		}
	}
}

// indexed reports whether the store is asking one of its indexes, and writes down which: Mine and ListOpen do so through list.
func (r *reach) indexed(from, to *ssa.Function) bool {
	if from.Object() == nil || from.Object().Pkg() == nil || from.Object().Pkg().Path() != ours+"shared/aws/dynamo" {
		return false
	}
	switch from.Name() {
	case "ListByAccount":
		r.calls["dynamodb:Query mine"] = true
	case "ListOpen":
		r.calls["dynamodb:Query open"] = true
	case "list":
		return to.Name() == "Query"
	}
	return false
}

// through follows a call of an interface's method to every type of ours that has the interface.
func (r *reach) through(call *ssa.CallCommon) {
	face, ok := call.Value.Type().Underlying().(*types.Interface)
	if !ok {
		return
	}
	for _, f := range r.methods[call.Method.Name()] {
		if types.Implements(f.Signature.Recv().Type(), face) {
			r.visit(f)
		}
	}
}

// methodsOf follows the methods of a value that becomes somebody else's interface, who may call them.
func (r *reach) methodsOf(value, face types.Type) {
	if named, ok := face.(*types.Named); ok && named.Obj().Pkg() != nil && strings.HasPrefix(named.Obj().Pkg().Path(), ours) {
		return // its calls are followed one by one
	}
	wanted, ok := face.Underlying().(*types.Interface)
	if !ok {
		return
	}
	for i := range wanted.NumMethods() {
		name := wanted.Method(i)
		if s := r.program.MethodSets.MethodSet(value).Lookup(name.Pkg(), name.Name()); s != nil {
			r.visit(r.program.MethodValue(s))
		}
	}
}

// note writes down a call of the SDK.
func (r *reach) note(f *ssa.Function) {
	object := f.Object()
	if object == nil || object.Pkg() == nil {
		return
	}
	service, ok := strings.CutPrefix(object.Pkg().Path(), services)
	if !ok || strings.Contains(service, "/") || slices.Contains(harmless, f.Name()) || !object.Exported() {
		return
	}
	if recv := f.Signature.Recv(); recv != nil && !strings.HasSuffix(recv.Type().String(), "Client") {
		return // a paginator's or an option's
	}
	if prefix, ok := prefixes[service]; ok {
		service = prefix
	}
	operation := service + ":" + f.Name()
	if as, ok := actions[operation]; ok {
		for _, action := range as {
			r.calls[action] = true
		}
		return
	}
	r.calls[operation] = true
}
