package operator

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html"
	"strconv"
	"strings"
	"sync"

	"beian/shared/filing"
	"beian/shared/process/sheet"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

//go:embed sheet.css
var sheetStyle string

//go:embed sheet.js
var sheetScript string

// pagePolicy is the content security policy of the page: its own style and script, and links to the papers. Nothing is loaded.
var pagePolicy = sync.OnceValue(func() string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(sheetStyle) + "; script-src " + hash(sheetScript) + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
})

// sheetPage renders a sheet as a page. It works without JavaScript: the script only adds the buttons that copy a value. path is that of the
// page. (Package html/template is not used, because it calls methods by name; see shared/process/notify.)
func sheetPage(o filing.Order, s sheet.Sheet, path, language string) []byte {
	var b strings.Builder
	in := func(w finding.Words) string { return html.EscapeString(w.In(language)) }
	// both returns the Chinese text, which the console has, and the English one beside it for readers of English.
	both := func(w finding.Words) string {
		if language == "en" && w.English != w.Chinese {
			return `<span lang="zh-CN">` + html.EscapeString(w.Chinese) + `</span> <small>` + html.EscapeString(w.English) + `</small>`
		}
		return html.EscapeString(w.Chinese)
	}
	write := func(texts ...string) {
		for _, t := range texts {
			b.WriteString(t)
		}
	}
	title := finding.Words{Chinese: "人工报备表", English: "Sheet for filing by hand"}
	copying := finding.Words{Chinese: "复制", English: "Copy"}
	copied := finding.Words{Chinese: "已复制", English: "Copied"}
	papers := finding.Words{Chinese: "材料", English: "Papers"}
	round := strconv.Itoa(o.Round)
	write(`<!doctype html><html lang="`, html.EscapeString(language), `"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`,
		`<meta name="robots" content="noindex"><title>`, in(title), ` `, html.EscapeString(string(o.ID)), `</title><style>`, sheetStyle, `</style></head>`,
		`<body data-copy="`, in(copying), `" data-copied="`, in(copied), `"><main><h1>`, in(title), `</h1><p>`, html.EscapeString(string(o.ID)), ` · `,
		in(o.ServiceAt("").Fit(o.Kind().Words)), ` · `, in(finding.Words{Chinese: "第 " + round + " 次提交", English: "submission " + round}), ` · `, string(workday.DateOf(o.MovedAt)), `</p>`)
	for _, section := range s.Sections {
		write(`<section><h2>`, both(section.Title), `</h2><dl>`)
		for _, r := range section.Rows {
			write(`<div><dt>`, both(r.Label), `</dt><dd><span class="value" lang="zh-CN">`, html.EscapeString(r.Value), `</span>`)
			if r.Note != (finding.Words{}) {
				write(`<small class="note">`, in(r.Note), `</small>`)
			}
			write(`</dd></div>`)
		}
		write(`</dl></section>`)
	}
	write(`<section><h2>`, both(papers), `</h2><ol>`)
	for i, p := range s.Papers {
		write(`<li><a download="`, html.EscapeString(fileName(i+1, p.Slot)), `" href="`, html.EscapeString(path+"/copies/"+strconv.Itoa(i+1)), `">`, both(p.Words), `</a></li>`)
	}
	write(`</ol></section></main><p id="status" role="status" aria-live="polite"></p><script>`, sheetScript, `</script></body></html>`)
	return []byte(b.String())
}
