package filing

import (
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
)

// Reviewed is what a reviewer, or the bureau, saw when the order was last returned to the applicant. It is personal.
type Reviewed struct {
	Subject Subject `json:"subject"`
	Sites   []Site  `json:"sites"`
	// Papers are the SHA-256 of the originals, by slot.
	Papers map[evidence.Slot]string `json:"papers,omitempty"`
}

// keepReviewed keeps what was submitted, before the order is returned and a part of it is cleared.
func (o *Order) keepReviewed() {
	o.Private.Reviewed = &Reviewed{Subject: o.Private.Subject, Sites: o.Private.Sites, Papers: o.digests()}
}

func (o Order) digests() map[evidence.Slot]string {
	papers := map[evidence.Slot]string{}
	for slot, e := range o.Evidence {
		papers[slot] = e.SHA256
	}
	return papers
}

// Revised returns what differs from what was last returned to the applicant: values of /subject and /sites, and the papers that were replaced, added or
// removed, with the pointer /papers/<slot>. It is nil for an order that was never returned.
func (o Order) Revised() []register.Difference {
	if o.Private.Reviewed == nil {
		return nil
	}
	return register.Differences(*o.Private.Reviewed, Reviewed{Subject: o.Private.Subject, Sites: o.Private.Sites, Papers: o.digests()})
}
