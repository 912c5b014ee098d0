package publicsecurity_test

import (
	"slices"
	"strings"
	"testing"

	"beian/shared/rules/publicsecurity"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]publicsecurity.Number{
		"京公网安备11010502030123号":      "京公网安备11010502030123号",
		" 京公网安备 11010502030123 号 ":  "京公网安备11010502030123号",
		"京公网安备１１０１０５０２０３０１２３":       "京公网安备11010502030123号",
		"川公网安备51010402000001号":      "川公网安备51010402000001号",
		"粵公网安備44030502000001號":      "",
		"蜀公网安备51010402000001号":      "",
		"京公网安备31010502030123号":      "",
		"京公网安备1101050203012号":       "",
		"京公网安备110105020301234号":     "",
		"京ICP备12345678号":            "",
		"":                          "",
		"见 京公网安备11010502030123号 官网": "",
	} {
		if got, err := publicsecurity.Parse(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestFindAll(t *testing.T) {
	page := "京ICP备12345678号-1 京公网安备 11010502030123号\n京公网安备11010502030123号\n沪公网安备 31010502000001 号 假公网安备11010502030123号"
	want := []publicsecurity.Number{"京公网安备11010502030123号", "沪公网安备31010502000001号"}
	if got := publicsecurity.FindAll(page); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFooterLink(t *testing.T) {
	if got := publicsecurity.FooterLink("京公网安备11010502030123号"); !strings.Contains(got, "?code=11010502030123\"") || !strings.Contains(got, ">京公网安备11010502030123号<") {
		t.Error(got)
	}
}

func FuzzFindAll(f *testing.F) {
	f.Add("京公网安备 11010502030123号")
	f.Fuzz(func(t *testing.T, page string) {
		for _, n := range publicsecurity.FindAll(page) {
			if again, err := publicsecurity.Parse(n.String()); err != nil || again != n {
				t.Errorf("%q: %q, %v", n, again, err)
			}
		}
	})
}
