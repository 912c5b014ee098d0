package filing_test

import (
	"strconv"
	"strings"
	"testing"

	"beian/shared/filing"
)

// kindTable is icp-filing 2.1 and 2.3, written down by hand: a column for each kind. M: must be filled in. P: prefilled, and stays. C: the full block, of
// which the applicant changes what has changed. R: number or id only. A dash: not part of the application. SMS: who answers a code, since 2020-08-17
// and before, where the province had codes. Scene is whether the founding page lists it for phones (S4).
const kindTable = `
row                  | FIRST | ADD_SITE_FOREIGN | ADD_SITE_OWN | ADD_ACCESS_FOREIGN | ADD_ACCESS | CHANGE   | CANCEL_ACCESS | CANCEL_SUBJECT | CANCEL_SITE | SUBMIT_EVIDENCE
operation            | 1     | 2                | 2            | 3                  | 3          | 4        | 5             | 6              | 7           | 35
message              | XZBA  | XZWZ             | XZWZ         | XZJR               | XZJR       | BGBA     | ZXBA          | ZXBA           | ZXBA        | XZHYD
type chosen          | -     | -                | -            | -                  | -          | yes      | yes           | yes            | yes         | yes
product verification | M     | M                | M            | M                  | M          | C        | -             | -              | -           | -
subject data         | M     | M                | P            | M                  | P          | C        | -             | R              | -           | R
subject evidence     | M     | M                | -            | M                  | -          | affected | -             | -              | -           | chosen
site data            | M     | M                | M            | P                  | P          | C        | R             | R              | R           | R
site evidence        | M     | M                | M            | M                  | M          | affected | -             | -              | -           | chosen
liveness             | M     | M                | M            | M                  | M          | affected | -             | -              | -           | -
access data          | M     | M                | M            | M                  | M          | C        | R             | -              | -           | -
reason code          | -     | -                | -            | -                  | -          | -        | M             | M              | M           | -
resolution           | off   | off              | off          | on                 | on         | on       | any           | any            | any         | any
SMS                  | all   | sites            | sites        | sites              | sites      | affected | -             | subject        | sites       | -
SMS before           | all   | sites            | sites        | sites              | sites      | affected | -             | -              | -           | -
bureau's numbers     | yes   | yes              | yes          | yes                | yes        | yes      | -             | -              | -           | -
scene                | yes   | yes              | yes          | yes                | yes        | -        | yes           | yes            | yes         | -
`

// kindDeviations are the cells in which Beian differs from the table, with what it has instead.
var kindDeviations = map[string]string{
	// P would need data that only the other provider has: the applicant enters them, and the bureau gets the site's number.
	"site data of ADD_ACCESS_FOREIGN": "M",
	// The founding page does not list documents on their own. They are photographed, as all papers are (S2).
	"scene of SUBMIT_EVIDENCE": "yes",
}

// kindCells returns what a kind has in each row of the table, in the words of the table.
func kindCells(k filing.Kind) map[string]string {
	has := map[filing.Step]bool{}
	for _, s := range k.Steps() {
		has[s] = true
	}
	block := map[filing.Block]string{filing.Asked: "M", filing.Fixed: "P", filing.Editable: "C", filing.Reference: "R", filing.Absent: "-"}
	cells := map[string]string{
		"operation": strconv.FormatInt(k.Operation, 10), "message": k.Document, "type chosen": yes(k.Begins == filing.AtFiling),
		"subject data": block[k.Subject], "site data": block[k.Sites], "access data": block[k.Access],
		"resolution":       map[filing.Website]string{filing.Closed: "off", filing.Reachable: "on", filing.AnyWebsite: "any"}[k.Website],
		"bureau's numbers": yes(!k.ByResult), "scene": yes(k.Phone), "liveness": "-", "product verification": "-", "reason code": "-", "SMS before": "-",
	}
	evidence := map[filing.Documents][2]string{filing.AllDocuments: {"M", "M"}, filing.SiteDocuments: {"-", "M"}, filing.AffectedDocuments: {"affected", "affected"},
		filing.ChosenDocuments: {"chosen", "chosen"}, filing.NoDocuments: {"-", "-"}}[k.Documents]
	cells["subject evidence"], cells["site evidence"] = evidence[0], evidence[1]
	if has[filing.VerifyAuthenticity] {
		cells["liveness"] = evidence[1]
	}
	if has[filing.VerifyProduct] {
		cells["product verification"] = block[k.Access]
	}
	if k.Cancels != "" {
		cells["reason code"] = "M"
	}
	cells["SMS"] = map[filing.CodeRecipients]string{filing.AllLeaders: "all", filing.SiteLeaders: "sites", filing.AffectedLeaders: "affected", filing.SubjectOnly: "subject",
		filing.NoCodes: "-"}[k.Codes]
	if has[filing.VerifySMS] != (cells["SMS"] != "-") {
		cells["SMS"] = "a step without codes, or codes without a step"
	}
	switch k.CodesSince {
	case "":
		cells["SMS before"] = cells["SMS"]
	case "2020-08-17":
	default:
		cells["SMS before"] = "until " + string(k.CodesSince)
	}
	return cells
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "-"
}

// TestKindTable compares each kind of application with the independent table in each cell, and what the rows have in common with the steps (S4,
// S18, S25 to S29).
func TestKindTable(t *testing.T) {
	var header []string
	rows, deviated := map[string][]string{}, map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(kindTable)) {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if header == nil {
			header = cells
		} else {
			rows[cells[0]] = cells
		}
	}
	if len(header)-1 != len(filing.Kinds) {
		t.Errorf("the table has %d kinds, and filing.Kinds %d", len(header)-1, len(filing.Kinds))
	}
	for column, name := range header[1:] {
		k, ok := filing.KindOf(filing.Type(name))
		if !ok {
			t.Errorf("%s is no kind", name)
			continue
		}
		got := kindCells(k)
		if len(got) != len(rows) {
			t.Fatalf("the table has %d rows, and %d are compared", len(rows), len(got))
		}
		for row, cells := range rows {
			want, cell := cells[column+1], row+" of "+name
			if other, ok := kindDeviations[cell]; ok {
				deviated[cell] = other != want
				want = other
			}
			if got[row] != want {
				t.Errorf("%s: %q, want %q", cell, got[row], want)
			}
		}
	}
	for cell := range kindDeviations {
		if !deviated[cell] {
			t.Errorf("%s does not deviate", cell)
		}
	}
}
