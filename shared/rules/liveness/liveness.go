// Package liveness defines the liveness check of a site leader: the [Challenge] that the server issues and the [Result] of the
// check. Start with [Issue]. The providers that perform the check are in partners/liveness.
//
//	c := liveness.Issue(order, site, leader, now)  // three movements in random order, valid for ten minutes
//	result, err := provider.Verify(ctx, c, capture) // partners/liveness
//	found := result.Findings(site)
//
// The phone records the leader making the movements; a provider compares the recording with the challenge and with the
// portrait on the certificate. The order stores the challenge, bound to the leader and the portrait, and accepts one answer to it. Since 2019-07-29 the check
// replaces the photograph before a curtain.
package liveness

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// An Action is a movement that a challenge requests.
type Action string

const (
	Blink     Action = "blink"
	Nod       Action = "nod"
	TurnLeft  Action = "turn-left"
	TurnRight Action = "turn-right"
	OpenMouth Action = "open-mouth"
)

var actions = []Action{Blink, Nod, TurnLeft, TurnRight, OpenMouth}

var actionWords = map[Action]finding.Words{
	Blink:     {Chinese: "请眨眼", English: "Please blink"},
	Nod:       {Chinese: "请点头", English: "Please nod"},
	TurnLeft:  {Chinese: "请向左转头", English: "Please turn your head to the left"},
	TurnRight: {Chinese: "请向右转头", English: "Please turn your head to the right"},
	OpenMouth: {Chinese: "请张嘴", English: "Please open your mouth"},
}

// Words returns the instruction that the phone shows.
func (a Action) Words() finding.Words { return actionWords[a] }

const (
	// Lifetime is how long a challenge is valid.
	Lifetime = 10 * time.Minute
	// MovesPerChallenge is the number of movements in a challenge. They differ from each other.
	MovesPerChallenge = 3
	// MaxCapture is the largest recording, in bytes.
	MaxCapture = 4 << 20
)

// A Challenge lists the movements that one leader has to make. Leader identifies the person within an order without personal data.
type Challenge struct {
	ID        string    `json:"id"`
	Order     string    `json:"order"`
	SiteIndex int       `json:"siteIndex"`
	Leader    string    `json:"leader"`
	Actions   []Action  `json:"actions"`
	IssuedAt  time.Time `json:"issuedAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// Issue returns a challenge with random movements.
func Issue(order string, siteIndex int, leader string, now time.Time) Challenge {
	remaining := append([]Action{}, actions...)
	chosen := make([]Action, MovesPerChallenge)
	for i := range chosen {
		n := randomBelow(len(remaining))
		chosen[i] = remaining[n]
		remaining = append(remaining[:n], remaining[n+1:]...)
	}
	return Challenge{
		ID: rand.Text(), Order: order, SiteIndex: siteIndex, Leader: leader, Actions: chosen,
		IssuedAt: now, ExpiresAt: now.Add(Lifetime),
	}
}

// randomBelow returns a random number from 0 to n-1.
func randomBelow(n int) int {
	r, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return int(r.Int64())
}

// A Capture is the recording of the phone, with the portrait to compare it with.
type Capture struct {
	Data     []byte // 1 to MaxCapture bytes
	Portrait []byte // the side of the certificate that shows the face, as uploaded: 1 to evidence.MaxOriginal bytes
}

// Check returns a fault unless both parts are within their limits. A capture that fails is not sent to a provider.
func (c Capture) Check() error {
	switch {
	case len(c.Data) == 0:
		return fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeCaptureEmpty, "/capture")})
	case len(c.Data) > MaxCapture:
		return ErrTooLarge
	case len(c.Portrait) == 0 || len(c.Portrait) > evidence.MaxOriginal:
		return fault.Wrap(fault.Internal, fmt.Errorf("liveness: the portrait has %d bytes, want 1 to %d", len(c.Portrait), evidence.MaxOriginal))
	}
	return nil
}

// A Reason says why a check failed.
type Reason string

const (
	FaceMismatch   Reason = "face-mismatch"
	SpoofSuspected Reason = "spoof-suspected"
	ActionMissed   Reason = "action-missed"
	NotOneFace     Reason = "not-one-face"
	PoorLight      Reason = "poor-light"
)

// Codes of the findings for the reasons.
const (
	CodeFaceMismatch   finding.Code = "liveness-face-mismatch"
	CodeSpoofSuspected finding.Code = "liveness-spoof-suspected"
	CodeActionMissed   finding.Code = "liveness-action-missed"
	CodeNotOneFace     finding.Code = "liveness-not-one-face"
	CodePoorLight      finding.Code = "liveness-poor-light"
	CodeCaptureEmpty   finding.Code = "liveness-capture-empty"
	CodeSimulated      finding.Code = "liveness-simulated"
)

var codeOfReason = map[Reason]finding.Code{
	FaceMismatch:   CodeFaceMismatch,
	SpoofSuspected: CodeSpoofSuspected,
	ActionMissed:   CodeActionMissed,
	NotOneFace:     CodeNotOneFace,
	PoorLight:      CodePoorLight,
}

// ParseReason parses a provider's reason; false if it is unknown.
func ParseReason(text string) (Reason, bool) {
	_, ok := codeOfReason[Reason(text)]
	return Reason(text), ok
}

// A Result is a provider's answer.
type Result struct {
	Passed    bool   `json:"passed"`
	Score     int    `json:"score"` // 0 to 100: the provider's confidence that the recording shows this person, alive
	Reason    Reason `json:"reason,omitempty"`
	Provider  string `json:"provider"`
	Simulated bool   `json:"simulated"`
}

// Findings returns the reason of a failed check, and a note if the check was simulated, at the pointer of the site.
func (r Result) Findings(siteIndex int) finding.List {
	pointer := "/sites/" + strconv.Itoa(siteIndex)
	var found finding.List
	if !r.Passed {
		found = append(found, finding.New(codeOfReason[r.Reason], pointer))
	}
	if r.Simulated {
		found = append(found, finding.New(CodeSimulated, pointer))
	}
	return found
}

// ErrTooLarge is returned for a recording larger than [MaxCapture].
var ErrTooLarge = fault.New(fault.TooLarge, "录制的内容超过 4 MB，请重新录制。", "The recording is larger than 4 MB; please record it again.")
