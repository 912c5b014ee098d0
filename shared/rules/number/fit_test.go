package number_test

import (
	"testing"

	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

func TestFit(t *testing.T) {
	text := finding.Words{Chinese: "第 1 个网站：网站负责人须与工信部备案网站一致，不是“网站”", English: "A site's leader; Sites and websites; a website. Website of the composite, no “site”"}
	for service, want := range map[number.Service]finding.Words{
		number.Site: text,
		number.App:  {Chinese: "第 1 个APP：APP负责人须与工信部备案网站一致，不是“网站”", English: "An app's leader; Apps and apps; an app. App of the composite, no “site”"},
		number.MiniProgram: {Chinese: "第 1 个小程序：小程序负责人须与工信部备案网站一致，不是“网站”",
			English: "A mini program's leader; Mini programs and mini programs; a mini program. Mini program of the composite, no “site”"},
	} {
		if got := service.Fit(text); got != want {
			t.Errorf("%s: %+v", service.Name(), got)
		}
		if got := service.Fit(service.Fit(text)); got != want {
			t.Errorf("%s, twice: %+v", service.Name(), got)
		}
	}
}
