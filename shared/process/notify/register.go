package notify

import (
	"slices"
	"strings"
	"sync"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/agency"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/finding"
)

// A RegisterMessage is what a message about a filing, a claim, a transfer or a consent says.
type RegisterMessage struct {
	Notice register.Notice
	// Filing is the filing. For the consent to a first filing, it has only the leader that the order has.
	Filing register.Filing
	// Code is the code of a claim, a consent or a revocation; "" for other kinds.
	Code string
	// Consent is that of a message about a consent, and Agency whom it permits to act.
	Consent register.Consent
	Agency  agency.Agency
	// Contact is that of the recipient, unless the message goes to the leader on file.
	Contact register.Party
	// Duties are what reminders are about.
	Duties []upkeep.Duty
	// MuteToken is that of the link that turns some of the reminders off; "" if there is none.
	MuteToken string
	// Review is what became of an SMS about an annual review.
	Review Review
	// Language is "zh-CN" or "en".
	Language string
}

// A Review is what the answer to an SMS about an annual review says.
type Review struct {
	Outcome register.ReviewOutcome
	Site    string // number
	Status  annualreview.Status
	Numbers []string // of the bureau's SMS platform
}

// RegisterRecipients returns the recipients of a message about the register: a code goes to the leader's mobile alone, and what a former leader reads to
// the former mobile.
func RegisterRecipients(m RegisterMessage) []Recipient {
	leader := m.Filing.Private.Subject.Leader
	switch {
	case m.Notice.Kind == register.NoticeDuties && !m.Notice.SMS:
		return recipientsOf(filing.Contact{Email: m.Contact.Email})
	case m.Notice.To != register.ToLeader || m.Notice.Kind == register.NoticeDuties:
		return recipientsOf(filing.Contact{Mobile: m.Contact.Mobile, Email: m.Contact.Email})
	case m.Notice.Kind.IsCode():
		return recipientsOf(filing.Contact{Mobile: leader.Mobile})
	}
	return recipientsOf(filing.Contact{Mobile: leader.Mobile, Email: leader.Email})
}

// registerData has the fields that the templates of these messages use.
type registerData struct {
	Provider string
	Support  string // phone; "" if there is none
	Number   string // of the subject
	// SMSNumber and SMSSite are Number and Site in an SMS. In English, they have no Chinese characters, which would more than halve what fits into a segment.
	SMSNumber, SMSSite string
	Brief              bool   // an SMS has to be short
	Link               string // the filing's page
	ShortLink          string // the filing's page, in an SMS
	Code               string
	Leader             bool   // the recipient is the subject leader
	Owner              bool   // the recipient is the account that had the filing
	ToAgency           bool   // the recipient is the agency
	Order              string // of the consent to a first filing; for the agency
	Part               bool   // the filing as such is still filed
	// The agency of a consent, what it may do, until when, and where the leader revokes it.
	Agency, Scopes string
	Until          string
	RevokeLink     string
	ByLeader       bool // the leader revoked it
	// Duties are what reminders are about, the nearest deadline first, and First is the first one's text.
	Duties    []point
	DutyCount amount
	First     point
	// One of these is what became of an SMS about an annual review, none if its form is wrong; Site, Status and Numbers are those of the SMS.
	ReviewRecorded, ReviewClosed, ReviewUnknown, ReviewNumber, ReviewStatus bool
	Site, Status, Numbers                                                   string
	// MuteLink turns off the reminders that can be turned off; "" if there are none. Needed is set if others of the message cannot.
	MuteLink string
	Needed   bool
}

// RenderRegister returns a message about a claim, a transfer or a consent.
func RenderRegister(m RegisterMessage, s Sender) (Message, error) {
	language := languageOf(m.Language)
	words, l := registerTemplates()[language][m.Notice.Kind], registerData{
		Provider: s.ProviderName.In(language), Support: s.SupportPhone, Number: m.Filing.Number.String(), Link: s.PortalURL + "/filings/" + string(m.Filing.ID),
		ShortLink: s.PortalURL + "/f/" + filing.ID(m.Filing.ID).Link(),
		Code:      m.Code, Leader: m.Notice.To == register.ToLeader, Owner: m.Notice.To == register.ToOwner,
		ToAgency: m.Notice.To == register.ToAgency, Part: m.Filing.Status != register.Cancelled,
	}
	l.Agency = finding.Words{Chinese: m.Agency.ChineseName, English: m.Agency.EnglishName}.In(language)
	if m.Consent.ID != "" {
		l.Scopes, l.Until = scopeWords(m.Consent.Scopes, language), formatDay(m.Consent.Until.Time(), language)
		l.ByLeader = m.Consent.EndedBy == register.EndedByLeader
		if m.Consent.Order != "" {
			l.Number, l.Order = "", m.Consent.Order
		}
	}
	if m.Notice.Kind == register.NoticeConsentCode && len(m.Consent.Scopes) > 1 { // each of the others includes reading
		l.Scopes = scopeWords(slices.DeleteFunc(slices.Clone(m.Consent.Scopes), func(s register.Scope) bool { return s == register.ScopeRead }), language)
	}
	l.RevokeLink = s.PortalURL + "/revoke"
	outcome := m.Review.Outcome
	l.ReviewRecorded, l.ReviewClosed, l.ReviewUnknown = outcome == register.ReviewRecorded, outcome == register.ReviewClosed, outcome == register.ReviewUnknown
	l.ReviewNumber, l.ReviewStatus = outcome == register.ReviewNumber, outcome == register.ReviewStatus
	l.Site, l.Status, l.Numbers = m.Review.Site, m.Review.Status.Words().In(language), strings.Join(m.Review.Numbers, " / ")
	l.SMSNumber, l.SMSSite = l.Number, l.Site
	if language == "en" {
		l.SMSNumber, l.SMSSite = withoutChinese(l.Number), withoutChinese(l.Site)
	}
	l.addDuties(m, language)
	if m.MuteToken != "" {
		l.MuteLink = s.PortalURL + "/mute/" + m.MuteToken
	}
	run := func(name string) (string, error) { return executeText(words, name, l) }
	out, err := Message{}, error(nil)
	if out.SMS, err = renderRegisterSMS(words, l, m.Notice.Kind, language); err != nil {
		return Message{}, err
	}
	if words["subject"] == nil {
		return out, nil
	}
	if out.Subject, err = run("subject"); err != nil {
		return Message{}, err
	}
	if out.Text, err = run("letter"); err != nil {
		return Message{}, err
	}
	out.Text = collapseBlankLines(out.Text)
	out.Unsubscribe = l.MuteLink
	out.HTML, err = renderHTML(language, out.Subject, out.Text)
	return out, err
}

// renderRegisterSMS returns the fullest text that has one segment, if it has a code and a text is that short, or else two. A long domain is left out, because the page names it. So are, of a consent,
// the number of the filing and then its last day: the message that follows the consent has both, and says how to revoke it.
func renderRegisterSMS(words templateSet, l registerData, kind register.NoticeKind, language string) (string, error) {
	texts, limits := []registerData{l}, []int{2}
	brief := l
	switch {
	case kind == register.NoticeConsentCode:
		brief.SMSNumber, brief.Brief = "", true
		briefest := brief
		briefest.Until = ""
		texts = append(texts, brief, briefest)
	case l.First.Place != "":
		brief.First.Place = ""
		texts = append(texts, brief)
	}
	if kind.IsCode() {
		limits = []int{1, 2}
	}
	return shortestSMS(words, texts, limits, l.Provider, language)
}

// scopeWords lists what a consent permits.
func scopeWords(scopes []register.Scope, language string) string {
	var words []string
	for _, s := range scopes {
		words = append(words, s.Words().In(language))
	}
	if language == "en" {
		return strings.Join(words, ", ")
	}
	return strings.Join(words, "、")
}

var registerTemplates = sync.OnceValue(func() map[string]map[register.NoticeKind]templateSet {
	all := map[string]map[register.NoticeKind]templateSet{}
	for _, language := range languages {
		all[language] = map[register.NoticeKind]templateSet{}
		for _, kind := range register.NoticeKinds {
			folder := "templates/" + language + "/register/"
			parsed, err := parseTemplates(files, folder+"common.txt", folder+string(kind)+".txt")
			if err != nil {
				panic(err) // excluded by this package's test
			}
			all[language][kind] = parsed
		}
	}
	return all
})
