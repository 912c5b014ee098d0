package operator

import (
	"html"
	"net/url"
	"strconv"
	"strings"

	"beian/shared/process/exchange"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// kindWords and actorWords are the words of the page for a difference.
var (
	kindWords = map[exchange.DifferenceKind]finding.Words{
		exchange.MissingHere:  {Chinese: "备案库没有", English: "Missing in the register"},
		exchange.MissingThere: {Chinese: "管局没有", English: "Missing at the bureau"},
		exchange.Differs:      {Chinese: "数据不同", English: "Other data"},
		exchange.Conflict:     {Chinese: "与另一条备案冲突", English: "Conflict with another filing"},
	}
	actorWords = map[exchange.Actor]finding.Words{
		exchange.OperatorActs:  {Chinese: "运营人员处理", English: "The operator acts"},
		exchange.ApplicantActs: {Chinese: "备案主体处理", English: "The applicant acts"},
		exchange.BureauActs:    {Chinese: "管局处理", English: "The bureau acts"},
	}
)

// reconciliationPage renders a page of differences. path is that of the page, and next the cursor of the next one, "" on the last. It has no script.
func reconciliationPage(c *ReconciledCopy, items []ReconciledDifference, state, next, path, language string) []byte {
	var b strings.Builder
	write := func(texts ...string) {
		for _, t := range texts {
			b.WriteString(t)
		}
	}
	in := func(w finding.Words) string { return html.EscapeString(w.In(language)) }
	link := func(state, cursor string, w finding.Words) {
		q := url.Values{"state": {state}, "limit": {"100"}}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		write(`<a href="`, html.EscapeString(path+"?"+q.Encode()), `">`, in(w), `</a>`)
	}
	title := finding.Words{Chinese: "备案库与管局对账", English: "The register and the bureau compared"}
	write(`<!doctype html><html lang="`, html.EscapeString(language), `"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`,
		`<meta name="robots" content="noindex"><title>`, in(title), `</title><style>`, sheetStyle, `</style></head><body><main><h1>`, in(title), `</h1>`)
	switch {
	case c == nil:
		write(`<p>`, in(finding.Words{Chinese: "管局还没有下发过全量数据。", English: "The bureau has not sent a full copy yet."}), `</p>`)
	default:
		n, all := strconv.Itoa(c.Compared), strconv.Itoa(c.Filings)
		day := string(workday.DateOf(c.ReceivedAt))
		write(`<p>`, in(finding.Words{Chinese: "全量数据收到于 " + day + "，已比对 " + n + " / " + all + " 条备案。",
			English: "Full copy received on " + day + "; " + n + " of " + all + " filings compared."}), `</p>`)
	}
	write(`<p>`)
	link("open", "", finding.Words{Chinese: "待处理", English: "Open"})
	write(` · `)
	link("settled", "", finding.Words{Chinese: "已按管局数据处理", English: "Settled with the bureau's data"})
	write(`</p>`)
	if len(items) == 0 && next == "" {
		write(`<p>`, in(finding.Words{Chinese: "没有差异。", English: "There is no difference."}), `</p>`)
	}
	for _, d := range items {
		number := d.Number
		if d.Site != "" {
			number = d.Site
		}
		write(`<section><h2>`, html.EscapeString(number), ` · `, in(kindWords[d.Kind]), `</h2><dl>`)
		row := func(label finding.Words, value string) {
			write(`<div><dt>`, in(label), `</dt><dd>`, value, `</dd></div>`)
		}
		row(actorWords[d.Actor], in(d.Message)+" "+in(d.Remedy))
		if len(d.Places) > 0 {
			row(finding.Words{Chinese: "不同之处", English: "Places"}, html.EscapeString(strings.Join(d.Places, " ")))
		}
		if len(d.Conflicts) > 0 {
			var codes []string
			for _, code := range d.Conflicts {
				codes = append(codes, string(code))
			}
			row(finding.Words{Chinese: "冲突", English: "Conflicts"}, html.EscapeString(strings.Join(codes, " ")))
		}
		row(finding.Words{Chinese: "发现于", English: "Seen on"}, html.EscapeString(string(workday.DateOf(d.SeenAt))))
		write(`</dl></section>`)
	}
	if next != "" {
		write(`<p>`)
		link(state, next, finding.Words{Chinese: "下一页", English: "Next page"})
		write(`</p>`)
	}
	write(`</main></body></html>`)
	return []byte(b.String())
}
