package filing_test

import (
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// decisionTable is the table of icp-filing 2.2, apart from row 0b, for which there are no facts: the first row that matches decides. A dash
// matches both. "Shell" is yes for a subject without sites in a province that cancels it first; row 3 of other provinces has the answers of rows 4 and 5.
// The last columns are the answer, and the answer if the ministry's query does not have the subject's kind of certificate.
const decisionTable = `
row | subject filed | known to us | shell | domain filed | same subject | our access | answer            | answer if the subject was not asked for
1   | no            | -           | -     | no           | -            | -          | FIRST             | FIRST
2   | no            | -           | -     | yes          | no           | -          | of another        | nobody knows
3   | yes           | -           | yes   | no           | -            | -          | shell             | shell
4   | yes           | no          | no    | no           | -            | -          | ADD_SITE_FOREIGN  | ADD_SITE_FOREIGN
5   | yes           | yes         | no    | no           | -            | -          | ADD_SITE_OWN      | ADD_SITE_OWN
6   | yes           | no          | -     | yes          | yes          | no         | ADD_ACCESS_FOREIGN | ADD_ACCESS_FOREIGN
7   | yes           | yes         | -     | yes          | yes          | no         | ADD_ACCESS        | ADD_ACCESS
8   | yes           | -           | -     | yes          | yes          | yes        | nothing           | nothing
9   | yes           | -           | -     | yes          | no           | -          | of another        | nobody knows
`

var answers = map[string]finding.Code{"of another": filing.CodeDomainOfOther, "nobody knows": filing.CodeDomainHolder, "nothing": filing.CodeNothingToFile, "shell": filing.CodeShell}

// TestDecisionTable compares the determination with the table, for all facts that can be together (S10).
func TestDecisionTable(t *testing.T) {
	var rows [][]string
	for line := range strings.Lines(strings.TrimSpace(decisionTable)) {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	matches := func(cell string, fact bool) bool { return cell == "-" || (cell == "yes") == fact }
	seen := map[string]int{}
	for bits := range 1 << 14 {
		has := func(n int) bool { return bits>>n&1 == 1 }
		f := filing.Facts{SubjectFiled: has(0), SubjectKnown: has(1), DomainFiled: has(2), SameSubject: has(3), OurAccess: has(4), SubjectUnasked: has(5),
			SubjectBlacklisted: has(6), DomainBlacklisted: has(7), AccountBound: has(8), SubjectBound: has(9), SubjectShell: has(10), SubjectUnclaimed: has(13)}
		policy := province.ShellAddsSite
		if has(11) {
			policy = province.ShellCancelFirst
		}
		if unsure := has(12); unsure {
			policy = province.ShellUnknown
		}
		impossible := f.SameSubject && (!f.DomainFiled || !f.SubjectFiled) || f.SubjectKnown && !f.SubjectFiled || f.OurAccess && !f.DomainFiled || f.SubjectShell && !f.SubjectFiled ||
			f.SubjectUnclaimed && (!f.SubjectFiled || f.SubjectKnown || f.SubjectBound)
		if impossible {
			continue
		}
		var want string
		for _, r := range rows[1:] {
			if matches(r[1], f.SubjectFiled) && matches(r[2], f.SubjectKnown) && matches(r[3], f.SubjectShell && policy == province.ShellCancelFirst) &&
				matches(r[4], f.DomainFiled) && matches(r[5], f.SameSubject) && matches(r[6], f.OurAccess) {
				seen[r[0]]++
				want = r[7]
				if f.SubjectUnasked {
					want = r[8]
				}
				break
			}
		}
		if want == "nobody knows" && f.OurAccess { // our own records say whose domain it is
			want = "of another"
		}
		got, found := filing.Determine(f, policy)
		switch blocked := f.SubjectBlacklisted || f.DomainBlacklisted || f.AccountBound || f.SubjectBound || f.SubjectUnclaimed; {
		case blocked:
			if got != "" || !found.Blocking() {
				t.Errorf("%+v: %q with %v, want rows 0a, 0c and 0d to block", f, got, codesIn(found))
			}
		case answers[want] != "":
			if got != "" || !slices.Equal(codesIn(found), []finding.Code{answers[want]}) {
				t.Errorf("%+v: %q with %v, want %s", f, got, codesIn(found), answers[want])
			}
		default:
			unsure := f.SubjectShell && !f.DomainFiled && policy == province.ShellUnknown
			if string(got) != want || found.Blocking() || found.Has(filing.CodeShellUnsure) != unsure || len(found) > 0 != unsure {
				t.Errorf("%+v: %q with %v, want %q", f, got, codesIn(found), want)
			}
		}
	}
	if len(seen) != len(rows)-1 {
		t.Errorf("only the rows %v were reached", seen)
	}
}
