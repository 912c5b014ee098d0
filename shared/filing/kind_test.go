package filing_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/rules/number"
)

var update = flag.Bool("update", false, "write the page of the kinds")

// kindsPage is the page that TestKindsPage compares with the table.
const kindsPage = "../../.github/docs/kinds.md"

// beforeTables is the text of the page before its tables.
const beforeTables = `# Kinds of application

The tables are made from ` + "`filing.Kinds`" + `: ` + "`go test ./shared/filing -run Kinds -update`" + `. Sources: S4, S10 to S20, S25 to S29; icp-filing 2.1 and 2.3.

| Block | Meaning |
| --- | --- |
| asked | the applicant enters it |
| editable | filled in from the register, and the applicant changes it |
| fixed | filled in from the register, and stays |
| reference | the bureau gets only its number or id |
| absent | not part of the application |

Filing password: until 2020-08-17, when the ministry abolished it. The applicant enters it with ` + "`PUT /orders/{id}/filing-password`" + ` before the confirmation; the bureau checks it after the confirmation, before a reviewer decides. A wrong one returns the order at once with ` + "`filing-password-wrong`" + `; without a link to the bureau, the operator enters it into the console.
`

// TestKindsPage compares the page of the kinds with the table (S1, S4, S29).
func TestKindsPage(t *testing.T) {
	var page strings.Builder
	page.WriteString(beforeTables + "\n## What a kind asks\n\n| Kind | | Begins | Subject | Sites | Access | Documents | Liveness | Sites during the review | SMS codes | Filing password | Upload |\n" +
		strings.Repeat("| --- ", 12) + "|\n")
	for _, k := range filing.Kinds {
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s | %s | %s | %t | %s | %s | %s | %s |\n", k.Type, k.Words.Chinese, k.Begins, k.Subject, k.Sites, k.Access, k.Documents,
			k.Liveness, k.Website, k.Codes, cmp.Or(k.Password, filing.PasswordNone), k.Document)
	}
	page.WriteString("\n## Steps and channels\n\nPC and phone: the applicant goes through the step on either. Papers and liveness are taken on a phone (S2). A dash: the kind has no such step.\n\n| Step |")
	for _, k := range filing.Kinds {
		fmt.Fprintf(&page, " `%s` |", k.Type)
	}
	page.WriteString("\n" + strings.Repeat("| --- ", 1+len(filing.Kinds)) + "|\n")
	for _, s := range filing.Steps[:len(filing.Steps)-1] {
		fmt.Fprintf(&page, "| `%s` |", s)
		for _, k := range filing.Kinds {
			fmt.Fprintf(&page, " %s |", channel(k, s))
		}
		page.WriteString("\n")
	}
	page.WriteString("\n## Kinds of service\n\nSee [apps](apps.md). By hand: the ministry's interface V3.0 cannot carry the service, so an operator enters the order into the bureau's console.\n\n" +
		"| Service | | Number ends with | Sent | Filed with |\n" + strings.Repeat("| --- ", 5) + "|\n")
	for _, s := range number.Services {
		var kinds []string
		for _, k := range filing.Kinds {
			if slices.Contains(k.Services(), s) {
				kinds = append(kinds, "`"+string(k.Type)+"`")
			}
		}
		sent := "by hand"
		if !(filing.Order{Service: s}).ConsoleOnly() {
			sent = "by the interface, or by hand without a link"
		}
		fmt.Fprintf(&page, "| `%s` | %s | `-1%s` | %s | %s |\n", s.Name(), s.Words().Chinese, s, sent, strings.Join(kinds, ", "))
	}
	if *update {
		if err := os.WriteFile(kindsPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(kindsPage)
	if err != nil || string(stored) != page.String() {
		t.Errorf("kinds.md is out of date (%v); run go test ./shared/filing -run Kinds -update", err)
	}
}

// channel returns where the applicant goes through a step.
func channel(k filing.Kind, s filing.Step) string {
	switch {
	case !slices.Contains(k.Steps(), s):
		return "–"
	case s == filing.CollectEvidence, s == filing.VerifyAuthenticity:
		return "phone"
	case s == filing.MailDocuments, s == filing.VerifySMS:
		return "PC, phone: if required"
	case !s.IsApplicantStep():
		return "system, staff or bureau"
	case !k.Phone:
		return "PC"
	}
	return "PC, phone"
}

// TestKinds: the rows of the table contradict neither themselves nor each other.
func TestKinds(t *testing.T) {
	seen := map[filing.Type]bool{}
	for _, k := range filing.Kinds {
		if found, ok := filing.KindOf(k.Type); !ok || found.Type != k.Type || seen[k.Type] {
			t.Errorf("%s is not found, or is there twice", k.Type)
		}
		seen[k.Type] = true
		if k.Words.Chinese == "" || k.Words.English == "" || k.Subject == "" || k.Sites == "" || k.Access == "" || k.Documents == "" || k.Website == "" || k.Codes == "" {
			t.Errorf("%s lacks a column", k.Type)
		}
		if k.Liveness && k.Documents == filing.NoDocuments {
			t.Errorf("%s compares a face without a portrait", k.Type)
		}
		steps := k.Steps()
		if !slices.Contains(steps, filing.AwaitConfirmation) || !slices.Contains(steps, filing.InitialReview) || !slices.Contains(steps, filing.Announce) {
			t.Errorf("%s goes through %v", k.Type, steps)
		}
	}
}
