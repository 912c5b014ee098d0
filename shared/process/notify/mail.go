package notify

import (
	"html"
	"regexp"
	"strings"
	"sync"
)

// The HTML part of an email is generated from its plain part, so that both have the same text. Paragraphs are separated by an empty
// line; lines that begin with "- " are a list, whose items may continue in lines indented by two spaces; lines indented by four
// are code; and "label: URL" alone in a paragraph is a button.

// A block is a paragraph, a list, code or a button; only one field is set.
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

var layout = sync.OnceValue(func() words {
	parsed, err := parseWords(files, "templates/layout.html")
	if err != nil {
		panic(err) // this package's test parses it
	}
	return parsed
})

// page returns the HTML part of a plain part.
func page(language, title, text string) (string, error) {
	return layout().fill("page", struct {
		Language, Title string
		Blocks          []block
	}{language, title, blocks(text)}, html.EscapeString)
}

func blocks(text string) []block {
	var all []block
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		all = append(all, blockOf(strings.Split(paragraph, "\n")))
	}
	return all
}

func blockOf(text []string) block {
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
		return block{Points: points(text)}
	}
	return block{Lines: lines{text[0], text[1:]}}
}

func points(text []string) []lines {
	var all []lines
	for _, one := range text {
		if first, begins := strings.CutPrefix(one, "- "); begins {
			all = append(all, lines{First: first})
			continue
		}
		last := &all[len(all)-1]
		last.Others = append(last.Others, strings.TrimSpace(one))
	}
	return all
}

var gaps = regexp.MustCompile(`[ \t]*\n([ \t]*\n)+`)

// tidy reduces the space between paragraphs to one empty line.
func tidy(text string) string { return gaps.ReplaceAllString(text, "\n\n") + "\n" }
