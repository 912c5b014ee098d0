package session

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"golang.org/x/text/width"

	"beian/shared/filing"
)

// A Step is a step of an application that a browser can hand over to a phone.
type Step string

// Steps that can be handed over (S2).
const (
	Papers   Step = "papers"
	Liveness Step = "liveness"
)

// Steps are all of them.
var Steps = []Step{Papers, Liveness}

// Lifetimes of a hand-off.
const (
	CodeLifetime  = 10 * time.Minute // of a code that no phone has used
	PhoneLifetime = time.Hour        // of the phone's session
)

// A Grant limits a session to one step of one order.
type Grant struct {
	Order filing.ID `json:"order"`
	Step  Step      `json:"step"`
}

// A HandOff lets a phone do one step of one order for the account of a browser. An account has one for each order and step at most.
type HandOff struct {
	Grant
	Account filing.Account `json:"account"`
	// About is what the phone shows before the code is used: a domain. It is not personal.
	About   string            `json:"about"`
	Claims  map[string]string `json:"claims"` // of the phone's session: account and groups
	By      string            `json:"by"`     // key of the session that offers it
	Until   time.Time         `json:"until"`  // of the code
	TakenAt time.Time         `json:"takenAt,omitzero"`
	Phone   string            `json:"phone,omitempty"` // key of the phone's session
	Hash    string            `json:"hash"`            // keyed hash of the code, which the store sets
}

// A State is the state of a code.
type State string

// States of a code.
const (
	Open    State = "open"
	Used    State = "used"
	Expired State = "expired"
	Ended   State = "ended"   // the browser took the step back, or offered another code
	Unknown State = "unknown" // it never was a code, or was one long ago
)

// A HandOffStore keeps hand-offs. Package dynamo implements it.
type HandOffStore interface {
	// PutHandOff stores a hand-off, to which the code leads from then on. It replaces that of the same account, order and step.
	PutHandOff(ctx context.Context, code string, h HandOff) error
	// HandOff returns a hand-off; the zero value if there is none.
	HandOff(ctx context.Context, account filing.Account, g Grant) (HandOff, error)
	// HandOffOf returns the hand-off of a code, and whether there ever was such a code. The hand-off is the zero value if it ended.
	HandOffOf(ctx context.Context, code string) (h HandOff, known bool, err error)
	// HandOffs returns all hand-offs of an account.
	HandOffs(ctx context.Context, account filing.Account) ([]HandOff, error)
	// TakeHandOff stores that a phone used the code. It returns false if one did before, or the hand-off ended.
	TakeHandOff(ctx context.Context, h HandOff) (bool, error)
	// EndHandOff deletes a hand-off, unless another has replaced it.
	EndHandOff(ctx context.Context, h HandOff) error
}

// Offer offers a step to a phone and returns the code. A hand-off of the step that there was before ends.
func (s Sessions) Offer(ctx context.Context, current Session, g Grant, about string) (code string, err error) {
	if before, err := s.Offered(ctx, current.Account, g); err == nil {
		if err := s.EndHandOff(ctx, before); err != nil {
			return "", err
		}
	} else if !errors.Is(err, ErrEnded) {
		return "", err
	}
	h := HandOff{Grant: g, Account: current.Account, About: about, Claims: map[string]string{}, By: current.key, Until: s.Now().Add(CodeLifetime)}
	for name, value := range current.Claims {
		if name == "sub" || strings.HasSuffix(name, "groups") {
			h.Claims[name] = value
		}
	}
	code = newCode()
	return code, s.Store.PutHandOff(ctx, code, h)
}

// Offered returns the hand-off of a step, or [ErrEnded].
func (s Sessions) Offered(ctx context.Context, account filing.Account, g Grant) (HandOff, error) {
	h, err := s.Store.HandOff(ctx, account, g)
	if err == nil && (h.Account == "" || !h.TakenAt.IsZero() && s.Now().Sub(h.TakenAt) >= PhoneLifetime) {
		err = ErrEnded
	}
	return h, err
}

// State returns the state of the hand-off's code.
func (s Sessions) State(h HandOff) State {
	switch {
	case !h.TakenAt.IsZero():
		return Used
	case !s.Now().Before(h.Until):
		return Expired
	}
	return Open
}

// Find returns the hand-off of a code as typed, and its state.
func (s Sessions) Find(ctx context.Context, code string) (HandOff, State, error) {
	code = NormalizeCode(code)
	if len(code) != CodeLength {
		return HandOff{}, Unknown, nil
	}
	h, known, err := s.Store.HandOffOf(ctx, code)
	switch {
	case err != nil || !known:
		return HandOff{}, Unknown, err
	case h.Account == "":
		return h, Ended, nil
	}
	return h, s.State(h), nil
}

// Accept uses a code once: it begins the phone's session and returns its cookie. It returns [ErrEnded] for a code that is not open.
func (s Sessions) Accept(ctx context.Context, code string) (cookie string, h HandOff, err error) {
	h, state, err := s.Find(ctx, code)
	if err == nil && state != Open {
		err = ErrEnded
	}
	if err != nil {
		return "", h, err
	}
	secret, now := rand.Text(), s.Now()
	r, err := newRow(h.Account, secret, Session{Claims: h.Claims, Began: now, Grant: &h.Grant})
	if err != nil {
		return "", h, err
	}
	h.TakenAt, h.Phone = now, r.Key
	taken, err := s.Store.TakeHandOff(ctx, h)
	if err == nil && !taken {
		err = ErrEnded
	}
	if err != nil {
		return "", h, err
	}
	r.UsedAt, r.Until = now, now.Add(PhoneLifetime)
	return cookieOf(h.Account, secret), h, s.Store.PutSession(ctx, r)
}

// EndHandOff ends a hand-off and the session of its phone.
func (s Sessions) EndHandOff(ctx context.Context, h HandOff) error {
	if h.Phone != "" {
		if err := s.Store.EndSession(ctx, h.Account, h.Phone); err != nil {
			return err
		}
	}
	return s.Store.EndHandOff(ctx, h)
}

// endHandOffsOf ends the hand-offs that a session offered.
func (s Sessions) endHandOffsOf(ctx context.Context, current Session) error {
	all, err := s.Store.HandOffs(ctx, current.Account)
	if err != nil {
		return err
	}
	for _, h := range all {
		if h.By == current.key {
			if err := s.EndHandOff(ctx, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// A code has eight of 28 signs that nobody takes for each other and that form no words: 38 bits, tried at most once for each request that the limits let
// through.
const (
	codeSigns  = "23456789BCDFGHJKMNPQRSTVWXYZ"
	CodeLength = 8 // signs
)

func newCode() string {
	const most = 256 - 256%len(codeSigns)
	code, one := make([]byte, 0, CodeLength), make([]byte, 1)
	for len(code) < CodeLength {
		_, _ = rand.Read(one) // never fails
		if int(one[0]) < most {
			code = append(code, codeSigns[int(one[0])%len(codeSigns)])
		}
	}
	return string(code)
}

// NormalizeCode returns a code without the spaces and hyphens with which people type it, in upper case.
func NormalizeCode(text string) string {
	text = strings.ToUpper(width.Narrow.String(text))
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n-–—_.", r) {
			return -1
		}
		return r
	}, text)
}
