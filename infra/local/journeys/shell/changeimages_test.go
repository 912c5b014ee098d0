package shell_test

import (
	"slices"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/document"
	"beian/shared/filing"
)

// TestChangeInQinghai: since 2025, a change of nothing but a site's name in Qinghai needs the images of subject, leaders and site, and the bureau gets
// them (icp-filing 7).
func TestChangeInQinghai(t *testing.T) {
	ctx, app := t.Context(), scenario.Invented(9300)
	number := scenario.WithCheckDigit("63010219800109300")
	app.Open["province"], app.Open["certificate"] = "63", map[string]any{"kind": 2, "number": number}
	subject := app.Details.Subject
	subject["certificate"] = map[string]any{"kind": 2, "number": number, "validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}}
	subject["certificateAddress"], subject["division"], subject["address"] = "青海省西宁市城东区示例路1号", "630102", "城东区示例路1号"
	user, err := client.LoginApplicant(ctx, admin, app, sys.Clock.Now())
	a := &applicant{User: user, t: t, app: app}
	a.must(err)
	first, err := app.AdvanceTo(ctx, user, reviewer, filing.VerifySMS)
	a.must(err)
	f, err := user.FilingNumbered(ctx, a.finish(first).Bureau.SubjectNumber)
	a.must(err)

	o, err := user.OpenChange(ctx, f.ID, app)
	a.must(err)
	o.Sites[0]["name"] = "山行手记"
	a.must(user.EnterDetails(ctx, o.ID, scenario.Details{Subject: o.Subject, Sites: o.Sites}))
	missing, err := user.MissingPapers(ctx, o.ID)
	a.must(err)
	slices.Sort(missing)
	want := []string{"sites/0/leader-photo", "sites/0/verification-form", "subject-certificate-back", "subject-certificate-front"}
	if !slices.Equal(missing, want) {
		t.Errorf("papers %q, want %q", missing, want)
	}
	a.must(user.UploadMissing(ctx, o.ID, scenario.SamplePicture("change", 7)))
	a.await(o.ID, func(o scenario.Order) bool { return o.Step == filing.AwaitConfirmation })
	a.must(user.Confirm(ctx, o.ID))
	a.await(o.ID, func(o scenario.Order) bool { return o.Step == filing.InitialReview })
	a.must(reviewer.Approve(ctx, o.ID))
	a.finish(o.ID)
	records, err := sys.Bureau.Records(0, 0)
	a.must(err)
	if r := records[len(records)-1]; r.Operation != document.ChangeOperation || r.Attachments != len(want) {
		t.Errorf("the bureau got %+v, want %d images", r, len(want))
	}
	if after, err := user.Filing(ctx, f.ID); err != nil || after.Version != f.Version+1 || after.Sites[0].Details.Name != "山行手记" {
		t.Errorf("the register has version %d, %v", after.Version, err)
	}
}
