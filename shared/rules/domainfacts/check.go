package domainfacts

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// Codes of the findings of [Facts.Check].
const (
	CodeUnknown          finding.Code = "domain-facts-unknown"
	CodeIncomplete       finding.Code = "domain-facts-incomplete"
	CodeNotRegistered    finding.Code = "domain-not-registered"
	CodeHolderDiffers    finding.Code = "domain-holder-differs"
	CodeHolderIsPerson   finding.Code = "domain-holder-is-person"
	CodeHolderHidden     finding.Code = "domain-holder-hidden"
	CodeHolderRare       finding.Code = "domain-holder-rare-character"
	CodeOtherCertificate finding.Code = "domain-holder-other-certificate"
	CodeNotVerified      finding.Code = "domain-not-verified"
	CodeVerifiedRecently finding.Code = "domain-verified-recently"
	CodeSyncing          finding.Code = "domain-verification-syncing"
	CodeExpired          finding.Code = "domain-expired"
	CodeExpiresSoon      finding.Code = "domain-expires-soon"
	CodeRegistrar        finding.Code = "domain-registrar-unlisted"
	CodeOnHold           finding.Code = "domain-on-hold"
	CodeHasPage          finding.Code = "domain-has-page"
	CodeBlacklisted      finding.Code = "domain-blacklisted"
)

// Codes lists the codes of the findings of [Facts.Check].
var Codes = []finding.Code{CodeUnknown, CodeIncomplete, CodeNotRegistered, CodeHolderDiffers, CodeHolderIsPerson, CodeHolderHidden,
	CodeHolderRare, CodeOtherCertificate, CodeNotVerified, CodeVerifiedRecently, CodeSyncing, CodeExpired, CodeExpiresSoon, CodeRegistrar, CodeOnHold,
	CodeHasPage, CodeBlacklisted}

// since is the first day of the ministry's automatic comparison (MIIT-264).
const since workday.Date = "2018-01-01"

// The registrar reports a verified name to the ministry within 3 to 5 working days (HW-KB, TC-REJ).
const (
	syncDays     = 3 // before, the bureau does not see the name
	syncWorkdays = 5 // after, it does
)

// An Expectation is what the registration of a domain must match.
type Expectation struct {
	Domain   domainname.Domain
	Subject  person.Name
	Entity   certificate.EntityKind
	Province province.Province
}

// Check returns the findings about the facts at a time, without pointers. Their texts name the domain and the registrar, never the
// holder.
func (f Facts) Check(e Expectation, at time.Time) finding.List {
	if workday.DateOf(at) < since {
		return nil
	}
	c := checker{Facts: f, Expectation: e, at: at}
	if f.Blacklisted {
		c.add(CodeBlacklisted)
	}
	switch {
	case f.Source == "":
		c.add(CodeUnknown)
	case f.Registered == No && f.Source == RDAP: // not every registry lists all its domains
		c.addWarning(CodeNotRegistered)
	case f.Registered == No:
		c.add(CodeNotRegistered)
	default:
		c.checkHolder()
		c.checkVerification()
		c.checkExpiry()
		c.checkRegistrar()
		if f.OnHold {
			c.add(CodeOnHold)
		}
		if f.Page == Unknown {
			c.addIncomplete("网页打开情况", "whether it already shows a page")
		}
	}
	if f.Page == Yes {
		c.add(CodeHasPage)
	}
	if f.Unconfirmed {
		c.warnOnly()
	}
	return c.found
}

// HolderConfirmed reports whether the source shows that the subject holds the domain.
func (f Facts) HolderConfirmed(subject person.Name) bool {
	return f.Holder != "" && (sameName(f.Holder, subject) || f.SameCertificate == Yes && sameReadable(f.Holder, subject))
}

type checker struct {
	Facts
	Expectation
	at    time.Time
	found finding.List
}

func (c *checker) add(code finding.Code, args ...string) {
	c.found = append(c.found, finding.New(code, "", append(args, "domain", c.Domain.Display())...))
}

// addWarning adds a finding that warns although its code blocks in other cases.
func (c *checker) addWarning(code finding.Code, args ...string) {
	c.add(code, args...)
	c.found[len(c.found)-1].Severity = finding.Warn
}

// warnOnly turns what blocks into warnings, besides the blacklist: the applicant may have corrected it since.
func (c *checker) warnOnly() {
	certain := func(f finding.Finding) bool { return f.Severity == finding.Block && f.Code != CodeBlacklisted }
	if !slices.ContainsFunc(c.found, certain) {
		return
	}
	for i := range c.found {
		if certain(c.found[i]) {
			c.found[i].Severity = finding.Warn
		}
	}
	c.found = slices.Insert(c.found, 0, finding.New(CodeUnknown, "", "domain", c.Domain.Display()))
}

// checkHolder compares the holder with the subject. An individual's domain must be held by that person. A unit's domain may be held, in
// law, by a shareholder, a principal or a senior executive of it (MIIT-264), unless the province accepts only the unit itself.
func (c *checker) checkHolder() {
	individual := c.Entity == certificate.Individual
	switch {
	case c.HolderConfirmed(c.Subject):
		if c.SameCertificate == No {
			c.add(CodeOtherCertificate)
		}
	case c.Holder == "", masked(c.Holder), c.Source == RDAP, !hasHan(c.Holder.Reveal()) && hasHan(c.Subject.Reveal()):
		c.add(CodeHolderHidden)
	case sameReadable(c.Holder, c.Subject):
		c.add(CodeHolderRare)
	case individual, c.Province.HolderIsUnit(c.Entity, c.at), !maybePerson(c.Holder):
		c.add(CodeHolderDiffers)
	default:
		c.add(CodeHolderIsPerson)
	}
}

func (c *checker) checkVerification() {
	switch possible := c.VerifiedAt.AddDate(0, 0, syncDays); {
	case c.Verified == No:
		c.add(CodeNotVerified)
	case c.Verified == Unknown && !c.HolderConfirmed(c.Subject): // then the certificate of the domain is asked for, and shows both
	case c.Verified == Unknown, c.VerifiedAt.IsZero():
		c.addIncomplete("实名认证情况", "the real-name verification")
	case c.at.Before(possible):
		c.add(CodeVerifiedRecently, "verified", minute(c.VerifiedAt), "possible", minute(possible))
	case c.at.Before(workday.Add(c.VerifiedAt, syncWorkdays)):
		c.add(CodeSyncing, "verified", minute(c.VerifiedAt), "synced", string(workday.DateOf(workday.Add(c.VerifiedAt, syncWorkdays))))
	}
}

func (c *checker) checkExpiry() {
	if c.ExpiresAt.IsZero() {
		c.addIncomplete("到期时间", "the expiry date")
		return
	}
	rule := c.Province.DomainValidity(c.Entity, c.at)
	day, today := workday.DateOf(c.ExpiresAt), workday.DateOf(c.at)
	args := func(p province.Period) []string {
		return []string{"expires", string(day), "until", string(p.After(today)), "period", p.Words().Chinese, "period-en", p.Words().English,
			"province", c.Province.Short, "province-en", c.Province.Name.English}
	}
	switch {
	case !c.at.Before(c.ExpiresAt):
		c.add(CodeExpired, "expires", string(day))
	case day < rule.Refuse.After(today):
		c.add(CodeExpiresSoon, args(rule.Refuse)...)
	case day < rule.Review.After(today):
		c.addWarning(CodeExpiresSoon, args(rule.Review)...)
	}
}

func (c *checker) checkRegistrar() {
	switch {
	case c.Registrar == "":
		c.addIncomplete("注册商", "the registrar")
	case !approvedRegistrar(c.Registrar, c.RegistrarID):
		c.add(CodeRegistrar, "registrar", c.Registrar)
	}
}

func (c *checker) addIncomplete(chinese, english string) {
	c.add(CodeIncomplete, "missing", chinese, "missing-en", english)
}

func minute(t time.Time) string { return t.In(workday.Shanghai).Format("2006-01-02 15:04") }

// sameName compares two names by their letters and digits: brackets, dots, spaces, width and the order of Latin names differ between systems. A
// sole trader whose licence has no name files under the operator's name, in some provinces with a mark that the registrar does not know.
func sameName(a, b person.Name) bool {
	return unmarked(a) == unmarked(b) || sameWords(a.Reveal(), b.Reveal())
}

func unmarked(n person.Name) string { return strings.TrimSuffix(fold(n.Reveal()), "个体工商户") }

// sameWords reports whether two names without Chinese characters have the same words.
func sameWords(a, b string) bool {
	words := func(name string) []string {
		all := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
		slices.Sort(all)
		return all
	}
	return !hasHan(a) && !hasHan(b) && slices.Equal(words(a), words(b))
}

// sameReadable reports whether two names may differ only in rare characters. Who has one files with a substitute, often 〇, that the registrar need
// not know.
func sameReadable(holder, subject person.Name) bool {
	rare := func(r rune) bool {
		_, unreadable := gbk.GBK.Check(string(r))
		return r == '〇' || unreadable
	}
	a, b := []rune(unmarked(holder)), []rune(unmarked(subject))
	return len(a) == len(b) && slices.EqualFunc(a, b, func(x, y rune) bool { return x == y || rare(x) || rare(y) })
}

// fold returns the letters and digits of a text, and characters for private use, which stand for rare ones.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Co, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// masked reports whether a source has hidden a part of the name, or could not read it.
func masked(n person.Name) bool {
	text := strings.ToLower(n.Reveal())
	for _, mark := range []string{"*", "＊", "redacted", "privacy", "withheld", "not disclosed", "隐私", "保密", "隐藏", "公开", "未知", "\ufffd", "?", "？", "□"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return fold(text) == ""
}

// maybePerson reports whether a name may be that of a natural person: up to four characters, or two names joined by a dot.
func maybePerson(n person.Name) bool {
	return utf8.RuneCountInString(fold(n.Reveal())) <= 4 || strings.ContainsRune(n.Reveal(), '·')
}

func hasHan(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
