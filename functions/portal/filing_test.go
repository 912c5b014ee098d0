package portal

import (
	"testing"

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
