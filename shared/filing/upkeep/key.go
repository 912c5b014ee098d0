package upkeep

import "beian/shared/rules/finding"

// A Key names a kind of duty.
type Key string

// The kinds of duties (icp-filing 8.2, 8.6).
const (
	PublicSecurity    Key = "public-security"    // file the site with the police, and record the number (S24)
	CommercialAsk     Key = "commercial"         // say whether the site is run for profit (S23)
	LicenceMissing    Key = "licence"            // get the commercial licence, or stop charging
	LicenceExpires    Key = "licence-expires"    // renew the commercial licence
	LicenceReport     Key = "licence-report"     // make the annual report of the licence
	DomainExpires     Key = "domain-expires"     // renew the domain
	ServerExpires     Key = "server-expires"     // renew the server, or the service code that stands for it
	CertificateEnds   Key = "certificate-ends"   // renew the subject's certificate, and change the filing
	LeaderCertificate Key = "leader-certificate" // renew a leader's certificate, and change the filing
	LetterEnds        Key = "letter-ends"        // renew a letter of commitment or authorisation
	PreApprovalEnds   Key = "pre-approval-ends"  // renew a licence that the trade requires
	SiteFinding       Key = "site-finding"       // correct what the site watch found
	Changed           Key = "changed"            // change what no longer matches the register
	AnnualReview      Key = "annual-review"      // answer the bureau's annual review
	BureauTask        Key = "bureau-task"        // do what the bureau asks
)

// Keys lists every kind.
var Keys = []Key{PublicSecurity, CommercialAsk, LicenceMissing, LicenceExpires, LicenceReport, DomainExpires, ServerExpires, CertificateEnds, LeaderCertificate, LetterEnds,
	PreApprovalEnds, SiteFinding, Changed, AnnualReview, BureauTask}

// An Audience is whom a duty's reminders go to.
type Audience string

const (
	ToOwner         Audience = "owner"          // the account that has the filing; without one, the subject leader
	ToSubjectLeader Audience = "subject-leader" // and the account
	ToSiteLeader    Audience = "site-leader"    // and the account
)

// A rule is what holds for each duty of a kind.
type rule struct {
	// After are days after the opening, and Before days before the deadline, on which reminders are sent.
	After, Before []int
	// Weekly reminds each week from the opening until the deadline.
	Weekly bool
	// Middle reminds in the middle between opening and deadline.
	Middle bool
	// AtOnce reminds as soon as the duty exists, on days off too.
	AtOnce   bool
	Audience Audience
	// Mutable says that the account may turn the reminders off: no law has a deadline for it, or another party reminds too.
	Mutable bool
}

// expiry is the ladder of a document or right that ends on its deadline.
var expiry = rule{Before: []int{90, 30, 7, 1}}

func (r rule) to(a Audience) rule { r.Audience = a; return r }
func (r rule) mutable() rule      { r.Mutable = true; return r }

// rules is the table of icp-filing 8.6.
var rules = map[Key]rule{
	PublicSecurity:    {After: []int{1, 20, 29}},
	CommercialAsk:     {After: []int{1}, Mutable: true},
	LicenceMissing:    {AtOnce: true, After: []int{30, 60}},
	LicenceExpires:    expiry,
	LicenceReport:     {After: []int{0}, Middle: true, Before: []int{7}},
	DomainExpires:     expiry.mutable(),
	ServerExpires:     expiry.mutable(),
	CertificateEnds:   expiry,
	LeaderCertificate: expiry.to(ToSubjectLeader),
	LetterEnds:        expiry,
	PreApprovalEnds:   expiry,
	SiteFinding:       {AtOnce: true, Weekly: true, Audience: ToSiteLeader},
	Changed:           {AtOnce: true, Weekly: true},
	AnnualReview:      {After: []int{0}, Middle: true, Before: []int{7}, Audience: ToSiteLeader},
	BureauTask:        {AtOnce: true, Before: []int{1}},
}

// Mutable reports whether an account may turn the reminders of a kind off.
func (k Key) Mutable() bool { return rules[k].Mutable }

// The words of each kind in the catalogue: what is to be done, and how.
const (
	CodePublicSecurity    finding.Code = "upkeep-public-security"
	CodeCommercialAsk     finding.Code = "upkeep-commercial"
	CodeLicenceMissing    finding.Code = "upkeep-licence"
	CodeLicenceExpires    finding.Code = "upkeep-licence-expires"
	CodeLicenceReport     finding.Code = "upkeep-licence-report"
	CodeDomainExpires     finding.Code = "upkeep-domain-expires"
	CodeServerExpires     finding.Code = "upkeep-server-expires"
	CodeCertificateEnds   finding.Code = "upkeep-certificate-ends"
	CodeLeaderCertificate finding.Code = "upkeep-leader-certificate"
	CodeLetterEnds        finding.Code = "upkeep-letter-ends"
	CodePreApprovalEnds   finding.Code = "upkeep-pre-approval-ends"
	CodeSiteFinding       finding.Code = "upkeep-site-finding"
	CodeChanged           finding.Code = "upkeep-changed"
	CodeAnnualReview      finding.Code = "upkeep-annual-review"
	CodeBureauTask        finding.Code = "upkeep-bureau-task"
)

// Code returns the code of a kind's words.
func (k Key) Code() finding.Code { return finding.Code("upkeep-" + string(k)) }
