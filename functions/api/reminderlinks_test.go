package api_test

import (
	"strings"
	"testing"
	"time"

	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/duties"
)

// reminderLinks: the link in an email turns off what may be turned off, and nothing else; a link that was changed, is too old, or is about a filing that ended or has
// another account does nothing.
func reminderLinks(t *testing.T, f *fixture) {
	filed := f.file("account-1", filingtest.EnterpriseBeijing(), "filed-example.cn")
	service := &duties.Service{Store: f.store, Now: func() time.Time { return f.now }, NewID: func() string { return "letter" }, Log: f.decisions.Log}
	token := func(kinds ...upkeep.Key) string {
		var owed []upkeep.Duty
		for _, k := range append(kinds, kinds...) {
			owed = append(owed, upkeep.Duty{Key: k})
		}
		made, err := service.MuteToken(t.Context(), filed, owed)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	muted := func() int {
		u, err := f.store.Upkeep(t.Context(), filed.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(u.Muted)
	}
	if got := token(upkeep.PublicSecurity); got != "" {
		t.Errorf("a link for what cannot be turned off: %s", got)
	}
	link := token(upkeep.ServerExpires, upkeep.PublicSecurity, upkeep.DomainExpires)
	visitor := client{fixture: f}
	visitor.do("GET /reminder-links/"+link, nil).wantStatus(200).wantValue("京ICP备12345678号", "number").wantValue("domain-expires", "kinds", 0, "kind").
		wantValue(true, "kinds", 1, "needed").wantValue(nil, "kinds", 0, "muted")
	if muted() != 0 {
		t.Error("reading the link turned reminders off")
	}
	hostile := []string{"x", "....", strings.Repeat("a.", 300), link + "0", strings.TrimSuffix(link, link[len(link)-32:]), strings.Replace(link, "public-security", "commercial", 1),
		strings.Replace(link, link[:26], "01JCZK3V7M8N9P0Q1R2S3T4V5X", 1), strings.Replace(link, "20", "21", 1), "%2e%2e", "01JCZK3V7M8N9P0Q1R2S3T4V5W.2099-01-01.domain-expires."}
	for _, one := range hostile {
		for _, method := range []string{"GET ", "POST "} {
			if got := visitor.do(method+"/reminder-links/"+one, nil).status; got != 404 && got != 422 {
				t.Errorf("%s%.80s: %d", method, one, got)
			}
		}
	}
	if muted() != 0 {
		t.Error("a hostile link turned reminders off")
	}
	for range 2 { // RFC 8058: the form of a mail provider's program
		visitor.do("POST /reminder-links/"+link, nil).wantStatus(200).wantValue(true, "kinds", 0, "muted").wantValue(nil, "kinds", 1, "muted").wantValue(true, "kinds", 2, "muted")
	}
	if n := muted(); n != 2 {
		t.Errorf("%d kinds are off", n)
	}
	f.applicant().do("PUT /filings/"+string(filed.ID)+"/reminders", map[string]any{"kind": "domain-expires", "muted": false}).wantStatus(200)

	now := f.now
	f.now = now.AddDate(0, 0, 181)
	visitor.do("POST /reminder-links/"+link, nil).wantStatus(404)
	f.now = now
	moved := filed
	moved.Account = "account-2"
	change, _ := filed.Replace(moved, register.Source{Kind: register.FromAccount, ID: "transfer-1", From: "account-1", To: "account-2"}, f.now)
	if err := f.store.CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	visitor.do("POST /reminder-links/"+link, nil).wantStatus(404)
	filed = change.After
	link = token(upkeep.DomainExpires)
	visitor.do("GET /reminder-links/"+link, nil).wantStatus(200)
	if err := f.store.EraseFiling(t.Context(), filed); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		visitor.do("POST /reminder-links/"+link, nil).wantStatus(404)
	}
	if muted() != 0 {
		t.Error("an erased filing has an upkeep")
	}
}
