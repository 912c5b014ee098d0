package sweeper_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"beian/functions/sweeper"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// TestUndeliveredReminder: a reminder whose email bounces, or whose recipient the carrier refuses, leads to a finding that the contact gets no messages.
func TestUndeliveredReminder(t *testing.T) {
	for name, refused := range map[string]bool{"bounced": false, "refused": true} {
		t.Run(name, func(t *testing.T) {
			w := steptest.New(t)
			w.At(filing.FollowUp)
			id, n := register.ID(steptest.OrderID), 0
			service := &duties.Service{Store: w.Store, Registrations: w.Domains.Registrations, Now: w.Clock.Now, Log: w.Service.Log, NewID: func() string { n++; return strconv.Itoa(n) }}
			look := func() {
				t.Helper()
				w.Clock.Advance(time.Second)
				if err := service.Do(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
			look()
			w.Clock.Set(workday.DateOf(w.Clock.Now()).AddDays(4).Time().Add(10 * time.Hour)) // the first reminder of the public-security filing
			look()
			notices := entries(w, decide.SendRegisterNotice)
			if len(notices) != 1 || notices[0].Register.Kind != register.NoticeDuties {
				t.Fatalf("%d notices", len(notices))
			}
			c := &carrier{}
			if refused {
				c.err = fault.New(fault.Invalid, "地址无效。", "No such address.")
			}
			h := handler(w, c)
			h.Register, h.Duties = w.Store, service
			if _, err := h.Handle(t.Context(), sweeper.Input{}); err != nil {
				t.Fatal(err)
			}
			bounce := sweeper.Bounce{Key: strings.Replace(notices[0].ID, "#", "_", 1), Email: "0100-email"}
			if !refused {
				for _, one := range []sweeper.Bounce{bounce, bounce, {}} {
					if _, err := h.Handle(t.Context(), sweeper.Input{Bounce: &one}); err != nil {
						t.Fatal(err)
					}
				}
			}
			look()
			u, err := w.Store.Upkeep(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			f, err := w.Store.Filing(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			dead := func(d upkeep.Duty) bool { return d.Found.Code == upkeep.CodeContactDead }
			if owed := u.Duties(f, w.Clock.Now()); !slices.ContainsFunc(owed, dead) {
				t.Errorf("no finding among %v", owed)
			}
		})
	}
}
