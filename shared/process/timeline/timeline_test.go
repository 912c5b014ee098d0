package timeline_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/process/timeline"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// noon is noon of 5 March 2026 in Shanghai.
var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, workday.Shanghai)

// hiddenDecisions are the decisions without a line: internal ones, requests for a closing, whose closing has a line, and
// holds, which may be confidential, verdicts that have not taken effect, and repairs of what the applicant does not see.
var hiddenDecisions = []string{"release-claim", "issue-challenge", "repeat-type", "check-domains", "set-duties", "ask-expire", "ask-reject",
	"hold-data", "lift-hold", "record-repair", "close-task", "record-verdict", "undo-verdict", "apply-verdict", "keep-reading", "escalate-reading", "decide-by-one", "agree", "enter-reason", "enter-filing-password", "check-filing-password"}

func TestEveryDecisionHasWordsOrIsHidden(t *testing.T) {
	names := decisionNames(t)
	for _, closing := range []filing.Closing{filing.ClosingWithdraw, filing.ClosingAbandon, filing.ClosingExpire, filing.ClosingReject} {
		names = append(names, filing.AskToClose{As: closing}.Name())
	}
	if len(names) < 30 {
		t.Fatalf("only %d decisions were found in package filing", len(names))
	}
	for _, name := range names {
		e := filing.Entry{At: noon, Decision: name, Facts: map[string]string{}}
		if name == "timeout" {
			e.Step = filing.AwaitBureau
		}
		if name == "answer-challenge" {
			e.Facts["passed"] = "true"
		}
		if name == "close" {
			e.Facts["closing"] = string(filing.ClosingWithdraw)
		}
		hasWords := len(timeline.Of([]filing.Entry{e}, number.Site, "zh-CN")) == 1
		if hasWords == slices.Contains(hiddenDecisions, name) {
			t.Errorf("decision %q: has words %t; add it to timeline.json or to the list of hidden decisions", name, hasWords)
		}
	}
}

// decisionNames returns the results of the decisions' Name methods, from the source of package filing.
func decisionNames(t *testing.T) []string {
	var names []string
	for file := range inspectFiling(t) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Name.Name != "Name" || f.Body == nil {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if r, ok := n.(*ast.ReturnStmt); ok {
					if text, ok := r.Results[0].(*ast.BasicLit); ok {
						name, err := strconv.Unquote(text.Value)
						if err != nil {
							t.Fatal(err)
						}
						names = append(names, name)
					}
				}
				return true
			})
		}
	}
	return names
}

// inspectFiling parses package filing and returns a function that inspects its files.
func inspectFiling(t *testing.T) func(func(*ast.File) bool) {
	paths, err := filepath.Glob("../../filing/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("package filing was not found: %v", err)
	}
	return func(yield func(*ast.File) bool) {
		for _, path := range paths {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(path, "_test.go") && !yield(file) {
				return
			}
		}
	}
}

func TestEveryCodeOfFilingHasWords(t *testing.T) {
	known := map[finding.Code]bool{}
	for _, e := range finding.Catalogue() {
		known[e.Code] = true
	}
	count := 0
	for file := range inspectFiling(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			kind, ok := v.Type.(*ast.SelectorExpr)
			text, literal := v.Values[0].(*ast.BasicLit)
			if !ok || !literal || kind.Sel.Name != "Code" {
				return true
			}
			code, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			if count++; !known[finding.Code(code)] {
				t.Errorf("code %q of package filing is not in the catalogue", code)
			}
			return true
		})
	}
	if count < 50 {
		t.Fatalf("only %d codes were found in package filing", count)
	}
}

func TestTimelineWordsAreInBothLanguages(t *testing.T) {
	text, err := os.ReadFile("timeline.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		Title map[string]string `json:"title"`
		Text  map[string]string `json:"text"`
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	for event, words := range all {
		for _, language := range []string{"zh-CN", "en"} {
			if words.Title[language] == "" || words.Text != nil && words.Text[language] == "" {
				t.Errorf("%s has no words in %s", event, language)
			}
		}
		if len(words.Title) != 2 || words.Text != nil && len(words.Text) != 2 {
			t.Errorf("%s has words in an unknown language", event)
		}
		for _, placeholder := range []string{"{domains}", "{number}"} {
			if strings.Contains(words.Text["zh-CN"], placeholder) != strings.Contains(words.Text["en"], placeholder) {
				t.Errorf("%s contains %s in one language only", event, placeholder)
			}
		}
	}
}

func TestTimeline(t *testing.T) {
	applicant, reviewer := filing.Actor{Account: "a", Role: filing.Applicant}, filing.Actor{Account: "r", Role: filing.Reviewer}
	facts := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	entries := []filing.Entry{
		{Decision: "open", By: applicant, Facts: facts("domains", "example.cn xn--fsqu00a.xn--fiqs8s")},
		{Decision: "determine-type", By: filing.Beian, Facts: facts("type", "FIRST")},
		{Decision: "issue-challenge", By: applicant},
		{Decision: "answer-challenge", By: applicant, Facts: facts("passed", "false")},
		{Decision: "answer-challenge", By: applicant, Facts: facts("passed", "true")},
		{Decision: "confirm", By: applicant},
		{Decision: "claim", By: reviewer},
		{Decision: "claim", By: reviewer},
		{Decision: "pass", By: reviewer, Step: filing.MailDocuments},
		{Decision: "answer-sms", By: applicant, Facts: facts("wrong", "1")},
		{Decision: "timeout", By: filing.Beian, Step: filing.InitialReview, Facts: facts("lapsed", "sms-expired")},
		{Decision: "timeout", By: filing.Beian, Step: filing.CollectDetails},
		{Decision: "unheard-of", By: filing.Beian},
		{Decision: "approve", By: filing.TheBureau, Facts: facts("number", "浙ICP备2026012345号")},
	}
	for i := range entries {
		entries[i].At = noon.Add(time.Duration(i) * time.Hour)
	}
	type line struct {
		hour             int
		title, text, who string
	}
	want := []line{
		{0, "您开始了备案申请", "域名：example.cn 例子.中国", "您"},
		{1, "系统已确定备案类型", "可以继续下一步。", "系统"},
		{3, "真实性核验未通过", "请网站负责人本人在光线充足处重试。", "您"},
		{4, "网站负责人通过了真实性核验", "", "您"},
		{5, "您已确认并提交", "我们会尽快初审，一般需要 1–2 个工作日。", "您"},
		{7, "审核员已领取您的申请", "正在初审，请保持负责人电话畅通。", "审核员"},
		{8, "初审要求邮寄纸质材料", "请按订单页面的清单和地址寄出。", "审核员"},
		{9, "短信验证码填写错误", "请核对后重试，次数有限。", "您"},
		{10, "短信验证超时", "申请已转回审核员处理。", "系统"},
		{13, "备案已通过", "主体备案号：浙ICP备2026012345号", "管局"},
	}
	var got []line
	for _, l := range timeline.Of(entries, number.Site, "zh-CN") {
		got = append(got, line{int(l.At.Sub(noon).Hours()), l.Title, l.Text, l.Who})
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	ofApp := timeline.Of(entries, number.App, "zh-CN")
	if ofApp[2].Text != "请APP负责人本人在光线充足处重试。" {
		t.Errorf("of an app: %v", ofApp)
	}
	english := timeline.Of(entries, number.Site, "en")
	if len(english) != len(want) || english[0].Who != "you" || english[9].Text != "Subject number: 浙ICP备2026012345号" {
		t.Errorf("in English: %v", english)
	}
}
