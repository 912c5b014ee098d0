package cards_test

import (
	_ "embed"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"beian/functions/portal"
	"beian/infra/local/browser"
	"beian/infra/local/cards"
)

//go:embed testdata/sheets.js
var sheets string

// TestJudge (S3): the page finds each fault of a photograph before it is sent, and gives no advice about good ones, or about forms and letters. Package bench judges more photographs.
func TestJudge(t *testing.T) {
	server := cards.Serve(os.DirFS(t.TempDir()))
	defer server.Close()
	chromium, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer chromium.Close()
	page, err := chromium.NewPage(browser.Phone)
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Visit(server.URL); err != nil {
		t.Fatal(err)
	}
	address, err := portal.AssetAddress("judge.js")
	if err != nil {
		t.Fatal(err)
	}
	said, err := browser.Evaluate[string](page, "("+strings.TrimSpace(sheets)+`)("`+address+`")`)
	if err != nil {
		t.Fatal(err)
	}
	var faults map[string]string
	if err := json.Unmarshal([]byte(said), &faults); err != nil || len(faults) != 12 {
		t.Fatalf("%q: %v", said, err)
	}
	for name, fault := range faults {
		if fault != "" {
			t.Errorf("%s: %s", name, fault)
		}
	}

	samples, taken := cards.Samples(), map[string]int{}
	var few []cards.Sample
	for _, s := range samples {
		limit := 1
		if s.Want == "" {
			limit = 8
		}
		if taken[s.Want]++; taken[s.Want] <= limit {
			few = append(few, s)
		}
	}
	if len(taken) != 7 {
		t.Errorf("faults: %v", taken)
	}
	score, err := cards.JudgeAll(page, few)
	if err != nil {
		t.Fatal(err)
	}
	if len(score.Wrong) > 0 || score.GoodPassed != 8 || score.BadNamed != 6 {
		t.Errorf("%+v", score)
	}
}
