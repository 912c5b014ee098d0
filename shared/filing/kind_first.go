package filing

import (
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// first is the first filing of a subject (首次备案): the bureau gives it a number.
var first = Kind{
	Type: First, Words: finding.Words{Chinese: "首次备案", English: "first filing"}, Begins: Determined, Phone: true, AnyService: true,
	Subject: Asked, Sites: Asked, Access: Asked, Documents: AllDocuments, Liveness: true, Website: Closed, Codes: AllLeaders,
	Document: "XZBA", Operation: 1,
	effect: func(o Order, before register.Filing, a Approve) register.Filing {
		f := o.filedBy(before, a)
		f.Private.Subject = o.Private.Subject
		o.addSites(&f, a)
		return f
	},
}
