package byhand_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"beian/functions/api"
	"beian/infra/local/scenario"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// register returns the filing of the applicant, who has one.
func (j *journey) register() web.Filing {
	j.t.Helper()
	all, err := j.applicant.Filings(j.t.Context())
	j.must(err)
	if len(all) != 1 {
		j.t.Fatalf("%d filings", len(all))
	}
	f, err := j.applicant.Filing(j.t.Context(), register.ID(all[0].ID))
	j.must(err)
	return f
}

// begin logs an applicant in, whose server is in the inventory.
func begin(t *testing.T, app scenario.Application) *journey {
	t.Helper()
	j := &journey{t: t, app: app}
	var err error
	j.applicant, err = client.Login(t.Context(), app.Login)
	j.must(err)
	now := sys.Clock.Now()
	j.must(admin.ListServer(t.Context(), app.Server, j.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)))
	return j
}

// finish takes the journey's order to its end. At the bureau it calls record.
func (j *journey) finish(id filing.ID, details scenario.Details, record func(scenario.Order) error) scenario.Order {
	j.t.Helper()
	j.id = id
	course := scenario.Course{Applicant: j.applicant, Reviewer: reviewer, Server: j.app.Server.ID, Details: details,
		AtBureau: func(_ context.Context, o scenario.Order) error {
			j.awaitStep(filing.AwaitBureau, filing.Transmitted)
			return record(o)
		}}
	o, err := course.Finish(j.t.Context(), id)
	j.must(err)
	return o
}

// file files the journey's application as a first filing.
func (j *journey) file(serial int) web.Filing {
	j.t.Helper()
	o, err := j.applicant.OpenOrder(j.t.Context(), j.app)
	j.must(err)
	j.finish(o.ID, j.app.Details, func(scenario.Order) error {
		j.enter()
		return j.record("approval", approval(serial))
	})
	return j.register()
}

// note returns the note of a row of a section, by their Chinese words.
func (s sheetOf) note(title, label string) string {
	for _, section := range s.Sections {
		for _, r := range section.Rows {
			if section.Title.Chinese == title && r.Label.Chinese == label {
				return r.Note.Chinese
			}
		}
	}
	return ""
}

// TestChange: the sheet of a change has the new value with the old one beside it. The operator records the approval without numbers, and the register
// has the new value. The ministry's ids are not known, because nothing is exchanged.
func TestChange(t *testing.T) {
	j := begin(t, scenario.Invented(3650))
	before := j.file(3650)
	ctx := t.Context()
	o, err := j.applicant.OpenChange(ctx, register.ID(before.ID), j.app)
	j.must(err)
	leader, _ := o.Sites[0]["leader"].(map[string]any)
	former := leader["mobile"].(string)
	leader["mobile"] = "18736500001"
	o.Sites[0]["name"] = "木作札记"
	done := j.finish(o.ID, scenario.Details{Subject: o.Subject, Sites: o.Sites}, func(scenario.Order) error {
		s := j.sheet()
		if got := s.values("网站1")["网站名称"]; got != "木作札记" || s.note("网站1", "网站名称") != "原为：木作手记" {
			t.Errorf("the sheet has the name %q, %q", got, s.note("网站1", "网站名称"))
		}
		if got := s.values("网站1负责人")["手机号码"]; got != "18736500001" || s.note("网站1负责人", "手机号码") != "原为："+former {
			t.Errorf("the sheet has the mobile %q, %q", got, s.note("网站1负责人", "手机号码"))
		}
		about := s.values("办理事项")
		if about["办理类型"] != "变更备案" || about["主体备案号"] != "京ICP备2021003650号" || about["网站备案号"] != "京ICP备2021003650号-1" || s.note("网站1", "域名") != "" {
			t.Errorf("the sheet is about %v", about)
		}
		systemtest.WantProblem(t, j.record("approval", map[string]any{}), 409, "entry-not-recorded ")
		j.enter()
		systemtest.WantProblem(t, j.record("approval", approval(3651)), 422, "filing-number-differs /sites/0/number", "filing-number-differs /subjectNumber")
		return j.record("approval", map[string]any{})
	})
	if done.Type != filing.ChangeFiling {
		t.Errorf("the order is a %s", done.Type)
	}
	after := j.register()
	if after.Number != before.Number || after.Sites[0].Number != before.Sites[0].Number || after.Sites[0].Details.Name != "木作札记" || after.Version != before.Version+1 ||
		!strings.Contains(j.filed(), "18736500001") {
		t.Errorf("the register has version %d: %s %s", after.Version, after.Sites[0].Number, after.Sites[0].Details.Name)
	}
}

// TestCancellations: a site is cancelled by its number, with the reason on the sheet; then the subject. The register follows.
func TestCancellations(t *testing.T) {
	j := begin(t, scenario.Invented(3652))
	first := j.file(3652)
	second := j.app
	second.Details.Subject = nil
	second.Open = map[string]any{"province": "11", "entityKind": 5, "name": "示例人", "certificate": j.app.Open["certificate"], "domains": []string{"invented-3653-example.com"}}
	site := map[string]any{}
	for key, value := range j.app.Details.Sites[0] {
		site[key] = value
	}
	site["domains"], site["name"] = []string{"invented-3653-example.com"}, "木作课堂"
	o, err := j.applicant.OpenOrder(t.Context(), second)
	j.must(err)
	j.finish(o.ID, scenario.Details{Sites: []map[string]any{site}}, func(scenario.Order) error {
		j.enter()
		return j.record("approval", map[string]any{"subjectNumber": first.Number, "sites": []map[string]any{{"number": first.Number.String() + "-2"}}})
	})
	for _, c := range []struct {
		kind   filing.Type
		site   string
		number string // on the sheet
		want   []string
		status register.Status
	}{
		{filing.CancelSite, first.Number.String() + "-1", "京ICP备2021003652号-1", []string{"京ICP备2021003652号-2"}, register.Filed},
		{filing.CancelSubject, "", "京ICP备2021003652号-2", nil, register.Cancelled},
	} {
		offers, err := j.applicant.Cancellations(t.Context(), first.ID)
		j.must(err)
		i := slices.IndexFunc(offers, func(o api.CancellationOffer) bool { return o.Kind == c.kind && o.Site == c.site })
		if i < 0 || !offers[i].Possible {
			t.Fatalf("%s of %s is not offered: %+v", c.kind, c.site, offers)
		}
		o, err := j.applicant.Cancel(t.Context(), first.ID, offers[i], j.app.Contact)
		j.must(err)
		j.finish(o.ID, scenario.Details{}, func(scenario.Order) error {
			about := j.sheet().values("办理事项")
			if about["网站备案号"] != c.number || about["注销原因"] == "" || about["主体备案号"] != "京ICP备2021003652号" {
				t.Errorf("%s: the sheet is about %v", c.kind, about)
			}
			j.enter()
			return j.record("approval", map[string]any{})
		})
		var numbers []string
		f := j.register()
		for _, s := range f.Sites {
			numbers = append(numbers, s.Number.String())
		}
		if f.Status != c.status || c.status != register.Cancelled && !slices.Equal(numbers, c.want) {
			t.Errorf("after %s the register has %s, %q", c.kind, f.Status, numbers)
		}
	}
}

// TestFiledElsewhere: nobody asks the bureau, so the applicant says what is filed at another provider: by the subject's number a site is added, by the
// site's number an access. The operator's numbers must agree.
func TestFiledElsewhere(t *testing.T) {
	for n, c := range []struct {
		declare map[string]any
		kind    filing.Type
		sites   []string // numbers that are refused, then the right one
		refused [][]string
		other   []string // findings about the numbers of another subject
	}{
		{map[string]any{"filingNumber": "京ICP备19003660号"}, filing.AddSiteForeign, []string{"-4"}, nil, []string{"filing-number-differs /subjectNumber"}},
		{map[string]any{"siteNumber": "京ICP备19003661号-3"}, filing.AddAccessForeign, []string{"-4", "-3"}, [][]string{{"filing-number-differs /sites/0/number"}},
			[]string{"filing-number-differs /sites/0/number", "filing-number-differs /subjectNumber"}},
		{map[string]any{"filingNumber": "京ICP备19003662号", "siteNumber": "京ICP备19003662号-2"}, filing.AddAccessForeign, []string{"-2"}, nil,
			[]string{"filing-number-differs /sites/0/number", "filing-number-differs /subjectNumber"}},
	} {
		app := scenario.Invented(3660 + n)
		for key, value := range c.declare {
			app.Open[key] = value
		}
		j := begin(t, app)
		subject := "京ICP备1900366" + string(rune('0'+n)) + "号"
		o, err := j.applicant.OpenOrder(t.Context(), app)
		j.must(err)
		done := j.finish(o.ID, app.Details, func(scenario.Order) error {
			about := j.sheet().values("办理事项")
			if about["主体备案号"] != subject || c.kind == filing.AddAccessForeign && about["网站备案号"] != subject+c.sites[len(c.sites)-1] {
				t.Errorf("%v: the sheet is about %v", c.declare, about)
			}
			j.enter()
			systemtest.WantProblem(t, j.record("approval", approval(3660+n)), 422, c.other...)
			body := func(site string) map[string]any {
				return map[string]any{"subjectNumber": subject, "sites": []map[string]any{{"number": subject + site}}}
			}
			for i, want := range c.refused {
				systemtest.WantProblem(t, j.record("approval", body(c.sites[i])), 422, want...)
			}
			return j.record("approval", body(c.sites[len(c.sites)-1]))
		})
		if done.Type != c.kind {
			t.Errorf("%v: the order is a %s, want %s", c.declare, done.Type, c.kind)
		}
		f := j.register()
		if f.Number.String() != subject || len(f.Sites) != 1 || f.Sites[0].Number.String() != subject+c.sites[len(c.sites)-1] || len(f.Sites[0].Accesses) == 0 {
			t.Errorf("%v: the register has %s with %+v", c.declare, f.Number, f.Sites)
		}
	}
	app := scenario.Invented(3663)
	app.Open["siteNumber"] = "粤ICP备19003663号-1"
	j := begin(t, app)
	_, err := j.applicant.OpenOrder(t.Context(), app)
	systemtest.WantProblem(t, err, 422, "filed-in-other-province /province")
}

// TestPlanElsewhere: the orders of an accepted plan declare the site of another provider that the plan has, and no other order does.
func TestPlanElsewhere(t *testing.T) {
	ctx := t.Context()
	j := begin(t, scenario.Invented(3665))
	const subject, second = "京ICP备19003665号", "invented-3665-second-example.com"
	of := maps.Clone(j.app.Open)
	delete(of, "domains")
	of["filedElsewhere"], of["number"] = true, subject
	request := map[string]any{"subject": of, "domains": []map[string]any{
		{"domain": "invented-3665-example.com", "filed": "elsewhere", "number": subject + "-2"}, {"domain": second}}}
	p, err := j.applicant.Plan(ctx, request)
	j.must(err)
	request["digest"], request["contact"], request["language"] = p.Digest, j.app.Contact, j.app.Language
	accepted, err := j.applicant.AcceptPlan(ctx, request)
	j.must(err)
	j.finish(accepted.Orders[0].ID, j.app.Details, func(o scenario.Order) error {
		if o.Type != filing.AddAccessForeign {
			t.Errorf("the first order is a %s", o.Type)
		}
		j.enter()
		return j.record("approval", map[string]any{"subjectNumber": subject, "sites": []map[string]any{{"number": subject + "-2"}}})
	})
	var next scenario.Order
	j.must(scenario.Poll(ctx, func() (bool, error) {
		next, err = j.applicant.Order(ctx, accepted.Orders[1].ID)
		if problem, missing := errors.AsType[*scenario.Problem](err); missing && problem.Status == 404 {
			return false, nil
		}
		return next.Type != "", err
	}))
	if next.Type != filing.AddSiteOwn {
		t.Errorf("the second order is a %s", next.Type)
	}
}
