package portal

import (
	"testing"

	"beian/shared/filing/upkeep"
	"beian/shared/web"
)

// TestOwnOrders: papers lead only to orders of the account that has the filing now.
func TestOwnOrders(t *testing.T) {
	page := filingPage{own: ownOrders([]web.FilingVersion{{Source: "order", ID: "order-1"}, {Source: "account", ID: "account-1"}, {Source: "download", ID: "file-1"}, {Source: "order", ID: "order-2"}})}
	if page.Opens("order-1") || page.Opens("account-1") || page.Opens("file-1") || !page.Opens("order-2") {
		t.Errorf("orders %v", page.own)
	}
}

// TestProvinceName: an English page names the province in English.
func TestProvinceName(t *testing.T) {
	for language, want := range map[string]string{"zh-CN": "江苏省", "en": "Jiangsu"} {
		v := newFixture(t).at("/", language)
		if got := v.provinceName("32"); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
		if got := v.provinceName("99"); got != "" {
			t.Errorf("%s: %q", language, got)
		}
	}
}

// TestRecorded: the page shows what was answered about a site, and offers neither to report a leader who is reported nor to stop reminders that are off.
func TestRecorded(t *testing.T) {
	yes, no := true, false
	for want, answer := range map[string]*bool{"": nil, "yes": &yes, "no": &no} {
		if got := (recordedSite{web.UpkeepSite{Commercial: answer}}).Charges(); got != want {
			t.Errorf("charges: %q, want %q", got, want)
		}
	}
	page := filingPage{Upkeep: web.Upkeep{Muted: []upkeep.Key{upkeep.CommercialAsk},
		Duties: []web.UpkeepDuty{{Kind: upkeep.Changed, Code: upkeep.CodeLeaderLeft, Site: "京ICP备12345678号-1"}}}}
	if !page.LeaderLeft("京ICP备12345678号-1") || page.LeaderLeft("") || page.LeaderLeft("京ICP备12345678号-2") {
		t.Error("not the leader of the first site has left")
	}
	if !page.IsMuted(upkeep.CommercialAsk) || page.IsMuted(upkeep.PublicSecurity) {
		t.Error("not the question about charges is muted")
	}
}
