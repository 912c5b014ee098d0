package webpage

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/idna"

	"beian/shared/rules/text"
)

// A Link says where a number leads. Later ones are better.
type Link string

const (
	NotLinked       Link = ""
	LinksElsewhere  Link = "1-elsewhere"
	LinkImitates    Link = "2-imitation" // a host that looks like the ministry's
	LinkOutdated    Link = "3-outdated"  // the ministry's former address, or its address over HTTP
	LinksToMinistry Link = "4-ministry"
)

// ministryHost is the site of the ministry to which a number must lead (ORDER33, article 13).
const ministryHost = "beian.miit.gov.cn"

// linkOf returns where the link around a node leads.
func linkOf(n *html.Node) Link {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && (n.DataAtom == atom.A || n.DataAtom == atom.Area) {
			if href := strings.TrimSpace(attribute(n, "href")); href != "" {
				return judgeLink(href)
			}
		}
	}
	return NotLinked
}

func judgeLink(href string) Link {
	u, err := url.Parse(href)
	if err != nil {
		return LinksElsewhere
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	plain := u.User == nil && (u.Port() == "" || u.Port() == "443" || u.Port() == "80")
	switch {
	case host == "":
		return LinksElsewhere
	case plain && host == ministryHost && (u.Scheme == "https" || u.Scheme == ""):
		return LinksToMinistry
	case plain && u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "":
		return LinksElsewhere
	case plain && (host == ministryHost || host == "miitbeian.gov.cn" || host == "www.miitbeian.gov.cn" || host == "www.miit.gov.cn" || host == "miit.gov.cn"):
		return LinkOutdated
	case imitates(host), u.User != nil && imitates(u.User.Username()):
		return LinkImitates
	}
	return LinksElsewhere
}

// imitates reports whether a host looks like one of the ministry: its letters in other scripts, or its name in another domain.
func imitates(host string) bool {
	shown, err := idna.Display.ToUnicode(host)
	if err != nil {
		shown = host
	}
	// The look-alikes of a whole label stay, unless a Latin letter is beside them.
	plain := strings.ToLower(text.NormalizeASCII("a" + strings.ReplaceAll(shown, ".", "a.a")))
	plain = strings.NewReplacer("a.a", ".", "1", "i", "l", "i").Replace(plain)
	return strings.Contains(plain, "miit") && (strings.Contains(plain, "beian") || strings.Contains(plain, "gov"))
}
