package upkeep_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// TestAnnualReview: a site of Hubei owes an answer from the opening of the review on; an answer is recorded while it is open, and a later one replaces it.
func TestAnnualReview(t *testing.T) {
	site, err := number.ParseFiling("鄂ICP备2019000001号-1")
	if err != nil {
		t.Fatal(err)
	}
	f := register.Filing{ID: "filing", Version: 1, Province: "42", Status: register.Filed, Number: site.Subject,
		Sites: []register.FiledSite{{Number: site, Accesses: []register.Access{{Ours: true}}}}, Private: register.Private{Sites: []register.Site{{}}}}
	on := func(day workday.Date) time.Time { return day.Time().Add(10 * time.Hour) }
	owes := func(u upkeep.Upkeep, day workday.Date) bool {
		return slices.ContainsFunc(u.Duties(f, on(day)), func(d upkeep.Duty) bool {
			return d.Key == upkeep.AnnualReview && d.Site == site.String() && d.Deadline == "2020-04-15" && d.OpenedAt.Equal(workday.Date("2020-01-15").Time()) && len(d.Reminders) == 3
		})
	}
	var u upkeep.Upkeep
	if !owes(u, "2020-01-02") || !owes(u, "2020-04-15") || owes(u, "2020-04-16") {
		t.Error("the duty is not that of the review")
	}
	answer := upkeep.AnswerReview{Site: site.String(), Status: annualreview.Unchanged, By: upkeep.ByPage}
	for _, day := range []workday.Date{"2020-01-14", "2020-04-16"} {
		if _, err := u.Apply(answer, f, on(day)); fault.KindOf(err) != fault.Conflict {
			t.Errorf("on %s: %v", day, err)
		}
	}
	for _, wrong := range []upkeep.AnswerReview{{Site: "鄂ICP备2019000001号-2", Status: annualreview.Unchanged}, {Site: site.String(), Status: "fine"}, {}} {
		if _, err := u.Apply(wrong, f, on("2020-02-01")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if u, err = u.Apply(answer, f, on("2020-02-01")); err != nil || owes(u, "2020-02-02") {
		t.Error("after the answer:", err)
	}
	if _, err := u.Apply(answer, f, on("2020-02-02")); err != upkeep.ErrNothingToDo {
		t.Error("the same again:", err)
	}
	answer.Status = annualreview.Updated
	if u, err = u.Apply(answer, f, on("2020-02-03")); err != nil || u.Sites[site.String()].Reviewed["2020-01-15"].Status != "updated" {
		t.Errorf("%+v, %v", u.Sites, err)
	}
}
