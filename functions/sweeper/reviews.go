package sweeper

import (
	"context"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/notify"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// reviewMessage records the answer to an annual review that came by SMS, and reads what the answer to its sender says. A repeated call records nothing more.
func (h Handler) reviewMessage(ctx context.Context, m *notify.RegisterMessage) (current bool, err error) {
	r, known, err := h.Register.ReviewReply(ctx, m.Notice.ID)
	if err != nil || !known {
		return false, err
	}
	m.Contact, m.Review = register.Party{Mobile: r.From}, notify.Review{Site: r.Site, Status: r.Status}
	m.Review.Outcome, err = h.recordReview(ctx, r)
	if err != nil {
		return false, err
	}
	if site, err := number.ParseFiling(r.Site); err == nil {
		if p, ok := site.Subject.Province(); ok {
			entered, err := h.Register.Reviews(ctx)
			if err != nil {
				return false, err
			}
			if review, open := entered.Calendar().On(p.Code, workday.DateOf(r.ReceivedAt)); open {
				m.Review.Numbers = review.Numbers
			}
		}
	}
	return true, nil
}

// recordReview records an answer if its sender leads the site, or its subject. For any other number the outcome is the same: an SMS does not find
// out who leads a site.
func (h Handler) recordReview(ctx context.Context, r register.ReviewReply) (register.ReviewOutcome, error) {
	if r.Problem != "" {
		return register.ReviewOutcome(r.Problem), nil
	}
	site, err := number.ParseFiling(r.Site)
	if err != nil {
		return register.ReviewNumber, nil
	}
	f, err := h.Register.FilingByNumber(ctx, site.Subject)
	if err != nil {
		return "", err
	}
	if !leads(f, r.Site, r.From) {
		return register.ReviewUnknown, nil
	}
	_, err = h.Duties.Record(ctx, f.ID, upkeep.AnswerReview{Site: r.Site, Status: r.Status, By: upkeep.BySMS, At: r.ReceivedAt})
	switch fault.KindOf(err) {
	case fault.Conflict: // no review, or the filing is cancelled
		return register.ReviewClosed, nil
	case fault.Invalid: // the site is not with us any more
		return register.ReviewUnknown, nil
	}
	return register.ReviewRecorded, err
}

// leads reports whether a mobile is that of the leader of a site on file, or of its subject.
func leads(f register.Filing, site string, m contact.Mobile) bool {
	for i, s := range f.Sites {
		if s.Number.String() != site || i >= len(f.Private.Sites) {
			continue
		}
		for _, l := range []register.Leader{f.Private.Sites[i].Leader, f.Private.Subject.Leader} {
			if on := contact.NormalizeMobile(l.Mobile.Reveal()); on != "" && on == m {
				return true
			}
		}
	}
	return false
}
