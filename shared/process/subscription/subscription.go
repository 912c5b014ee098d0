// Package subscription keeps the endpoints that get events (package event), and says when a delivery to one is tried again.
//
//	endpoint, err := service.Add(ctx, subscription.Edit{URL: "https://…", Types: []event.Type{event.OrderApproved}})
//	next := delivery.After(result, now, jitter)
//
// All endpoints are one value with a version, so that a change of one cannot lose that of another, and a commit knows by one read whether an
// event has a subscriber.
package subscription

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/process/event"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/text"
)

// Findings about endpoints.
const (
	CodeURL         finding.Code = "webhook-url"         // not an https URL
	CodeURLPrivate  finding.Code = "webhook-url-private" // not on the public internet
	CodeURLUsed     finding.Code = "webhook-url-used"
	CodeLimit       finding.Code = "webhook-limit"
	CodeDescription finding.Code = "webhook-description"
	CodeType        finding.Code = "webhook-type"
)

// Limits.
const (
	MaxEndpoints   = 20
	maxURL         = 1024 // bytes
	maxDescription = 100  // characters
	// Overlap is how long the secret before the newest still signs.
	Overlap = 24 * time.Hour
)

// ErrUnknown is returned for an endpoint or a delivery that does not exist.
var ErrUnknown = fault.New(fault.NotFound, "没有这个接收地址或这条推送。", "There is no such endpoint or delivery.")

// A Secret signs the events to an endpoint: "whsec_" and base64. It redacts itself.
type Secret string

// Format writes [redacted].
func (Secret) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Secret) LogValue() slog.Value { return person.RedactedValue() }

// Reveal returns the secret as text.
func (s Secret) Reveal() string { return string(s) }

// An Endpoint is an address that gets events.
type Endpoint struct {
	ID          string       `json:"id"` // a ULID
	URL         string       `json:"url"`
	Types       []event.Type `json:"types"` // empty is all
	Description string       `json:"description,omitempty"`
	Disabled    bool         `json:"disabled,omitempty"`
	Gone        bool         `json:"gone,omitempty"` // disabled because it answered 410
	CreatedAt   time.Time    `json:"createdAt"`
	ChangedAt   time.Time    `json:"changedAt"`
	// ChangedBy is who added or changed it last; "" if it answered 410.
	ChangedBy filing.Account `json:"changedBy,omitempty"`
	Version   int            `json:"version"`
	// Secret signs. Until PreviousUntil, Previous signs too. They are stored encrypted, outside the endpoint's JSON.
	Secret        Secret    `json:"-"`
	Previous      Secret    `json:"-"`
	PreviousUntil time.Time `json:"previousUntil,omitzero"`
}

// Wants reports whether the endpoint gets events of a type.
func (e Endpoint) Wants(t event.Type) bool {
	return !e.Disabled && (len(e.Types) == 0 || slices.Contains(e.Types, t))
}

// Secrets returns the secrets that sign at a time, the newest first.
func (e Endpoint) Secrets(at time.Time) []Secret {
	if e.Previous != "" && at.Before(e.PreviousUntil) {
		return []Secret{e.Secret, e.Previous}
	}
	return []Secret{e.Secret}
}

// Endpoints are all endpoints, the oldest first, and the version of the list.
type Endpoints struct {
	List    []Endpoint
	Version int
}

// Wanted reports whether an endpoint gets one of the events.
func (l Endpoints) Wanted(events []event.Event) bool {
	return slices.ContainsFunc(l.List, func(e Endpoint) bool {
		return slices.ContainsFunc(events, func(one event.Event) bool { return e.Wants(one.Type) })
	})
}

// A Store keeps the endpoints. Package dynamo implements it.
type Store interface {
	// Endpoints returns the endpoints with their secrets.
	Endpoints(ctx context.Context) (Endpoints, error)
	// PutEndpoints stores the next version of the endpoints with the change that makes it. The error is a fault of kind Stale if it was stored before.
	PutEndpoints(ctx context.Context, next Endpoints, by Change) error
	// Changes lists the changes of the last three years, the newest first. next is "" on the last page.
	Changes(ctx context.Context, cursor string, limit int) (page []Change, next string, err error)
}

// A Service changes the endpoints.
type Service struct {
	Store     Store
	NewSecret func() Secret
	// CheckHost returns an error for a host that is not on the public internet.
	CheckHost func(host string) error
	// Local allows http to this machine, as on the laptop, where CheckHost allows it too.
	Local bool
	Now   func() time.Time // wall clock
}

// An Edit is what an operator enters about an endpoint.
type Edit struct {
	By          filing.Account // the operator
	URL         string
	Types       []event.Type
	Description string
	Disabled    bool
}

// check normalises the edit and returns the findings about it.
func (s Service) check(e *Edit) error {
	var found finding.List
	u, err := url.Parse(e.URL)
	switch {
	case err != nil || len(e.URL) > maxURL || u.Scheme != "https" && !(s.Local && u.Scheme == "http" && isLoopback(u.Hostname())) || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		found = append(found, finding.New(CodeURL, "/url"))
	case s.CheckHost(u.Hostname()) != nil:
		found = append(found, finding.New(CodeURLPrivate, "/url"))
	}
	for i, t := range e.Types {
		if !slices.Contains(event.Types, t) {
			found = append(found, finding.New(CodeType, fmt.Sprintf("/types/%d", i)))
		}
	}
	e.Types = slices.Compact(slices.Sorted(slices.Values(e.Types)))
	e.Description = strings.TrimSpace(text.Normalize(e.Description))
	if utf8.RuneCountInString(e.Description) > maxDescription {
		found = append(found, finding.New(CodeDescription, "/description"))
	}
	if len(found) > 0 {
		return fault.WithFindings(fault.Invalid, found)
	}
	return nil
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Add adds an endpoint with a new secret. The error is a fault of kind Invalid for a wrong URL, and of kind Conflict if the URL has an endpoint or there are
// [MaxEndpoints].
func (s Service) Add(ctx context.Context, e Edit) (Endpoint, error) {
	if err := s.check(&e); err != nil {
		return Endpoint{}, err
	}
	now := s.Now().UTC()
	added := Endpoint{ID: ulid.Make().String(), URL: e.URL, Types: e.Types, Description: e.Description, Disabled: e.Disabled, CreatedAt: now, ChangedAt: now, ChangedBy: e.By, Version: 1,
		Secret: s.NewSecret()}
	err := s.update(ctx, func(l *Endpoints) (Change, error) {
		if len(l.List) >= MaxEndpoints {
			return Change{}, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeLimit, "", "most", fmt.Sprint(MaxEndpoints))})
		}
		if l.usesURL(e.URL, "") {
			return Change{}, errURLUsed()
		}
		l.List = append(slices.Clip(l.List), added)
		return Change{What: Added, Endpoint: added.ID, URL: added.URL, By: e.By}, nil
	})
	return added, err
}

func errURLUsed() error {
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeURLUsed, "/url")})
}

func (l Endpoints) usesURL(url, except string) bool {
	return slices.ContainsFunc(l.List, func(e Endpoint) bool { return e.URL == url && e.ID != except })
}

// Change replaces what was entered about an endpoint. version is the version that the operator read; 0 is any.
func (s Service) Change(ctx context.Context, id string, version int, e Edit) (Endpoint, error) {
	if err := s.check(&e); err != nil {
		return Endpoint{}, err
	}
	return s.change(ctx, id, version, e.By, func(l Endpoints, one *Endpoint) (ChangeKind, error) {
		if l.usesURL(e.URL, id) {
			return "", errURLUsed()
		}
		what := kindOf(e, *one)
		one.URL, one.Types, one.Description, one.Disabled, one.Gone = e.URL, e.Types, e.Description, e.Disabled, one.Gone && e.Disabled
		return what, nil
	})
}

// Rotate gives an endpoint a new secret. The one before still signs for [Overlap], unless it is to end at once.
func (s Service) Rotate(ctx context.Context, id string, version int, by filing.Account, endPrevious bool) (Endpoint, error) {
	return s.change(ctx, id, version, by, func(_ Endpoints, one *Endpoint) (ChangeKind, error) {
		what := NewSecret
		one.Previous, one.PreviousUntil = one.Secret, s.Now().UTC().Add(Overlap)
		if endPrevious {
			what, one.Previous, one.PreviousUntil = Leaked, "", time.Time{}
		}
		one.Secret = s.NewSecret()
		return what, nil
	})
}

// DisableGone disables an endpoint that answered 410. It is no error if the endpoint does not exist any more.
func (s Service) DisableGone(ctx context.Context, id string) error {
	_, err := s.change(ctx, id, 0, "", func(_ Endpoints, one *Endpoint) (ChangeKind, error) {
		one.Disabled, one.Gone = true, true
		return GoneFrom, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// Delete deletes an endpoint for an operator. What was not delivered to it is never delivered.
func (s Service) Delete(ctx context.Context, id string, version int, by filing.Account) error {
	return s.update(ctx, func(l *Endpoints) (Change, error) {
		i, err := l.find(id, version)
		if err != nil {
			return Change{}, err
		}
		deleted := l.List[i]
		l.List = slices.Delete(slices.Clone(l.List), i, i+1)
		return Change{What: Deleted, Endpoint: id, URL: deleted.URL, By: by}, nil
	})
}

// Endpoint returns an endpoint, or [ErrUnknown].
func (s Service) Endpoint(ctx context.Context, id string) (Endpoint, error) {
	l, err := s.Store.Endpoints(ctx)
	if err != nil {
		return Endpoint{}, err
	}
	i, err := l.find(id, 0)
	if err != nil {
		return Endpoint{}, err
	}
	return l.List[i], nil
}

func (l Endpoints) find(id string, version int) (int, error) {
	i := slices.IndexFunc(l.List, func(e Endpoint) bool { return e.ID == id })
	if i < 0 {
		return 0, ErrUnknown
	}
	if version != 0 && l.List[i].Version != version {
		return 0, &fault.Fault{Kind: fault.Stale}
	}
	return i, nil
}

func (s Service) change(ctx context.Context, id string, version int, by filing.Account, edit func(l Endpoints, one *Endpoint) (ChangeKind, error)) (changed Endpoint, err error) {
	err = s.update(ctx, func(l *Endpoints) (Change, error) {
		i, err := l.find(id, version)
		if err != nil {
			return Change{}, err
		}
		changed = l.List[i]
		what, err := edit(*l, &changed)
		if err != nil {
			return Change{}, err
		}
		changed.Version, changed.ChangedAt, changed.ChangedBy = changed.Version+1, s.Now().UTC(), by
		l.List = slices.Clone(l.List)
		l.List[i] = changed
		return Change{What: what, Endpoint: id, URL: changed.URL, By: by}, nil
	})
	return changed, err
}

// maxTries is how often a change is made again because another one was stored first.
const maxTries = 5

func (s Service) update(ctx context.Context, change func(*Endpoints) (Change, error)) error {
	for try := 1; ; try++ {
		l, err := s.Store.Endpoints(ctx)
		if err != nil {
			return err
		}
		by, err := change(&l)
		if err != nil {
			return err
		}
		l.Version++
		by.At = s.Now().UTC()
		if err = s.Store.PutEndpoints(ctx, l, by); fault.KindOf(err) != fault.Stale {
			return err
		}
		if try == maxTries {
			return fault.Contended(err)
		}
	}
}
