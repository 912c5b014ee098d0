package filingtest

import (
	"slices"
	"strings"
	"time"

	"beian/shared/rules/app"
	"beian/shared/rules/number"
)

// October2023 is a time at which bureaus file apps: nine in the morning of 2023-10-09 in Shanghai.
var October2023 = time.Date(2023, 10, 9, 1, 0, 0, 0, time.UTC)

// AsService returns an application for a service of a kind other than a website in place of each site. A mini program has no domain.
func (a Application) AsService(kind number.Service) Application {
	a.Opening.ServiceKind, a.Sites = kind.Name(), slices.Clone(a.Sites)
	if kind == number.MiniProgram {
		a.Opening.Domains = nil
	}
	for i := range a.Sites {
		s := &a.Sites[i]
		s.HomeURL, s.Languages = "", nil
		key := strings.Repeat("0123456789ABCDEF", 16)
		switch kind {
		case number.App:
			s.App = &app.Details{Hosts: []string{"api." + string(s.Domains[0])}, Platforms: []app.Platform{
				{System: "android", Package: "cn.example.notes", PublicKey: key, Fingerprint: strings.Repeat("0A", 16)},
				{System: "ios", Package: "cn.example.my-notes", PublicKey: key, Fingerprint: strings.Repeat("0B", 20)},
			}}
		case number.MiniProgram:
			s.Domains = nil
			s.App = &app.Details{Platforms: []app.Platform{{System: "wechat", Package: "wx0123456789abcdef"}}}
		case number.QuickApp:
			s.App = &app.Details{Platforms: []app.Platform{{System: "huawei", Package: "cn.example.notes"}}}
		}
	}
	return a
}
