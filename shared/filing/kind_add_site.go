package filing

import (
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// addSiteForeign adds sites to a subject that is filed at other providers (新增网站，原备案不在我处). Its data and documents show that it is the
// subject; the bureau gets its number.
var addSiteForeign = Kind{
	Type: AddSiteForeign, Words: finding.Words{Chinese: "新增网站（主体在别处备案）", English: "new site of a subject filed elsewhere"}, Begins: Determined, Phone: true, AnyService: true,
	Subject: Asked, Sites: Asked, Access: Asked, Documents: AllDocuments, Liveness: true, Website: Closed, Codes: SiteLeaders,
	Password: PasswordOptional, Document: "XZWZ", Operation: 2,
	effect: addNewSites,
}

// addSiteOwn adds sites to a subject that is filed through us (新增网站，原备案在我处). The subject is that of the register.
var addSiteOwn = Kind{
	Type: AddSiteOwn, Words: finding.Words{Chinese: "新增网站（主体已在我处备案）", English: "new site of a subject filed here"}, Begins: Determined, Phone: true, AnyService: true,
	Subject: Fixed, Sites: Asked, Access: Asked, Documents: SiteDocuments, Liveness: true, Website: Closed, Codes: SiteLeaders,
	Password: PasswordOptional, Document: "XZWZ", Operation: 2,
	prefill: fillSubject, effect: addNewSites,
}

// addNewSites adds the order's sites to the filing. If the register has none of the subject, the filing begins with the order's.
func addNewSites(o Order, before register.Filing, a Approve) register.Filing {
	f := o.filedBy(before, a)
	if before.Version == 0 {
		f.Private.Subject = o.Private.Subject
	}
	o.addSites(&f, a)
	return f
}
