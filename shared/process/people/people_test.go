package people_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/process/people"
	"beian/shared/rules/fault"
)

// A table is a store that counts what it is asked for, and fails where it should.
type table struct {
	people.Store
	person         people.Person
	reads, seen    int
	ended          int
	broken, frozen bool // reading, recording fails
}

var errTable = fault.Wrap(fault.Unavailable, errors.New("the table is unavailable"))

func (t *table) Person(_ context.Context, account filing.Account) (people.Person, error) {
	if t.reads++; t.broken {
		return people.Person{}, errTable
	}
	t.person.Account = account
	return t.person, nil
}

func (t *table) RecordSeen(_ context.Context, p people.Person) error {
	if t.seen++; t.frozen {
		return errTable
	}
	t.person.Name, t.person.Roles, t.person.SeenAt = p.Name, p.Roles, p.SeenAt
	return nil
}

func (t *table) PutEntry(_ context.Context, p people.Person) error {
	t.person.Entry, t.person.Version = p.Entry, p.Version+1
	return nil
}

func (t *table) EndSessions(context.Context, filing.Account) error { t.ended++; return nil }

// TestAdmit: the operations of a page read a person once, and record a request every 15 minutes; a person who cannot be read is refused, one who cannot be recorded is not.
func TestAdmit(t *testing.T) {
	now := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	store := &table{}
	r := &people.Register{Store: store, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	request := people.Request{Account: "r1", Name: "r", Roles: []filing.Role{filing.Reviewer}, TokenAt: now}
	admit := func(want fault.Kind) {
		t.Helper()
		if _, err := r.Admit(t.Context(), request); fault.KindOf(err) != want {
			t.Errorf("%v, want kind %v", err, want)
		}
	}
	none := fault.KindOf(nil)
	for range 5 {
		admit(none)
	}
	if store.reads != 1 || store.seen != 1 {
		t.Errorf("%d reads and %d writes of one page, want one of each", store.reads, store.seen)
	}
	now = now.Add(people.SeenInterval)
	store.frozen = true
	admit(none)
	if store.seen != 2 {
		t.Errorf("%d writes after 15 minutes, want 2", store.seen)
	}
	now = now.Add(people.MaxAge)
	store.broken = true
	admit(fault.Unavailable)
	store.broken, store.frozen = false, false

	lock := true
	for range 2 { // a repetition completes an edit that was interrupted
		if _, err := r.Change(t.Context(), "a1", "r1", 0, people.Edit{Disabled: &lock}); err != nil {
			t.Fatal(err)
		}
	}
	admit(fault.Forbidden)
	if store.ended != 2 || store.person.Version != 1 {
		t.Errorf("sessions ended %d times, version %d", store.ended, store.person.Version)
	}
	lock = false
	if _, err := r.Change(t.Context(), "a1", "r1", 1, people.Edit{Disabled: &lock, EndSessions: true}); err != nil {
		t.Fatal(err)
	}
	admit(fault.Unauthenticated)
	request.TokenAt = now.Add(time.Second)
	admit(none)
	if _, err := (*people.Register)(nil).Admit(t.Context(), request); err != nil {
		t.Error("without a register:", err)
	}
}

// TestLockedWithTwoTokens: recording a request does not lengthen the time for which a person is not read again. Else a person with two tokens of different names,
// such as an ID token and an access token, could use them in turn and never notice that they were locked out.
func TestLockedWithTwoTokens(t *testing.T) {
	now := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	store := &table{}
	r := &people.Register{Store: store, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	send := func(name string) error {
		now = now.Add(people.MaxAge / 2)
		_, err := r.Admit(t.Context(), people.Request{Account: "r1", Name: name, Roles: []filing.Role{filing.Reviewer}, TokenAt: now})
		return err
	}
	if err := send("r1@provider.example"); err != nil {
		t.Fatal(err)
	}
	store.person.Disabled = now // by another process
	for range 3 {
		if err := errors.Join(send("r1"), send("r1@provider.example")); fault.KindOf(err) == fault.Forbidden {
			return
		}
	}
	t.Error("the locked person is still admitted after three times the maximum age")
}

// TestAbsences: the first and the last day of an absence belong to it.
func TestAbsences(t *testing.T) {
	p := people.Person{Entry: people.Entry{Absences: []people.Absence{{From: "2026-12-01", To: "2026-12-03"}}}}
	if p.IsAbsent("2026-11-30") || !p.IsAbsent("2026-12-01") || !p.IsAbsent("2026-12-03") || p.IsAbsent("2026-12-04") {
		t.Error("the days of an absence are wrong")
	}
}
