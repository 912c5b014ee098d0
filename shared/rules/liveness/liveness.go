// Package liveness asks whether the leader of a site is there in person.
//
// Since 2019-07-29 this takes the place of a photograph before a curtain. The server issues a [Challenge]: a few moves
// in an order nobody can foresee, for one site of one order, good for ten minutes and one answer. The phone records the
// person making them; a [Provider] compares the [Capture] with the challenge and with the portrait on the certificate.
// That a challenge is answered only once is held by the order, which stores it.
//
// Two providers exist: [Simulator], for laptops and tests, whose every answer says so, and the client in liveness/https.
package liveness

import (
	"crypto/rand"
	"math/big"
	"strconv"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// An Action is a move that a challenge asks for.
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

// Words is what the phone says to ask for the move.
func (a Action) Words() finding.Words { return actionWords[a] }

const (
	// Lifetime is how long a challenge may be answered.
	Lifetime = 10 * time.Minute
	// Moves is how many different moves a challenge asks for.
	Moves = 3
	// MaxCapture is the largest recording, in bytes.
	MaxCapture = 4 << 20
)

// A Challenge is what one leader is asked to do. Leader refers to the person without naming them; it is never personal
// data, and the same for the same person in an order.
type Challenge struct {
	ID        string    `json:"id"`
	Order     string    `json:"order"`
	SiteIndex int       `json:"siteIndex"`
	Leader    string    `json:"leader"`
	Actions   []Action  `json:"actions"`
	IssuedAt  time.Time `json:"issuedAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// Issue makes a challenge that cannot be foreseen.
func Issue(order string, siteIndex int, leader string, now time.Time) Challenge {
	left := append([]Action{}, actions...)
	chosen := make([]Action, Moves)
	for i := range chosen {
		n := below(len(left))
		chosen[i] = left[n]
		left = append(left[:n], left[n+1:]...)
	}
	return Challenge{
		ID: rand.Text(), Order: order, SiteIndex: siteIndex, Leader: leader, Actions: chosen,
		IssuedAt: now, ExpiresAt: now.Add(Lifetime),
	}
}

// below returns a random number from 0 to n-1.
func below(n int) int {
	r, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return int(r.Int64())
}

// Refusals of [Challenge.Check].
var (
	ErrExpired = fault.New(fault.Conflict, "核验已超过十分钟，请重新开始。", "The check took longer than ten minutes; please start it again.")
	ErrOther   = fault.New(fault.Forbidden, "这次核验不是为这位网站负责人发起的。", "The check was not issued for this site leader.")
)

// Check refuses an answer for another order, site or leader ([ErrOther]) and one that is too late ([ErrExpired]).
func (c Challenge) Check(order string, siteIndex int, leader string, now time.Time) error {
	switch {
	case c.Order != order || c.SiteIndex != siteIndex || c.Leader != leader:
		return ErrOther
	case now.After(c.ExpiresAt):
		return ErrExpired
	}
	return nil
}

// A Capture is what the phone recorded.
type Capture struct {
	Data     []byte // at most MaxCapture bytes
	Portrait []byte // the side of the certificate that shows the face, as uploaded; nil if the provider has its own
}

// A Reason says why a check was not passed.
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
	CodeSimulated      finding.Code = "liveness-simulated"
)

var codes = map[Reason]finding.Code{
	FaceMismatch:   CodeFaceMismatch,
	SpoofSuspected: CodeSpoofSuspected,
	ActionMissed:   CodeActionMissed,
	NotOneFace:     CodeNotOneFace,
	PoorLight:      CodePoorLight,
}

// ParseReason reads a reason from outside; false if there is no such reason.
func ParseReason(text string) (Reason, bool) {
	_, ok := codes[Reason(text)]
	return Reason(text), ok
}

// A Result is a provider's answer.
type Result struct {
	Passed    bool   `json:"passed"`
	Score     int    `json:"score"` // 0 to 100, how sure the provider is that it is this person, alive
	Reason    Reason `json:"reason,omitempty"`
	Provider  string `json:"provider"`
	Simulated bool   `json:"simulated"`
}

// Findings tells a result to people: the reason it was not passed, and that it was only simulated. The pointer is that
// of the site.
func (r Result) Findings(siteIndex int) finding.List {
	pointer := "/sites/" + strconv.Itoa(siteIndex)
	var found finding.List
	if !r.Passed {
		found = append(found, finding.New(codes[r.Reason], pointer))
	}
	if r.Simulated {
		found = append(found, finding.New(CodeSimulated, pointer))
	}
	return found
}

// ErrTooLarge refuses a recording beyond [MaxCapture].
var ErrTooLarge = fault.New(fault.TooLarge, "录制的内容超过 4 MB，请重新录制。", "The recording is larger than 4 MB; please record it again.")
