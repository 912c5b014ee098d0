package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beian/shared/process/sitewatch"
	"beian/shared/rules/finding"
	"beian/shared/rules/observation"
	"beian/shared/rules/webpage"
)

// TestVerifyWatch: the command needs the file and the public key, and refuses a file that was changed.
func TestVerifyWatch(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	at := time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)
	w := sitewatch.Watch{Key: sitewatch.Key{Filing: "01WATCH", Host: "example.cn"}}
	var entries []sitewatch.Entry
	for _, found := range []finding.List{{finding.New(sitewatch.NumberMissing, "/visits/0")}, nil} {
		after, _ := w.After(observation.Observation{Host: "example.cn", At: at, Visits: []observation.Visit{{Host: "example.cn", Outcome: observation.Answered, Status: 200, Page: &webpage.Page{}}}}, found)
		var e sitewatch.Entry
		var err error
		if w, e, err = after.Sign("京ICP备12345678号-1", key); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	file, err := json.Marshal(sitewatch.NewHistory(entries))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	proved := write("history.json", file)
	var out bytes.Buffer
	if err := printWatch(&out, []string{proved, public}); err != nil {
		t.Fatal(err)
	}
	want := "Proved: 2 statements about example.cn of filing 01WATCH\n" +
		"  2026-11-28 04:00:00 UTC  京ICP备12345678号-1  watch-number-missing (block, example.cn)\n" +
		"  2026-11-28 04:00:00 UTC  京ICP备12345678号-1  nothing is wrong\n"
	if out.String() != want {
		t.Errorf("%s", out.String())
	}
	for name, args := range map[string][]string{
		"no arguments": nil, "no key": {proved, ""}, "no base64": {proved, "?"}, "a short key": {proved, "AAAA"}, "another key": {proved, base64.StdEncoding.EncodeToString(make([]byte, 32))},
		"no file": {filepath.Join(t.TempDir(), "none"), public}, "changed": {write("changed.json", []byte(strings.Replace(string(file), "missing", "hidden", 1))), public},
	} {
		out.Reset()
		if err := printWatch(&out, args); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, %s", name, err, out.String())
		}
	}
}
