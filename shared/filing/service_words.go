package filing

import (
	"slices"
	"strconv"
	"strings"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/sitename"
)

// aboutTheService are the findings whose texts say 网站 and "site" for the service that the order files. The texts of others, such as those that tell
// a website from an app, are right for each kind.
var aboutTheService = map[finding.Code]bool{
	CodeSitesMissing: true, CodeDomainsNotCovered: true, CodeContentUnknown: true, CodeSiteLanguageUnknown: true, CodeSiteUnknown: true,
	CodeChallengeOutdated: true, CodeLivenessDropped: true, CodeTooManyChecks: true, CodePortraitMissing: true, liveness.CodeFaceMismatch: true,
	CodeNumberTwice: true, CodeNumberOfSite: true, CodeMinistryIDTwice: true, CodeEndsSite: true, CodePaperShowsOldName: true, CodePreApprovalUnknown: true,
	CodeChangeSiteShell: true, CodeChangeNotOurs: true, CodeChangeAccess: true, CodeChangeSites: true, CodeChangeDomain: true,
	CodeCancelOnlyAccess: true, CodeCancelOneSite: true, CodeCancelWholeSubject: true, CodeEndsAllSites: true, CodeEndsLastSite: true, CodeEndsOnlyAccess: true,
	CodeEndsOtherAccess: true, CodeOneSite: true, province.TooManySubjectSites: true, province.PlanRequired: true,
	evidence.CodeMissing: true, evidence.CodeProofMissing: true, preapproval.NameSuggestsTrade: true,
	province.SiteLeaderLetterCode: true, province.LeadersMustBeSame: true, province.LeadersMustDiffer: true, province.TooManySites: true, province.TooManySiteDomains: true,
	"server-outside-mainland": true, "server-or-service-code": true, // of the inventory
	// The bureau's results.
	"bureau-1007": true, "bureau-1009": true, "bureau-1011": true, "bureau-1020": true, "bureau-1025": true, "bureau-1029": true, "bureau-1030": true, "bureau-1032": true, "bureau-1035": true, "bureau-1031": true, "bureau-1033": true, "bureau-1034": true,
	"bureau-1064": true, "bureau-1066": true,
}

// websiteNames are the provincial rules on the form of a website's name. Their sources are about websites, so that they do not apply to others.
var websiteNames = map[finding.Code]bool{sitename.JiangsuIndividual: true, sitename.GuangdongUnit: true}

// ServiceAt returns the kind of the service that a JSON pointer or a slot is in; of a place outside the services, the kind that all have, and
// [number.Site] if they are of several kinds.
func (o Order) ServiceAt(place string) number.Service {
	if i, ok := siteIn(place); ok && i < len(o.Private.Sites) {
		return o.ServiceOf(i)
	}
	kind := o.ServiceOf(0)
	for i := range o.Private.Sites {
		if o.ServiceOf(i) != kind {
			return number.Site
		}
	}
	return kind
}

// SlotWords returns a slot's name in the words of the kind of service: 第 1 个小程序：域名证书.
func (o Order) SlotWords(slot evidence.Slot) finding.Words {
	return o.ServiceAt(string(slot)).Fit(slot.Words())
}

// FitWords returns findings of the catalogue in the words of the kind of service. The words of reviewers and of the bureau stay.
func (o Order) FitWords(found finding.List) finding.List {
	for i, f := range found {
		found[i] = fitFinding(f, o.ServiceAt(f.Pointer))
	}
	return found
}

// fitFinding returns a finding of the catalogue in the words of a kind of service.
func fitFinding(f finding.Finding, service number.Service) finding.Finding {
	if service == number.Site || !aboutTheService[f.Code] && !strings.HasPrefix(string(f.Code), "site-name-") {
		return f
	}
	if _, catalogued := f.WithoutArguments(); catalogued {
		f.Message, f.Remedy = service.Fit(f.Message), service.Fit(f.Remedy)
	}
	return f
}

// FitFault returns an error with the findings of a fault in the words of the kind of service.
func (o Order) FitFault(err error) error {
	f, is := err.(*fault.Fault)
	if !is || len(f.Findings) == 0 {
		return err
	}
	fitted := *f
	fitted.Findings = o.FitWords(slices.Clone(f.Findings))
	return &fitted
}

// fitWords returns the findings about what begins at the filing, in the words of the services that it is about, if all are of one kind.
func (n AtFilingInput) fitWords(found finding.List) finding.List {
	var kinds []number.Service
	for i, s := range n.Filing.Sites {
		if len(n.Sites) == 0 || slices.Contains(n.Sites, i) {
			kinds = append(kinds, s.Number.Service)
		}
	}
	if len(slices.Compact(kinds)) != 1 {
		return found
	}
	for i, f := range found {
		found[i] = fitFinding(f, kinds[0])
	}
	return found
}

// siteIn returns the index of the site that a JSON pointer into the details or the evidence, or a slot, is in.
func siteIn(place string) (int, bool) {
	place = strings.TrimPrefix(strings.ReplaceAll(place, "~1", "/"), "/evidence/")
	place, ok := strings.CutPrefix(strings.TrimPrefix(place, "/"), "sites/")
	index, _, _ := strings.Cut(place, "/")
	i, err := strconv.Atoi(index)
	return i, ok && err == nil && i >= 0
}
