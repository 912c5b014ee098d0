package dynamo_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/shared/filing"
	"beian/shared/process/session"
)

// sessions: a cookie finds its session until it is idle or old, or ended, alone or with all of its account. The table shows neither cookie nor claim.
func sessions(t *testing.T, d *fixture) {
	now := d.Wall()
	s := session.Sessions{Store: d.Store, Now: func() time.Time { return now }}
	begin := func(account filing.Account) string {
		t.Helper()
		cookie, err := s.Begin(t.Context(), account, map[string]string{"sub": string(account), "phone_number": "+8613900000077"})
		if err != nil {
			t.Fatal(err)
		}
		return cookie
	}
	ended := func(cookie string) {
		t.Helper()
		if _, err := s.Read(t.Context(), cookie); !errors.Is(err, session.ErrEnded) {
			t.Errorf("the session goes on: %v", err)
		}
	}
	first, second, other := begin("account-1"), begin("account-1"), begin("account-2")
	current, err := s.Read(t.Context(), first)
	if err != nil || current.Account != "account-1" || current.Claims["phone_number"] != "+8613900000077" {
		t.Fatalf("account %q: %v", current.Account, err)
	}
	rows, err := d.sdk.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(d.Table)})
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(first, ".")
	if text := fmt.Sprint(rows.Items); strings.Contains(text, "13900000077") || strings.Contains(text, secret) {
		t.Error("the table shows a claim or the secret of a cookie")
	}
	for _, wrong := range []string{"", ".", "x", first + "A", strings.Replace(first, ".", ".A", 1), strings.Split(other, ".")[0] + "." + secret, "\x00." + secret,
		base64.RawURLEncoding.EncodeToString([]byte("account-1#SESSION")) + "." + secret, base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("a", 4000))) + "." + secret} {
		ended(wrong)
	}
	for range 3 { // used all the time
		now = now.Add(session.Idle - time.Minute)
		if _, err := s.Read(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	ended(second) // idle
	if err := s.End(t.Context(), current); err != nil {
		t.Fatal(err)
	}
	ended(first)
	first, second, other = begin("account-1"), begin("account-1"), begin("account-2")
	if err := s.EndAll(t.Context(), "account-1"); err != nil {
		t.Fatal(err)
	}
	ended(first)
	ended(second)
	if _, err := s.Read(t.Context(), other); err != nil {
		t.Errorf("the session of another account: %v", err)
	}
	for began := now; now.Sub(began) < session.Lifetime; now = now.Add(session.Idle / 2) {
		if _, err := s.Read(t.Context(), other); err != nil {
			t.Fatalf("after %s: %v", now.Sub(began), err)
		}
	}
	ended(other) // old, although it was used

	typed := session.Typed{Path: "/orders/01EXAMPLE1/subject", Fields: map[string][]string{"/subject/address": {"示例街3号"}}}
	kept, err := s.Keep(t.Context(), typed)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Take(t.Context(), kept)
	if err != nil || got.Path != typed.Path || got.Fields["/subject/address"][0] != "示例街3号" {
		t.Errorf("typed: %v, %v", got.Path, err)
	}
	if _, err := s.Take(t.Context(), kept); !errors.Is(err, session.ErrEnded) {
		t.Errorf("taken twice: %v", err)
	}
	late, err := s.Keep(t.Context(), typed)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(session.KeepTyped)
	if _, err := s.Take(t.Context(), late); !errors.Is(err, session.ErrEnded) {
		t.Errorf("taken after %s: %v", session.KeepTyped, err)
	}
}
