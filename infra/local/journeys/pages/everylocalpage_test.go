package pages_test

import (
	"strings"
	"testing"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/shared/filing"
)

// TestEveryLocalPage looks at each page of the laptop's console on a phone, in English and dark, and on a PC, in Chinese and light: axe finds nothing wrong, and nobody has
// to scroll sideways. One click logs the reviewer in, and another moves the clock by an hour.
func TestEveryLocalPage(t *testing.T) {
	a := applicantAt(t, 10510, filing.CollectDetails)
	var v visitor
	for _, one := range []struct {
		size     browser.Size
		language string
		dark     bool
	}{{browser.Phone, "en", true}, {browser.Desktop, "zh-CN", false}} {
		v = newVisitor(t, one.size)
		v.must(v.page.SetDark(one.dark))
		for name, path := range map[string]string{"local": "/local", "outbox": "/local/outbox", "messages": "/local/outbox?to=person10510%40invented-example.com", "executions": "/local/executions",
			"execution": "/local/executions/" + string(a.id) + "-1", "clock": "/local/clock", "faults": "/local/faults", "bureau": "/local/bureau"} {
			t.Run(one.size.Name+" "+name, func(t *testing.T) {
				v := v
				v.T = t
				separator := "?"
				if strings.Contains(path, "?") {
					separator = "&"
				}
				v.visit(path + separator + "lang=" + one.language)
				v.shoot("look")
				found, err := v.page.Violations(string(modules))
				v.must(err)
				if len(found) > 0 {
					t.Errorf("%s:\n%s", path, strings.Join(found, "\n"))
				}
				v.must(v.page.Overflow())
			})
		}
	}
	before := suite.System.Clock.Now()
	v.visit("/local/clock")
	v.press("快进一小时")
	<-suite.System.Timetable.Arrived()
	v.visit("/local/clock")
	v.sees("上次停了")
	if moved := suite.System.Clock.Now().Sub(before); moved < time.Hour || moved > 2*time.Hour {
		t.Errorf("the clock moved by %v", moved)
	}
	v.visit("/local")
	v.must(v.page.PressFirst(`button[value="` + demo.ReviewerLogin + `"]`))
	v.must(v.page.Await("待审的备案"))
}
