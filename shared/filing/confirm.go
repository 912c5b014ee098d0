package filing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// CodeSummaryChanged says that the summary has changed since the applicant read it.
const CodeSummaryChanged finding.Code = "summary-changed"

// Confirm confirms the summary and submits the application (S15). Mobile and email of the contact must be verified, because the result and
// the duties are sent to both (S20). If findings about the subject, or its type, were withheld, or the register has another filing of the subject than
// the type was determined from, Confirm has the type determined again instead. If an order edits a filing that has changed since, the change has a
// [Failure], and the applicant looks at the filing again. Other orders at a filing are refused if it does not allow them any more; see checkStanding.
type Confirm struct {
	Digest string // of the summary that the applicant read
}

func (Confirm) Name() string { return "confirm" }

func (d Confirm) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(AwaitConfirmation); err != nil {
		return err
	}
	if err := o.checkConsent(by); err != nil {
		return err
	}
	c.relyOn(o.Register)
	if o.filingChanged() {
		c.Failure = &Failure{Kind: fault.Conflict, Findings: c.lookAgain(at)}
		return nil
	}
	if found := o.checkStanding(); len(found) > 0 {
		return fault.WithFindings(fault.Conflict, found)
	}
	if d.Digest != o.Summary().Digest {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeSummaryChanged, "/digest")})
	}
	found, explained := o.settleDetails(o.Private.Subject, o.Private.Sites, nil, at)
	if err := blockingFault(slices.Concat(found, o.ContactFindings(), o.PasswordFindings(at))); err != nil {
		return err
	}
	o.Private.Explained = explained
	missing, explained := o.settleEvidence(nil, at)
	o.Private.Findings, o.Private.Explained = slices.Concat(found, warnings(missing), o.checkCertificateShown()), explained
	if o.nextRequiredStep(at) != AwaitConfirmation {
		c.advance(at) // a rule that came into force since then requires more documents
		return nil
	}
	// The order now shows who the subject is, so the type is determined with everything.
	if o.Private.Withheld.Blocking() || o.Private.WithheldType != "" || o.typeOutdated() {
		o.Type, o.Private.Withheld, o.Private.WithheldType, o.Private.Findings = "", nil, "", nil
		c.setFact("determined", "again")
		c.enterStep(VerifyType, at)
		return nil
	}
	o.Confirmation = &Confirmation{Digest: d.Digest, At: at}
	c.setFact("digest", d.Digest)
	c.enterStep(InitialReview, at)
	c.notifyOnce(NoticeSubmitted, at)
	return nil
}

// A Summary is everything that the applicant confirms.
type Summary struct {
	Type     Type          `json:"type"`
	Province province.Code `json:"province"`
	Product  *Product      `json:"product"`
	Subject  Subject       `json:"subject"`
	Sites    []Site        `json:"sites"`
	// Changes are what the order changes of its filing; empty if it adds to it, or begins one.
	Changes  []register.Difference `json:"changes,omitempty"`
	Evidence map[string]string     `json:"evidence"` // slot to SHA-256
	// Cancellation is what the order ends; nil if it ends nothing.
	Cancellation       *Cancellation `json:"cancellation,omitempty"`
	CancellationRemark string        `json:"cancellationRemark,omitempty"`
	// Explanations are those that apply. A reviewer's override does not change the summary.
	Explanations []Explanation `json:"explanations,omitempty"`
	// Digest is the HMAC-SHA256, in hex, of the summary's JSON with an empty digest, under Private.DigestKey.
	Digest string `json:"digest"`
}

// Summary returns the current summary.
func (o Order) Summary() Summary {
	s := Summary{Type: o.Type, Province: o.Province, Product: o.Product, Subject: o.Private.Subject, Sites: o.Private.Sites,
		Evidence: map[string]string{}, Explanations: applying(o.Private.Explained), Cancellation: o.Cancellation, CancellationRemark: o.Private.CancellationRemark}
	s.Changes = o.Changes()
	for slot, e := range o.Evidence {
		s.Evidence[string(slot)] = e.SHA256
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain values always marshal
	}
	s.Digest = o.keyedDigest(text)
	return s
}

// Changes returns what the order changes of what its filing has, with pointers into {"subject": …, "sites": …, "accesses": …}; empty if it adds
// to the filing, or begins one.
func (o Order) Changes() []register.Difference {
	if o.Filed == nil || !o.Kind().Edits() {
		return nil
	}
	return o.differences(o.Private.Subject, o.Private.Sites)
}

// differences returns what details and the order's product change of the order's filing.
func (o Order) differences(subject Subject, sites []Site) []register.Difference {
	type hosting struct {
		Server string             `json:"server,omitempty"`
		IPs    []register.IPRange `json:"ips,omitempty"`
	}
	type details struct {
		Subject  Subject   `json:"subject"`
		Sites    []Site    `json:"sites"`
		Accesses []hosting `json:"accesses"` // of the sites
	}
	before, after := details{Subject: o.Private.Filed.Subject, Sites: o.Private.Filed.Sites}, details{Subject: subject, Sites: sites}
	for i, s := range o.Filed.Sites {
		was, _ := s.OurAccess()
		is := was
		if slices.Contains(o.NewAccess, i) && o.Product != nil {
			is = o.access()
		}
		before.Accesses = append(before.Accesses, hosting{was.Server, addressesOf(was)})
		after.Accesses = append(after.Accesses, hosting{is.Server, addressesOf(is)})
	}
	return register.Differences(before, after)
}

// addressesOf returns the addresses of an access without the ministry's ids.
func addressesOf(a register.Access) []register.IPRange {
	ranges := slices.Clone(a.IPs)
	for i := range ranges {
		ranges[i].MinistryID = ""
	}
	return ranges
}

// keyedDigest returns the HMAC-SHA256 of a text under Private.DigestKey, in hex.
func (o Order) keyedDigest(text []byte) string {
	mac := hmac.New(sha256.New, []byte(o.Private.DigestKey))
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil))
}
