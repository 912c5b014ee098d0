package sitewatch_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"beian/shared/process/sitewatch"
)

// historyOf returns a history with n statements, and the keys.
func historyOf(t *testing.T, n int) ([]sitewatch.Entry, ed25519.PrivateKey) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	w := sitewatch.Watch{Key: sitewatch.Key{Filing: "01WATCH", Host: site}}
	var entries []sitewatch.Entry
	for i := range n {
		html := footer
		if i%2 == 0 {
			html = "没有备案号"
		}
		o := seen(html)
		after, changed := w.After(o, sitewatch.Judge(filed(), o))
		if !changed {
			t.Fatal("nothing changed")
		}
		after, e, err := after.Sign("京ICP备12345678号-1", key)
		if err != nil {
			t.Fatal(err)
		}
		w = after
		entries = append(entries, e)
	}
	return entries, key
}

func exported(t *testing.T, entries []sitewatch.Entry) []byte {
	t.Helper()
	file, err := json.MarshalIndent(sitewatch.NewHistory(entries), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestVerify: a history is proved by the file and the public key alone; any change of it is noticed.
func TestVerify(t *testing.T) {
	entries, key := historyOf(t, 4)
	public := key.Public().(ed25519.PublicKey)
	statements, err := sitewatch.Verify(exported(t, entries), public)
	if err != nil || len(statements) != 4 || len(statements[0].Findings) != 1 || len(statements[1].Findings) != 0 || statements[3].Host != site || statements[0].Digest != statements[0].Observation.Digest() {
		t.Fatalf("%+v, %v", statements, err)
	}
	_, other, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]func([]sitewatch.Entry) []byte{
		"nothing":              func([]sitewatch.Entry) []byte { return nil },
		"no JSON":              func([]sitewatch.Entry) []byte { return []byte("<html>") },
		"another format":       func([]sitewatch.Entry) []byte { return []byte(`{"format":"x","entries":[]}`) },
		"no entries":           func([]sitewatch.Entry) []byte { return exported(t, nil) },
		"the first is missing": func(e []sitewatch.Entry) []byte { return exported(t, e[1:]) },
		"one is missing":       func(e []sitewatch.Entry) []byte { return exported(t, append(e[:1:1], e[2:]...)) },
		"two are exchanged":    func(e []sitewatch.Entry) []byte { return exported(t, []sitewatch.Entry{e[0], e[2], e[1], e[3]}) },
		"a text is changed": func(e []sitewatch.Entry) []byte {
			e[1].Text = strings.Replace(e[1].Text, "2026", "2025", 1)
			return exported(t, e)
		},
		"a finding is removed": func(e []sitewatch.Entry) []byte {
			e[0].Text = strings.Replace(e[0].Text, "watch-number-missing", "", 1)
			return exported(t, e)
		},
		"a signature is of another": func(e []sitewatch.Entry) []byte { e[1].Signature = e[0].Signature; return exported(t, e) },
		"a signature is no base64":  func(e []sitewatch.Entry) []byte { e[1].Signature = "?"; return exported(t, e) },
	} {
		if _, err := sitewatch.Verify(file(append([]sitewatch.Entry(nil), entries...)), public); !errors.Is(err, sitewatch.ErrNotProved) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sitewatch.Verify(exported(t, entries), other.Public().(ed25519.PublicKey)); !errors.Is(err, sitewatch.ErrNotProved) {
		t.Errorf("another key: %v", err)
	}
	if _, err := sitewatch.Verify(exported(t, entries), nil); !errors.Is(err, sitewatch.ErrNotProved) {
		t.Errorf("no key: %v", err)
	}
}

// TestAfter: which findings stand after a check.
func TestAfter(t *testing.T) {
	w := sitewatch.Watch{Key: sitewatch.Key{Filing: "01WATCH", Host: site}}
	check := func(html string, change func(*sitewatch.Filed)) (changed bool) {
		o := seen(html)
		f := filed()
		if change != nil {
			change(&f)
		}
		w, changed = w.After(o, sitewatch.Judge(f, o))
		return changed
	}
	if !check("", nil) || codesOf(w.Findings()) != "number-missing block" || w.Due.Sub(now) != sitewatch.Period {
		t.Errorf("%s, due %s", codesOf(w.Findings()), w.Due)
	}
	if check("", nil) {
		t.Error("the same twice is a change")
	}
	o := seen("")
	o.Visits[0].Status, o.Visits[0].Page = 500, nil
	for i, want := range []string{"number-missing block", "number-missing block, status block"} {
		if w, _ = w.After(o, sitewatch.Judge(filed(), o)); codesOf(w.Findings()) != want {
			t.Errorf("check %d of a failing server: %s", i, codesOf(w.Findings()))
		}
		if i == 0 && w.Due.Sub(now) != sitewatch.Recheck {
			t.Errorf("due %s", w.Due)
		}
	}
	if !check(footer, nil) || len(w.Open) != 0 {
		t.Errorf("%s", codesOf(w.Findings()))
	}
}

// TestSettings: settings are read strictly, and written as they are read.
func TestSettings(t *testing.T) {
	for text, ok := range map[string]bool{
		"": true, "{}": true, `{"visits":"off"}`: true, `{"ours":["8.130.0.0/16","2400:3200::/32"],"never":["8.131.1.0/24"]}`: true,
		`{"visits":"sometimes"}`: false, `{"ours":["8.130.0.1/16"]}`: false, `{"ours":["8.130.0.0"]}`: false, `{"more":1}`: false, `{"visits":"off"} x`: false,
		`{"visits":"off","visits":""}`: false, `null`: true, `[`: false,
	} {
		s, err := sitewatch.ParseSettings(text)
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
		if again, err := sitewatch.ParseSettings(s.Text()); ok && (err != nil || again.Text() != s.Text()) {
			t.Errorf("%s: %+v, %v", text, again, err)
		}
	}
	s, err := sitewatch.ParseSettings(`{"ours":["8.130.0.0/16","2400:3200::/32"]}`)
	if err != nil {
		t.Fatal(err)
	}
	if r := s.OurRanges(); r[0].Last.String() != "8.130.255.255" || r[1].Last.String() != "2400:3200:ffff:ffff:ffff:ffff:ffff:ffff" {
		t.Errorf("%v", r)
	}
}

// FuzzVerify: a hostile file is refused.
func FuzzVerify(f *testing.F) {
	f.Add([]byte(`{"format":"beian-site-watch-1","entries":[{"statement":"{}","signature":""}]}`))
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	f.Fuzz(func(t *testing.T, file []byte) {
		if s, err := sitewatch.Verify(file, key); err == nil {
			t.Errorf("%+v", s)
		}
	})
}
