// Package picture draws the state machine of package workflow as an SVG, with the path of an order through it:
//
//	svg := picture.Draw(picture.Options{Language: "zh-CN", Path: visits, Current: "AwaitBureau"})
//
// The picture is made from [workflow.Definition], so it has every state and every transition. Transitions that all tasks have in common, such as
// those after an error, are drawn as one line with a branch for each state. The same options give the same bytes.
//
// The picture has neither style nor colours: the page that shows it sets them by the classes state, visited, current, edge and used. States
// that were visited also have a check mark, and the current one a second border, so that the path can be read without colours. A title and a
// description state the path in words.
package picture

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

// Options say what to draw. The zero value draws the machine alone.
type Options struct {
	// Language is "en" for English texts; others are Chinese.
	Language string
	// Path has the states that were entered, in their order. States that the machine does not have are ignored, such as those of an older definition.
	Path []Visit
	// Current is the state at which the machine is; "" if it has ended or is not known.
	Current string
	// Counts are the numbers of orders at each state; a state without one shows none.
	Counts map[string]int
}

// A Visit is one entry into a state.
type Visit struct {
	State string
	At    time.Time // zero if it is not known
}

// Words are a text in both languages.
type Words struct{ Chinese, English string }

// beijing is the time zone of the times in the picture.
var beijing = time.FixedZone("Asia/Shanghai", 8*60*60)

// Name returns the words for a state, or its own name for a state that the machine does not have.
func Name(state string) Words {
	if words, ok := names[state]; ok {
		return words
	}
	return Words{Chinese: state, English: state}
}

// A drawing collects the elements of one picture.
type drawing struct {
	Options
	machine machine
	boxes   map[string]box
	used    map[edge]bool
	visits  map[string][]Visit
	out     strings.Builder
}

// Draw returns the picture as an SVG element, to be part of a page or a separate file.
func Draw(o Options) string {
	d := drawing{Options: o, machine: parsed(), used: map[edge]bool{}, visits: map[string][]Visit{}}
	d.boxes = d.machine.layout()
	last := ""
	for _, v := range o.Path {
		if _, known := d.boxes[v.State]; !known {
			continue
		}
		d.visits[v.State] = append(d.visits[v.State], v)
		d.used[edge{last, v.State}] = true
		last = v.State
	}
	d.write(`<svg xmlns="http://www.w3.org/2000/svg" class="machine" role="img" viewBox="0 0 %d %d" aria-labelledby="machine-title machine-path" lang="%s">`,
		width, d.machine.height(), d.words("zh-CN", "en"))
	d.write(`<title id="machine-title">%s</title><desc id="machine-path">%s</desc>`, d.words("备案流程图", "The workflow of a filing"), html.EscapeString(d.description()))
	d.write(`<defs><marker id="machine-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>`)
	for _, l := range d.machine.lines(d.boxes) {
		class := "edge"
		if slices.ContainsFunc(l.edges, func(e edge) bool { return d.used[e] }) {
			class = "edge used"
		}
		d.write(`<path class="%s" fill="none" stroke="currentColor" d="%s"%s/>`, class, l.path, l.marker())
	}
	for _, state := range d.machine.order {
		d.state(state)
	}
	d.out.WriteString("</svg>\n")
	return d.out.String()
}

func (d *drawing) write(format string, args ...any) { fmt.Fprintf(&d.out, format+"\n", args...) }

func (d *drawing) words(chinese, english string) string {
	if d.Language == "en" {
		return english
	}
	return chinese
}

func (d *drawing) name(state string) string {
	words := Name(state)
	return d.words(words.Chinese, words.English)
}

// state draws the box of a state.
func (d *drawing) state(state string) {
	b, class := d.boxes[state], "state"
	visits := d.visits[state]
	mark := ""
	if len(visits) > 0 {
		class, mark = "state visited", "✓ "
	}
	if len(visits) > 1 {
		mark = fmt.Sprintf("✓%d× ", len(visits))
	}
	if state == d.Current {
		class, mark = class+" current", "▶ "
	}
	d.write(`<g class="%s" id="state-%s"><title>%s</title>`, class, state, html.EscapeString(d.stateTitle(state)))
	d.write(`<rect x="%d" y="%d" width="%d" height="%d" rx="%d" fill="none" stroke="currentColor"/>`, b.x, b.y, b.w, b.h, b.radius)
	if state == d.Current {
		d.write(`<rect x="%d" y="%d" width="%d" height="%d" rx="%d" fill="none" stroke="currentColor"/>`, b.x+4, b.y+4, b.w-8, b.h-8, max(0, b.radius-4))
	}
	d.write(`<text x="%d" y="%d" text-anchor="middle" dominant-baseline="central" fill="currentColor">%s</text>`, b.x+b.w/2, b.y+b.h/2, html.EscapeString(mark+d.name(state)))
	if n, ok := d.Counts[state]; ok {
		d.write(`<text class="count" x="%d" y="%d" text-anchor="end" dominant-baseline="central" fill="currentColor">%d</text>`, b.x+b.w-8, b.y+b.h/2, n)
	}
	d.write(`</g>`)
}

// stateTitle returns the text of a state's tool tip: its name and when it was entered.
func (d *drawing) stateTitle(state string) string {
	var times []string
	for _, v := range d.visits[state] {
		if !v.At.IsZero() {
			times = append(times, v.At.In(beijing).Format("2006-01-02 15:04"))
		}
	}
	if len(times) == 0 {
		return d.name(state)
	}
	return d.name(state) + d.words("：进入于 ", ": entered ") + strings.Join(times, d.words("、", ", "))
}

// description returns the path in words.
func (d *drawing) description() string {
	if len(d.visits) == 0 {
		return d.words("全部状态和流向。", "All states and transitions.")
	}
	var path []string
	for _, v := range d.Path {
		if _, known := d.boxes[v.State]; known {
			path = append(path, d.name(v.State))
		}
	}
	text := d.words("已走过：", "Path so far: ") + strings.Join(path, " → ") + d.words("。", ".")
	if _, known := d.boxes[d.Current]; known {
		text += d.words("现在在：", " Now at: ") + d.name(d.Current) + d.words("。", ".")
	}
	return text
}

// names are the words for the states.
var names = map[string]Words{
	"Step":               {Chinese: "从订单所在步骤开始", English: "Start at the order's step"},
	"VerifyType":         {Chinese: "验证备案类型", English: "Determine the type"},
	"VerifyProduct":      {Chinese: "产品验证", English: "Choose the server"},
	"CollectDetails":     {Chinese: "填写信息", English: "Enter the details"},
	"CollectEvidence":    {Chinese: "上传资料", English: "Upload documents"},
	"VerifyAuthenticity": {Chinese: "真实性核验", English: "Liveness check"},
	"AwaitConfirmation":  {Chinese: "信息核验", English: "Confirm the summary"},
	"InitialReview":      {Chinese: "备案初审", English: "Initial review"},
	"MailDocuments":      {Chinese: "邮寄资料", English: "Mail the originals"},
	"VerifySMS":          {Chinese: "短信核验", English: "Verify by SMS"},
	"Transmit":           {Chinese: "提交管局", English: "Submit to the bureau"},
	"AwaitBureau":        {Chinese: "管局审核", English: "Bureau decides"},
	"Announce":           {Chinese: "通知结果", English: "Announce the result"},
	"FollowUp":           {Chinese: "备案后事项", English: "Record the duties"},
	"Return":             {Chinese: "退回到某一步", English: "Return to a step"},
	"Pause":              {Chinese: "出错，15分钟后重试", English: "Failed; retry in 15 min"},
	"Expire":             {Chinese: "超时处理", English: "Handle the timeout"},
	"Withdraw":           {Chinese: "撤销", English: "Withdraw"},
	"Abandon":            {Chinese: "放弃", English: "Abandon"},
	"Reject":             {Chinese: "初审驳回", English: "Reject"},
	"Closed":             {Chinese: "订单已关闭", English: "Closed"},
}
