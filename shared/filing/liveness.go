package filing

import (
	"slices"
	"strconv"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
)

// Findings of the liveness check.
const (
	CodeSiteUnknown      finding.Code = "site-unknown"
	CodeChallengeUnknown finding.Code = "liveness-challenge-unknown"
	CodeChallengeUsed    finding.Code = "liveness-challenge-used"
	CodeChallengeExpired finding.Code = "liveness-challenge-expired"
	CodeTooManyChecks    finding.Code = "liveness-too-many"
)

// ChallengesPerDay limits the liveness checks of one order in 24 hours.
const ChallengesPerDay = 20

// IssueChallenge stores a liveness challenge for a site leader (S14).
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
	o.Challenges = slices.DeleteFunc(o.Challenges, func(old Challenge) bool { return at.Sub(old.IssuedAt) > 24*time.Hour })
	if len(o.Challenges) >= ChallengesPerDay {
		refused := fault.WithFindings(fault.TooMany, finding.List{finding.New(CodeTooManyChecks, "")})
		refused.RetryAfter = o.Challenges[0].IssuedAt.Add(24 * time.Hour).Sub(at)
		return refused
	}
	o.Challenges = append(o.Challenges, Challenge{Challenge: d.Challenge, Key: d.Key})
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
	o.Challenges[slices.IndexFunc(o.Challenges, func(h Challenge) bool { return h.ID == d.ID })].Used = true
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
	})
	c.advance(at)
	return nil
}

// OpenChallenge returns the challenge with an id. The error is a fault if the order has none of that id, or if the challenge was used or
// has expired.
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
	}
	return o.Challenges[i].Challenge, nil
}

func (o Order) hasPassedLiveness(site int) bool {
	return slices.ContainsFunc(o.LivenessPassed, func(a LivenessPass) bool { return a.Site == site })
}

// LeaderReference identifies a site leader to the liveness provider without personal data.
func (o Order) LeaderReference(site int) string { return string(o.ID) + "/sites/" + strconv.Itoa(site) }
