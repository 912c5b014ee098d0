package filing

import (
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"beian/shared/rules/codes"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/sitename"
	"beian/shared/rules/workday"
)

// Ids of service content and language (icp-filing 4.8, MIIT-IF30 13.3 and 13.7).
const (
	contentBlog  = 6  // 博客/个人空间
	contentOther = 24 // 其他
	textLimit    = 512
)

// checkSites returns the findings on the sites. Pointers begin with "/sites".
func (o Order) checkSites(subject Subject, sites []Site, p province.Province, at time.Time) finding.List {
	var found finding.List
	var given []Domain
	if len(sites) == 0 {
		return finding.List{finding.New(CodeSitesMissing, "/sites")}
	}
	for i, s := range sites {
		given = append(given, s.Domains...)
		ofSite := o.checkSite(i, s, subject, sites[:i], p, at)
		ofSite = append(ofSite, o.checkLeader(s.Leader, subject, p, at).Under("/leader")...)
		found = append(found, ofSite.Under(fmt.Sprintf("/sites/%d", i))...)
	}
	if o.Kind().Sites == Asked && !sameDomains(given, o.Domains) {
		found = append(found, finding.New(CodeDomainsNotCovered, "/sites"))
	}
	return found
}

// sameDomains reports whether the sites together have each domain of the order exactly once.
func sameDomains(given, wanted []Domain) bool {
	given, wanted = slices.Clone(given), slices.Clone(wanted)
	slices.Sort(given)
	slices.Sort(wanted)
	return slices.Equal(given, wanted)
}

func (o Order) checkSite(i int, s Site, subject Subject, before []Site, p province.Province, at time.Time) finding.List {
	service := o.ServiceOf(i)
	name := sitename.Site{Name: s.Name, Domains: s.Domains, Entity: o.Entity, Province: o.Province}
	for _, other := range before {
		name.Others = append(name.Others, other.Name)
	}
	if o.Individual() {
		name.Leader = subject.Name.Reveal()
	} else {
		name.Unit = subject.Name.Reveal()
	}
	found := sitename.Check(name, at).Under("/name")
	if service == number.Site {
		found = append(found, o.checkWebsite(s)...)
	} else {
		found = slices.DeleteFunc(found, func(f finding.Finding) bool { return websiteNames[f.Code] })
		found = append(allowAppName(found), checkApp(service, s, at)...)
	}
	found = append(found, o.checkContent(s)...)
	if service == number.Site || len(s.Languages) > 0 {
		found = append(found, o.checkLanguages(s.Languages)...)
	}
	found = append(found, o.checkPreApprovals(s.PreApprovals, p, at)...)
	found = append(found, preapproval.Check(s.Name, trades(s.PreApprovals), o.Province, at).Under("/name")...)
	if utf8.RuneCountInString(s.Remark) > remarkLimit {
		found = append(found, finding.New(CodeTextTooLong, "/remark", "max", strconv.Itoa(remarkLimit)))
	}
	return found
}

// checkWebsite returns the findings about what only a website has.
func (o Order) checkWebsite(s Site) finding.List {
	var found finding.List
	if len(s.Domains) == 0 {
		found = append(found, finding.New(CodeSiteDomainMissing, "/domains"))
	}
	if s.HomeURL != "" {
		found = append(found, domainname.CheckHomeURL(s.HomeURL, s.Domains).Under("/homeUrl")...)
	}
	if s.App != nil {
		found = append(found, finding.New(CodeAppDataOfSite, "/app"))
	}
	return found
}

// checkContent requires known service contents. Individuals may have only a blog or "other" (icp-filing 4.3).
func (o Order) checkContent(s Site) finding.List {
	if len(s.ServiceContent) == 0 {
		return finding.List{finding.New(CodeContentUnknown, "/serviceContent")}
	}
	var found finding.List
	for i, id := range s.ServiceContent {
		switch {
		case !o.Codes.Knows(codes.Services, int64(id)):
			found = append(found, finding.New(CodeContentUnknown, fmt.Sprintf("/serviceContent/%d", i)))
		case o.Individual() && id != contentBlog && id != contentOther:
			found = append(found, finding.New(CodeContentNotForIndividuals, fmt.Sprintf("/serviceContent/%d", i)))
		}
	}
	return found
}

func (o Order) checkLanguages(ids []int) finding.List {
	if len(ids) == 0 {
		return finding.List{finding.New(CodeSiteLanguageUnknown, "/languages")}
	}
	var found finding.List
	for i, id := range ids {
		if !o.Codes.Knows(codes.Languages, int64(id)) {
			found = append(found, finding.New(CodeSiteLanguageUnknown, fmt.Sprintf("/languages/%d", i)))
		}
	}
	return found
}

func (o Order) checkPreApprovals(given []PreApproval, p province.Province, at time.Time) finding.List {
	var found finding.List
	if o.Individual() && len(given) > 0 {
		found = append(found, finding.New(CodePreApprovalNotForIndividuals, "/preApprovals"))
	}
	for i, g := range given {
		if !o.Codes.KnowsTrade(g.Trade) {
			found = append(found, finding.New(CodePreApprovalUnknown, fmt.Sprintf("/preApprovals/%d/trade", i)))
		}
		found = append(found, checkValue(g.Number, textLimit, CodePreApprovalNumberMissing, fmt.Sprintf("/preApprovals/%d/number", i))...)
		found = append(found, checkValidUntil(g.ValidUntil, p, at).Under(fmt.Sprintf("/preApprovals/%d/validUntil", i))...)
	}
	return found
}

// checkValidUntil refuses a licence that has expired, and warns of one that expires before the bureau is likely to decide. The pointer is "".
func checkValidUntil(until workday.Date, p province.Province, at time.Time) finding.List {
	switch {
	case until == "":
		return nil
	case !until.Valid():
		return finding.List{finding.New(CodePreApprovalDate, "")}
	case until < workday.DateOf(at):
		return finding.List{finding.New(CodePreApprovalExpired, "")}
	case until < workday.DateOf(workday.Add(at, p.BureauDays(at))):
		return finding.List{finding.New(CodePreApprovalExpiring, "", "days", strconv.Itoa(p.BureauDays(at)))}
	}
	return nil
}

// normalizeDomain returns a domain in the form in which orders store domains. It returns text that is no domain unchanged.
func normalizeDomain(d Domain) Domain {
	if parsed, found := domainname.Parse(string(d)); !found.Blocking() {
		return parsed
	}
	return d
}

func trades(given []PreApproval) []preapproval.Trade {
	var trades []preapproval.Trade
	for _, g := range given {
		trades = append(trades, g.Trade)
	}
	return trades
}
