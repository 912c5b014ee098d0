package app_test

import (
	"strings"
	"testing"
	"time"

	"beian/shared/rules/app"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

var (
	md5  = strings.Repeat("0A:", 15) + "0A"
	sha1 = strings.Repeat("0b", 20)
	key  = strings.Repeat("0123456789ABCDEF", 16)
)

func android() app.Platform {
	return app.Platform{System: "android", Package: "cn.example.notes", PublicKey: key, Fingerprint: md5}
}

func details(change func(*app.Platform)) app.Details {
	p := android()
	change(&p)
	return app.Details{Platforms: []app.Platform{p}}
}

// TestCheck: each rule with data that pass and data that fail.
func TestCheck(t *testing.T) {
	domains := []domainname.Domain{"example.cn", "xn--fsqu00a.cn"}
	wechat := app.Platform{System: "wechat", Package: "wx0123456789abcdef"}
	hosts := func(names ...string) app.Details {
		return app.Details{Platforms: []app.Platform{android()}, Hosts: names}
	}
	for name, c := range map[string]struct {
		kind number.Service
		d    app.Details
		want string // code and pointer of the only finding; "" if none
	}{
		"an Android app":                     {number.App, details(func(*app.Platform) {}), ""},
		"a system in capitals":               {number.App, details(func(p *app.Platform) { p.System = " Android " }), ""},
		"a fingerprint with its label":       {number.App, details(func(p *app.Platform) { p.Fingerprint = "MD5: " + md5 }), ""},
		"a fingerprint in full-width digits": {number.App, details(func(p *app.Platform) { p.Fingerprint = strings.Repeat("０１", 16) }), ""},
		"an iOS app": {number.App, details(func(p *app.Platform) {
			p.System, p.Package, p.Fingerprint = "ios", "cn.example.my-notes.2", sha1
		}), ""},
		"an app on HarmonyOS": {number.App, details(func(p *app.Platform) { p.System, p.Fingerprint = "harmonyos", strings.Repeat("0c", 32) }), ""},
		"a key in PEM": {number.App, details(func(p *app.Platform) {
			p.PublicKey = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\nexample+key/AAAA==\n-----END PUBLIC KEY-----"
		}), ""},
		"another platform":         {number.App, details(func(p *app.Platform) { p.System, p.Name = "other", "示例系统" }), ""},
		"a mini program":           {number.MiniProgram, app.Details{Platforms: []app.Platform{wechat}}, ""},
		"a mini program of Alipay": {number.MiniProgram, app.Details{Platforms: []app.Platform{{System: "alipay", Package: "2021000000000000"}}}, ""},
		"a quick app":              {number.QuickApp, app.Details{Platforms: []app.Platform{{System: "vivo", Package: "cn.example.quick"}}}, ""},
		"a package on two systems": {number.App, app.Details{Platforms: []app.Platform{android(), details(func(p *app.Platform) { p.System, p.Fingerprint = "ios", sha1 }).Platforms[0]}}, ""},
		"servers":                  {number.App, hosts("example.cn", "API.example.cn", "a.b.example.cn", "例子.cn"), ""},

		"nothing":                   {number.App, app.Details{}, "app-platform-missing /platforms"},
		"no system":                 {number.App, details(func(p *app.Platform) { p.System = "" }), "app-platform-unknown /platforms/0/system"},
		"a system of mini programs": {number.App, details(func(p *app.Platform) { p.System = "wechat" }), "app-platform-unknown /platforms/0/system"},
		"a mini program on Android": {number.MiniProgram, details(func(*app.Platform) {}), "app-platform-unknown /platforms/0/system"},
		"another platform, no name": {number.App, details(func(p *app.Platform) { p.System = "other" }), "app-platform-name-missing /platforms/0/name"},
		"a name of a known system":  {number.App, details(func(p *app.Platform) { p.Name = "安卓" }), "app-platform-named-needlessly /platforms/0/name"},
		"the same twice":            {number.App, app.Details{Platforms: []app.Platform{android(), android()}}, "app-platform-twice /platforms/1/package"},
		"no package":                {number.App, details(func(p *app.Platform) { p.Package = "" }), "app-package-malformed /platforms/0/package"},
		"a package of one word":     {number.App, details(func(p *app.Platform) { p.Package = "notes" }), "app-package-malformed /platforms/0/package"},
		"a package in Chinese":      {number.App, details(func(p *app.Platform) { p.Package = "cn.示例.notes" }), "app-package-malformed /platforms/0/package"},
		"a hyphen on Android":       {number.App, details(func(p *app.Platform) { p.Package = "cn.example.my-notes" }), "app-package-malformed /platforms/0/package"},
		"the name of a file":        {number.App, details(func(p *app.Platform) { p.Package = "notes 1.0.apk" }), "app-package-malformed /platforms/0/package"},
		"a long package":            {number.App, details(func(p *app.Platform) { p.Package = "cn." + strings.Repeat("a", 253) }), "app-package-malformed /platforms/0/package"},
		"a mini program without id": {number.MiniProgram, app.Details{Platforms: []app.Platform{{System: "alipay"}}}, "mini-program-id-malformed /platforms/0/package"},
		"an original id of WeChat":  {number.MiniProgram, app.Details{Platforms: []app.Platform{{System: "wechat", Package: "gh_0123456789ab"}}}, "mini-program-id-malformed /platforms/0/package"},
		"no key":                    {number.App, details(func(p *app.Platform) { p.PublicKey = " \n" }), "app-public-key-missing /platforms/0/publicKey"},
		"a short key":               {number.App, details(func(p *app.Platform) { p.PublicKey = "0123" }), "app-public-key-malformed /platforms/0/publicKey"},
		"a name of a key's file": {number.App, details(func(p *app.Platform) {
			p.PublicKey = "我的公钥文件保存在开发人员的电脑里请联系他们提供给审核人员使用谢谢"
		}), "app-public-key-malformed /platforms/0/publicKey"},
		"no fingerprint":              {number.App, details(func(p *app.Platform) { p.Fingerprint = "" }), "app-fingerprint-missing /platforms/0/fingerprint"},
		"the SHA-1 of an Android app": {number.App, details(func(p *app.Platform) { p.Fingerprint = sha1 }), "app-fingerprint-malformed /platforms/0/fingerprint"},
		"the MD5 of an iOS app":       {number.App, details(func(p *app.Platform) { p.System = "ios" }), "app-fingerprint-malformed /platforms/0/fingerprint"},
		"letters that are no digits":  {number.App, details(func(p *app.Platform) { p.Fingerprint = strings.Repeat("zz", 16) }), "app-fingerprint-malformed /platforms/0/fingerprint"},
		"an address for a server":     {number.App, hosts("https://api.example.cn/v1"), "app-host-malformed /hosts/0"},
		"a server of one word":        {number.App, hosts("localhost"), "app-host-malformed /hosts/0"},
		"a server of another domain":  {number.App, hosts("api.example.com"), "app-host-of-other-domain /hosts/0"},
		"a domain with the same end":  {number.App, hosts("myexample.cn"), "app-host-of-other-domain /hosts/0"},
		"a server far below":          {number.App, hosts("a.b.c.example.cn"), "app-host-level /hosts/0"},
		"a server twice":              {number.App, hosts("api.example.cn", "API.example.cn"), "app-host-twice /hosts/1"},
	} {
		var got []string
		for _, f := range app.Check(c.kind, c.d.Normalize(), domains) {
			got = append(got, string(f.Code)+" "+f.Pointer)
			if f.Message.Chinese == "" || strings.Contains(f.Message.Chinese+f.Remedy.Chinese+f.Message.English+f.Remedy.English, "{") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestCheckKind: bureaus file apps from September 2023 on.
func TestCheckKind(t *testing.T) {
	before, since := time.Date(2023, 8, 31, 15, 59, 0, 0, time.UTC), time.Date(2023, 8, 31, 16, 0, 0, 0, time.UTC)
	for _, kind := range number.Services {
		early, later := app.CheckKind(kind, before), app.CheckKind(kind, since)
		if early.Has(app.CodeNotYet) != (kind != number.Site) || len(later) > 0 {
			t.Errorf("%s: %v before, %v since", kind.Name(), early, later)
		}
		if len(early) > 0 && (!strings.Contains(early[0].Message.Chinese, "2023-09-01") || !strings.Contains(early[0].Message.English, kind.Words().English)) {
			t.Errorf("%s: %+v", kind.Name(), early[0])
		}
	}
}

func TestCheckName(t *testing.T) {
	on := time.Date(2025, 1, 6, 1, 0, 0, 0, time.UTC)
	for name, generic := range map[string]bool{"木作手记": false, "木作APP": false, "官方 App": true, "手机版（安卓）": true, "测试应用": true, "12306": false, "": false} {
		if found := app.CheckName(name, on); found.Has(app.CodeNameNotDistinctive) != generic || found.Blocking() {
			t.Errorf("%q: %v", name, found)
		}
	}
	if found := app.CheckName("官方APP", time.Date(2023, 8, 1, 0, 0, 0, 0, time.UTC)); len(found) > 0 {
		t.Errorf("before the rule: %v", found)
	}
}

// TestSystems: each kind of app has platforms, each with words, and only apps have fingerprints.
func TestSystems(t *testing.T) {
	for _, kind := range number.Services {
		systems := app.Systems(kind)
		if (len(systems) == 0) != (kind == number.Site) {
			t.Errorf("%s has %d platforms", kind.Name(), len(systems))
		}
		for i, s := range systems {
			if s.ID == "" || s.Words == (finding.Words{}) || (len(s.Digits) > 0) != (kind == number.App) || (s.ID == app.Other) != (i == len(systems)-1) {
				t.Errorf("%s: %+v", kind.Name(), s)
			}
		}
	}
}

// FuzzDetails: normalising is idempotent, and no text makes a check fail.
func FuzzDetails(f *testing.F) {
	f.Add("android", "cn.example.notes", key, md5, "api.example.cn")
	f.Add("IOS", "a-b.c", "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----", "SHA1: "+sha1, "例子.cn")
	f.Add("其他", "", "\xff", "md5：", "*.")
	f.Fuzz(func(t *testing.T, system, pack, public, fingerprint, host string) {
		d := app.Details{Platforms: []app.Platform{{System: system, Package: pack, PublicKey: public, Fingerprint: fingerprint}}, Hosts: []string{host}}.Normalize()
		again := d.Normalize()
		if again.Platforms[0] != d.Platforms[0] || again.Hosts[0] != d.Hosts[0] {
			t.Errorf("%+v becomes %+v", d, again)
		}
		for _, kind := range number.Services {
			app.Check(kind, d, []domainname.Domain{"example.cn"})
		}
	})
}
