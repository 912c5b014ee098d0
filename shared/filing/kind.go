package filing

import (
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// A Kind is a kind of application (备案类型): what it asks, proves and changes (icp-filing 2.1, 2.3). Everything that differs between
// kinds is in its row of [Kinds], or in the functions that the row names.
type Kind struct {
	Type  Type
	Words finding.Words
	// Begins says how an order of the kind begins.
	Begins Beginning
	// Phone says that the kind is one of the six scenes of the phone (S4).
	Phone bool

	// AnyService says that apps, mini programs and quick apps are filed with the kind too, and not only websites. An operator enters them at the bureau;
	// see [Order.ConsoleOnly].
	AnyService bool

	// The blocks of the application.
	Subject Block // the subject, and its leader
	Sites   Block // the sites, and their leaders
	Access  Block // the server or service code

	// Documents says whose documents the application needs.
	Documents Documents
	// Liveness says whether the leaders of the order's sites pass a liveness check (S14).
	Liveness bool
	// Website is what the sites must be while the bureau reviews the application.
	Website Website
	// Codes says who answers an SMS code, where province and date require it (S18; icp-filing 2.1, 3.3).
	Codes CodeRecipients
	// CodesSince is the first day on which the kind has codes; "" if it always had.
	CodesSince workday.Date
	// Password says whether the application has the filing password of the subject, as long as there was one (icp-filing 2.3); "" is none.
	Password PasswordRule
	// Cancels is the part of the filing that the kind ends; "" if it ends none. Such a kind has reasons, and consequences to confirm; see
	// [Consequences].
	Cancels register.Part
	// Document is the name of the upload to the bureau (MIIT-IF30 10), and Operation its number in results; 0 if nothing is uploaded.
	Document  string
	Operation int64
	// ByResult says that the bureau's result approves the order. Filed data with numbers, on which the approval of other kinds waits, do not come.
	ByResult bool
	// Stored says that the bureau only stores the record: its result says so (1060), and no reviewer approves it.
	Stored bool

	// carried reports whether the ministry's interface can carry an order about websites; nil if it can carry each. See [Order.ConsoleOnly].
	carried func(o Order) bool
	// prefill enters into an order what its filing has (Order.Filed, Private.Filed), when the type is determined or the order is opened. It is nil
	// if the applicant enters everything.
	prefill func(o *Order)
	// checkChoice returns the findings on the sites that an order at a filing is about; nil if there are none.
	checkChoice func(AtFilingInput) finding.List
	// check returns the kind's findings on the details, besides those of every kind; nil if there are none.
	check func(o Order, subject Subject, sites []Site, at time.Time) finding.List
	// effect returns the filing after the bureau approved the order. before is the zero Filing if the subject was not filed through us.
	effect func(o Order, before register.Filing, a Approve) register.Filing
}

// A Beginning is how an order begins.
type Beginning string

const (
	Determined Beginning = "determined" // the system determines the type from subject and domains (S10)
	AtFiling   Beginning = "at-filing"  // the applicant chooses the kind at a filing of the register
)

// A Block says what the applicant does with a part of the application.
type Block string

const (
	Asked     Block = "asked"     // the applicant enters it
	Editable  Block = "editable"  // it is filled in from the register, and the applicant changes it
	Fixed     Block = "fixed"     // it is filled in from the register, and stays
	Reference Block = "reference" // the bureau gets only number or id
	Absent    Block = "absent"
)

// Documents says whose documents an application needs.
type Documents string

const (
	AllDocuments      Documents = "all"      // of the subject, its leader, and the sites
	SiteDocuments     Documents = "sites"    // of the sites and their leaders
	AffectedDocuments Documents = "affected" // of what changes
	ChosenDocuments   Documents = "chosen"   // those that the applicant chooses at the opening
	NoDocuments       Documents = "none"
)

// A Website is what the sites must be during the bureau's review (icp-filing 2.3, last row).
type Website string

const (
	Closed     Website = "closed"    // not resolving
	Reachable  Website = "reachable" // open, as it is filed
	AnyWebsite Website = "any-state" // the bureau asks for neither
)

// CodeRecipients says who answers an SMS code.
type CodeRecipients string

const (
	AllLeaders      CodeRecipients = "all-leaders"      // the subject leader, and every site leader
	SiteLeaders     CodeRecipients = "site-leaders"     // the leaders of the order's sites
	AffectedLeaders CodeRecipients = "affected-leaders" // of the subject if its data change, of each site whose data change
	SubjectOnly     CodeRecipients = "subject-leader"
	NoCodes         CodeRecipients = "none"
)

// Kinds lists the kinds of application that Beian takes, in the order of icp-filing 2.1.
var Kinds = []Kind{first, addSiteForeign, addSiteOwn, addAccess, addAccessForeign, changeFiling, cancelAccess, cancelSubject, cancelSite, submitEvidence}

// KindOf returns the kind of a type. It returns false for a type that Beian does not take.
func KindOf(t Type) (Kind, bool) {
	for _, k := range Kinds {
		if k.Type == t {
			return k, true
		}
	}
	return Kind{}, false
}

// Kind returns the order's kind. Until the type is determined, it is that of a first filing, which asks everything.
func (o Order) Kind() Kind {
	if k, ok := KindOf(o.Type); ok {
		return k
	}
	return first
}

// Steps returns the steps through which an order of the kind may go. Originals are mailed only if a reviewer asks for them, and codes sent only
// where province and date require them.
func (k Kind) Steps() []Step {
	skipped := map[Step]bool{
		VerifyType: k.Begins != Determined, VerifyProduct: !k.Access.entered(), CollectDetails: !k.AsksDetails(),
		CollectEvidence: k.Documents == NoDocuments, VerifyAuthenticity: !k.Liveness, MailDocuments: k.Documents == NoDocuments, VerifySMS: k.Codes == NoCodes,
	}
	return slices.DeleteFunc(slices.Clone(Steps), func(s Step) bool { return skipped[s] })
}

// FilesDomains reports whether the kind files the domains of its sites, so that their registration matters.
func (k Kind) FilesDomains() bool { return k.Sites != Reference && k.Sites != Absent }

// Services returns the kinds of service that are filed with the kind.
func (k Kind) Services() []number.Service {
	if k.AnyService {
		return slices.Clone(number.Services)
	}
	return []number.Service{number.Site}
}

// AsksDetails reports whether the applicant enters details.
func (k Kind) AsksDetails() bool { return k.Subject.entered() || k.Sites.entered() }

// Edits reports whether the applicant edits what is filed.
func (k Kind) Edits() bool { return k.Subject == Editable || k.Sites == Editable }

func (b Block) entered() bool { return b == Asked || b == Editable }
