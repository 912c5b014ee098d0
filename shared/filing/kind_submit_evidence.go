package filing

import (
	"fmt"
	"slices"

	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// submitEvidence sends new documents of the subject or of one site to the bureau, which stores them (单独提交核验材料电子件). Nothing else of the filing
// changes: it serves a certificate that was renewed, or a document that the bureau asks for again.
var submitEvidence = Kind{
	Type: SubmitEvidence, Words: finding.Words{Chinese: "单独提交核验材料", English: "documents on their own"}, Begins: AtFiling, Phone: true,
	Subject: Reference, Sites: Reference, Access: Absent, Documents: ChosenDocuments, Website: AnyWebsite, Codes: NoCodes,
	Document: "XZHYD", Operation: 35, ByResult: true, Stored: true,
	prefill: func(o *Order) {
		o.Private.Subject, o.Private.Sites = o.Private.Filed.Subject, nil
		for _, i := range o.Chosen {
			o.Private.Sites = append(o.Private.Sites, o.Private.Filed.Sites[i])
		}
	},
	effect: func(o Order, before register.Filing, a Approve) register.Filing {
		f := before
		f.Papers = slices.DeleteFunc(slices.Clone(f.Papers), func(p register.Paper) bool {
			return slices.ContainsFunc(o.Renewed, func(slot evidence.Slot) bool { return slot.Kind() == p.Slot.Kind() && o.siteOf(slot, a) == p.Site })
		})
		f.Papers = append(f.Papers, o.papers(a)...)
		return f
	},
}

// What is wrong with the request to send documents on their own.
const (
	CodeSubmitNothing finding.Code = "documents-not-chosen"
	CodeSubmitUnknown finding.Code = "documents-unknown"
	CodeSubmitNotOurs finding.Code = "documents-without-access"
)

// checkSubmission returns the findings on a request to send documents on their own.
func (n AtFilingInput) checkSubmission() finding.List {
	if len(n.Sites) > 1 || len(n.Sites) == 1 && (n.Sites[0] < 0 || n.Sites[0] >= len(n.Filing.Sites)) {
		return finding.List{finding.New(CodeFilingSiteUnknown, "/site")}
	}
	var found finding.List
	if !hasOurAccess(n.Filing, n.Sites) {
		found = append(found, finding.New(CodeSubmitNotOurs, ""))
	}
	if len(n.Papers) == 0 {
		found = append(found, finding.New(CodeSubmitNothing, "/papers"))
	}
	slots := n.slots()
	for i, slot := range slots {
		parsed, err := evidence.ParseSlot(string(slot))
		if _, ofSite := parsed.Site(); err != nil || ofSite != (len(n.Sites) == 1) || slices.Contains(slots[:i], slot) {
			found = append(found, finding.New(CodeSubmitUnknown, fmt.Sprintf("/papers/%d", i)))
		}
	}
	return found
}

// hasOurAccess reports whether we have an access of each of the sites, or without sites, of any site of the filing.
func hasOurAccess(f register.Filing, sites []int) bool {
	ours := func(s register.FiledSite) bool { _, is := s.OurAccess(); return is }
	if len(sites) == 0 {
		return slices.ContainsFunc(f.Sites, ours)
	}
	return !slices.ContainsFunc(sites, func(i int) bool { return !ours(f.Sites[i]) })
}

// slots returns the slots of the documents that the request names: those of a site have its index in the order, 0.
func (n AtFilingInput) slots() []evidence.Slot {
	slots := make([]evidence.Slot, len(n.Papers))
	for i, kind := range n.Papers {
		if slots[i] = evidence.Slot(kind); len(n.Sites) == 1 {
			slots[i] = evidence.SiteSlot(0, kind)
		}
	}
	return slots
}

// reasonRenewed is the reason of the documents that the applicant chose.
var reasonRenewed = finding.Words{Chinese: "您选择更新这份材料。", English: "You chose to renew this document."}

// renewedRequirements returns the documents that the applicant chose.
func (o Order) renewedRequirements() []evidence.Requirement {
	var all []evidence.Requirement
	for _, slot := range o.Renewed {
		all = append(all, evidence.Requirement{Slot: slot, Level: evidence.Required, Reason: reasonRenewed})
	}
	return all
}
