package web

import (
	"slices"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/form"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// An Order is the JSON of an order for its owner and for staff.
type Order struct {
	Brief
	Can          []string                `json:"can" nullable:"false" doc:"what the applicant can do now besides filling in: split, papers, sms-hour, sms-repetition, resubmission, appeal, appeal-withdrawal (DELETE appeal), withdrawal, abandonment, erasure-request; empty for staff" example:"[\"withdrawal\"]"`
	Split        *Split                  `json:"split,omitempty" doc:"the offer to file the domains in several orders, while they cannot be in one; accept it with POST /orders/{id}/split"`
	Withheld     bool                    `json:"withheld,omitempty" doc:"for staff: only the fields of lists are filled. A reviewer reads all with GET after claiming the order; responses to decisions of staff are always so"`
	Language     string                  `json:"language" enum:"zh-CN,en" doc:"language of the SMS and emails about the order"`
	Findings     finding.List            `json:"findings" nullable:"false" doc:"what the applicant must correct, and warnings"`
	Explained    []Explained             `json:"explanations" nullable:"false" doc:"the applicant's explanations of findings, with the overrides of reviewers"`
	Provisional  bool                    `json:"provisional,omitempty" doc:"the type was determined without the bureau; it is checked again before transmission"`
	Contact      filing.Contact          `json:"contact"`
	Channels     []Channel               `json:"channels" nullable:"false" doc:"the parts of the contact, and whether messages go to them"`
	Subject      filing.Subject          `json:"subject"`
	Sites        []filing.Site           `json:"sites" nullable:"false"`
	Readings     []filing.Reading        `json:"readings,omitempty" doc:"what the applicant's device says that it read on photos of certificates, for comparing with the details. It is no evidence: the device can send anything"`
	LookUp       *LookUp                 `json:"lookUp,omitempty" doc:"what determined the type: whether subject and domains were filed; not shown to applicants"`
	DomainFacts  []DomainFacts           `json:"domainFacts,omitempty" doc:"what is known about the registration of each domain; not shown to applicants"`
	Revised      []register.Difference   `json:"revised,omitempty" doc:"only when staff read the order: what differs from what was last returned to the applicant, before and after; a paper has the pointer /papers/ with its slot, and the SHA-256 of the original"`
	Changes      []register.Difference   `json:"changes,omitempty" doc:"what the order changes of its filing, before and after"`
	Changed      register.ID             `json:"changedFiling,omitempty" doc:"the filing that the order changes; absent for other kinds"`
	Product      *Product                `json:"product,omitempty"`
	Detailed     bool                    `json:"detailed" doc:"whether the details are complete and passed the checks"`
	Evidence     map[evidence.Slot]Given `json:"evidence" nullable:"false" doc:"accepted papers by slot"`
	Liveness     []int                   `json:"liveness,omitempty" doc:"indexes of the sites whose leaders pass the liveness check; those of a change are the sites that get another leader"`
	Authentic    []Authentic             `json:"authentic" nullable:"false" doc:"site leaders who passed the liveness check"`
	Appointments []Appointment           `json:"appointments,omitempty" doc:"of site leaders who cannot do the liveness check: the newest of each site"`
	Cancellation *Cancellation           `json:"cancellation,omitempty" doc:"what the order ends"`
	Confirmation *filing.Confirmation    `json:"confirmation,omitempty"`
	Review       *Review                 `json:"review,omitempty"`
	UndoUntil    time.Time               `json:"undoUntil,omitzero" doc:"only for the reviewer whose verdict has not taken effect: until when it waits; take it back with DELETE /orders/{id}/review"`
	Differing    []DifferingVerdict      `json:"differing,omitempty" doc:"only for the reviewer who has claimed the order to decide, and for administrators: the verdicts of two reviewers who read it and differ"`
	ApprovalNote string                  `json:"approvalNote,omitempty" doc:"of the operator who closed the task about the approval (check-approval); only staff see it"`
	Appeal       *Appeal                 `json:"appeal,omitempty" doc:"of a rejected application: until when the rejection can be contested, or the appeal"`
	Papers       *MailedOriginals        `json:"papers,omitempty" doc:"original documents that must be mailed"`
	SMS          *SMS                    `json:"sms,omitempty"`
	SMSTime      *SMSTime                `json:"smsTime,omitempty" doc:"when the SMS codes will be sent, as far as it is chosen or planned; absent once they are sent"`
	Bureau       *Bureau                 `json:"bureau,omitempty"`
	Duties       []Duty                  `json:"duties" nullable:"false" doc:"duties after approval"`
	Footers      []Footer                `json:"footers,omitempty" doc:"the HTML for the foot of each site, after approval"`
	Kept         Kept                    `json:"kept" doc:"for how long the personal data are kept"`
	Holds        []Hold                  `json:"holds,omitempty" doc:"legal holds, oldest first; only administrators see them, with GET"`
	Matches      []Match                 `json:"matches,omitempty" doc:"only when staff read the order: what its leaders now have in common with orders of other subjects"`
}

// A Split is the offer to file an order's domains in several orders.
type Split struct {
	Digest string      `json:"digest" doc:"identifies the offer, for its acceptance"`
	Orders []SplitPart `json:"orders" doc:"one after the other: the order keeps the domains of the first, and each other opens when the one before is filed"`
}

// A SplitPart is an order of a split.
type SplitPart struct {
	Type    filing.Type     `json:"type" doc:"as far as it is known now; the order itself determines it"`
	Words   finding.Words   `json:"words" doc:"the kind of application"`
	Domains []filing.Domain `json:"domains"`
}

// A Match is a value of the order's leaders that orders of other subjects have, too.
type Match struct {
	Kind     filing.MatchKind `json:"kind" enum:"certificate,certificate-under-another-name,phone,email" doc:"phone: a mobile or an emergency phone"`
	Pointers []string         `json:"pointers" doc:"JSON pointers of the fields with the value" example:"[\"/subject/leader/mobile\"]"`
	Orders   []OrderLink      `json:"orders" doc:"open and filed orders, newest first; at most 20 for each value"`
}

// An OrderLink leads to another order.
type OrderLink struct {
	ID   filing.ID `json:"id"`
	Href string    `json:"href" doc:"path of the order"`
}

// A Brief is an order in a list. It contains no personal data.
type Brief struct {
	ID        filing.ID              `json:"id"`
	Version   int                    `json:"version" doc:"number of decisions so far; the ETag contains it"`
	Province  province.Code          `json:"province" doc:"GB/T 2260, two digits"`
	Entity    certificate.EntityKind `json:"entityKind"`
	Service   string                 `json:"serviceKind,omitempty" enum:"app,mini-program,quick-app" doc:"what is filed; absent: websites"`
	Domains   []filing.Domain        `json:"domains" nullable:"false"`
	Type      filing.Type            `json:"type,omitempty"`
	Status    filing.Status          `json:"status"`
	Ended     workday.Date           `json:"filingEnded,omitempty" format:"date" doc:"the day, Shanghai time, on which the bureau cancelled what the order filed"`
	Step      filing.Step            `json:"step"`
	Round     int                    `json:"round" doc:"1 for the first submission to the bureau"`
	ByHand    bool                   `json:"byHand,omitempty" doc:"whether an operator of the provider enters the application at the bureau, because the provider has no link to it, or because the interface cannot carry it: apps, mini programs and quick apps, and changes and cancellations without the ministry's ids"`
	Erased    bool                   `json:"erased,omitempty" doc:"whether the personal data were erased"`
	Closing   filing.Closing         `json:"closing,omitempty" doc:"set while the order is being closed: how it closes"`
	CreatedAt time.Time              `json:"createdAt"`
	MovedAt   time.Time              `json:"movedAt" doc:"when the order reached its current step"`
	Claim     *filing.Claim          `json:"claim,omitempty" doc:"the reviewer who claimed the order; not shown to applicants"`
	AgentFor  register.ID            `json:"agentFor,omitempty" doc:"of an agency's order: the filing for whose subject the account acts by a consent; for a first filing, the order's own id"`
	Plan      filing.ID              `json:"plan,omitempty" doc:"the accepted plan that the order belongs to; see /accepted-plans/{id}"`
	Differ    bool                   `json:"readingsDiffer,omitempty" doc:"whether two reviewers gave different verdicts and a third decides; not shown to applicants"`
	DecideBy  workday.Date           `json:"decideBy,omitempty" format:"date" doc:"of an order with an appeal: the day by which it is to be decided, Shanghai time; not shown to applicants in lists"`
	Next      Next                   `json:"next"`
	ExpiresAt time.Time              `json:"expiresAt,omitzero" doc:"when the order expires unless the applicant does something; absent if it does not wait for the applicant"`
}

// A Product is the verified server or service code that hosts the sites.
type Product struct {
	Server      string        `json:"server"`
	ServiceCode string        `json:"serviceCode,omitempty"`
	IPs         []string      `json:"ips" nullable:"false"`
	Placement   province.Code `json:"placement" doc:"province where the server is located: GB/T 2260, two digits"`
	ExpiresAt   time.Time     `json:"expiresAt"`
}

// Given is an accepted paper.
type Given struct {
	SHA256      string       `json:"sha256"`
	Size        int          `json:"size" doc:"bytes"`
	ContentType string       `json:"contentType"`
	AcceptedAt  time.Time    `json:"acceptedAt"`
	Warnings    finding.List `json:"warnings" nullable:"false" doc:"for the reviewer"`
	// Form is the template of the printed form in the picture, by its code.
	Form string `json:"form,omitempty" doc:"template of the printed form in the picture; absent if no code of one was read. The warnings say whether it still agrees with the application" example:"verification-form.1"`
}

// An Explained is a finding of an overridable rule that the applicant explained instead of correcting the data.
type Explained struct {
	Code     finding.Code  `json:"code" doc:"code of the finding"`
	Pointer  string        `json:"pointer" doc:"JSON pointer of the finding"`
	Message  finding.Words `json:"message" doc:"what the finding says"`
	Text     string        `json:"text" doc:"the applicant's explanation"`
	Applies  bool          `json:"applies" doc:"whether it is about the data as they are now; false if the field was changed after an override, or if a later finding refused the explanation"`
	Override *Override     `json:"override,omitempty" doc:"missing until a reviewer overrides the rule, which passing the order requires"`
}

// An Override is a reviewer's acceptance of an explanation.
type Override struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Authentic is a passed liveness check of a site leader.
type Authentic struct {
	Site      int       `json:"site"`
	Simulated bool      `json:"simulated" doc:"whether the simulator did the check; it compares no faces"`
	InPerson  bool      `json:"inPerson,omitempty" doc:"whether a reviewer checked the leader in person, at an appointment"`
	At        time.Time `json:"at"`
}

// A Review is the result of the initial review.
type Review struct {
	Verdict filing.Verdict `json:"verdict" enum:"pass,return,reject"`
	At      time.Time      `json:"at"`
}

// A DifferingVerdict is the verdict of one of two reviewers who differ. It does not say whose it is.
type DifferingVerdict struct {
	Verdict  filing.Verdict `json:"verdict" enum:"pass,return,reject"`
	Findings finding.List   `json:"findings" nullable:"false" doc:"the reasons"`
}

// undoUntil returns until when a verdict of the caller waits; the zero time if there is none.
func (c *Call) undoUntil(o filing.Order) time.Time {
	if o.Waiting == nil || o.Waiting.Reviewer != c.Caller.Account {
		return time.Time{}
	}
	return o.Waiting.Until
}

// MailedOriginals are the originals that the reviewer requires by mail.
type MailedOriginals struct {
	Documents  []evidence.Slot `json:"documents" doc:"slots of the papers whose originals are required"`
	Courier    string          `json:"courier,omitempty"`
	Tracking   string          `json:"tracking,omitempty"`
	SentAt     time.Time       `json:"sentAt,omitzero"`
	ReceivedAt time.Time       `json:"receivedAt,omitzero"`
}

// SMS is the state of the SMS verification.
type SMS struct {
	SentAt    time.Time `json:"sentAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	Codes     []SMSCode `json:"codes" nullable:"false"`
}

// SMSTime is when the codes of the SMS verification will be sent.
type SMSTime struct {
	Hour   *int      `json:"hour,omitempty" doc:"the hour of the day, Shanghai time, that the applicant chose; absent: as soon as possible"`
	SendAt time.Time `json:"sendAt,omitzero" doc:"when the order waits for it: when the codes will be sent"`
}

func smsTimeOf(o filing.Order) *SMSTime {
	if o.SMS != nil || o.SMSHour == nil && o.SMSSendAt.IsZero() {
		return nil
	}
	return &SMSTime{Hour: o.SMSHour, SendAt: o.SMSSendAt}
}

// A Channel is one part of the contact. Messages go to it once it is verified.
type Channel struct {
	Channel   filing.Channel `json:"channel" enum:"mobile,email"`
	Verified  bool           `json:"verified" doc:"if not, send a code with POST /orders/{id}/contact-codes and enter it with POST /orders/{id}/contact-answers"`
	InUse     string         `json:"inUse,omitempty" doc:"masked: where messages go; a former address until a new one is verified" example:"138****0000"`
	SentAt    time.Time      `json:"sentAt,omitzero" doc:"when the newest code was sent"`
	ExpiresAt time.Time      `json:"expiresAt,omitzero" doc:"of the newest code"`
	TriesLeft int            `json:"triesLeft,omitempty" doc:"for the newest code"`
}

// An SMSCode is the state of one code. Each mobile number gets one code.
type SMSCode struct {
	Index      int       `json:"index" doc:"send it with POST /orders/{id}/sms-codes to resend the code"`
	Mobile     string    `json:"mobile" doc:"masked" example:"138****0000"`
	Roles      []string  `json:"roles" nullable:"false" doc:"JSON pointers of the leaders with this mobile"`
	TriesLeft  int       `json:"triesLeft"`
	VerifiedAt time.Time `json:"verifiedAt,omitzero"`
}

// A Bureau is the state of the bureau's review in this round.
type Bureau struct {
	AcceptedAt    time.Time   `json:"acceptedAt,omitzero" doc:"when the bureau accepted the upload"`
	Deadline      time.Time   `json:"deadline,omitzero" doc:"when the bureau must have decided"`
	Overdue       bool        `json:"overdue,omitempty"`
	DecidedAt     time.Time   `json:"decidedAt,omitzero"`
	Approved      bool        `json:"approved,omitempty"`
	Codes         []int       `json:"codes,omitempty" doc:"result codes of the bureau's interface"`
	Opinion       string      `json:"opinion,omitempty"`
	SubjectNumber string      `json:"subjectNumber,omitempty" example:"京ICP备12345678号"`
	Sites         []FiledSite `json:"sites,omitempty"`
}

// A FiledSite is a site with its filing number.
type FiledSite struct {
	Site   int    `json:"site"`
	Number string `json:"number" example:"京ICP备12345678号-1"`
	Kind   string `json:"kind,omitempty" enum:"site,app,mini-program,quick-app" doc:"the service that the number is for"`
}

// A Footer is what a site has to show at the foot of its home page.
type Footer struct {
	Site   int    `json:"site" doc:"index of the site"`
	Number string `json:"number" doc:"the number that the footer shows: of the site, or of the subject where the bureau wants that one" example:"京ICP备12345678号-1"`
	HTML   string `json:"html" doc:"with the link to the ministry, and the copyright line where the bureau wants one"`
}

// A Duty is an obligation of the applicant after approval.
type Duty struct {
	Code  finding.Code  `json:"code"`
	Words finding.Words `json:"words"`
	How   finding.Words `json:"how"`
	Due   time.Time     `json:"due,omitzero"`
}

// BriefOf returns the JSON of an order in a list. The claim is included for staff only, except on an order of their own.
func BriefOf(o filing.Order, caller apigateway.Caller) Brief {
	b := Brief{
		ID: o.ID, Version: o.Version, Province: o.Province, Entity: o.Entity, Service: serviceOf(o), Domains: append([]filing.Domain{}, o.Domains...),
		Type: o.Type, Status: o.Status, Step: o.Step, Round: o.Round, ByHand: o.ByHand, Erased: o.Erasure != nil, Closing: o.Closing, CreatedAt: o.CreatedAt,
		MovedAt: o.MovedAt, Next: NextOf(o), ExpiresAt: o.ExpiresAt(), Ended: o.FilingEnded,
	}
	b.AgentFor = o.AgentFor
	if o.Plan != nil {
		b.Plan = o.Plan.ID
	}
	if caller.Staff() && o.Account != caller.Account {
		b.Claim, b.Differ = o.Claim, o.AwaitsThirdReading()
		if o.Status == filing.Appealed {
			b.DecideBy = o.Appeal.DecideBy
		}
	}
	return b
}

// serviceOf returns the name of the order's kind of service; "" for websites.
func serviceOf(o filing.Order) string {
	if o.Service == number.Site {
		return ""
	}
	return o.Service.Name()
}

// OrderOf returns the JSON of an order: all of it for its owner, and what lists show for staff.
func (c *Call) OrderOf(o filing.Order) Order {
	if o.Account != c.Caller.Account {
		return Order{UndoUntil: c.undoUntil(o), Brief: BriefOf(o, c.Caller), Withheld: true, Can: []string{}, Kept: keptOf(o, c.retention), Language: o.Language, Findings: finding.List{}, Explained: []Explained{}, Channels: []Channel{}, Sites: []filing.Site{},
			Evidence: map[evidence.Slot]Given{}, Authentic: []Authentic{}, Duties: []Duty{}}
	}
	return c.fullOrderOf(o)
}

// StaffOrderOf returns the JSON of an order for staff who may read all of it: with the facts about its domains and the matches of its leaders,
// and all findings.
func (c *Call) StaffOrderOf(o filing.Order, matches []filing.LeaderMatch) Order {
	out := c.fullOrderOf(o)
	out.Revised, out.UndoUntil = o.Revised(), c.undoUntil(o)
	if o.AwaitsThirdReading() {
		for _, v := range o.Private.Verdicts {
			out.Differing = append(out.Differing, DifferingVerdict{v.Verdict, append(finding.List{}, v.Findings.Limited(0)...)})
		}
	}
	out.LookUp, out.DomainFacts, out.Findings = lookUpOf(o), domainFactsOf(o), append(finding.List{}, o.StaffFindings(matches).Limited(0)...)
	out.Appeal.addForStaff(o)
	out.ApprovalNote = o.Private.ApprovalNote
	for _, m := range matches {
		match := Match{Kind: m.Kind, Pointers: m.Pointers}
		for _, id := range m.Orders {
			match.Orders = append(match.Orders, linkTo(id))
		}
		out.Matches = append(out.Matches, match)
	}
	return out
}

func (c *Call) fullOrderOf(o filing.Order) Order {
	out := Order{
		Brief: BriefOf(o, c.Caller), Can: c.canOf(o), Language: o.Language, Findings: append(finding.List{}, slices.Concat(o.Private.Findings.Limited(0), o.PageFindings(), o.ContactFindings(), o.PasswordFindings(c.now()))...), Explained: ExplainedOf(o), Provisional: o.Provisional,
		Contact: o.Private.Contact, Channels: channelsOf(o), Subject: o.Private.Subject, Sites: append([]filing.Site{}, o.Private.Sites...), Readings: o.Private.Readings,
		Changes: o.Changes(), Product: ProductOf(o.Product), Detailed: o.DetailsComplete, Evidence: GivenOf(o, c.now()), Liveness: o.SitesForLiveness(), Authentic: []Authentic{},
		Appointments: appointmentsOf(o), Cancellation: CancellationOf(o), Confirmation: o.Confirmation, Appeal: appealOf(o), Papers: originalsOf(o), SMS: smsOf(o), SMSTime: smsTimeOf(o), Bureau: bureauOf(o), Duties: []Duty{},
		Kept: keptOf(o, c.retention), Holds: c.holdsOf(o), Split: splitOf(o),
	}
	if o.Filed != nil && o.Kind().Edits() {
		out.Changed = o.Filed.ID
	}
	for _, one := range o.LivenessPassed {
		if !one.Dropped {
			out.Authentic = append(out.Authentic, Authentic{Site: one.Site, Simulated: one.Simulated, InPerson: one.CheckedBy != "", At: one.At})
		}
	}
	if o.Review != nil {
		out.Review = &Review{Verdict: o.Review.Verdict, At: o.Review.At}
	}
	duties := o.Duties
	if o.FilingEnded != "" && o.Kind().Cancels == "" {
		duties = nil // those of a filing that stands
	}
	for _, d := range duties {
		text := finding.New(d.Code, "")
		out.Duties = append(out.Duties, Duty{Code: d.Code, Words: text.Message, How: text.Remedy, Due: d.Due})
	}
	for _, f := range o.Footers() {
		out.Footers = append(out.Footers, Footer(f))
	}
	return out
}

func splitOf(o filing.Order) *Split {
	if len(o.Split) == 0 {
		return nil
	}
	out := &Split{Digest: o.Split.Digest()}
	for _, part := range o.Split {
		kind, _ := filing.KindOf(part.Type)
		out.Orders = append(out.Orders, SplitPart{Type: part.Type, Words: kind.Words, Domains: part.Domains})
	}
	return out
}

// ExplainedOf returns the explanations of an order.
func ExplainedOf(o filing.Order) []Explained {
	explained := []Explained{}
	for _, e := range o.Private.Explained {
		one := Explained{Code: e.Code, Pointer: e.Pointer, Message: e.Message, Text: e.Text, Applies: e.Applies}
		if e.Override != nil {
			one.Override = &Override{Reason: e.Override.Reason, At: e.Override.At}
		}
		explained = append(explained, one)
	}
	return explained
}

// ProductOf returns the JSON of a product, without the fields that only the provider sees.
func ProductOf(p *filing.Product) *Product {
	if p == nil {
		return nil
	}
	return &Product{Server: p.Server, ServiceCode: p.ServiceCode, IPs: append([]string{}, p.IPs...),
		Placement: p.Placement, ExpiresAt: p.ExpiresAt}
}

// GivenOf returns the accepted papers by slot, with the warnings as they are at a time: a printed form is compared with the order as it is now.
func GivenOf(o filing.Order, at time.Time) map[evidence.Slot]Given {
	given := make(map[evidence.Slot]Given, len(o.Evidence))
	for slot, e := range o.Evidence {
		printed, _ := form.ParseCode(e.Form)
		given[slot] = Given{SHA256: e.SHA256, Size: e.Size, ContentType: e.ContentType, AcceptedAt: e.AcceptedAt,
			Warnings: append(append(finding.List{}, e.Warnings...), o.FormFindings(slot, e.Form, at).Under(evidence.Pointer(slot))...), Form: printed.Template}
	}
	return given
}

func originalsOf(o filing.Order) *MailedOriginals {
	if o.Originals == nil {
		return nil
	}
	return &MailedOriginals{Documents: o.Originals.Documents, Courier: o.Private.Shipment.Courier, Tracking: o.Private.Shipment.Tracking,
		SentAt: o.Originals.SentAt, ReceivedAt: o.Originals.ReceivedAt}
}

func channelsOf(o filing.Order) []Channel {
	channels := []Channel{}
	for _, channel := range filing.Channels {
		if o.Private.Contact.Only(channel) == (filing.Contact{}) { // erased
			continue
		}
		used := o.Private.Verified.Only(channel)
		one := Channel{Channel: channel, Verified: o.Verified(channel)}
		switch {
		case used.Mobile != "":
			one.InUse = used.Mobile.Masked()
		case used.Email != "":
			one.InUse = used.Email.Masked()
		}
		if code, _ := o.ContactCode(channel, time.Time{}); code.Code != "" && !one.Verified {
			one.SentAt, one.ExpiresAt, one.TriesLeft = code.SentAt, code.SentAt.Add(filing.ContactCodeLifetime), code.TriesLeft()
		}
		channels = append(channels, one)
	}
	return channels
}

func smsOf(o filing.Order) *SMS {
	if o.SMS == nil {
		return nil
	}
	out := &SMS{SentAt: o.SMS.SentAt, ExpiresAt: o.SMS.ExpiresAt, Codes: []SMSCode{}}
	for i, code := range o.SMS.Codes {
		out.Codes = append(out.Codes, SMSCode{
			Index: i, Mobile: o.Private.Codes[i].Mobile.Masked(), Roles: append([]string{}, code.Roles...),
			TriesLeft: filing.MaxWrongCodes + 1 - code.Wrong, VerifiedAt: code.VerifiedAt,
		})
	}
	return out
}

func bureauOf(o filing.Order) *Bureau {
	b := o.Bureau
	if b == nil {
		return nil
	}
	out := &Bureau{AcceptedAt: b.AcceptedAt, Deadline: b.Deadline, Overdue: b.Overdue, DecidedAt: b.DecidedAt,
		Approved: b.Approved, Codes: b.Codes, Opinion: o.Private.Opinion}
	if b.Approved {
		out.SubjectNumber = b.SubjectNumber.String()
	}
	for _, s := range b.Sites {
		out.Sites = append(out.Sites, FiledSite{Site: s.Site, Number: s.Number.String(), Kind: s.Number.Service.Name()})
	}
	return out
}

// An OrderResult is the response with an order after a decision.
type OrderResult struct {
	ETag string `header:"ETag" doc:"the order's version"`
	Body Order
}

// Result returns the response with an order, or the error of the decision.
func (c *Call) Result(o filing.Order, err error) (*OrderResult, error) {
	if err != nil {
		return nil, err
	}
	return &OrderResult{ETag: ETag(o), Body: c.OrderOf(o)}, nil
}

// Briefs returns the JSON of a list of orders.
func (c *Call) Briefs(orders []filing.Order) []Brief {
	var briefs []Brief
	for _, o := range orders {
		briefs = append(briefs, BriefOf(o, c.Caller))
	}
	return briefs
}
