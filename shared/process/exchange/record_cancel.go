package exchange

import (
	"strconv"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// cancelledKinds are the interface's kinds of cancellation by the part of a filing.
var cancelledKinds = map[register.Part]int64{
	register.SubjectPart: document.CancelSubject, register.SitePart: document.CancelSite, register.AccessPart: document.CancelAccess,
}

// buildCancellation builds the record of a cancellation (ZXBA, MIIT-IF30 10.5): only the ministry's id and the reason. An order without the id goes by
// hand; see [filing.Order.ConsoleOnly]. The filing password is sent if it is known; since its end in 2020 a subject needs none.
func buildCancellation(b *builder) document.Record {
	ends := b.order.Cancellation
	id, err := strconv.ParseInt(ends.MinistryID, 10, 64)
	if err != nil {
		b.found = append(b.found, finding.New(filing.CodeConsoleOnly, ""))
	}
	password := b.filingPassword()
	return document.Record{Cancel: &document.Cancellation{
		What: cancelledKinds[ends.Part], ID: id, Reason: ends.Reason, ReasonRemark: b.order.Private.CancellationRemark,
		FilingPassword: password, WithoutPassword: password == "",
	}}
}
