package filing

import (
	"slices"
	"time"

	"beian/shared/rules/app"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/sitename"
)

// Findings about services other than websites: apps, mini programs and quick apps (icp-filing 2.4).
const (
	CodeServiceUnknown   finding.Code = "service-kind-unknown"
	CodeAppWithoutDomain finding.Code = "app-without-domain"
	CodeAppDataMissing   finding.Code = "app-data-missing"
	CodeAppDataOfSite    finding.Code = "app-data-of-site"
	CodeAppHomeURL       finding.Code = "app-with-home-page"
	CodeConsoleOnly      finding.Code = "service-not-in-interface"
)

const pointerService = "/serviceKind"

// serviceName returns the name of a kind of service in an opening, which is "" for websites.
func serviceName(s number.Service) string {
	if s == number.Site {
		return ""
	}
	return s.Name()
}

// service returns the kind of service of a normalised opening; a website's if it is unknown, which checkService refuses.
func (n Opening) service() number.Service {
	service, _ := number.ParseService(n.ServiceKind)
	return service
}

// checkService returns the findings about the kind of service.
func (n Opening) checkService(at time.Time) finding.List {
	service, known := number.ParseService(n.ServiceKind)
	if !known {
		return finding.List{finding.New(CodeServiceUnknown, pointerService)}
	}
	found := app.CheckKind(service, at).Under(pointerService)
	if len(n.Domains) == 0 && (service == number.App || service == number.QuickApp) {
		found = append(found, finding.New(CodeAppWithoutDomain, pointerDomains))
	}
	return found
}

// ServiceOf returns the kind of the order's service i, an index into Private.Sites: of what the register has, that of its number.
func (o Order) ServiceOf(i int) number.Service {
	if o.Filed == nil || o.Kind().Sites == Asked {
		return o.Service
	}
	if len(o.Chosen) > i {
		i = o.Chosen[i]
	}
	if i < len(o.Filed.Sites) {
		return o.Filed.Sites[i].Number.Service
	}
	return o.Service
}

// ConsoleOnly reports whether the ministry's interface V3.0 cannot carry the order: it is about a service other than a website, or it changes or ends
// something whose ministry's id is not known. An operator enters such an order into the bureau's console, also where the provider has a link.
func (o Order) ConsoleOnly() bool {
	if o.Service != number.Site {
		return true
	}
	if o.Filed == nil || o.Kind().Begins != AtFiling {
		return false
	}
	for i, s := range o.Filed.Sites {
		if s.Number.Service != number.Site && (len(o.Chosen) == 0 || slices.Contains(o.Chosen, i)) {
			return true
		}
	}
	k := o.Kind()
	return k.carried != nil && !k.carried(o)
}

// checkCarried returns a fault if the order must not be uploaded.
func (o Order) checkCarried() error {
	if o.ConsoleOnly() {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeConsoleOnly, "")})
	}
	return nil
}

// Website returns what the order's sites must be during the bureau's review. A domain of an app may be that of a website that is open.
func (o Order) Website() Website {
	if o.Service != number.Site {
		return AnyWebsite
	}
	return o.Kind().Website
}

// LookupDomains returns the domains to look up with the subject: the order's, or one empty Domain if it has none.
func (o Order) LookupDomains() []Domain {
	if len(o.Domains) == 0 {
		return []Domain{""}
	}
	return o.Domains
}

// aboutService returns the facts for the order's kind of service. An app is filed independently of the websites with its domains, so that only the
// subject determines the type (HSY-APP).
func (o Order) aboutService(facts map[Domain]Facts) map[Domain]Facts {
	if o.Service == number.Site {
		return facts
	}
	ofSubject := map[Domain]Facts{}
	for domain, f := range facts {
		f.DomainFiled, f.SameSubject, f.OurAccess, f.SiteNumber = false, false, false, ""
		ofSubject[domain] = f
	}
	return ofSubject
}

// allowAppName makes the findings about the form of a name warnings: the name is that in the app stores, whose rules differ from those of bureaus.
func allowAppName(found finding.List) finding.List {
	for i, f := range found {
		switch f.Code {
		case sitename.TooShort, sitename.OnlyDigits, sitename.OnlyLatin, sitename.Signs, sitename.IsDomain:
			found[i].Severity = finding.Warn
		}
	}
	return found
}

// checkApp returns the findings about what only a service other than a website has.
func checkApp(service number.Service, s Site, at time.Time) finding.List {
	found := app.CheckName(s.Name, at).Under("/name")
	if s.HomeURL != "" {
		found = append(found, finding.New(CodeAppHomeURL, "/homeUrl"))
	}
	if s.App == nil {
		return append(found, finding.New(CodeAppDataMissing, "/app"))
	}
	return append(found, app.Check(service, *s.App, s.Domains).Under("/app")...)
}
