package filing

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
)

// Findings of the liveness check.
const (
	CodeSiteUnknown       finding.Code = "site-unknown"
	CodeChallengeUnknown  finding.Code = "liveness-challenge-unknown"
	CodeChallengeUsed     finding.Code = "liveness-challenge-used"
	CodeChallengeExpired  finding.Code = "liveness-challenge-expired"
	CodeChallengeOutdated finding.Code = "liveness-challenge-outdated"
	CodePortraitMissing   finding.Code = "liveness-portrait-missing"
	CodeLivenessDropped   finding.Code = "liveness-dropped"
	CodeTooManyChecks     finding.Code = "liveness-too-many"
)

// ChallengesPerDay limits the liveness checks of one order in 24 hours.
const ChallengesPerDay = 20

// IssueChallenge stores a liveness challenge for a site leader (S14), and binds it to the leader and to the portrait, which must be
// accepted. See [Order.PortraitSlot].
type IssueChallenge struct {
	Challenge liveness.Challenge
	Key       string // the request's idempotency key, "" if it has none
}

func (IssueChallenge) Name() string { return "issue-challenge" }

func (d IssueChallenge) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	if d.Challenge.SiteIndex < 0 || d.Challenge.SiteIndex >= len(o.Private.Sites) {
		return blockingFault(finding.List{finding.New(CodeSiteUnknown, "/site")})
	}
	binding := o.livenessBinding(d.Challenge.SiteIndex)
	if binding == "" {
		return o.missingPortrait(d.Challenge.SiteIndex)
	}
	o.Challenges = slices.DeleteFunc(o.Challenges, func(old Challenge) bool { return at.Sub(old.IssuedAt) > 24*time.Hour })
	if len(o.Challenges) >= ChallengesPerDay {
		refused := fault.WithFindings(fault.TooMany, finding.List{finding.New(CodeTooManyChecks, "")})
		refused.RetryAfter = o.Challenges[0].IssuedAt.Add(24 * time.Hour).Sub(at)
		return refused
	}
	o.Challenges = append(o.Challenges, Challenge{Challenge: d.Challenge, Key: d.Key, Binding: binding})
	return nil
}

// AnswerChallenge records the liveness provider's result for a recording. A check that failed is a [Failure].
type AnswerChallenge struct {
	ID        string
	Passed    bool
	Score     int // 0 to 100
	Provider  string
	Simulated bool
	// Findings are the reasons if the check failed.
	Findings finding.List
}

func (AnswerChallenge) Name() string { return "answer-challenge" }

func (d AnswerChallenge) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	challenge, err := o.OpenChallenge(d.ID, at)
	if err != nil {
		return err
	}
	answered := &o.Challenges[slices.IndexFunc(o.Challenges, func(h Challenge) bool { return h.ID == d.ID })]
	answered.Used = true
	c.setFact("portrait", o.Evidence[o.PortraitSlot(challenge.SiteIndex)].SHA256)
	if !d.Passed {
		o.Private.Findings = d.Findings
		c.setFact("passed", "false")
		c.Failure = &Failure{Kind: fault.Invalid, Findings: d.Findings}
		return nil
	}
	c.setFact("passed", "true")
	o.Private.Findings = nil
	o.LivenessPassed = slices.DeleteFunc(o.LivenessPassed, func(a LivenessPass) bool { return a.Site == challenge.SiteIndex })
	o.LivenessPassed = append(o.LivenessPassed, LivenessPass{
		Site: challenge.SiteIndex, Challenge: d.ID, Score: d.Score, Provider: d.Provider, Simulated: d.Simulated, At: at,
		Binding: answered.Binding,
	})
	c.advance(at)
	return nil
}

// OpenChallenge returns the challenge with an id. The error is a fault if the order has none of that id, or if the challenge was used, has
// expired, or was issued for another leader or portrait than the site has now.
func (o Order) OpenChallenge(id string, at time.Time) (liveness.Challenge, error) {
	at = at.UTC()
	i := slices.IndexFunc(o.Challenges, func(h Challenge) bool { return h.ID == id })
	switch {
	case i < 0:
		return liveness.Challenge{}, fault.WithFindings(fault.NotFound, finding.List{finding.New(CodeChallengeUnknown, "")})
	case o.Challenges[i].Used:
		return liveness.Challenge{}, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeChallengeUsed, "")})
	case at.After(o.Challenges[i].ExpiresAt):
		return liveness.Challenge{}, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeChallengeExpired, "")})
	case o.Challenges[i].Binding != o.livenessBinding(o.Challenges[i].SiteIndex):
		return liveness.Challenge{}, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeChallengeOutdated, "")})
	}
	return o.Challenges[i].Challenge, nil
}

// PortraitSlot returns the slot of the picture with which the face of a site's leader is compared: the side with the portrait of the
// leader's certificate. It is the site's own slot if there is a picture, because the bureau gets that, else the slot that serves it:
// the subject's certificate of an individual, and that of the subject leader if the same person leads the site.
func (o Order) PortraitSlot(site int) evidence.Slot {
	own := evidence.SiteSlot(site, evidence.LeaderCertificateFront)
	if o.hasEvidence(own) {
		return own
	}
	return o.uploadFacts().UploadSlot(own)
}

// livenessBinding returns what a liveness check of a site's leader is about: a keyed digest of the person (kind and number of the
// certificate, name) and the portrait. It is "" if the order has no such site, or no portrait is accepted.
func (o Order) livenessBinding(site int) string {
	if site < 0 || site >= len(o.Private.Sites) {
		return ""
	}
	portrait, accepted := o.Evidence[o.PortraitSlot(site)]
	if !accepted {
		return ""
	}
	l := o.Private.Sites[site].Leader
	return o.keyedDigest(fmt.Appendf(nil, "liveness %d %q %q %q", l.Certificate.Kind, l.Certificate.Number.Reveal(), l.Name.Reveal(), portrait.SHA256))
}

// SitesForLiveness returns the indexes of the sites whose leaders have to pass the check.
func (o Order) SitesForLiveness() []int {
	if !o.Kind().Liveness {
		return nil
	}
	var changes affected
	ofAffected := o.Kind().Documents == AffectedDocuments
	if ofAffected {
		changes = o.affected()
	}
	var sites []int
	for i := range o.Private.Sites {
		if !ofAffected || changes.Sites[i].Leader {
			sites = append(sites, i)
		}
	}
	return sites
}

// hasPassedLiveness reports whether a site's leader passed the check, and neither the leader nor the portrait has changed since.
func (o Order) hasPassedLiveness(site int) bool {
	return slices.ContainsFunc(o.LivenessPassed, func(p LivenessPass) bool {
		return p.Site == site && !p.Dropped && p.Binding == o.livenessBinding(site)
	})
}

// dropLiveness drops the passed checks whose leader or portrait has changed, whichever decision changed them. A dropped check stays
// dropped if the change is undone. Each has a finding until the leader passes again.
func (c *Change) dropLiveness() {
	o := &c.Order
	if !o.Step.IsApplicantStep() {
		return
	}
	var found finding.List
	for _, f := range o.Private.Findings {
		if f.Code != CodeLivenessDropped {
			found = append(found, f)
		}
	}
	o.LivenessPassed = slices.DeleteFunc(o.LivenessPassed, func(p LivenessPass) bool { return p.Site >= len(o.Private.Sites) })
	var dropped []int
	for i := range o.LivenessPassed {
		p := &o.LivenessPassed[i]
		if !p.Dropped && p.Binding != o.livenessBinding(p.Site) {
			p.Dropped, dropped = true, append(dropped, p.Site)
		}
		if p.Dropped {
			found = append(found, finding.New(CodeLivenessDropped, "/sites/"+strconv.Itoa(p.Site)))
		}
	}
	if dropped != nil {
		c.setFact("livenessDropped", fmt.Sprint(dropped))
	}
	o.Private.Findings = found
}

// LeaderReference identifies a site leader to the liveness provider without personal data.
func (o Order) LeaderReference(site int) string { return string(o.ID) + "/sites/" + strconv.Itoa(site) }
