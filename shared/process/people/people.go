// Package people keeps the register of the provider's staff: who reviews and operates, to which organisations they belong, when they are absent,
// and whether they may work. Roles come from the token of each request; the register records them.
//
//	person, err := register.Admit(ctx, people.Request{Account: account, Name: name, Roles: roles, TokenAt: issued})
//
// A person who is disabled, or whose sessions were ended after the token was issued, is not admitted. A process reads a person at most every [MaxAge].
package people

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// Findings about staff.
const (
	CodeDisabled      finding.Code = "staff-disabled"
	CodeSessionsEnded finding.Code = "staff-sessions-ended"
	CodeOwnEntry      finding.Code = "staff-own-entry"
	CodeAbsence       finding.Code = "staff-absence"
	CodeSubjectGone   finding.Code = "staff-subject-unknown"
)

const (
	// MaxAge is the maximum age of the person that [Register.Admit] returns, so that the operations of one page read the person once. Another process admits a
	// disabled person for that long.
	MaxAge = 2 * time.Second
	// SeenInterval is the age of the recorded last request from which the next one is recorded.
	SeenInterval = 15 * time.Minute
	// maxChanges is the number of changes that a person keeps, the newest.
	maxChanges = 20
)

// A Person is a member of staff.
type Person struct {
	Account filing.Account
	// Name is how colleagues recognise the person; Roles and Name are those of the last token.
	Name   string
	Roles  []filing.Role
	SeenAt time.Time // of the last recorded request; zero for a person who never sent one
	// Version counts the changes of Entry; 0 for a person whom no operator has edited.
	Version int
	Entry
}

// An Entry is what operators enter about a person.
type Entry struct {
	// Accounts and Subjects are those of the organisations that the person belongs to.
	Accounts []filing.Account `json:"accounts,omitempty"`
	Subjects []Subject        `json:"subjects,omitempty"`
	Absences []Absence        `json:"absences,omitempty"`
	// Disabled is when the person was locked out; zero if they may work.
	Disabled time.Time `json:"disabled,omitzero"`
	// SessionsEnded refuses tokens that were issued before it.
	SessionsEnded time.Time `json:"sessionsEnded,omitzero"`
	Changes       []Change  `json:"changes,omitempty"` // newest last
}

// A Subject is a subject of an organisation, known by the keyed hash of its certificate number.
type Subject struct {
	ID    string    `json:"id"`
	Key   string    `json:"key"`             // as [filing.Order.SubjectKey]
	Label string    `json:"label,omitempty"` // by which operators recognise it
	Added time.Time `json:"added"`
}

// An Absence has the first and the last day on which a person is away, Shanghai time.
type Absence struct {
	From workday.Date `json:"from"`
	To   workday.Date `json:"to"`
}

// A Change says that an operator changed a person's entry. What names the fields, not their values.
type Change struct {
	At   time.Time      `json:"at"`
	By   filing.Account `json:"by"`
	What []string       `json:"what"`
}

// IsAbsent reports whether the person is away on a day.
func (p Person) IsAbsent(day workday.Date) bool {
	return slices.ContainsFunc(p.Absences, func(a Absence) bool { return a.From <= day && day <= a.To })
}

// Affiliation returns the accounts and subjects of the person's organisations; nil if there are none.
func (p Person) Affiliation() *filing.Affiliation {
	if len(p.Accounts) == 0 && len(p.Subjects) == 0 {
		return nil
	}
	a := &filing.Affiliation{Accounts: p.Accounts}
	for _, s := range p.Subjects {
		a.SubjectKeys = append(a.SubjectKeys, s.Key)
	}
	return a
}

// A Store keeps people. Package dynamo implements it.
type Store interface {
	// Person returns a person; one with only the account if there is none.
	Person(ctx context.Context, account filing.Account) (Person, error)
	// People returns all people by account.
	People(ctx context.Context) ([]Person, error)
	// PutEntry replaces the entry of a person whose version is p.Version, and increases the version. If it has another one, the error is a fault of kind Stale.
	PutEntry(ctx context.Context, p Person) error
	// RecordSeen stores name, roles and time of a request.
	RecordSeen(ctx context.Context, p Person) error
	// EndSessions ends all sessions of an account.
	EndSessions(ctx context.Context, account filing.Account) error
}

// A Register admits and edits people. It is safe for concurrent use. A nil Register admits every caller.
type Register struct {
	Store Store
	Now   func() time.Time // the wall clock, as that of tokens
	Log   *slog.Logger

	mu    sync.Mutex
	known map[filing.Account]known
}

// known is a person who was read, and when.
type known struct {
	person Person
	at     time.Time
}

// A Request has what a token says about a member of staff.
type Request struct {
	Account filing.Account
	Name    string
	Roles   []filing.Role
	TokenAt time.Time // when the person logged in, or the token was issued; zero if the token does not say it
}

// Admit returns the person who sends a request, and records it now and then. The error is a fault of kind Forbidden for a disabled person, and of kind
// Unauthenticated for a token of an ended session. A request that cannot be recorded is admitted; one whose person cannot be read is not.
func (r *Register) Admit(ctx context.Context, q Request) (Person, error) {
	if r == nil {
		return Person{Account: q.Account, Name: q.Name, Roles: q.Roles}, nil
	}
	now := r.Now()
	k, err := r.read(ctx, q.Account, now)
	p := k.person
	switch {
	case err != nil:
		return Person{}, err
	case !p.Disabled.IsZero():
		return Person{}, fault.WithFindings(fault.Forbidden, finding.List{finding.New(CodeDisabled, "")})
	case !p.SessionsEnded.IsZero() && q.TokenAt.Before(p.SessionsEnded):
		return Person{}, fault.WithFindings(fault.Unauthenticated, finding.List{finding.New(CodeSessionsEnded, "")})
	}
	if now.Sub(p.SeenAt) < SeenInterval && p.Name == q.Name && slices.Equal(p.Roles, q.Roles) {
		return p, nil
	}
	p.Name, p.Roles, p.SeenAt = q.Name, q.Roles, now
	if err := r.Store.RecordSeen(ctx, p); err != nil {
		r.Log.WarnContext(ctx, "the last request of a member of staff was not recorded", "account", string(q.Account), "cause", err.Error())
		return p, nil
	}
	r.remember(known{p, k.at}) // the entry is as old as before
	return p, nil
}

// IsLocked reports whether a person is locked out. A nil Register locks out no account.
func (r *Register) IsLocked(ctx context.Context, account filing.Account) (bool, error) {
	if r == nil {
		return false, nil
	}
	k, err := r.read(ctx, account, r.Now())
	return !k.person.Disabled.IsZero(), err
}

// HasEnded reports whether a person is locked out, or their sessions were ended after a time. A nil Register ended none.
func (r *Register) HasEnded(ctx context.Context, account filing.Account, since time.Time) (bool, error) {
	if r == nil {
		return false, nil
	}
	k, err := r.read(ctx, account, r.Now())
	return !k.person.Disabled.IsZero() || since.Before(k.person.SessionsEnded), err
}

// read returns a person who was read at most [MaxAge] ago.
func (r *Register) read(ctx context.Context, account filing.Account, now time.Time) (known, error) {
	r.mu.Lock()
	k, ok := r.known[account]
	r.mu.Unlock()
	if age := now.Sub(k.at); ok && age >= 0 && age < MaxAge {
		return k, nil
	}
	p, err := r.Store.Person(ctx, account)
	if err != nil {
		return known{}, err
	}
	k = known{p, now}
	r.remember(k)
	return k, nil
}

func (r *Register) remember(k known) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[filing.Account]known{}
	}
	r.known[k.person.Account] = k
}

// forget makes the next request read the person.
func (r *Register) forget(account filing.Account) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, account)
}
