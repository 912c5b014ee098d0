// Package webpage reads from the HTML of a home page what a filing is checked against: the filing numbers that it shows, whether a visitor
// sees them, where they lead, the title, and hints of what the site offers. Start with [Decode] and [Read].
//
//	page := webpage.Read(charset.Decode(body, response.Header.Get("Content-Type")))
//	page.Numbers[0].Filing.String() // 京ICP备12345678号-1
//
// Nothing is loaded and no script runs. Styles count where they are in the page: attributes, and rules with simple selectors. A page may be
// hostile: its size is limited by the caller, and the memory and the time that reading takes are limited here.
package webpage

import (
	"strings"
	"sync"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"beian/shared/rules/number"
	"beian/shared/rules/publicsecurity"
)

// A Page is what was read of a page. Its JSON leaves out the title, which may name a person.
type Page struct {
	Title          string                  `json:"-"`
	Numbers        []Number                `json:"numbers,omitempty"`
	PublicSecurity []publicsecurity.Number `json:"publicSecurity,omitempty"`
	Copyright      bool                    `json:"copyright,omitempty"` // a line that says whose the site is
	// Content are the ministry's numbers of service contents (Wzfwlx) that the words of the page suggest.
	Content []int `json:"content,omitempty"`
	// Dynamic says that scripts, frames or a refresh may show more than was read.
	Dynamic bool `json:"dynamic,omitempty"`
	// Incomplete says that the page was too large, or nested too deeply, to be read to its end.
	Incomplete bool `json:"incomplete,omitempty"`
}

// A Number is a filing number on a page.
type Number struct {
	number.Mention
	Hidden Hiding `json:"hidden,omitempty"`
	Link   Link   `json:"link,omitempty"`
}

// reading makes sure that one page is parsed at a time, so that a process needs the memory of one.
var reading sync.Mutex

// Read reads a page. It never fails: of HTML that is nested too deeply, or whose tree is too large, it reads the text only, and the page is Incomplete.
func Read(source string) Page {
	reading.Lock()
	defer reading.Unlock()
	root, err := html.Parse(newBoundedReader(source)) // with scripting, so that noscript has no elements
	if err != nil {
		root = &html.Node{Type: html.DocumentNode}
		root.AppendChild(&html.Node{Type: html.TextNode, Data: textOf(source)})
	}
	r := reader{sheet: newSheet()}
	r.page.Incomplete = err != nil
	r.collect(root)
	r.read(root)
	r.finish()
	return r.page
}

// textOf returns the text of HTML that does not parse.
func textOf(source string) string {
	var text strings.Builder
	skip := atom.Atom(0)
	for z := html.NewTokenizer(strings.NewReader(source)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return text.String()
		case html.TextToken:
			if skip == 0 {
				text.Write(z.Text())
			}
		case html.StartTagToken:
			if name, _ := z.TagName(); atom.Lookup(name) == atom.Script || atom.Lookup(name) == atom.Style {
				skip = atom.Lookup(name)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); atom.Lookup(name) == skip {
				skip = 0
			}
		}
	}
}

// A reader reads one page.
type reader struct {
	page  Page
	sheet *sheet
	text  strings.Builder
	parts []part
}

// A part is the text of one text node.
type part struct {
	start, end int // bytes of the reader's text
	node       *html.Node
}

// collect reads the title and the styles, which may follow the elements that they are about.
func (r *reader) collect(n *html.Node) {
	if n.Type == html.ElementNode {
		switch n.DataAtom {
		case atom.Title:
			if r.page.Title == "" && n.Namespace == "" {
				r.page.Title = strings.Join(strings.Fields(content(n)), " ")
			}
		case atom.Style:
			if media := strings.TrimSpace(attribute(n, "media")); media == "" || media == "all" || media == "screen" {
				r.sheet.add(content(n))
			}
		case atom.Script:
			switch kind := strings.ToLower(attribute(n, "type")); {
			case kind == "", kind == "module", strings.Contains(kind, "javascript"):
				r.page.Dynamic = true
			}
		case atom.Iframe, atom.Frame:
			r.page.Dynamic = true
		case atom.Meta:
			r.page.Dynamic = r.page.Dynamic || strings.EqualFold(attribute(n, "http-equiv"), "refresh")
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.collect(c)
	}
}

// content returns the text directly below an element.
func content(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// read appends the text of a node as a browser lays it out: elements in a line without anything between them, others on lines of their own.
func (r *reader) read(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		start := r.text.Len()
		for _, c := range []byte(n.Data) { // a line break in the source is a space
			if c == '\n' || c == '\r' {
				c = ' '
			}
			r.text.WriteByte(c)
		}
		r.parts = append(r.parts, part{start, r.text.Len(), n})
		return
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Title, atom.Iframe, atom.Noframes, atom.Textarea, atom.Select, atom.Object:
			return
		}
		if !inLine[n.DataAtom] {
			r.text.WriteByte('\n')
			defer r.text.WriteByte('\n')
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.read(c)
	}
}

var inLine = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Big: true, atom.Cite: true, atom.Code: true, atom.Em: true, atom.Font: true, atom.I: true,
	atom.Img: true, atom.Ins: true, atom.Label: true, atom.Mark: true, atom.S: true, atom.Small: true, atom.Span: true, atom.Strong: true,
	atom.Sub: true, atom.Sup: true, atom.U: true, atom.Wbr: true, atom.Del: true, atom.Tt: true, atom.Time: true,
}

// finish reads the page's text.
func (r *reader) finish() {
	text := r.text.String()
	for _, m := range number.FindAll(text) {
		n := Number{Mention: m}
		for _, node := range r.nodes(text, m.Start, m.End) {
			if n.Hidden == "" {
				n.Hidden = r.sheet.hiding(node)
			}
			if link := linkOf(node); link.Compare(n.Link) > 0 {
				n.Link = link
			}
		}
		n.Start, n.End = 0, 0
		r.page.Numbers = append(r.page.Numbers, n)
	}
	r.page.PublicSecurity = publicsecurity.FindAll(text)
	for _, at := range copyright().FindAllStringIndex(text, 20) {
		for _, node := range r.nodes(text, at[0], at[1]) {
			r.page.Copyright = r.page.Copyright || r.sheet.hiding(node) == ""
		}
	}
	r.page.Content = suggestedContent(text)
}

// maxNodes limits the text nodes of a number, which may have characters between its own that are not seen.
const maxNodes = 50

// nodes returns the text nodes in which a part of the text is, at most maxNodes, without those of which it has only white space.
func (r *reader) nodes(text string, start, end int) []*html.Node {
	low, high := 0, len(r.parts) // the first part that ends after start
	for low < high {
		if middle := (low + high) / 2; r.parts[middle].end > start {
			high = middle
		} else {
			low = middle + 1
		}
	}
	var nodes []*html.Node
	for _, p := range r.parts[low:] {
		if p.start >= end || len(nodes) == maxNodes {
			break
		}
		if strings.TrimSpace(text[max(p.start, start):min(p.end, end)]) != "" {
			nodes = append(nodes, p.node)
		}
	}
	return nodes
}
