package number_test

import (
	"strings"
	"testing"

	"beian/shared/rules/number"
)

func TestFindAll(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // the numbers, "~" before those that are imitated, "?" for those that are none
	}{
		{"", ""},
		{"版权所有 示例公司 京ICP备12345678号-1 京公网安备11010502030123号", "京ICP备12345678号-1"},
		{"备案号：京 icp 备 12345678 号 － 1", "京ICP备12345678号-1"},
		{"粤ICP备2020123456号 2026年", "粤ICP备2020123456号"},
		{"粤ICP备2020123456\n-1 条评论", "粤ICP备2020123456号"},
		{"京ICP备12345678号-2A", "京ICP备12345678号-2A"},
		{"京ICP备12345678号-1 A company", "京ICP备12345678号-1"},
		{"京ICP备12345678-1号|沪ICP備2020123456號", "京ICP备12345678号-1 沪ICP备2020123456号"},
		{"许可证 粤B2-20090059-5，京ICP证030173号", "粤B2-20090059-5 京ICP证030173号"},
		{"京ICP备\u200b1234\u200b5678号", "京ICP备12345678号"},
		{"京ＩＣＰ备１２３４５６７８号", "京ICP备12345678号"},
		{"京IСР备12345678号-1", "~京ICP备12345678号-1"},
		{"京ICP备1234567٨号-1", "~京ICP备12345678号-1"},
		{"京ICP备1234567О号", "~京ICP备12345670号"},
		{"川ICP备12345678号", "?"},
		{"京ICP备123456号", "?"},
		{"京ICP备123456789号", ""},
		{"京ICP备 1234 5678 号", ""},
		{strings.Repeat("京ICP备12345678号 ", 200), strings.TrimSpace(strings.Repeat("京ICP备12345678号 ", 100))},
	} {
		var got []string
		for _, m := range number.FindAll(c.text) {
			one := m.Filing.String()
			if one == "" {
				one = m.Subject.String()
			}
			if one == "" {
				one = "?"
			}
			if m.Imitated {
				one = "~" + one
			}
			got = append(got, one)
			if m.Start < 0 || m.Start >= m.End || m.End > len(c.text) {
				t.Errorf("%q: from %d to %d", c.text, m.Start, m.End)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	page := "备案号 京ICP备12345678号-1。"
	if m := number.FindAll(page)[0]; page[m.Start:m.End] != "京ICP备12345678号-1" {
		t.Errorf("the number is %q", page[m.Start:m.End])
	}
}

func FuzzFindAll(f *testing.F) {
	f.Add("京ICP备12345678号-1 粤B2-20090059-5")
	f.Add("京IСР备1234567٨号-1\xff")
	f.Fuzz(func(t *testing.T, page string) {
		last := 0
		for _, m := range number.FindAll(page) {
			if m.Start < last || m.End <= m.Start || m.End > len(page) {
				t.Errorf("%q: from %d to %d", page, m.Start, m.End)
			}
			last = m.End
			if (m.Filing != number.Filing{}) && m.Filing.Subject != m.Subject {
				t.Errorf("%q: %s of %s", page, m.Filing, m.Subject)
			}
		}
	})
}
