package web_test

import (
	"testing"

	"beian/shared/rules/fault"
	"beian/shared/web"
)

// TestPageOf: the pages of a history have all entries once.
func TestPageOf(t *testing.T) {
	var all, got []int
	for i := range 450 {
		all = append(all, i)
	}
	cursor, pages := "", 0
	for ; pages == 0 || cursor != ""; pages++ {
		page, next, err := web.PageOf(all, cursor)
		if err != nil || len(page) > 200 {
			t.Fatalf("%d entries: %v", len(page), err)
		}
		got, cursor = append(got, page...), next
	}
	if len(got) != 450 || got[449] != 449 || pages != 3 {
		t.Errorf("%d entries on %d pages", len(got), pages)
	}
	if page, next, err := web.PageOf(all, "9999999"); len(page) != 0 || next != "" || err != nil {
		t.Errorf("after the end: %v %q %v", page, next, err)
	}
	for _, cursor := range []string{"-1", "x", "01", "99999999999999999999", "1e3"} {
		if _, _, err := web.PageOf(all, cursor); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", cursor, err)
		}
	}
}
