package filing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// CodeSummaryChanged says that the summary has changed since the applicant read it.
const CodeSummaryChanged finding.Code = "summary-changed"

// Confirm confirms the summary and submits the application (S15). Mobile and email of the contact must be verified, because the result and
// the duties are sent to both (S20).
type Confirm struct {
	Digest string // of the summary that the applicant read
	// Matches are the matches of the leaders with orders of other subjects.
	Matches []LeaderMatch
}

func (Confirm) Name() string { return "confirm" }

func (d Confirm) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(AwaitConfirmation); err != nil {
		return err
	}
	if d.Digest != o.Summary().Digest {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeSummaryChanged, "/digest")})
	}
	found, explained := o.settleDetails(o.Private.Subject, o.Private.Sites, nil, at)
	if err := blockingFault(slices.Concat(found, o.ContactFindings())); err != nil {
		return err
	}
	o.Private.Explained = explained
	missing, explained := o.settleEvidence(nil, at)
	o.Private.Findings, o.Private.Explained = slices.Concat(found, warnings(missing), o.checkCertificateShown(), matchFindings(d.Matches)), explained
	if o.nextRequiredStep(at) != AwaitConfirmation {
		c.advance(at) // a rule that came into force since then requires more documents
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
	Type     Type              `json:"type"`
	Province province.Code     `json:"province"`
	Product  *Product          `json:"product"`
	Subject  Subject           `json:"subject"`
	Sites    []Site            `json:"sites"`
	Evidence map[string]string `json:"evidence"` // slot to SHA-256
	// Explanations are those that apply. A reviewer's override does not change the summary.
	Explanations []Explanation `json:"explanations,omitempty"`
	// Digest is the HMAC-SHA256, in hex, of the summary's JSON with an empty digest, under Private.DigestKey.
	Digest string `json:"digest"`
}

// Summary returns the current summary.
func (o Order) Summary() Summary {
	s := Summary{Type: o.Type, Province: o.Province, Product: o.Product, Subject: o.Private.Subject, Sites: o.Private.Sites,
		Evidence: map[string]string{}, Explanations: applying(o.Private.Explained)}
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

// keyedDigest returns the HMAC-SHA256 of a text under Private.DigestKey, in hex.
func (o Order) keyedDigest(text []byte) string {
	mac := hmac.New(sha256.New, []byte(o.Private.DigestKey))
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil))
}
