package annualreview_test

import (
	"strings"
	"testing"

	"beian/shared/rules/annualreview"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

func TestOn(t *testing.T) {
	for _, test := range []struct {
		province string
		on       workday.Date
		open     bool
	}{
		{"42", "2020-01-14", false}, {"42", "2020-01-15", true}, {"42", "2020-04-15", true}, {"42", "2020-04-16", false}, {"33", "2020-02-01", false}, {"42", "2021-02-01", false}, {"", "2020-02-01", false},
	} {
		if r, open := annualreview.Calendar(nil).On(province.Code(test.province), test.on); open != test.open || open && (r.Source == "" || len(r.Numbers) == 0) {
			t.Errorf("%s on %s: %+v, %t", test.province, test.on, r, open)
		}
	}
	if r, known := annualreview.Calendar(nil).Next("42", "2019-12-01"); !known || r.From != "2020-01-15" {
		t.Errorf("the next review is %+v", r)
	}
	if r, known := annualreview.Calendar(nil).Next("42", "2020-04-16"); known {
		t.Errorf("a review that is over is next: %+v", r)
	}
	for _, r := range annualreview.Reviews() {
		if r.Span.Check() != nil || r.Until == "" || r.From == "" || r.Source == "" || len(r.Province) != 2 {
			t.Errorf("%+v", r)
		}
	}
}

// TestEntered: reviews that operators enter are open like known ones, and what is wrong with one is said.
func TestEntered(t *testing.T) {
	entered := annualreview.Calendar{{Province: "33", Span: workday.Span{From: "2027-03-01", Until: "2027-05-31"}, Source: "notice"}}
	for on, want := range map[workday.Date]bool{"2027-02-28": false, "2027-03-01": true, "2027-05-31": true, "2027-06-01": false} {
		if _, open := entered.On("33", on); open != want {
			t.Errorf("on %s: %t", on, open)
		}
	}
	if next, known := entered.Next("33", "2027-01-01"); !known || next.From != "2027-03-01" {
		t.Errorf("the next review is %+v", next)
	}
	if _, open := entered.On("42", "2020-02-01"); !open {
		t.Error("a known review is not open")
	}
	valid := annualreview.Review{Province: "33", Span: workday.Span{From: "2028-03-01", Until: "2028-05-31"}, Numbers: []string{"10690661740694920"}, Source: "notice of the bureau"}
	if found := valid.Check(entered); len(found) > 0 {
		t.Error(found)
	}
	for want, change := range map[finding.Code]func(*annualreview.Review){
		annualreview.CodeProvince: func(r *annualreview.Review) { r.Province = "99" },
		annualreview.CodeDays:     func(r *annualreview.Review) { r.Until = "2030-01-01" },
		annualreview.CodeNumber:   func(r *annualreview.Review) { r.Numbers = []string{"1069x"} },
		annualreview.CodeSource:   func(r *annualreview.Review) { r.Source = " " },
		annualreview.CodeOverlap:  func(r *annualreview.Review) { r.From, r.Until = "2027-05-31", "2027-07-01" },
	} {
		r := valid
		change(&r)
		if found := r.Check(entered); len(found) != 1 || found[0].Code != want {
			t.Errorf("%s: %v", want, found)
		}
	}
	changed := entered[0]
	changed.Until = "2027-06-30"
	if found := changed.Check(entered); len(found) > 0 {
		t.Errorf("a review that is changed overlaps itself: %v", found)
	}
	hubei := annualreview.Review{Province: "42", Span: workday.Span{From: "2020-04-15", Until: "2020-05-01"}, Source: "notice"}
	if found := hubei.Check(nil); len(found) != 1 || found[0].Code != annualreview.CodeOverlap {
		t.Errorf("a known review was entered again: %v", found)
	}
}

// TestParse: answers with spaces, full-width characters, lower case and traditional characters; and what is wrong with others.
func TestParse(t *testing.T) {
	const site = "鄂ICP备12345678号-1"
	for _, test := range []struct {
		text    string
		want    annualreview.Status
		problem annualreview.Problem
	}{
		{"#002#鄂ICP备12345678号-1#无变化#", annualreview.Unchanged, ""},
		{"＃００２＃鄂ＩＣＰ备１２３４５６７８号－１＃已更新＃", annualreview.Updated, ""},
		{" # 002 # 鄂icp备 12345678 号 - 1 # 已 注 销 # ", annualreview.Cancelled, ""},
		{"#002#鄂ICP備12345678號-1#無變化#", annualreview.Unchanged, ""},
		{"002#鄂ICP备12345678号-1#已更新", annualreview.Updated, ""},
		{"##002##鄂ICP备12345678号—1##已註銷##", annualreview.Cancelled, ""},
		{"#002#鄂ICP备12345678号-1#No Change#", annualreview.Unchanged, ""},
		{"#002\n#鄂ICP备12345678号-1\n#无变化#", annualreview.Unchanged, ""},
		{"#002#鄂ICP备12345678号-1#", "", annualreview.BadForm},
		{"#002#鄂ICP备12345678号-1#鄂ICP备12345678号-2#无变化#", "", annualreview.BadForm},
		{"#中国#鄂ICP备12345678号-1#无变化#", "", annualreview.BadForm},
		{"##", "", annualreview.BadForm},
		{"#002#鄂ICP备12345678号#无变化#", "", annualreview.BadNumber},
		{"#002#12345678-1#无变化#", "", annualreview.BadNumber},
		{"#002#鄂ICP备12345678号-1#好的#", "", annualreview.BadStatus},
	} {
		a, problem, is := annualreview.Parse(test.text)
		if !is || problem != test.problem || problem == "" && (a.Site.String() != site || a.Status != test.want || a.Provider != "002") {
			t.Errorf("%q: %+v, problem %q, is %t; want %q, problem %q", test.text, a, problem, is, test.want, test.problem)
		}
	}
	for _, other := range []string{"", "123456", "验证码123456", "#1", "TD", strings.Repeat("#", 201)} {
		if _, _, is := annualreview.Parse(other); is {
			t.Errorf("%q is taken for an answer", other)
		}
	}
	for _, s := range annualreview.Statuses {
		for _, word := range []string{s.Words().Chinese, s.Words().English} {
			if got, ok := annualreview.ParseStatus(word); !ok || got != s {
				t.Errorf("%q is %q", word, got)
			}
		}
		if a, problem, is := annualreview.Parse(strings.Replace(annualreview.Example(site, s), "接入商编号", "002", 1)); !is || problem != "" || a.Status != s {
			t.Errorf("the example for %s: %+v, %q", s, a, problem)
		}
	}
}

// FuzzParse: any text is an answer, has a problem, or is neither; an answer reads the same again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"#002#鄂ICP备12345678号-1#无变化#", "＃1＃京ICP备2020000001号-12＃已更新＃", "# # #", "##", "#a#b#c#", "\x00#\xff#", "#1#鄂ICP备12345678号-1A#已注销#"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		a, problem, is := annualreview.Parse(typed)
		if !is || problem != "" {
			return
		}
		again, problem, is := annualreview.Parse("#" + a.Provider + "#" + a.Site.String() + "#" + a.Status.Words().Chinese + "#")
		if !is || problem != "" || again != a {
			t.Errorf("%q: %+v, then %+v with problem %q", typed, a, again, problem)
		}
	})
}
