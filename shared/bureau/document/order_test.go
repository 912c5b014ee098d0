package document_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/rules/gbk"
)

// A node is an element of a document.
type node struct {
	name, path, text string
	children         []*node
}

func parseTree(t *testing.T, gbkText []byte) *node {
	t.Helper()
	text, _ := gbk.Decode(bytes.TrimPrefix(gbkText, []byte(schema.Declaration(gbk.GBK))))
	decoder := xml.NewDecoder(strings.NewReader(text))
	top := &node{}
	open := []*node{top}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return top.children[0]
		}
		if err != nil {
			t.Fatal(err)
		}
		parent := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			child := &node{name: token.Name.Local, path: strings.TrimPrefix(parent.path+"/"+token.Name.Local, "/")}
			parent.children = append(parent.children, child)
			open = append(open, child)
		case xml.CharData:
			parent.text = string(token)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

func (n *node) all(yield func(*node) bool) bool {
	if !yield(n) {
		return false
	}
	for _, child := range n.children {
		if !child.all(yield) {
			return false
		}
	}
	return true
}

func (n *node) write(to *strings.Builder) {
	to.WriteString("<" + n.name)
	if n.path == n.name {
		to.WriteString(` version="` + document.Version + `"`)
	}
	to.WriteString(">" + n.text)
	for _, child := range n.children {
		child.write(to)
	}
	to.WriteString("</" + n.name + ">")
}

// TestElementsInAnyOrder reverses the children of every element of the schemas, one at a time. That is a problem unless the element is
// in testdata/any-order.txt, the list of what the ministry declares as xs:all. It found that the results of verification tasks
// (HSJG) had to be in order.
func TestElementsInAnyOrder(t *testing.T) {
	list, err := os.ReadFile("testdata/any-order.txt")
	if err != nil {
		t.Fatal(err)
	}
	anyOrder := map[string]bool{}
	for path := range strings.FieldsSeq(string(list)) {
		anyOrder[path] = true
	}
	unseen := maps.Clone(anyOrder)
	check := func(content []byte, parse func([]byte) (schema.Problems, error)) {
		root := parseTree(t, content)
		root.all(func(n *node) bool {
			if len(n.children) < 2 {
				delete(unseen, n.path)
				return true
			}
			slices.Reverse(n.children)
			var text strings.Builder
			root.write(&text)
			slices.Reverse(n.children)
			problems, err := parse([]byte(text.String()))
			wrong := slices.ContainsFunc(problems, func(p schema.Problem) bool { return p.Rule == schema.Order })
			if err != nil || wrong == anyOrder[n.path] || len(problems) > 0 && !wrong {
				t.Errorf("%s in any order: %t, but %v, %v", n.path, anyOrder[n.path], problems, err)
			}
			delete(unseen, n.path)
			return true
		})
	}
	for _, upload := range everyUpload() {
		content, err := upload.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		check(content, func(text []byte) (schema.Problems, error) {
			_, problems, err := document.ParseUpload(text)
			return problems, err
		})
	}
	for _, download := range everyDownload() {
		content, err := download.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		check(content, func(text []byte) (schema.Problems, error) {
			_, problems, err := document.ParseDownload(text)
			return problems, err
		})
	}
	for path := range unseen {
		t.Errorf("no document has %s", path)
	}
}
