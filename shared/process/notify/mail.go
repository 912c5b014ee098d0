package notify

import (
	"html"
	"regexp"
	"strings"
	"sync"
)

// The HTML part of an email is generated from its plain part, so that both have the same text. Empty lines separate paragraphs.
// Lines that begin with "- " are a list; an item may continue in lines that are indented by two spaces. Lines that are indented by four
// spaces are code. A paragraph "label: URL" is a button.

// A block is a paragraph, a list, code or a button. Only one field is set.
type block struct {
	Lines  lines
	Points []lines
	Code   string
	Button button
}

// lines are the lines of a paragraph or list item, at least one.
type lines struct {
	First  string
	Others []string
}

type button struct{ Label, URL string }

var buttonForm = regexp.MustCompile(`^([^:：]+)[:：] ?(https?://\S+)$`)

var layout = sync.OnceValue(func() templateSet {
	parsed, err := parseTemplates(files, "templates/layout.html")
	if err != nil {
		panic(err) // this package's test parses it
	}
	return parsed
})

// renderHTML returns the HTML part of an email for its plain part.
func renderHTML(language, title, text string) (string, error) {
	return layout().execute("page", struct {
		Language, Title string
		Blocks          []block
	}{language, title, parseBlocks(text)}, html.EscapeString)
}

func parseBlocks(text string) []block {
	var parsed []block
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		parsed = append(parsed, parseBlock(strings.Split(paragraph, "\n")))
	}
	return parsed
}

func parseBlock(text []string) block {
	if form := buttonForm.FindStringSubmatch(text[0]); form != nil && len(text) == 1 {
		return block{Button: button{form[1], form[2]}}
	}
	switch {
	case strings.HasPrefix(text[0], "    "):
		for i := range text {
			text[i] = strings.TrimPrefix(text[i], "    ")
		}
		return block{Code: strings.Join(text, "\n")}
	case strings.HasPrefix(text[0], "- "):
		return block{Points: parsePoints(text)}
	}
	return block{Lines: lines{text[0], text[1:]}}
}

func parsePoints(text []string) []lines {
	var items []lines
	for _, line := range text {
		if first, begins := strings.CutPrefix(line, "- "); begins {
			items = append(items, lines{First: first})
			continue
		}
		last := &items[len(items)-1]
		last.Others = append(last.Others, strings.TrimSpace(line))
	}
	return items
}

var blankLines = regexp.MustCompile(`[ \t]*\n([ \t]*\n)+`)

// collapseBlankLines reduces several empty lines between paragraphs to one.
func collapseBlankLines(text string) string { return blankLines.ReplaceAllString(text, "\n\n") + "\n" }
