package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"beian/shared/aws/bucket"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
)

// A Challenge is what a site's leader is asked to do before the camera.
type Challenge struct {
	ID         string    `json:"id"`
	Site       int       `json:"site"`
	Actions    []Move    `json:"actions" nullable:"false" doc:"in this order"`
	ExpiresAt  time.Time `json:"expiresAt"`
	MaxCapture int       `json:"maxCapture" doc:"the largest recording, in bytes before base64"`
}

// A Move is one of the things to do.
type Move struct {
	Action liveness.Action `json:"action"`
	Words  finding.Words   `json:"words"`
}

// maxCaptureBody is the largest recording as base64, with the JSON around it.
const maxCaptureBody = liveness.MaxCapture/3*4 + 1024

type challengeInput struct {
	OrderPath
	Conditions
	Body struct {
		Site int `json:"site" minimum:"0" maximum:"63" doc:"which site's leader; counts from 0"`
	}
}

type challengeOutput struct {
	ETag string `header:"ETag"`
	Body Challenge
}

type captureInput struct {
	OrderPath
	Challenge string `path:"challenge" maxLength:"64"`
	Conditions
	Body struct {
		Capture []byte `json:"capture" doc:"the recording, base64"`
	}
}

// challenges declares the check that a site's leader is there in person.
func (a *API) challenges() {
	const tag = "Presence"
	register(a, operation{who: applicants, route: "POST /orders/{id}/challenges", status: http.StatusCreated, tag: tag,
		does: "Begin the check that a site's leader is there in person"}, a.challenge)
	register(a, operation{who: applicants, route: "PUT /orders/{id}/challenges/{challenge}", tag: tag, body: maxCaptureBody,
		does: "Answer the check with a recording"}, a.answerChallenge)
}

func (a *API) challenge(ctx context.Context, c *call, in *challengeInput) (*challengeOutput, error) {
	t, err := a.turn(ctx, c, in.OrderPath, in.Conditions, filing.Applicant)
	if err != nil {
		return nil, err
	}
	made := liveness.Issue(string(t.order.ID), in.Body.Site, t.order.LeaderReference(in.Body.Site), a.Decisions.Now())
	o, err := a.take(ctx, c, t, filing.Applicant, filing.IssueChallenge{Challenge: made})
	if err != nil {
		return nil, err
	}
	// A repeated request gets the challenge that it made the first time: the site's newest.
	for _, one := range slices.Backward(o.Challenges) {
		if one.SiteIndex == in.Body.Site {
			return &challengeOutput{ETag: etag(o), Body: challengeOf(one.Challenge)}, nil
		}
	}
	return nil, fault.Found(fault.Conflict, finding.List{finding.New(filing.CodeChallengeExpired, "")})
}

func challengeOf(l liveness.Challenge) Challenge {
	out := Challenge{ID: l.ID, Site: l.SiteIndex, Actions: []Move{}, ExpiresAt: l.ExpiresAt, MaxCapture: liveness.MaxCapture}
	for _, action := range l.Actions {
		out.Actions = append(out.Actions, Move{Action: action, Words: action.Words()})
	}
	return out
}

func (a *API) answerChallenge(ctx context.Context, c *call, in *captureInput) (*changed, error) {
	t, err := a.turn(ctx, c, in.OrderPath, in.Conditions, filing.Applicant)
	if err != nil {
		return nil, err
	}
	if t.repeated {
		return c.answered(t.order, in.Challenge)
	}
	challenge, err := t.order.OpenChallenge(in.Challenge, a.Decisions.Now())
	if err != nil {
		return nil, err
	}
	portrait, err := a.portrait(ctx, t.order, challenge.SiteIndex)
	if err != nil {
		return nil, err
	}
	result, err := a.Liveness.Verify(ctx, challenge, liveness.Capture{Data: in.Body.Capture, Portrait: portrait})
	if err != nil {
		return nil, err
	}
	o, err := a.take(ctx, c, t, filing.Applicant, filing.AnswerChallenge{
		ID: challenge.ID, Passed: result.Passed, Score: result.Score, Provider: result.Provider, Simulated: result.Simulated,
		Findings: result.Findings(challenge.SiteIndex),
	})
	if err != nil {
		return nil, err
	}
	return c.answered(o, challenge.ID)
}

// answered tells what came of an answer, from the order as it is since.
func (c *call) answered(o filing.Order, challenge string) (*changed, error) {
	if slices.ContainsFunc(o.LivenessPassed, func(one filing.LivenessPass) bool { return one.Challenge == challenge }) {
		return c.changed(o, nil)
	}
	return nil, fault.Found(fault.Invalid, o.Findings)
}

// portrait is the side of the leader's certificate that shows the face; nil if none was uploaded yet.
func (a *API) portrait(ctx context.Context, o filing.Order, site int) ([]byte, error) {
	slots := []evidence.Slot{evidence.SiteSlot(site, evidence.LeaderCertificateFront)}
	if o.Individual() {
		slots = append(slots, evidence.Slot(evidence.SubjectCertificateFront))
	}
	head := o.Private.Subject.Leader.Certificate
	if site < len(o.Private.Sites) && o.Private.Sites[site].Leader.Certificate.Number == head.Number {
		slots = append(slots, evidence.Slot(evidence.SubjectLeaderCertificateFront))
	}
	for _, slot := range slots {
		if e, given := o.Evidence[slot]; given {
			return a.Bucket.Read(ctx, bucket.Key(e.Key))
		}
	}
	return nil, nil
}
