package notify

import (
	"slices"

	"beian/shared/filing"
	"beian/shared/rules/contact"
)

// A Medium is a way to send a message.
type Medium string

const (
	SMS   Medium = "sms"
	Email Medium = "email"
)

// A Recipient is one address of a message: Mobile if Medium is SMS, Email if it is Email.
type Recipient struct {
	Medium Medium
	Mobile contact.Mobile
	Email  contact.Email
	// Instead is set if the message goes here only if the recipient before could not be reached.
	Instead bool
}

// Recipients returns the recipients of a notice. The code of the SMS verification goes to the leader's mobile, a reminder also to the applicant's
// verified email (once for all leaders), the code that verifies a
// channel of the contact to that channel, the notice of a changed contact to the former contact, and other notices to the applicant's
// verified mobile and email (S20), or only by email if that suffices (see EmailFirst). Recipients returns none if the order's personal data are erased.
func Recipients(order filing.Order, notice filing.Notice) []Recipient {
	switch p := order.Private; notice.Kind {
	case filing.NoticeSMSCode:
		if notice.Code < 0 || notice.Code >= len(p.Codes) {
			return nil
		}
		return recipientsOf(filing.Contact{Mobile: p.Codes[notice.Code].Mobile})
	case filing.NoticeSMSReminder:
		open := unansweredCodes(order)
		if !slices.Contains(open, notice.Code) {
			return nil
		}
		to := recipientsOf(filing.Contact{Mobile: p.Codes[notice.Code].Mobile})
		if notice.Code == open[0] { // one email for all
			to = append(to, recipientsOf(p.Verified.Only(filing.ChannelEmail))...)
		}
		return to
	case filing.NoticeContactCode:
		return recipientsOf(p.Contact.Only(notice.Channel))
	case filing.NoticeContactChanged:
		if notice.Former < 0 || notice.Former >= len(p.Former) {
			return nil
		}
		return recipientsOf(p.Former[notice.Former].Contact)
	default:
		to := recipientsOf(p.Verified)
		if len(to) == 2 && EmailFirst(order, notice) {
			slices.Reverse(to)
			to[1].Instead = true
		}
		return to
	}
}

// EmailFirst reports whether an email is enough for a notice, so that it goes by SMS only to an applicant whom no email reaches (ADR 66). That holds for what the
// applicant did a moment ago on the page, for what needs nothing from the applicant, or has weeks of time, and for what another SMS says within minutes.
func EmailFirst(o filing.Order, notice filing.Notice) bool {
	switch notice.Kind {
	case filing.NoticeSubmitted, filing.NoticeWithdrawn, filing.NoticeAbandoned, filing.NoticeAppealReceived:
		return true // the page has just said so
	case filing.NoticeTypeBlocked, filing.NoticeAppointmentResult, filing.NoticeRulesChanged, filing.NoticePlanContinued, filing.NoticePlanStopped, filing.NoticeExpired:
		return true
	case filing.NoticeIdle:
		return o.LastReminder < slices.Max(filing.ReminderDays)
	case filing.NoticePassed, filing.NoticePapersReceived:
		// The next SMS is the code, if the applicant is a leader, or says that the bureau has the application.
		return o.Step != filing.VerifySMS || o.SendsCodeTo(o.Private.Verified.Mobile)
	}
	return false
}

func recipientsOf(c filing.Contact) []Recipient {
	var recipients []Recipient
	if c.Mobile != "" {
		recipients = append(recipients, Recipient{Medium: SMS, Mobile: c.Mobile})
	}
	if c.Email != "" {
		recipients = append(recipients, Recipient{Medium: Email, Email: c.Email})
	}
	return recipients
}
