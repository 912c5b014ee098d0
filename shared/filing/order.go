package filing

import (
	"maps"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/domainname"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/liveness"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// An ID is the identifier of an order: a ULID, which sorts by time.
type ID string

// An Account is the identifier of a user: the token's subject.
type Account = register.Account

// A Domain is a registrable domain in its ASCII form, such as "example.cn" or "xn--fsqu00a.cn".
type Domain = domainname.Domain

// An Order is an application for a filing.
type Order struct {
	ID       ID                     `json:"id"`
	Account  Account                `json:"account"`
	Version  int                    `json:"version"`  // counts decisions; the first is 1
	Province province.Code          `json:"province"` // GB/T 2260, two digits: province of the subject's domicile
	Language string                 `json:"language"` // "zh-CN" or "en"
	Entity   certificate.EntityKind `json:"entityKind"`
	Domains  []Domain               `json:"domains"`
	// Service is the kind of the services that the order files; see [Order.ServiceOf].
	Service number.Service `json:"service,omitempty"`
	// Characters are those that the order's bureau can read.
	Characters gbk.Repertoire `json:"characters,omitempty"`
	// Unsubmitted is set while the order waits for the applicant. It then holds no locks against other accounts (ADR 19).
	Unsubmitted bool `json:"unsubmitted,omitempty"`
	// SubjectKey is the look-up key of the subject's certificate: a keyed hash, the same for the same certificate.
	SubjectKey string `json:"subject"`
	// AgentFor is set if the account is an agency: the filing for whose subject it acts, or the order's own id for a subject that is not filed with
	// us. The account then needs a consent; see [Order.Scope].
	AgentFor register.ID `json:"agentFor,omitempty"`

	Type Type `json:"type,omitempty"` // "" until determined
	// FilingNumber is the subject's number as the applicant entered it; "" if they did not. The ministry's answer takes precedence.
	FilingNumber string `json:"filingNumber,omitempty"`
	// SiteNumber is the number of the site that has the domains at another provider, as the applicant entered it; see [Opening].
	SiteNumber string `json:"siteNumber,omitempty"`
	// BlockedType is the type that findings about its limits kept the order from, while the applicant corrects the opening.
	BlockedType Type `json:"blockedType,omitempty"`

	Status Status `json:"status"`
	Step   Step   `json:"step"`
	// StepVisit counts the steps entered. A waiting execution stores the visit that it waits for.
	StepVisit int     `json:"visit"`
	Round     int     `json:"round"` // 1 for the first submission to the bureau, 2 after its first refusal …
	Closing   Closing `json:"closing,omitempty"`

	CreatedAt    time.Time `json:"createdAt"`
	MovedAt      time.Time `json:"movedAt"`            // entered its step
	ActiveAt     time.Time `json:"activeAt"`           // last action of the applicant
	LastReminder int       `json:"reminded,omitempty"` // idle days at the last reminder: 7, 15 or 30; 0 if none
	// Notified has the time of the last notice of each kind that an applicant alone can cause again and again; see notifyOnce.
	Notified map[NoticeKind]time.Time `json:"notified,omitempty"`
	// OpenSites has the sites that were seen open although they have to be closed, and since when; see RecordPage.
	OpenSites map[Domain]time.Time `json:"openSites,omitempty"`
	// NoticeSkippedAt is when a notice was not sent; see SkipNotice.
	NoticeSkippedAt time.Time `json:"noticeSkippedAt,omitzero"`

	// RulesNotified lists the comparisons of rules about which the applicant was notified; see [AnnounceRules].
	RulesNotified []string `json:"rulesNotified,omitempty"`
	// Checked is the verdict of the last check. It is nil before the first, and of orders checked by a version of Beian that did not store it.
	Checked *CheckedVerdict `json:"checked,omitempty"`

	// Provisional is set if the type was determined without the bureau. It is determined again before transmission.
	Provisional bool `json:"provisional,omitempty"`
	// ByHand says that an operator enters the order into the bureau's console; see [RecordEntry]. It is set when the order reaches AwaitBureau.
	ByHand bool `json:"byHand,omitempty"`

	Product         *Product                   `json:"product,omitempty"`
	DetailsComplete bool                       `json:"detailed,omitempty"`       // the details are complete and passed the checks
	NameCorrectedAt time.Time                  `json:"nameCorrectedAt,omitzero"` // last correction of the subject's name
	Evidence        map[evidence.Slot]Evidence `json:"evidence,omitempty"`       // by slot
	Challenges      []Challenge                `json:"challenges,omitempty"`
	LivenessPassed  []LivenessPass             `json:"authentic,omitempty"`
	Appointments    []Appointment              `json:"appointments,omitempty"` // one for a site at most
	// AppointmentCount is the number of appointments that were requested; Meeting is what the order waits for.
	AppointmentCount int     `json:"appointmentCount,omitempty"`
	Meeting          Meeting `json:"meeting,omitempty"`

	// Risks are those of the order when it last reached the initial review. It is nil before, and of orders of earlier versions of Beian.
	Risks []Risk `json:"risks,omitempty"`

	Confirmation *Confirmation `json:"confirmation,omitempty"`
	Claim        *Claim        `json:"claim,omitempty"`
	Review       *Review       `json:"review,omitempty"`
	// Waiting is the verdict that its reviewer can still take back; nil if there is none.
	Waiting *WaitingVerdict `json:"waiting,omitempty"`
	// Readings are those of the submission that awaits the reading of another reviewer, oldest first; see [GivenVerdict].
	Readings []BlindReading `json:"readings,omitempty"`
	// DecidedByOne says that the next verdict takes effect without another reading; see [DecideByOne].
	DecidedByOne bool             `json:"decidedByOne,omitempty"`
	Appeal       *Appeal          `json:"appeal,omitempty"`
	Tasks        []Task           `json:"tasks,omitempty"` // of the operator
	Originals    *MailedOriginals `json:"papers,omitempty"`
	SMS          *SMSCheck        `json:"sms,omitempty"`
	// SMSHour is the hour of the day at which the SMS codes are sent, as the applicant chose; nil is as soon as possible. See [SendingHours].
	SMSHour *int `json:"smsHour,omitempty"`
	// SMSSendAt is when the codes will be sent, while the order waits for that.
	SMSSendAt time.Time    `json:"smsSendAt,omitzero"`
	Bureau    *BureauState `json:"bureau,omitempty"`
	// Returns is how often the application was returned or rejected, Received how often the bureau received it. Orders of earlier versions of Beian lack them.
	Returns  int    `json:"returns,omitempty"`
	Received int    `json:"received,omitempty"`
	Duties   []Duty `json:"duties,omitempty"`

	// Filed is the filing that the order is about, as the register had it when the type was determined or the order was opened, without its
	// personal data, which are in Private.Filed. Of a subject that is filed at other providers only, it has the numbers that the ministry's
	// query answers. It is nil for a first filing.
	Filed *register.Filing `json:"filed,omitempty"`

	// Chosen are the indexes of the sites of Filed that the order is about, for a kind that is about some of them.
	Chosen []int `json:"chosen,omitempty"`
	// Renewed are the slots of the documents that the applicant chose, for a kind that sends documents on their own.
	Renewed []evidence.Slot `json:"renewed,omitempty"`
	// NewAccess are the indexes of the sites whose access a change moves to the order's product.
	NewAccess []int `json:"newAccess,omitempty"`

	// Cancellation is what the order ends; nil for a kind that ends nothing.
	Cancellation *Cancellation `json:"cancellation,omitempty"`

	// Split is the offer to file the domains in several orders; nil if there is none. See [AcceptSplit].
	Split Split `json:"split,omitempty"`
	// Plan is the accepted plan that the order belongs to; nil if there is none.
	Plan *AcceptedPlan `json:"plan,omitempty"`

	// LastHash is the hash of the newest ledger entry, LastSeq its number.
	LastHash string `json:"lastHash"`
	LastSeq  int    `json:"lastSeq"`

	// HeldSince is when the hold that stands was placed; see [HoldData]. It is zero if there is none.
	HeldSince time.Time `json:"heldSince,omitzero"`
	// HeldEvidence lists uploads of documents that the order no longer has, which a hold has kept from being deleted.
	HeldEvidence []evidence.Key `json:"heldEvidence,omitempty"`
	// FilingEnded is the day on which the bureau cancelled the filing, see [EndFiling], or what the order is to cancel.
	FilingEnded workday.Date `json:"filingEnded,omitempty"`
	// Erasure is set when the personal data are erased. Private is empty then; see [Order.CheckNotErased].
	Erasure *Erasure `json:"erasure,omitempty"`

	// Private is the personal data. It is stored encrypted, outside the order's own JSON.
	Private Private `json:"-"`

	// Codes are the code tables in force. They are not part of the order: the caller of a check sets them, as it passes the time; see
	// [ChecksCodes].
	Codes codes.Tables `json:"-"`
	// Consent is the newest consent for the filing that the order's agency was given. Like Codes, the caller sets it; see [Order.ReadsConsent].
	Consent register.Consent `json:"-"`
	// Register is the subject's filing in the register now, the zero Filing if there is none. Like Codes, the caller sets it; see [ReadsRegister].
	Register register.Filing `json:"-"`
}

// Product is the verified hosting of the order's sites.
type Product struct {
	Server      string        `json:"server"`
	ServiceCode string        `json:"serviceCode,omitempty"` // set when a code stands for another account's server
	Slot        string        `json:"slot"`                  // the reserved filing slot of the server; "" if its sites are hosted there already
	IPs         []string      `json:"ips"`                   // public IPv4
	Placement   province.Code `json:"placement"`             // province of the server's location
	Mode        int           `json:"mode"`                  // access mode 接入方式 (icp-filing 4.4)
	ExpiresAt   time.Time     `json:"expiresAt"`
}

// Evidence is an uploaded document that passed the checks.
type Evidence struct {
	Key         evidence.Key `json:"key"`        // of the upload
	SHA256      string       `json:"sha256"`     // of the original, hex
	CopySHA256  string       `json:"copySha256"` // of the bureau's copy, hex
	Size        int          `json:"size"`       // bytes of the original
	ContentType string       `json:"contentType"`
	AcceptedAt  time.Time    `json:"acceptedAt"`
	Warnings    finding.List `json:"warnings,omitempty"` // for the reviewer
	// Form is the text of the code of a printed form in the picture, "" if there is none; see [Order.FormFindings].
	Form string `json:"form,omitempty"`
}

// Original returns the object with the original.
func (e Evidence) Original() evidence.Object { return e.Key.Object(e.SHA256) }

// Copy returns the object with the copy within the bureau's limits.
func (e Evidence) Copy() evidence.Object { return e.Key.Object(e.CopySHA256) }

// A Challenge is a liveness check that was issued.
type Challenge struct {
	liveness.Challenge
	Key     string `json:"key,omitempty"` // idempotency key of the request that issued it
	Binding string `json:"binding"`       // the leader and the portrait for which it was issued, as a keyed digest
	Used    bool   `json:"used,omitempty"`
}

// LivenessPass is a passed liveness check of a site leader, or a check in person instead; see [Appointment].
type LivenessPass struct {
	Site      int       `json:"site"`
	Challenge string    `json:"challenge"`           // "" for a check in person
	CheckedBy Account   `json:"checkedBy,omitempty"` // the reviewer who checked the leader in person
	Binding   string    `json:"binding"`             // of the challenge or the appointment
	Dropped   bool      `json:"dropped,omitempty"`   // it no longer counts, because the leader or the portrait has changed since
	Score     int       `json:"score"`               // 0 to 100
	Provider  string    `json:"provider"`
	Simulated bool      `json:"simulated"`
	At        time.Time `json:"at"`
}

// Confirmation is the applicant's confirmation of the summary.
type Confirmation struct {
	Digest string    `json:"digest"` // digest of the [Summary] that was shown
	At     time.Time `json:"at"`
}

// Claim is a reviewer's lease of an order.
type Claim struct {
	Reviewer Account   `json:"reviewer"`
	Name     string    `json:"name,omitempty" doc:"how colleagues recognise the reviewer"`
	Until    time.Time `json:"until"`
	Since    time.Time `json:"since,omitzero" doc:"when the claim was made; renewing keeps it"`
}

// Review is the outcome of the initial review.
type Review struct {
	Reviewer Account   `json:"reviewer"`
	Verdict  Verdict   `json:"verdict"`
	At       time.Time `json:"at"`
	// Others are the other reviewers who read the application; see [SecondReadings].
	Others []Account `json:"others,omitempty"`
}

// MailedOriginals are the originals that the reviewer requires by mail (S17). Courier and tracking number are in [Private].
type MailedOriginals struct {
	Documents  []evidence.Slot `json:"documents"` // slots of the required originals
	SentAt     time.Time       `json:"sentAt,omitzero"`
	ReceivedAt time.Time       `json:"receivedAt,omitzero"`
}

// SMSCheck is the SMS verification of the leaders (S18): one code for each mobile number.
type SMSCheck struct {
	SentAt    time.Time `json:"sentAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	// Reminded is the number of reminders whose time was reached when leaders were last reminded; see [RemindLeaders].
	Reminded int `json:"reminded,omitempty"`
	// Codes are in the order of Private.Codes.
	Codes []SMSCode `json:"codes"`
}

// SMSCode is the state of the check of one mobile. Its number and code are in [Private].
type SMSCode struct {
	Roles      []string  `json:"roles"` // JSON pointers of the leaders who have this mobile
	Wrong      int       `json:"wrong,omitempty"`
	Resent     int       `json:"resent,omitempty"`
	ResentAt   time.Time `json:"resentAt,omitzero"`
	VerifiedAt time.Time `json:"verifiedAt,omitzero"`
}

// BureauState is the state of the bureau's review in the current round. It is set when the upload is queued.
type BureauState struct {
	Record     string    `json:"record"`             // order and round
	FirstID    int64     `json:"firstId"`            // first of our ids in the upload
	Sequence   int       `json:"sequence,omitempty"` // of the upload file
	AcceptedAt time.Time `json:"acceptedAt,omitzero"`
	Deadline   time.Time `json:"deadline,omitzero"` // by which the bureau has to decide
	Overdue    bool      `json:"overdue,omitempty"`
	Agreed     bool      `json:"agreed,omitempty"` // see [Agree]
	DecidedAt  time.Time `json:"decidedAt,omitzero"`
	Approved   bool      `json:"approved,omitempty"`
	Codes      []int     `json:"codes,omitempty"` // the bureau's result codes

	SubjectID     string         `json:"subjectId,omitempty"` // the ministry's id (Ztid)
	SubjectNumber number.Subject `json:"subjectNumber,omitempty"`
	Sites         []FiledSite    `json:"sites,omitempty"`
}

// FiledSite is a site as the bureau filed it.
type FiledSite struct {
	Site   int           `json:"site"`         // index in the order
	ID     string        `json:"id,omitempty"` // the ministry's id (Wzid)
	Number number.Filing `json:"number"`
}

// A Duty is an obligation of the applicant after approval (icp-filing 8.2).
type Duty struct {
	Code finding.Code `json:"code"`
	Due  time.Time    `json:"due,omitzero"`
}

// Individual reports whether the subject is a natural person.
func (o Order) Individual() bool { return o.Entity == certificate.Individual }

// province returns the order's province.
func (o Order) province() province.Province { return o.Province.Province() }

// clone copies everything that Apply may change.
func (o Order) clone() Order {
	o.Domains = slices.Clone(o.Domains)
	o.Private.Findings = slices.Clone(o.Private.Findings)
	o.Private.Explained = slices.Clone(o.Private.Explained)
	o.Challenges = slices.Clone(o.Challenges)
	o.HeldEvidence = slices.Clone(o.HeldEvidence)
	o.LivenessPassed = slices.Clone(o.LivenessPassed)
	o.Appointments, o.Private.Appointments = slices.Clone(o.Appointments), slices.Clone(o.Private.Appointments)
	o.Duties = slices.Clone(o.Duties)
	evidence := make(map[evidence.Slot]Evidence, len(o.Evidence))
	for slot, e := range o.Evidence {
		evidence[slot] = e
	}
	o.Evidence = evidence
	o.Product, o.Confirmation, o.Claim, o.Review = clonePointer(o.Product), clonePointer(o.Confirmation), clonePointer(o.Claim), clonePointer(o.Review)
	o.Appeal, o.Tasks = clonePointer(o.Appeal), slices.Clone(o.Tasks)
	o.Waiting, o.Readings = clonePointer(o.Waiting), slices.Clone(o.Readings)
	o.Private.Verdicts = slices.Clone(o.Private.Verdicts)
	o.Filed, o.Cancellation, o.Plan = clonePointer(o.Filed), clonePointer(o.Cancellation), clonePointer(o.Plan)
	o.Originals, o.Bureau, o.SMS = clonePointer(o.Originals), clonePointer(o.Bureau), clonePointer(o.SMS)
	if o.SMS != nil {
		o.SMS.Codes = slices.Clone(o.SMS.Codes)
	}
	o.Notified = maps.Clone(o.Notified)
	o.RulesNotified = slices.Clone(o.RulesNotified)
	o.Private.Codes = slices.Clone(o.Private.Codes)
	o.Private.ContactCodes = slices.Clone(o.Private.ContactCodes)
	o.Private.Former = slices.Clone(o.Private.Former)
	o.Private.Sites = slices.Clone(o.Private.Sites)
	o.Private.Holds = slices.Clone(o.Private.Holds)
	return o
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
