package dynamo_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/shared/process/session"
)

// handOffs: a code is used once, within ten minutes, and ends with the hand-off; the phone's session has the hand-off's limits, and ends with it.
func handOffs(t *testing.T, d *fixture) {
	now := d.Wall()
	s := session.Sessions{Store: d.Store, Now: func() time.Time { return now }}
	cookie, err := s.Begin(t.Context(), "account-h", map[string]string{"sub": "account-h", "cognito:groups": "[applicant]", "phone_number": "+8613900000077"})
	if err != nil {
		t.Fatal(err)
	}
	current, err := s.Read(t.Context(), cookie)
	if err != nil {
		t.Fatal(err)
	}
	grant := session.Grant{Order: "01EXAMPLE1", Step: session.Papers}
	offer := func(g session.Grant) string {
		t.Helper()
		code, err := s.Offer(t.Context(), current, g, "example.com")
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	state := func(code string, want session.State) {
		t.Helper()
		if _, got, err := s.Find(t.Context(), code); err != nil || got != want {
			t.Errorf("the code is %s (%v), want %s", got, err, want)
		}
	}
	accept := func(code string) string {
		t.Helper()
		phone, h, err := s.Accept(t.Context(), code)
		if err != nil || h.Grant != grant {
			t.Fatalf("%+v: %v", h.Grant, err)
		}
		return phone
	}
	ended := func(cookie string) {
		t.Helper()
		if _, err := s.Read(t.Context(), cookie); !errors.Is(err, session.ErrEnded) {
			t.Errorf("the session goes on: %v", err)
		}
	}

	code := offer(grant)
	state(" "+strings.ToLower(code[:4])+"-"+code[4:], session.Open)
	for _, wrong := range []string{"", "23456789", code + "2", "02345678", strings.Repeat("2", 5000)} {
		state(wrong, session.Unknown)
	}
	rows, err := d.sdk.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(d.Table)})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(rows.Items); strings.Contains(text, code) {
		t.Error("the table shows the code")
	}
	phone := accept(code)
	state(code, session.Used)
	if _, _, err := s.Accept(t.Context(), code); !errors.Is(err, session.ErrEnded) {
		t.Errorf("used twice: %v", err)
	}
	onPhone, err := s.Read(t.Context(), phone)
	if err != nil || onPhone.Grant == nil || *onPhone.Grant != grant || onPhone.Claims["phone_number"] != "" || onPhone.Claims["cognito:groups"] != "[applicant]" {
		t.Errorf("the phone's session: %+v %v, %v", onPhone.Grant, len(onPhone.Claims), err)
	}
	h, err := s.Offered(t.Context(), "account-h", grant)
	if err != nil || s.State(h) != session.Used {
		t.Fatalf("%v", err)
	}
	if err := s.EndHandOff(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	ended(phone)
	state(code, session.Ended)

	raced := offer(grant)
	if h, err = s.Offered(t.Context(), "account-h", grant); err != nil {
		t.Fatal(err)
	}
	phone = accept(raced)
	if err := s.EndHandOff(t.Context(), h); err != nil { // as it was read before the phone used the code
		t.Fatal(err)
	}
	ended(phone)
	phone = accept(offer(grant))
	onPhone, err = s.Read(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	offer(grant)
	ended(phone) // another hand-off has replaced it

	first := offer(grant)
	other := session.Grant{Order: grant.Order, Step: session.Liveness}
	beside, second := offer(other), offer(grant)
	state(first, session.Ended)
	state(beside, session.Open)
	var taken atomic.Int32
	var phones sync.WaitGroup
	for range 4 { // at once
		phones.Go(func() {
			if _, _, err := s.Accept(t.Context(), second); err == nil {
				taken.Add(1)
			} else if !errors.Is(err, session.ErrEnded) {
				t.Error(err)
			}
		})
	}
	phones.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d phones used one code", taken.Load())
	}

	now = now.Add(session.CodeLifetime)
	state(beside, session.Expired)
	if _, _, err := s.Accept(t.Context(), beside); !errors.Is(err, session.ErrEnded) {
		t.Errorf("used late: %v", err)
	}
	third := offer(grant)
	phone = accept(third)
	for range 3 {
		now = now.Add(session.PhoneLifetime/4 + time.Minute)
		if _, err := s.Read(t.Context(), phone); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(session.PhoneLifetime / 4)
	ended(phone)
	if _, err := s.Offered(t.Context(), "account-h", grant); !errors.Is(err, session.ErrEnded) {
		t.Errorf("the hand-off goes on: %v", err)
	}
	phone = accept(offer(grant))
	if err := s.End(t.Context(), current); err != nil { // who logs out takes back what was handed over
		t.Fatal(err)
	}
	ended(phone)
}
