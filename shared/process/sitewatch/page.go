package sitewatch

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"beian/shared/filing"
	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/observation"
	"beian/shared/rules/publicsecurity"
	"beian/shared/rules/text"
	"beian/shared/rules/webpage"
)

// Codes of the findings of [Judge] about the page.
const (
	NumberMissing         finding.Code = "watch-number-missing"
	NumberOther           finding.Code = "watch-number-other"
	NumberInvalid         finding.Code = "watch-number-invalid"
	NumberImitated        finding.Code = "watch-number-imitated"
	NumberWithoutSuffix   finding.Code = "watch-number-without-suffix"
	NumberWithSuffix      finding.Code = "watch-number-with-suffix"
	NumberHidden          finding.Code = "watch-number-hidden"
	LinkMissing           finding.Code = "watch-link-missing"
	LinkOutdated          finding.Code = "watch-link-outdated"
	LinkImitated          finding.Code = "watch-link-imitated"
	TitleDiffers          finding.Code = "watch-title-differs"
	CopyrightMissing      finding.Code = "watch-copyright-missing"
	PublicSecurityMissing finding.Code = "watch-public-security-missing"
	PublicSecurityOther   finding.Code = "watch-public-security-other"
	ContentDiffers        finding.Code = "watch-content-differs"
)

// judgePage checks what a home page shows. Of a page that could not be seen completely, it reports nothing as missing.
func (f Filed) judgePage(v observation.Visit, at time.Time) finding.List {
	if v.Page == nil {
		return finding.List{f.notSeen(v, at, "no-page")}
	}
	p := *v.Page
	found := f.judgeNumber(p, v, at)
	if found.Has(NotSeen) {
		return found
	}
	where := f.Province.Province()
	if where.SiteTitle(at) && f.SiteName != "" && v.Outcome != observation.NotModified && !titleFits(p.Title, f.SiteName) {
		found = append(found, finding.New(TitleDiffers, "", "host", v.Host))
	}
	if where.CopyrightLine(at) && !p.Copyright && !p.Incomplete {
		found = append(found, finding.New(CopyrightMissing, "", "host", v.Host))
	}
	found = append(found, f.judgePublicSecurity(p, v, at)...)
	return append(found, f.judgeContent(p, v)...)
}

// judgeNumber checks the filing number: whether it is there, the right one, seen, and linked.
func (f Filed) judgeNumber(p webpage.Page, v observation.Visit, at time.Time) finding.List {
	want, snippet := f.number(at)
	report := func(code finding.Code, args ...string) finding.List {
		return finding.List{finding.New(code, "", append(args, "host", v.Host, "snippet", snippet)...)}
	}
	var right, otherForm, imitated, invalid, others []webpage.Number
	for _, n := range p.Numbers {
		shown := textOf(n)
		switch {
		case n.Subject == (number.Subject{}):
			invalid = append(invalid, n)
		case n.Imitated && (shown == want || n.Filing == f.Number):
			imitated = append(imitated, n)
		case shown == want:
			right = append(right, n)
		case n.Filing == f.Number, n.Filing == (number.Filing{}) && n.Subject == f.Number.Subject:
			otherForm = append(otherForm, n)
		case !n.Imitated:
			others = append(others, n)
		}
	}
	switch {
	case len(right) > 0:
		return f.judgeShown(right, report)
	case len(imitated) > 0:
		return report(NumberImitated)
	case len(otherForm) > 0:
		code := NumberWithoutSuffix
		if otherForm[0].Filing == f.Number {
			code = NumberWithSuffix
		}
		return append(report(code), f.judgeShown(otherForm, report)...)
	case len(others) > 0:
		return report(NumberOther, "shown", textOf(others[0]))
	case len(invalid) > 0:
		return report(NumberInvalid)
	case p.Incomplete:
		return finding.List{f.notSeen(v, at, "large")}
	case p.Dynamic && !v.Rendered:
		return finding.List{f.notSeen(v, at, "script")}
	}
	return report(NumberMissing)
}

// textOf returns the number as a page shows it, in its canonical form.
func textOf(n webpage.Number) string {
	if n.Filing != (number.Filing{}) {
		return n.Filing.String()
	}
	return n.Subject.String()
}

// hidingWords say why a number is not seen.
var hidingWords = map[webpage.Hiding]finding.Words{
	webpage.NotDisplayed: {Chinese: "设置为不显示", English: "it is not displayed"},
	webpage.Invisible:    {Chinese: "设置为不可见", English: "it is invisible"},
	webpage.Transparent:  {Chinese: "设置为透明", English: "it is transparent"},
	webpage.Tiny:         {Chinese: "字太小", English: "it is too small"},
	webpage.SameColour:   {Chinese: "文字颜色与背景相同或非常接近", English: "it has nearly the colour of its background"},
	webpage.OffScreen:    {Chinese: "放在了页面之外", English: "it is outside of the page"},
	webpage.CutOff:       {Chinese: "被遮住了", English: "it is cut off"},
}

// judgeShown checks whether one of a page's numbers is seen and linked. The best one counts.
func (f Filed) judgeShown(numbers []webpage.Number, report func(finding.Code, ...string) finding.List) finding.List {
	var seen []webpage.Number
	for _, n := range numbers {
		if n.Hidden == webpage.Seen {
			seen = append(seen, n)
		}
	}
	if len(seen) == 0 {
		why := hidingWords[numbers[0].Hidden]
		return report(NumberHidden, "reason", why.Chinese, "reason-en", why.English)
	}
	best := slices.MaxFunc(seen, func(a, b webpage.Number) int { return strings.Compare(string(a.Link), string(b.Link)) })
	switch best.Link {
	case webpage.LinksToMinistry:
		return nil
	case webpage.LinkOutdated:
		return report(LinkOutdated)
	case webpage.LinkImitates:
		return report(LinkImitated)
	}
	return report(LinkMissing)
}

// judgePublicSecurity checks the number of the public-security filing, which a page shows once the time to apply for it is over (S24).
func (f Filed) judgePublicSecurity(p webpage.Page, v observation.Visit, at time.Time) finding.List {
	due := !f.OpenedOn.IsZero() && at.After(f.OpenedOn.AddDate(0, 0, filing.PublicSecurityDays))
	known, snippet := f.PublicSecurity, ""
	if known != "" {
		snippet = publicsecurity.FooterLink(known)
	}
	switch {
	case known != "" && slices.Contains(p.PublicSecurity, known):
	case known != "" && len(p.PublicSecurity) > 0:
		return finding.List{finding.New(PublicSecurityOther, "", "host", v.Host, "shown", p.PublicSecurity[0].String(), "snippet", snippet)}
	case due && len(p.PublicSecurity) == 0 && !p.Incomplete && (!p.Dynamic || v.Rendered):
		f := finding.New(PublicSecurityMissing, "", "host", v.Host, "days", strconv.Itoa(filing.PublicSecurityDays), "snippet", snippet)
		f.Remedy.Chinese, f.Remedy.English = strings.TrimSpace(f.Remedy.Chinese), strings.TrimSpace(f.Remedy.English)
		return finding.List{f}
	}
	return nil
}

// Contents of which no other kind is a contradiction: general portal, advertisements or information, and other.
var anyContent = []int{3, 7, 24}

// judgeContent gives a hint of contents that the page suggests and that are not filed.
func (f Filed) judgeContent(p webpage.Page, v observation.Visit) finding.List {
	if len(f.Content) == 0 || slices.ContainsFunc(f.Content, func(id int) bool { return slices.Contains(anyContent, id) }) {
		return nil
	}
	var chinese, english []string
	for _, id := range p.Content {
		if name := (codes.Tables{}).Words(codes.Services, int64(id)); !slices.Contains(f.Content, id) {
			chinese, english = append(chinese, name.Chinese), append(english, name.English)
		}
	}
	if len(chinese) == 0 {
		return nil
	}
	return finding.List{finding.New(ContentDiffers, "", "host", v.Host, "content", strings.Join(chinese, "、"), "content-en", strings.Join(english, ", "))}
}

// titleFits reports whether a title contains the name of a site, without regard to white space, signs and capital letters.
func titleFits(title, name string) bool {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, text.Normalize(s))
	}
	return strings.Contains(plain(title), plain(name))
}
