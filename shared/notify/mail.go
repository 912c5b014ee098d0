package notify

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"sync"
)

// The HTML part of a mail is made from its plain part, so that both always say the same. Paragraphs are parted by an
// empty line; lines that begin with "- " are a list, whose points may go on in lines indented by two spaces; lines
// indented by four are code; and "label: address" alone in a paragraph is a button.

// A block is a paragraph, a list, code or a button; only the field of its kind is set.
type block struct {
	Lines  []string
	Points [][]string
	Code   string
	Button button
}

type button struct{ Label, URL string }

var buttonForm = regexp.MustCompile(`^([^:：]+)[:：] ?(https?://\S+)$`)

var layout = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "templates/layout.html"))
})

// page returns the HTML part for a plain part.
func page(language, title, text string) (string, error) {
	var out bytes.Buffer
	err := layout().Execute(&out, struct {
		Language, Title string
		Blocks          []block
	}{language, title, blocks(text)})
	if err != nil {
		return "", fmt.Errorf("HTML of a notice: %w", err)
	}
	return out.String(), nil
}

func blocks(text string) []block {
	var all []block
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		all = append(all, read(strings.Split(paragraph, "\n")))
	}
	return all
}

func read(lines []string) block {
	if form := buttonForm.FindStringSubmatch(lines[0]); form != nil && len(lines) == 1 {
		return block{Button: button{form[1], form[2]}}
	}
	switch {
	case strings.HasPrefix(lines[0], "    "):
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], "    ")
		}
		return block{Code: strings.Join(lines, "\n")}
	case strings.HasPrefix(lines[0], "- "):
		return block{Points: points(lines)}
	}
	return block{Lines: lines}
}

func points(lines []string) [][]string {
	var all [][]string
	for _, one := range lines {
		if text, first := strings.CutPrefix(one, "- "); first {
			all = append(all, []string{text})
			continue
		}
		all[len(all)-1] = append(all[len(all)-1], strings.TrimSpace(one))
	}
	return all
}

var gaps = regexp.MustCompile(`[ \t]*\n([ \t]*\n)+`)

// tidy leaves one empty line between paragraphs.
func tidy(text string) string { return gaps.ReplaceAllString(text, "\n\n") + "\n" }
