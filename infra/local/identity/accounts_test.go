package identity

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var testClient = client{ID: "device"}

func openAccounts(t *testing.T, folder string) *Issuer {
	t.Helper()
	i, err := Open(Config{Folder: folder, Issuer: "http://127.0.0.1/identity", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// subOf logs in and returns the account's sub.
func subOf(t *testing.T, i *Issuer, address string) string {
	t.Helper()
	code, _, err := i.newCode(login{text: address}, testClient)
	if err != nil {
		t.Fatal(err)
	}
	a, err := i.redeem(login{text: address}, testClient, code)
	if err != nil {
		t.Fatal(err)
	}
	return a.Sub
}

// TestAccountsAreAppended: accounts outlive a restart, an incomplete last line and the files of an earlier version. A login writes as much with
// many accounts as with one.
func TestAccountsAreAppended(t *testing.T) {
	folder := t.TempDir()
	i := openAccounts(t, folder)
	subs := map[string]string{}
	for n := range 50 {
		address := fmt.Sprintf("person-%d@example.com", n)
		subs[address] = subOf(t, i, address)
	}
	i.now(t, time.Now().Add(2*time.Hour)) // the requests for codes are forgotten
	subOf(t, i, "person-0@example.com")
	if text := read(t, folder, "accounts.json"); len(text) > 1000 {
		t.Errorf("a login writes %d bytes: %s", len(text), text)
	}
	lines := read(t, folder, accountsFile)
	if n := bytes.Count(lines, []byte("\n")); n != 50 {
		t.Errorf("50 accounts have %d lines", n)
	}
	if err := os.WriteFile(filepath.Join(folder, accountsFile), append(lines, `{"login":"torn`...), 0o600); err != nil {
		t.Fatal(err)
	}
	i = openAccounts(t, folder)
	for address, sub := range subs {
		if got := subOf(t, i, address); got != sub {
			t.Fatalf("%s has another account after a restart", address)
		}
	}
	subOf(t, i, "new@example.com")
	openAccounts(t, folder)

	// An earlier version had the accounts in the other file.
	key := i.hmacOf("login", "person-7@example.com")
	old := fmt.Sprintf(`{"accounts":{%q:{"sub":"of-old","created":"2026-01-01T00:00:00Z"}},"pending":{}}`, key)
	err := errors.Join(os.Remove(filepath.Join(folder, accountsFile)), os.WriteFile(filepath.Join(folder, "accounts.json"), []byte(old), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	i = openAccounts(t, folder)
	subOf(t, i, "other@example.com")
	if i = openAccounts(t, folder); subOf(t, i, "person-7@example.com") != "of-old" {
		t.Error("an account of an earlier version is lost")
	}
	if err := os.WriteFile(filepath.Join(folder, accountsFile), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{Folder: folder, Issuer: "http://127.0.0.1/identity"}); err == nil || !strings.Contains(err.Error(), accountsFile+": line 1") {
		t.Errorf("a damaged line: %v", err)
	}
}

func (i *Issuer) now(t *testing.T, now time.Time) {
	before := i.config.Now
	i.config.Now = func() time.Time { return now }
	t.Cleanup(func() { i.config.Now = before })
}

func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
