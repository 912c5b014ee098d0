package apps_test

import (
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
)

// TestApp: the app of a person who has filed nothing goes by hand to its number, and is in the register with its kind. Another app of the same person,
// which uses the same domain, is added.
func TestApp(t *testing.T) {
	j := start(t, scenario.Invented(2200))
	j.atConsole(j.app.AsApp("app"))
	if o, err := j.applicant.Order(t.Context(), j.id); err != nil || o.Type != filing.First || o.Next.Who != "operator" {
		t.Errorf("%s, next %+v, %v", o.Type, o.Next, err)
	}
	s := j.sheet()
	rows := s.rows("APP1")
	for _, want := range []string{"APP名称=木作手记", "域名=invented-2200-example.com", "运行平台=安卓", "包名=cn.example.notes", "证书指纹（MD5）=", "运行平台=iOS", "Bundle ID=cn.example.notes",
		"证书指纹（SHA-1）=", "公钥=", "平台使用的域名=api.invented-2200-example.com", "APP服务内容="} {
		if !strings.Contains(rows, want) {
			t.Errorf("the sheet lacks %s:\n%s", want, rows)
		}
	}
	if !strings.Contains(s.rows("办理事项"), "互联网信息服务类型=APP") || s.rows("APP1负责人") == "" || s.rows("网站1") != "" ||
		!slices.ContainsFunc(s.Papers, func(p struct{ Slot, URL string }) bool { return p.Slot == "sites/0/app-icon" }) {
		t.Errorf("%+v", s)
	}
	const subject = "京ICP备2023002200号"
	j.enter()
	systemtest.WantProblem(t, j.record("approval", approval(subject, "-1")), 422, "filing-number-of-other-service /sites/0/number")
	systemtest.WantProblem(t, j.record("approval", approval(subject, "-1X")), 422, "filing-number-of-other-service /sites/0/number")
	j.must(j.record("approval", approval(subject, "-1A")))
	o := j.await(filing.Done, filing.Approved)
	var duties []string
	for _, d := range o.Duties {
		duties = append(duties, d.Code)
	}
	if o.Bureau.Sites[0].Number != subject+"-1A" || !slices.Equal(duties, []string{"duty-number-in-app", "duty-public-security"}) {
		t.Errorf("%+v, duties %q", o.Bureau, duties)
	}

	again := j.app.AsApp("app")
	again.Details.Subject = nil // it is filed here
	again.Details.Sites[0]["name"] = "木作课堂"
	j.atConsole(again)
	if o, err := j.applicant.Order(t.Context(), j.id); err != nil || o.Type != filing.AddSiteOwn {
		t.Errorf("%s, %v", o.Type, err)
	}
	j.enter()
	systemtest.WantProblem(t, j.record("approval", approval(subject, "-1A")), 422, "filing-number-of-other-site /sites/0/number")
	j.must(j.record("approval", approval(subject, "-2A")))
	j.await(filing.Done, filing.Approved)
	if got, want := j.numbers(), []string{subject + "-1A app 木作手记", subject + "-2A app 木作课堂"}; !slices.Equal(got, want) {
		t.Errorf("the register has %q, want %q", got, want)
	}
	wantNothingSent(t)
}
