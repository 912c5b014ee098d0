package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// templateData has the fields that the templates use, in the recipient's language.
type templateData struct {
	Provider   string
	Support    string // phone; "" if there is none
	Order      string // the order's number
	Link       string // the order's page
	ShortLink  string // the order's page, in an SMS
	CodeLink   string // the page that takes a verification code, in an SMS
	Replies    bool   // the code can be answered by replying to its SMS
	Brief      bool   // an SMS has to be short
	Briefest   bool   // and as short as possible
	Bare       bool   // a code and its link alone
	ShortOrder string // the end of the order's number
	// Domain is the first domain, in its own script. It is "" until a reviewer has passed the application: whoever opens an order chooses
	// the words of the domain, and mail programs turn a domain into a link.
	Domain string
	// Business names what the order is: a filing, or the cancellation of a part of one.
	Business string
	// Cancels is set if the order ends something; EndsAccess, if that is only our access of a site.
	Cancels, EndsAccess bool
	Edits               bool   // the order changes what is filed
	Stored              bool   // the bureau stores the documents, and decides nothing
	HasDocuments        bool   // the applicant uploads documents
	OwnService          string // what the order files, changes or ends: a site, or a kind of app
	AtFiling            bool   // the applicant chose the kind at a filing
	Kind                string // the order's kind, where the message is about it
	// Split are the orders that the domains need, if there are several; without the domains, which the applicant chose.
	Split      []point
	SplitCount amount
	Domains    amount

	Findings []point
	Others   amount // findings that are not listed, because they have words of their own before a review
	Count    amount // of all findings
	First    string // text of the first finding, for an SMS; "" if a reviewer or the bureau wrote it, or arguments are cut out of it

	Code         string // the six digits
	CodeUntil    string
	CodeBy       string   // CodeUntil, shorter
	Unanswered   []string // masked mobiles whose code was not answered, in a reminder
	LeadersAsked bool     // the leaders have to answer the SMS verification
	SMSHour      string   // at which the codes are sent, in Shanghai, such as 09:00, if the applicant chose it
	// SubjectAsked and SitesAsked are set if the subject leader, and the site leaders, are among them; BothAsked if both are.
	SubjectAsked, SitesAsked, BothAsked bool

	MustBeClosed bool // the sites must not be reachable during the bureau's review
	MustBeOpen   bool // the sites must stay reachable during the bureau's review
	Papers       []string
	PaperCount   amount
	Address      string
	Waiting      string // what the applicant has to do
	Days         int    // without activity
	Expires      string // the day on which the order expires without activity

	// AppointmentAt is when a site leader comes to the provider, and Place where; Leader is the number of the site, from 1.
	AppointmentAt, Place                 string
	Leader                               int
	AppointmentPassed, AppointmentAbsent bool
	Note                                 string // of the reviewer, about the outcome

	// CalledWhom is who was called, and CalledNumber says that the number is wrong, or does not exist.
	CalledWhom   string
	CalledNumber bool

	AppealUntil string // the last day to contest the rejection; "" if that is not possible
	DecideBy    string // the day by which an appeal is decided
	Answer      string // of the reviewer who decided the appeal
	// The days whose rules are compared, the number of requirements that are gone, and whether the applicant can correct the application now.
	RulesBefore, RulesDay string
	RulesSinceCheck       bool // RulesBefore is the day of the order's last check, which may be RulesDay
	Eased                 amount
	CanCorrect            bool

	Deadline    string // of the bureau
	DeadlineDay string // Deadline, shorter
	Opinion     string // of the bureau
	// Unsent is set if the application was refused before it was sent, because the bureau's interface cannot carry it.
	Unsent bool
	// Approved is set if the order is filed.
	Approved bool
	Number   string // of the subject
	// ShowSubject is set if the footers of the sites show the subject's number instead of the site's (Guangdong).
	ShowSubject bool
	// InApp is set if the number is shown in an app, and not at the foot of a website.
	InApp bool
	// Copyright is set if the foot of a site also shows its subject's name. The message may not have the name, so the page of the order has the HTML.
	Copyright bool
	Sites     []filedSite
	SiteCount amount
	FirstSite filedSite
	Duties    []point
	FirstDuty string
}

// An amount is a number, with its grammatical number for the templates.
type amount struct {
	Number  int
	Several bool
}

func amountOf(n int) amount { return amount{n, n > 1} }

// A point is a finding or duty and what to do about it.
type point struct{ Place, What, Remedy, Until string }

// A filedSite is a site with its number.
type filedSite struct {
	Domains string
	Kind    string // site, app, mini program or quick app
	Number  string
	Footer  string // HTML of its footer
}

// newTemplateData returns the template data of a notice, or [ErrOutdated].
func newTemplateData(o filing.Order, notice filing.Notice, s Sender, language string) (templateData, error) {
	l := templateData{
		Provider: s.ProviderName.In(language), Support: s.SupportPhone, Order: string(o.ID), Link: s.OrderURL(o.ID),
		ShortOrder: string(o.ID[max(0, len(o.ID)-shortOrder):]), ShortLink: s.OrderLink(o.ID), CodeLink: s.CodeLink(o.ID), Replies: s.Replies, Domains: amountOf(len(o.Domains)), Address: singleLine(s.PaperAddress),
		LeadersAsked: o.Step == filing.VerifySMS, SMSHour: hourOf(o.SMSHour),
		MustBeClosed: o.Website() == filing.Closed, MustBeOpen: o.Website() == filing.Reachable,
		Approved: o.Status == filing.Approved,
		Expires:  formatDay(waitingSince(o).AddDate(0, 0, filing.MaxIdleDays), language),
	}
	l.SubjectAsked, l.SitesAsked = o.AsksForCodes()
	l.BothAsked = l.SubjectAsked && l.SitesAsked
	ends := o.Kind().Cancels
	l.Business, l.Cancels, l.EndsAccess = o.Business().In(language), ends != "", ends == register.AccessPart
	l.Edits, l.Stored, l.HasDocuments, l.OwnService = o.Kind().Edits(), o.Kind().Stored, o.Kind().Documents != filing.NoDocuments, o.ServiceWords().In(language)
	l.AtFiling = o.Kind().Begins == filing.AtFiling
	if len(o.Domains) > 0 && o.PassedReview() {
		l.Domain = displayDomain(o.Domains[0])
	}
	l.addFindings(o, language)
	switch notice.Kind {
	case filing.NoticeTypeBlocked, filing.NoticeReturned:
		if !o.Private.Findings.Blocking() {
			return l, ErrOutdated // the findings were corrected; warnings may be left
		}
		l.addSplit(o, language)
	case filing.NoticeTypeChanged:
		kind, known := filing.KindOf(o.Type)
		if !known || !o.Step.IsApplicantStep() {
			return l, ErrOutdated
		}
		l.Kind = kind.Words.In(language)
	case filing.NoticeSMSCode:
		return l, l.addCode(o, notice.Code, language)
	case filing.NoticeSMSReminder:
		return l, l.addReminder(o, notice.Code, language)
	case filing.NoticeContactCode:
		return l, l.addContactCode(o, notice)
	case filing.NoticeAppointmentSet, filing.NoticeAppointmentResult:
		return l, l.addAppointment(o, notice, language)
	case filing.NoticeCalled:
		return l, l.addCall(o, language)
	case filing.NoticePapersAsked:
		return l, l.addOriginals(o, language)
	case filing.NoticeIdle:
		return l, l.addIdle(o, language)
	case filing.NoticeTransmitted:
		return l, l.addDeadline(o, language)
	case filing.NoticeInitialReject:
		until := o.AppealUntil().Time()
		l.AppealUntil = formatDay(until, language)
	case filing.NoticeAppealReceived, filing.NoticeAppealUpheld, filing.NoticeAppealOverturned:
		return l, l.addAppeal(o, language)
	case filing.NoticeRefused:
		return l, l.addRefusal(o)
	case filing.NoticeSiteOpen:
		if len(o.OpenSites) == 0 || !o.WatchesPages() {
			return l, ErrOutdated
		}
	case filing.NoticeRulesChanged:
		return l, l.addRuleChanges(o, notice, language)
	case filing.NoticeApproved:
		return l, l.addApproval(o, language)
	}
	return l, nil
}

// shortOrder is the number of characters at the end of an order's number by which a message names the order. They are random.
const shortOrder = 6

// addFindings adds the findings. Before a review, arguments such as a domain are cut out of their texts, because the applicant chose them. An
// SMS never has arguments, nor a text of a reviewer or the bureau: it has no room to say who wrote it.
func (l *templateData) addFindings(o filing.Order, language string) {
	listed := slices.DeleteFunc(slices.Clone(o.Private.Findings), func(f finding.Finding) bool { return f.Severity == finding.Inform })
	l.Count = amountOf(len(listed))
	for i, f := range listed {
		plain, ok := f.WithoutArguments(o.ServiceAt(f.Pointer).Fit)
		own := plain.Message.Chinese == "…" // a reviewer's own words
		if i == 0 && ok && !strings.Contains(plain.Message.Chinese, "…") {
			l.First = singleLine(plain.Message.In(language))
		}
		if o.Review == nil {
			f = plain
		}
		if own && o.Status == filing.InitialRejected {
			f.Remedy = finding.Words{} // it is to resubmit the order, which is closed
		}
		if o.Review != nil || ok {
			l.Findings = append(l.Findings, point{Place: o.PlaceOf(f.Pointer).In(language), What: singleLine(f.Message.In(language)), Remedy: singleLine(f.Remedy.In(language))})
		}
	}
	l.Others = amountOf(len(listed) - len(l.Findings))
}

func (l *templateData) addCode(o filing.Order, index int, language string) error {
	if o.SMS == nil || index < 0 || index >= len(o.Private.Codes) || index >= len(o.SMS.Codes) ||
		!o.SMS.Codes[index].VerifiedAt.IsZero() {
		return ErrOutdated
	}
	l.Code, l.CodeUntil, l.CodeBy = o.Private.Codes[index].Code, formatMinute(o.SMS.ExpiresAt, language), formatMinute(o.SMS.ExpiresAt, language)
	if language == "zh-CN" {
		l.CodeBy = o.SMS.ExpiresAt.In(workday.Shanghai).Format("2日15:04") // within a day, so the month is clear
	}
	return nil
}

// addReminder adds the code again, and the mobiles that have not answered, unless the check has ended.
func (l *templateData) addReminder(o filing.Order, index int, language string) error {
	if o.Step != filing.VerifySMS || o.Closing != "" {
		return ErrOutdated
	}
	if err := l.addCode(o, index, language); err != nil {
		return err
	}
	for _, i := range unansweredCodes(o) {
		l.Unanswered = append(l.Unanswered, o.Private.Codes[i].Mobile.Masked())
	}
	return nil
}

// unansweredCodes returns the indexes of the codes of the SMS check that were not answered.
func unansweredCodes(o filing.Order) []int {
	var open []int
	for i := range o.Private.Codes {
		if o.SMS != nil && i < len(o.SMS.Codes) && o.SMS.Codes[i].VerifiedAt.IsZero() {
			open = append(open, i)
		}
	}
	return open
}

// addContactCode adds the code that verifies a channel of the contact, if it is the newest, was not entered yet, and the contact was not
// changed.
func (l *templateData) addContactCode(o filing.Order, notice filing.Notice) error {
	sent, _ := o.ContactCode(notice.Channel, time.Time{})
	if l.Code = sent.Code; l.Code == "" || sent.Seq != notice.Code || o.Verified(notice.Channel) {
		return ErrOutdated
	}
	return nil
}

// addAppointment adds the appointment of a site's leader: time and place while it is open, else its outcome.
// calledWords are the names of who was called.
var calledWords = map[filing.CallPerson]finding.Words{
	filing.CallContact:       {Chinese: "您", English: "you"},
	filing.CallSubjectLeader: {Chinese: "主体负责人", English: "the subject leader"},
	filing.CallSiteLeader:    {Chinese: "负责人", English: "the leader"},
}

// addCall adds the newest call about which the applicant gets a message. It is outdated once the reviewers are done.
func (l *templateData) addCall(o filing.Order, language string) error {
	call, has := o.LastNotifiedCall()
	if !has || o.Closing != "" || o.Status.Final() {
		return ErrOutdated
	}
	l.CalledWhom = calledWords[call.Person].In(language)
	if call.Person == filing.CallSiteLeader {
		l.CalledWhom, l.Leader = "", call.Site+1
	}
	l.CalledNumber = call.Outcome != filing.CallNoAnswerTwice
	return nil
}

func (l *templateData) addAppointment(o filing.Order, notice filing.Notice, language string) error {
	a, texts, has := o.AppointmentOf(notice.Site)
	if !has || a.At.IsZero() || a.Open() != (notice.Kind == filing.NoticeAppointmentSet) {
		return ErrOutdated
	}
	l.Leader, l.AppointmentAt, l.Place = a.Site+1, formatMinute(a.At, language), singleLine(texts.Place)
	l.AppointmentPassed, l.AppointmentAbsent, l.Note = a.Outcome == filing.AppointmentPassed, a.Outcome == filing.AppointmentAbsent, singleLine(texts.Note)
	if o.Step.IsApplicantStep() && o.Closing == "" {
		waiting, _ := applicantTask(o)
		l.Waiting = waiting.In(language)
	}
	return nil
}

func (l *templateData) addOriginals(o filing.Order, language string) error {
	if o.Originals == nil {
		return ErrOutdated
	}
	for _, slot := range o.Originals.Documents {
		l.Papers = append(l.Papers, o.SlotWords(slot).In(language))
	}
	l.PaperCount = amountOf(len(l.Papers))
	return nil
}

// splitPart describes an order of a split.
var splitPart = finding.Words{Chinese: "订单 %d：%s，%d 个域名", English: "Order %d: %s, domains: %d"}

func (l *templateData) addSplit(o filing.Order, language string) {
	for i, part := range o.Split {
		kind, _ := filing.KindOf(part.Type)
		l.Split = append(l.Split, point{What: fmt.Sprintf(splitPart.In(language), i+1, kind.Words.In(language), len(part.Domains))})
	}
	l.SplitCount = amountOf(len(o.Split))
}

func (l *templateData) addIdle(o filing.Order, language string) error {
	waiting, isApplicants := applicantTask(o)
	if !isApplicants || o.LastReminder == 0 || o.Closing != "" || o.Status.Final() {
		return ErrOutdated
	}
	l.Waiting, l.Days = waiting.In(language), o.LastReminder
	return nil
}

// addAppeal adds the clock of an appeal, or its result and what the applicant has to do now.
func (l *templateData) addAppeal(o filing.Order, language string) error {
	if o.Appeal == nil {
		return ErrOutdated
	}
	l.DecideBy, l.Answer = formatDay(o.Appeal.DecideBy.Time(), language), singleLine(o.Private.Appeal.Answer)
	if o.Step.IsApplicantStep() && o.Closing == "" {
		waiting, _ := applicantTask(o)
		l.Waiting = waiting.In(language)
	}
	return nil
}

func (l *templateData) addDeadline(o filing.Order, language string) error {
	if o.Bureau == nil {
		return ErrOutdated
	}
	l.Deadline, l.DeadlineDay = formatDay(o.Bureau.Deadline, language), formatDay(o.Bureau.Deadline, language)
	if language == "zh-CN" && !o.Bureau.Deadline.IsZero() {
		l.DeadlineDay = o.Bureau.Deadline.In(workday.Shanghai).Format("1月2日") // within weeks, so the year is clear
	}
	return nil
}

// codeRefused is the code for a refusal without a more specific reason.
const codeRefused = "bureau-1002"

func (l *templateData) addRefusal(o filing.Order) error {
	if o.Bureau == nil || o.Bureau.Approved || o.Bureau.DecidedAt.IsZero() {
		return ErrOutdated
	}
	l.Opinion = singleLine(o.Private.Opinion)
	l.Unsent = len(o.Bureau.Codes) == 0 && l.Opinion == ""
	if len(o.Private.Findings) > 0 && o.Private.Findings[0].Code == codeRefused { // the SMS says this already
		l.First = ""
	}
	return nil
}

// hourOf returns the words for an hour of the day; "" without one.
func hourOf(hour *int) string {
	if hour == nil {
		return ""
	}
	return fmt.Sprintf("%02d:00", *hour)
}

func (l *templateData) addApproval(o filing.Order, language string) error {
	if o.Bureau == nil || !o.Bureau.Approved {
		return ErrOutdated
	}
	duties, err := dutiesOf(o)
	if err != nil {
		return err
	}
	switch l.Number = o.Bureau.SubjectNumber.String(); {
	case o.Cancellation != nil:
		l.Number = o.Cancellation.Number
	case l.Stored && o.Filed != nil:
		l.Number = o.Filed.Number.String()
	}
	l.ShowSubject = slices.ContainsFunc(duties, func(d filing.Duty) bool { return d.Code == filing.DutyFooterSubject })
	l.Copyright = slices.ContainsFunc(duties, func(d filing.Duty) bool { return d.Code == filing.DutyCopyrightLine })
	l.InApp = slices.ContainsFunc(duties, func(d filing.Duty) bool { return d.Code == filing.DutyNumberInApp })
	for _, s := range o.Bureau.Sites {
		site := filedSite{Kind: s.Number.Service.Words().In(language), Number: s.Number.String()}
		if s.Site >= 0 && s.Site < len(o.Private.Sites) {
			var names []string
			for _, d := range o.Private.Sites[s.Site].Domains {
				names = append(names, displayDomain(d))
			}
			site.Domains = strings.Join(names, " ")
		}
		site.Footer = filing.FooterLink(site.Number)
		if l.ShowSubject {
			site.Footer = filing.FooterLink(l.Number)
		}
		l.Sites = append(l.Sites, site)
	}
	if l.SiteCount = amountOf(len(l.Sites)); len(l.Sites) > 0 {
		l.FirstSite = l.Sites[0]
	}
	for _, d := range duties {
		f := finding.New(d.Code, "")
		l.Duties = append(l.Duties, point{
			What: singleLine(f.Message.In(language)), Remedy: singleLine(f.Remedy.In(language)), Until: formatDay(d.Due, language),
		})
	}
	if len(l.Duties) > 0 {
		l.FirstDuty = l.Duties[0].What
	}
	return nil
}

// dutiesOf returns the order's duties. The decision SetDuties follows the announcement; before it, dutiesOf returns the duties that
// the decision will set.
func dutiesOf(o filing.Order) ([]filing.Duty, error) {
	if len(o.Duties) > 0 {
		return o.Duties, nil
	}
	o.Step = filing.FollowUp
	c, err := o.Apply(filing.SetDuties{}, filing.Beian, o.Bureau.DecidedAt)
	return c.Order.Duties, err
}

// waitingSince returns the time from which the idle days of an order are counted.
func waitingSince(o filing.Order) time.Time {
	if o.MovedAt.After(o.ActiveAt) {
		return o.MovedAt
	}
	return o.ActiveAt
}

// displayDomain returns a domain in its own script: "例子.cn", not "xn--fsqu00a.cn".
func displayDomain(d filing.Domain) string { return domainname.Domain(d).Display() }

// singleLine joins the lines of a text, so that a text of the bureau or a reviewer cannot add paragraphs to the message.
func singleLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// formatDay returns the date of t in Shanghai; "" for the zero time.
func formatDay(t time.Time, language string) string {
	if t.IsZero() {
		return ""
	}
	if language == "en" {
		return t.In(workday.Shanghai).Format("2 January 2006")
	}
	return t.In(workday.Shanghai).Format("2006年1月2日")
}

// formatMinute returns time and day of t in Shanghai, without the year.
func formatMinute(t time.Time, language string) string {
	if language == "en" {
		return t.In(workday.Shanghai).Format("15:04 on 2 January (UTC+8)")
	}
	return t.In(workday.Shanghai).Format("1月2日15:04")
}
