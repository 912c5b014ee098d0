package byhand_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
)

// TestApproved: an operator reads the sheet, enters the application, and records the numbers. The register has them, and nothing went over the wire.
func TestApproved(t *testing.T) {
	j := atConsole(t, 1)
	if o, err := j.applicant.Order(t.Context(), j.id); err != nil || o.Next.Who != "operator" {
		t.Errorf("next %+v, %v", o.Next, err)
	}
	if !j.listed("waiting") || j.listed("entered") {
		t.Error("the order is not in the list of those to enter")
	}
	s := j.sheet()
	subject, leader, site, access := s.values("主体信息"), s.values("主体负责人"), s.values("网站1"), s.values("接入信息")
	number := j.app.Open["certificate"].(map[string]any)["number"]
	if subject["主办单位名称"] != "示例人" || subject["证件号码"] != number || subject["证件类型"] == "" || subject["通信地址：省"] != "北京市" || subject["通信地址：县"] != "东城区" ||
		leader["手机号码"] != j.app.Contact["mobile"] || site["域名"] != "invented-1-example.com" || site["网站语言"] == "" || access["IP 地址"] != "8.130.1.1" ||
		len(s.values("网站1负责人")) < 4 || !s.Waiting || len(s.Papers) != 3 {
		t.Errorf("%+v", s)
	}
	j.enter()
	j.awaitStep(filing.AwaitBureau, filing.BureauReview)
	j.lastMail("管局")
	if j.listed("waiting") || !j.listed("entered") {
		t.Error("the entered order is in the wrong list")
	}
	j.must(j.record("approval", approval(1)))
	j.must(j.record("approval", approval(1))) // once more
	o := j.awaitStep(filing.Done, filing.Approved)
	if o.Bureau.SubjectNumber != "京ICP备2021000001号" || o.Bureau.Sites[0].Number != "京ICP备2021000001号-1" {
		t.Errorf("%+v", o.Bureau)
	}
	j.lastMail("京ICP备2021000001号-1")
	j.wantPath(1, "Transmit", "AwaitBureau", "Announce", "FollowUp")
	if got, want := j.decisions(5), []string{"queue-upload system", "receive admin", "approve admin", "announce system", "set-duties system"}; !slices.Equal(got, want) {
		t.Errorf("decisions %q, want %q", got, want)
	}
	if filed := j.filed(); !strings.Contains(filed, "京ICP备2021000001号-1") || !strings.Contains(filed, "invented-1-example.com") {
		t.Errorf("the register has %s", filed)
	}
	systemtest.WantProblem(t, j.record("approval", approval(2)), 409, "result-recorded-otherwise ")
	systemtest.WantProblem(t, admin.Call(t.Context(), http.MethodGet, "/orders/"+string(j.id)+"/sheet", nil, nil), 409, "step-out-of-order ")
	if status, _, _ := fetch(t, s.Page.URL, "en"); status != 404 {
		t.Errorf("the link still works after the result: %d", status)
	}
	if records, err := sys.Bureau.Records(0, 1); err != nil || len(records) != 0 {
		t.Errorf("the bureau got %v, %v", records, err)
	}
}

// TestRefusedAndReturned: the result codes that the operator records go to the applicant with what to correct. The corrected application goes
// through a second round by hand.
func TestRefusedAndReturned(t *testing.T) {
	j := atConsole(t, 2)
	ctx := t.Context()
	systemtest.WantProblem(t, j.record("refusal", map[string]any{"codes": []int{1003}}), 409, "entry-not-recorded ")
	j.enter()
	systemtest.WantProblem(t, j.record("refusal", map[string]any{}), 422, "refusal-without-reason /codes")
	systemtest.WantProblem(t, j.record("refusal", map[string]any{"codes": []int{1001, 1003, 77}}), 422, "result-code-unknown /codes/0", "result-code-unknown /codes/2")
	refusal := map[string]any{"codes": []int{1003, 1055}, "opinion": "网站负责人电话无人接听"}
	j.must(j.record("refusal", refusal))
	j.must(j.record("refusal", refusal)) // once more
	o := j.awaitStep(filing.Done, filing.BureauRejected)
	if !slices.Equal(o.Bureau.Codes, []int{1003, 1055}) || len(o.Findings) != 2 || o.Next.Who != "applicant" {
		t.Errorf("%+v, findings %v", o.Bureau, o.Findings)
	}
	text := j.lastMail("网站负责人电话无人接听")
	for _, f := range o.Findings {
		if !strings.Contains(text, f.Message.Chinese) {
			t.Errorf("the email lacks %q", f.Message.Chinese)
		}
	}
	j.wantPath(1, "Transmit", "AwaitBureau", "Announce", "FollowUp")
	systemtest.WantProblem(t, j.record("approval", approval(3)), 409, "result-recorded-otherwise ")
	j.must(j.applicant.Resubmit(ctx, j.id))
	systemtest.WantProblem(t, j.record("approval", approval(3)), 409, "order-not-by-hand ")
	o, err := j.applicant.Order(ctx, j.id)
	j.must(err)
	if o.Step == filing.VerifyProduct {
		j.must(j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID))
	}
	j.must(j.applicant.EnterDetails(ctx, j.id, j.app.Details))
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("again", 5)))
	if o, err = j.applicant.Order(ctx, j.id); o.Step == filing.VerifyAuthenticity {
		j.must(j.applicant.PassLiveness(ctx, j.id, 0))
	}
	j.must(err)
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitStep(filing.InitialReview, filing.Submitted)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.reply()
	j.awaitStep(filing.AwaitBureau, filing.Transmitted)
	j.enter()
	j.must(j.record("approval", approval(3)))
	j.awaitStep(filing.Done, filing.Approved)
	j.wantPath(2, "Transmit", "AwaitBureau", "Announce", "FollowUp")
}

// TestReturnedByReviewer: what the reviewer returns does not reach the operator.
func TestReturnedByReviewer(t *testing.T) {
	j := atConsole(t, 3)
	k := &journey{t: t, app: scenario.Invented(4)}
	ctx := t.Context()
	var err error
	k.applicant, err = client.Login(ctx, k.app.Login)
	k.must(err)
	now := sys.Clock.Now()
	k.must(admin.ListServer(ctx, k.app.Server, k.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)))
	k.id, err = k.app.AdvanceTo(ctx, k.applicant, reviewer, filing.InitialReview)
	k.must(err)
	k.must(reviewer.Claim(ctx, k.id))
	k.must(reviewer.Review(ctx, k.id, "return", scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": "名称与内容不符", "en": "The name does not fit the content"}}))
	k.awaitStep(filing.CollectDetails, filing.Returned)
	if !j.listed("waiting") || k.listed("waiting") {
		t.Error("the list of orders to enter is wrong")
	}
	systemtest.WantProblem(t, admin.Call(ctx, http.MethodGet, "/orders/"+string(k.id)+"/sheet", nil, nil), 409, "order-not-by-hand ")
	systemtest.WantProblem(t, k.record("entry", map[string]any{"on": "2021-03-01"}), 409, "order-not-by-hand ")
}

// TestPage: the page has all values and the papers, needs no login, and ends.
func TestPage(t *testing.T) {
	j := atConsole(t, 5)
	s := j.sheet()
	status, header, page := fetch(t, s.Page.URL, "zh-CN")
	if status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/html") || header.Get("Cache-Control") != "private, no-store" ||
		!strings.Contains(header.Get("Content-Security-Policy"), "script-src 'sha256-") {
		t.Fatalf("%d %v", status, header)
	}
	for _, section := range s.Sections {
		for _, r := range section.Rows {
			if !strings.Contains(page, ">"+r.Label.Chinese+"<") || !strings.Contains(page, ">"+r.Value+"<") {
				t.Errorf("the page lacks %s", r.Label.Chinese)
			}
		}
	}
	for i, p := range s.Papers {
		if !strings.Contains(page, fmt.Sprintf(`href="%s/copies/%d"`, s.Page.URL, i+1)) {
			t.Errorf("the page lacks paper %d", i+1)
		}
		if status, header, content := fetch(t, p.URL, "en"); status != 200 || header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(content, "\xff\xd8") {
			t.Errorf("paper %s: %d %v", p.Slot, status, header)
		}
	}
	if _, _, english := fetch(t, s.Page.URL, "en"); !strings.Contains(english, "Site leader") && !strings.Contains(english, "Leader of site 1") {
		t.Error("the English page has no English labels")
	}
	for _, wrong := range []string{s.Page.URL + "x", "/api/v1/sheets/a", s.Page.URL + "/copies/9", s.Page.URL + "/copies/0", "/api/v1/evidence-views/" + s.Page.URL[len("/api/v1/sheets/"):]} {
		if status, _, body := fetch(t, wrong, "en"); status != 404 && status != 422 || strings.Contains(body, "示例人") {
			t.Errorf("GET %s…: %d", wrong[:20], status)
		}
	}
	sys.Clock.Advance(31 * time.Minute)
	if status, _, _ := fetch(t, s.Page.URL, "en"); status != 404 {
		t.Errorf("the link works after half an hour: %d", status)
	}
	var reads struct {
		Items []struct{ What, Role string }
	}
	j.must(j.applicant.Call(t.Context(), http.MethodGet, "/orders/"+string(j.id)+"/staff-reads", nil, &reads))
	if len(reads.Items) == 0 || reads.Items[0].What != "sheet" || reads.Items[0].Role != "admin" {
		t.Errorf("reads %+v", reads)
	}
}

// TestWrongNumbers: numbers that cannot be the order's are answered by findings, all at once, and nothing is recorded.
func TestWrongNumbers(t *testing.T) {
	first, j := atConsole(t, 6), atConsole(t, 7)
	first.enter()
	first.must(first.record("approval", approval(6)))
	first.awaitStep(filing.Done, filing.Approved)
	systemtest.WantProblem(t, j.record("entry", map[string]any{"on": "2099-01-01"}), 422, "entry-date /on")
	j.enter()
	j.enter()
	for _, c := range []struct {
		subject, site string
		want          []string
	}{
		{"", "", []string{"filing-number-missing /sites/0/number", "filing-number-missing /subjectNumber"}},
		{"粤ICP备2021000007号", "粤ICP备2021000007号-1", []string{"filing-number-of-other-province /subjectNumber"}},
		{"京ICP备2021000007号", "京ICP备2021000008号-1", []string{"filing-number-of-other-subject /sites/0/number"}},
		{"京ICP备2021000006号", "京ICP备2021000006号-1", []string{"filing-number-taken /subjectNumber"}},
	} {
		body := map[string]any{"subjectNumber": c.subject, "sites": []map[string]any{{"number": c.site}}}
		systemtest.WantProblem(t, j.record("approval", body), 422, c.want...)
	}
	j.must(j.record("approval", approval(7)))
	j.awaitStep(filing.Done, filing.Approved)
}

// TestOthersMayNot: applicants and reviewers neither read a sheet nor record a result.
func TestOthersMayNot(t *testing.T) {
	j := atConsole(t, 8)
	for _, u := range []*scenario.User{j.applicant, reviewer} {
		systemtest.WantProblem(t, u.Call(t.Context(), http.MethodGet, "/sheets", nil, nil), 403)
		systemtest.WantProblem(t, u.Call(t.Context(), http.MethodGet, "/orders/"+string(j.id)+"/sheet", nil, nil), 403)
		for what, body := range map[string]map[string]any{"entry": {"on": "2021-03-01"}, "approval": approval(8), "refusal": {"codes": []int{1002}}} {
			systemtest.WantProblem(t, u.Call(t.Context(), http.MethodPost, "/orders/"+string(j.id)+"/sheet/"+what, body, nil), 403)
		}
	}
}

// TestRestart: an order that was entered before the system stopped is approved after its next start.
func TestRestart(t *testing.T) {
	j := atConsole(t, 9)
	j.enter()
	j.awaitStep(filing.AwaitBureau, filing.BureauReview)
	j.must(sys.Close())
	j.must(suite.Start(t.Context()))
	var err error
	j.applicant, err = client.Login(t.Context(), j.app.Login)
	j.must(err)
	j.must(j.record("approval", approval(9)))
	j.awaitStep(filing.Done, filing.Approved)
	j.wantPath(1, "Transmit", "AwaitBureau", "Announce", "FollowUp")
}
