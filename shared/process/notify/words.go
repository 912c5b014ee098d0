package notify

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"text/template/parse"
)

// A templateSet has templates by name. They use a subset of text/template: fields, if with else, range and template.
//
// Package text/template/parse parses them, but package text/template does not execute them: it calls methods by name, so the linker
// would keep every exported method of the program, including all unused operations of the AWS SDK.
type templateSet map[string]*parse.Tree

// parseTemplates parses template files. Later files can use the templates of earlier ones.
func parseTemplates(folder fs.FS, paths ...string) (templateSet, error) {
	parsed := templateSet{}
	for _, path := range paths {
		text, err := fs.ReadFile(folder, path)
		if err != nil {
			return nil, err
		}
		trees, err := parse.Parse(path, string(text), "", "")
		if err != nil {
			return nil, err
		}
		for name, tree := range trees {
			parsed[name] = tree
		}
	}
	return parsed, nil
}

// execute executes a template with the fields of a struct. It escapes each value with escape.
func (w templateSet) execute(name string, data any, escape func(string) string) (string, error) {
	f := execution{templates: w, escape: escape}
	if err := f.executeTemplate(name, reflect.ValueOf(data)); err != nil {
		return "", fmt.Errorf("template %s: %w", name, err)
	}
	return f.text.String(), nil
}

type execution struct {
	templates templateSet
	escape    func(string) string
	text      strings.Builder
}

func (f *execution) executeTemplate(name string, dot reflect.Value) error {
	tree, known := f.templates[name]
	if !known {
		return fmt.Errorf("the template %q does not exist", name)
	}
	return f.executeList(tree.Root, dot)
}

func (f *execution) executeList(list *parse.ListNode, dot reflect.Value) error {
	if list == nil { // no else
		return nil
	}
	for _, node := range list.Nodes {
		if err := f.executeNode(node, dot); err != nil {
			return err
		}
	}
	return nil
}

func (f *execution) executeNode(node parse.Node, dot reflect.Value) error {
	switch n := node.(type) {
	case *parse.TextNode:
		f.text.Write(n.Text)
		return nil
	case *parse.ActionNode:
		value, err := valueOf(n.Pipe, dot)
		if err != nil {
			return err
		}
		f.text.WriteString(f.escape(fmt.Sprint(value.Interface())))
		return nil
	case *parse.IfNode:
		value, err := valueOf(n.Pipe, dot)
		switch {
		case err != nil:
			return err
		case isTrue(value):
			return f.executeList(n.List, dot)
		}
		return f.executeList(n.ElseList, dot)
	case *parse.RangeNode:
		value, err := valueOf(n.Pipe, dot)
		if err != nil {
			return err
		}
		if value.Len() == 0 {
			return f.executeList(n.ElseList, dot)
		}
		for i := range value.Len() {
			if err := f.executeList(n.List, value.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case *parse.TemplateNode:
		value, err := valueOf(n.Pipe, dot)
		if err != nil {
			return err
		}
		return f.executeTemplate(n.Name, value)
	}
	return fmt.Errorf("%s is not supported; use fields, if, range and template", node)
}

// valueOf returns the value of a pipe: the dot, its field, or a field of its field.
func valueOf(pipe *parse.PipeNode, dot reflect.Value) (reflect.Value, error) {
	if pipe == nil || len(pipe.Decl) > 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return dot, fmt.Errorf("{{%v}} is not supported", pipe)
	}
	switch n := pipe.Cmds[0].Args[0].(type) {
	case *parse.DotNode:
		return dot, nil
	case *parse.FieldNode:
		for _, name := range n.Ident {
			if dot.Kind() != reflect.Struct {
				return dot, fmt.Errorf("{{%v}}: the value before %s is no struct", pipe, name)
			}
			if dot = dot.FieldByName(name); !dot.IsValid() {
				return dot, fmt.Errorf("{{%v}}: the field %s does not exist", pipe, name)
			}
		}
		return dot, nil
	}
	return dot, fmt.Errorf("{{%v}} is not supported", pipe)
}

// isTrue reports whether a condition holds for a value: a list has items, another value is not zero.
func isTrue(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() > 0
	}
	return !v.IsZero()
}
