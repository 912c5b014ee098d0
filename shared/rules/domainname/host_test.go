package domainname_test

import (
	"strings"
	"testing"

	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
)

func TestParseHost(t *testing.T) {
	for _, c := range []struct {
		host, domain string
		want         finding.Code
	}{
		{"example.com", "example.com", ""},
		{"a.b.example.com.cn", "example.com.cn", ""},
		{"WWW.Example.COM.:8080", "example.com", ""},
		{"*.example.com", "example.com", ""},
		{"m.例子.中国", "xn--fsqu00a.xn--fiqs8s", ""},
		{"m.xn--fsqu00a.xn--fiqs8s:443", "xn--fsqu00a.xn--fiqs8s", ""},
		{"ｅｘａｍｐｌｅ。ｃｎ", "example.cn", ""},
		{"exаmple.cn", "xn--exmple-4nf.cn", ""}, // a Cyrillic letter: another domain
		{"_acme-challenge.example.com", "example.com", ""},
		{"a_b.c.example.com", "example.com", ""},
		{"a_b.com", "", domainname.HostMalformed},
		{"a<_b.example.com", "", domainname.HostMalformed},
		{"", "", domainname.HostMalformed},
		{"localhost", "", domainname.HostMalformed},
		{"example.com/path", "", domainname.HostMalformed},
		{"https://example.com", "", domainname.HostMalformed},
		{"user@example.com", "", domainname.HostMalformed},
		{"example.com:x", "", domainname.HostMalformed},
		{"example.com:65536", "", domainname.HostMalformed},
		{"exa mple.com", "", domainname.HostMalformed},
		{"example.com\x00", "", domainname.HostMalformed},
		{"a..example.com", "", domainname.HostMalformed},
		{"**.example.com", "", domainname.HostMalformed},
		{strings.Repeat("a.", 130) + "example.com", "", domainname.HostMalformed},
		{strings.Repeat("a_b.", 80) + "example.com", "", domainname.HostMalformed},
		{strings.Repeat("例", 2000) + ".com", "", domainname.HostMalformed},
		{"8.130.1.1", "", domainname.HostIsIP},
		{"8.130.1.1:80", "", domainname.HostIsIP},
		{"[2400:3200::1]:443", "", domainname.HostIsIP},
		{"2400:3200::1", "", domainname.HostIsIP},
		{"010.1.1", "", domainname.HostIsIP},
		{"com.cn", "", domainname.HostNoRegistrable},
		{"shop.internal", "", domainname.HostNoRegistrable},
	} {
		d, found := domainname.ParseHost(c.host)
		if string(d) != c.domain || len(found) != len(c.want[:min(1, len(c.want))]) || len(found) == 1 && found[0].Code != c.want {
			t.Errorf("%.40q: %q %v, want %q %s", c.host, d, found, c.domain, c.want)
		}
	}
	for d, want := range map[domainname.Domain]bool{"example.cn": false, "xn--exmple-4nf.cn": true} {
		if d.LooksAlike() != want {
			t.Errorf("%s looks like another: %v", d, !want)
		}
	}
}

func FuzzParseHost(f *testing.F) {
	for _, host := range []string{"www.Example.com.:80", "*.例子.中国", "a_b.example.com.cn", "[::1]:1", "exаmple.cn"} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		d, found := domainname.ParseHost(host)
		if (d == "") != (len(found) == 1) {
			t.Fatalf("%q: %q with %d findings", host, d, len(found))
		}
		if d != "" && d.Registrable() != d {
			t.Errorf("%q: %q is not registrable", host, d)
		}
	})
}
