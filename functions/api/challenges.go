package api

import (
	"context"
	"net/http"
	"time"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
	"beian/shared/web"
)

// A Challenge is a liveness check of a site leader.
type Challenge struct {
	ID         string    `json:"id"`
	Site       int       `json:"site"`
	Actions    []Move    `json:"actions" nullable:"false" doc:"actions to record, in this order"`
	ExpiresAt  time.Time `json:"expiresAt"`
	MaxCapture int       `json:"maxCapture" doc:"maximum size of the recording, in bytes before base64"`
}

// A Move is one action that the leader makes in front of the camera.
type Move struct {
	Action liveness.Action `json:"action"`
	Words  finding.Words   `json:"words"`
}

// maxCaptureBody is the maximum size of the request body: the largest recording in base64, and the JSON around it.
const maxCaptureBody = liveness.MaxCapture/3*4 + 1024

type challengeInput struct {
	web.OrderRequest
	Body struct {
		Site int `json:"site" minimum:"0" maximum:"63" doc:"index of the site whose leader is checked, from 0"`
	}
}

type challengeOutput struct {
	ETag string `header:"ETag"`
	Body Challenge
}

type captureInput struct {
	web.OrderPath
	Challenge string `path:"challenge" maxLength:"64"`
	web.Conditions
	Body struct {
		Capture []byte `json:"capture" doc:"the recording, base64"`
	}
}

// registerChallenges registers the operations of the liveness check.
func (a operations) registerChallenges() {
	const tag = "Presence"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/challenges", Status: http.StatusCreated, Tag: tag, Counts: limits.Challenge,
		Summary:     "Start the liveness check of a site leader",
		Description: "Returns the actions that the leader makes in front of the camera, in order. Record them at once: the challenge expires at expiresAt. It is refused before the picture of the leader's certificate is accepted, and after too many checks of a day (429)."}, a.startChallenge)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/challenges/{challenge}", Tag: tag, MaxBody: maxCaptureBody, Counts: limits.Capture,
		Summary:     "Submit the recording of the liveness check",
		Description: "Send the recording in base64, at most maxCapture bytes. The face is compared with the picture of the certificate. A check that is not passed gives findings; start another challenge."}, a.answerChallenge)
}

func (a operations) startChallenge(ctx context.Context, c *web.Call, in *challengeInput) (*challengeOutput, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Applicant)
	if err != nil {
		return nil, err
	}
	made := liveness.Issue(string(t.Order.ID), in.Body.Site, t.Order.LeaderReference(in.Body.Site), a.Decisions.Now())
	o, err := t.Decide(ctx, filing.IssueChallenge{Challenge: made, Key: in.Key})
	if err != nil {
		return nil, err
	}
	for _, one := range o.Challenges { // a repeated request returns the challenge that it started
		if one.ID == made.ID || in.Key != "" && one.Key == in.Key {
			return &challengeOutput{ETag: web.ETag(o), Body: challengeOf(one.Challenge)}, nil
		}
	}
	return nil, fault.WithFindings(fault.Conflict, finding.List{finding.New(filing.CodeChallengeExpired, "")})
}

func challengeOf(l liveness.Challenge) Challenge {
	out := Challenge{ID: l.ID, Site: l.SiteIndex, Actions: []Move{}, ExpiresAt: l.ExpiresAt, MaxCapture: liveness.MaxCapture}
	for _, action := range l.Actions {
		out.Actions = append(out.Actions, Move{Action: action, Words: action.Words()})
	}
	return out
}

func (a operations) answerChallenge(ctx context.Context, c *web.Call, in *captureInput) (*web.OrderResult, error) {
	t, err := a.BeginDecision(ctx, c, web.OrderRequest{OrderPath: in.OrderPath, Conditions: in.Conditions}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	if t.Repeated {
		return c.Result(t.Decide(ctx, filing.AnswerChallenge{ID: in.Challenge}))
	}
	challenge, err := t.Order.OpenChallenge(in.Challenge, a.Decisions.Now())
	if err != nil {
		return nil, err
	}
	portrait, err := a.ReadEvidence(ctx, a.config.Objects, t.Order.Evidence[t.Order.PortraitSlot(challenge.SiteIndex)].Original())
	if err != nil {
		return nil, err
	}
	result, err := a.config.Liveness.Verify(ctx, challenge, liveness.Capture{Data: in.Body.Capture, Portrait: portrait})
	if err != nil {
		return nil, err
	}
	return c.Result(t.Decide(ctx, filing.AnswerChallenge{
		ID: challenge.ID, Passed: result.Passed, Score: result.Score, Provider: result.Provider, Simulated: result.Simulated,
		Findings: result.Findings(challenge.SiteIndex),
	}))
}
