package journeys_test

import (
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/rules/contact"
)

// deliverRegister waits until all messages about the register are sent.
func deliverRegister(t *testing.T) {
	t.Helper()
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		n, err := sys.Parts.Store().OutboxLength(t.Context(), decide.SendRegisterNotice, 1)
		return n == 0, err
	}); err != nil {
		t.Fatal(err)
	}
}

// changeMobile makes a mobile that of the subject leader, as a file of the bureau does.
func changeMobile(t *testing.T, id register.ID, mobile string) {
	t.Helper()
	f, err := sys.Parts.Store().Filing(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	after := f
	after.Private.Subject.Leader.Mobile = contact.Mobile(mobile)
	change, _ := f.Replace(after, register.Source{Kind: register.FromDownload, ID: "download-" + mobile}, sys.Clock.Now())
	if err := sys.Parts.Store().CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	deliverRegister(t)
}

// TestLeaderChangeIsKnown: the former mobile of a filing's leader and the account that has the filing are informed that the mobile was changed. Neither
// message has the new mobile (issue 11, point 3).
func TestLeaderChangeIsKnown(t *testing.T) {
	j, f := newFiling(t, 9350)
	former := "+86" + scenario.LeaderMobiles(j.app.Details)[0]
	changeMobile(t, f.ID, "13700009399")
	for _, c := range []struct{ to, text string }{{former, "此前登记的是本手机"}, {j.app.Login, "不是您办理的"}} {
		if got := textsTo(c.to, c.text); len(got) != 1 || !strings.Contains(got[0], f.Number.String()) || strings.Contains(got[0], "13700009399") {
			t.Errorf("%s has %q", c.text, got)
		}
	}
	if got := textsTo("+8613700009399", f.Number.String()); len(got) != 0 {
		t.Errorf("the new mobile got %q", got)
	}
}

// TestLeaderGetsNumber: the leader of a subject that an agency files gets the number once, and the way to the filing and out of the consent. So does no
// leader of a subject that files with its own account.
func TestLeaderGetsNumber(t *testing.T) {
	_, app, _, _, f := fileAsAgency(t, 9351, register.ScopeFile)
	deliverRegister(t)
	const text = "「示例代办公司」为您代办的首次备案已通过"
	if got := textsTo("+86"+scenario.LeaderMobiles(app.Details)[0], text); len(got) != 1 || !strings.Contains(got[0], f.Number.String()) {
		t.Errorf("the leader has %q", got)
	}
	j, _ := newFiling(t, 9352)
	deliverRegister(t)
	if got := textsTo("+86"+scenario.LeaderMobiles(j.app.Details)[0], "代办的首次备案已通过"); len(got) != 0 {
		t.Errorf("the leader of an account's filing has %q", got)
	}
}
