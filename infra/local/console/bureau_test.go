package console_test

import (
	"net/url"
	"strings"
	"testing"

	"beian/infra/local/scenario"
)

// TestBureau: a button has the simulated bureau issue a task, which staff find; what is missing or unknown is said on the page.
func TestBureau(t *testing.T) {
	b := newBrowser(t)
	if response, text := b.open("/local/bureau", nil); response.StatusCode != 200 || !strings.Contains(text, "unfiled-example.com") {
		t.Errorf("%d: %s", response.StatusCode, text)
	}
	for _, wrong := range []url.Values{
		{"kind": {"HSRW"}}, {"kind": {"HSRW"}, "number": {"京ICP备99999999号"}}, {"kind": {"WBAWZLB"}, "host": {"a b"}, "ip": {"8.8.8.8"}},
		{"kind": {"FFJRHMD"}, "host": {"a.com"}, "ip": {"::1"}}, {"kind": {"BAJG"}}, {},
		{"kind": {"ZXSJ"}}, {"kind": {"ZXSJ"}, "number": {"京ICP备99999999号-1"}},
	} {
		if response, text := b.open("/local/bureau", wrong); response.StatusCode != 422 || !strings.Contains(text, `role="alert"`) {
			t.Errorf("%v: %d", wrong, response.StatusCode)
		}
	}
	if response, text := b.open("/local/bureau", url.Values{"kind": {"WBAWZLB"}, "host": {"console-example.com"}, "ip": {"8.8.8.8"}}); response.StatusCode != 200 || !strings.Contains(text, `role="status"`) {
		t.Errorf("%d: %s", response.StatusCode, text)
	}
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		tasks, _, err := sys.Parts.Store().BureauTasks(t.Context(), false, "", 100)
		for _, task := range tasks {
			if task.About.Host == "console-example.com" {
				return true, nil
			}
		}
		return false, err
	}); err != nil {
		t.Error("the task did not arrive:", err)
	}
}
