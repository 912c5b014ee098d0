package filing

import (
	"slices"

	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// cancelAccess ends our access of a site (取消接入). The numbers stay, also where no other provider has an access: the site is then a shell until
// the bureau cancels it.
var cancelAccess = cancels(Kind{
	Type: CancelAccess, Words: finding.Words{Chinese: "取消接入", English: "cancellation of an access"}, Cancels: register.AccessPart,
	Subject: Absent, Access: Reference, Codes: NoCodes, Password: PasswordOptional, Operation: 5,
})

// cancelSubject ends the filing of a subject with all its sites (注销主体). The subject may file anew. As long as there was a filing password, it showed
// who cancels, and there was no code (icp-filing 2.1, 3.3).
var cancelSubject = cancels(Kind{
	Type: CancelSubject, Words: finding.Words{Chinese: "注销主体", English: "cancellation of the subject"}, Cancels: register.SubjectPart,
	Subject: Reference, Access: Absent, Codes: SubjectOnly, CodesSince: passwordsEnd, Password: PasswordRequired, Operation: 6,
})

// cancelSite ends the filing of one site (注销网站).
var cancelSite = cancels(Kind{
	Type: CancelSite, Words: finding.Words{Chinese: "注销网站", English: "cancellation of a site"}, Cancels: register.SitePart,
	Subject: Absent, Access: Absent, Codes: SiteLeaders, CodesSince: passwordsEnd, Password: PasswordOptional, Operation: 7,
})

// cancels completes a kind that ends a part of a filing: the applicant enters a reason and confirms the consequences, and the bureau gets an id, or
// by hand a number.
func cancels(k Kind) Kind {
	k.Begins, k.Phone, k.Sites, k.Documents, k.Website = AtFiling, true, Reference, NoDocuments, AnyWebsite
	k.Document, k.ByResult, k.AnyService = "ZXBA", true, true
	k.carried = func(o Order) bool { return o.Cancellation != nil && o.Cancellation.MinistryID != "" }
	k.prefill = func(o *Order) {
		f := o.Private.Filed
		o.Private.Subject, o.Private.Sites = f.Subject, nil
		for i, site := range f.Sites {
			if len(o.Chosen) == 0 || slices.Contains(o.Chosen, i) {
				o.Private.Sites = append(o.Private.Sites, site)
			}
		}
	}
	k.effect = func(o Order, before register.Filing, _ Approve) register.Filing {
		if o.Cancellation.MinistryID == "" {
			return before.WithoutNumbered(o.Cancellation.Part, o.Cancellation.Number)
		}
		return before.Without(o.Cancellation.Part, o.Cancellation.MinistryID)
	}
	return k
}
