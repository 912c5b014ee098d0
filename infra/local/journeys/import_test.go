package journeys_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/importer"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/importing"
	"beian/shared/rules/certificate"
)

// importedTable returns a table in CSV with the applicants' sites and accounts. change changes the value of a column.
func importedTable(t *testing.T, of *journey, change func(column, value string) string) []byte {
	t.Helper()
	rows := scenario.FiledTable(of.app)
	for k, c := range importing.Columns() {
		if c.Key == "account" {
			rows[1][k] = of.applicant.Account()
		}
		rows[1][k] = change(c.Key, rows[1][k])
	}
	var file bytes.Buffer
	if err := csv.NewWriter(&file).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// importTable imports a table as the operator does.
func importTable(t *testing.T, i importer.Importer, content []byte) (importer.Summary, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "register.csv")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	i.Operator, i.Language, i.Out = admin, "zh-CN", &out
	s, err := i.Run(t.Context(), file, "", nil)
	t.Log(out.String())
	return s, err
}

func unchanged(_, value string) string { return value }

// TestImport: what was filed elsewhere is imported, a dry run stores nothing, the same table again changes nothing, and the next order of the same subject
// is determined by it.
func TestImport(t *testing.T) {
	j := newJourney(t, 990)
	j.verifyContact()
	content := importedTable(t, j, unchanged)
	var filings struct {
		Items []struct{ ID, Number, Status string }
	}
	for _, c := range []struct {
		dry     bool
		want    importing.Outcome
		filings int
	}{{true, importing.Created, 0}, {false, importing.Created, 1}, {false, importing.Unchanged, 1}} {
		s, err := importTable(t, importer.Importer{Dry: c.dry}, content)
		j.must(err)
		if s.Subjects[c.want] != 1 || s.Rows != 1 {
			t.Errorf("dry %t: %v, want %s", c.dry, s, c.want)
		}
		j.must(j.applicant.Call(t.Context(), http.MethodGet, "/filings", nil, &filings))
		if len(filings.Items) != c.filings {
			t.Fatalf("dry %t: the applicant has the filings %v, want %d", c.dry, filings.Items, c.filings)
		}
	}
	if f := filings.Items[0]; f.Status != "FILED" || f.Number != j.app.FiledNumber() {
		t.Errorf("the filing is %+v", f)
	}
	o, err := j.applicant.OpenOrder(t.Context(), j.app)
	j.must(err)
	j.id = o.ID
	j.wantBlocked("nothing-to-file /domains/0")
	j.must(j.applicant.Abandon(t.Context(), j.id))
}

// TestImportConflicts: an import takes nothing from another filing, and changes one only if the operator allows it.
func TestImportConflicts(t *testing.T) {
	first, second := newJourney(t, 991), newJourney(t, 992)
	_, err := importTable(t, importer.Importer{}, importedTable(t, first, unchanged))
	first.must(err)
	for _, c := range []struct {
		name      string
		of        *journey
		overwrite bool
		change    map[string]string
		want      importing.Outcome
		findings  []string
	}{
		{"another name", first, false, map[string]string{"siteName": "木作笔记"}, importing.Differs, []string{"import-differs 2"}},
		{"the number of another", second, true, map[string]string{"siteNumber": first.app.FiledNumber() + "-2"}, importing.Refused, []string{"filing-number-taken U2"}},
		{"the domain of another", second, true, map[string]string{"domains": first.domain()}, importing.Refused, []string{"filing-domain-taken W2"}},
		{"the account of another", second, true, map[string]string{"account": first.applicant.Account()}, importing.Refused, []string{"import-account-taken AQ2"}},
		{"a site of another number", first, true, map[string]string{"siteNumber": "京ICP备19899999号-1", "domains": "other-991-example.com"}, importing.Refused,
			[]string{"import-site-of-other-subject U2"}},
		{"the filing moves", first, true, map[string]string{"account": second.applicant.Account()}, importing.Refused, []string{"import-account-other AQ2"}},
		{"a certificate in place of it", second, true, map[string]string{"subjectName": "110101199001010015"}, importing.Refused, []string{"import-column-swapped B2"}},
		{"another name, and overwrite", first, true, map[string]string{"siteName": "木作笔记"}, importing.Replaced, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := importTable(t, importer.Importer{Overwrite: c.overwrite}, importedTable(t, c.of, func(column, value string) string {
				if changed, ok := c.change[column]; ok {
					return changed
				}
				return value
			}))
			if ok := c.want == importing.Replaced; ok != (err == nil) || !ok && !errors.Is(err, importer.ErrIncomplete) {
				t.Errorf("error %v", err)
			}
			if s.Subjects[c.want] != 1 {
				t.Errorf("%v, want %s", s.Subjects, c.want)
			}
			if c.want == importing.Differs {
				if text := s.Findings[len(s.Findings)-1].Message; !strings.Contains(text.Chinese, "V2 网站名称") || !strings.Contains(text.English, "V2 Site name") {
					t.Errorf("the finding does not name the cell: %s", text.Chinese)
				}
			}
			if got := s.Blocking(); !slices.Equal(got, c.findings) {
				t.Errorf("findings %q, want %q", got, c.findings)
			}
		})
	}
}

// TestImportIDTwice: two sites of a subject cannot have one id of the ministry.
func TestImportIDTwice(t *testing.T) {
	j := newJourney(t, 9810)
	content := importedTable(t, j, func(column, value string) string {
		if column == "siteId" {
			return "9810"
		}
		return value
	})
	second := importedTable(t, j, func(column, value string) string {
		switch column {
		case "siteId":
			return "9810"
		case "siteNumber":
			return strings.TrimSuffix(value, "-1") + "-2"
		case "domains":
			return "second-9810-example.com"
		}
		return value
	})
	_, row, _ := bytes.Cut(second, []byte("\n"))
	s, err := importTable(t, importer.Importer{}, append(content, row...))
	if got := s.Blocking(); !errors.Is(err, importer.ErrIncomplete) || !slices.Equal(got, []string{"import-id-twice AS3"}) {
		t.Errorf("findings %q, %v", got, err)
	}
}

// TestImportRequired: a table with the required columns and the leader's mobile only makes a filing that we host. What it offers can begin, and a
// cancellation passes the SMS check although no certificate number of the leader is on file.
func TestImportRequired(t *testing.T) {
	j := newJourney(t, 4980)
	ctx := t.Context()
	j.verifyContact()
	table := [][]string{nil, nil}
	for key, value := range map[string]string{"subjectName": "示例导入测试有限公司", "entityKind": "企业", "certificateKind": "营业执照", "certificateNumber": creditCode(t, "91110108MA01EY4980"[:17]),
		"leaderName": "示例人", "leaderMobile": fmt.Sprint(j.app.Contact["mobile"]), "siteNumber": j.app.FiledNumber() + "-1", "siteName": "示例导入", "domains": j.domain(), "account": j.applicant.Account()} {
		table[0], table[1] = append(table[0], key), append(table[1], value)
	}
	var file bytes.Buffer
	j.must(csv.NewWriter(&file).WriteAll(table))
	s, err := importTable(t, importer.Importer{}, file.Bytes())
	j.must(err)
	warned := false
	for _, f := range s.Findings {
		warned = warned || f.Code == importing.CodeLeaderNoCertificate
	}
	if !warned {
		t.Errorf("the findings do not say that the leader has no certificate number: %v", s.Findings)
	}
	brief, err := j.applicant.FilingNumbered(ctx, j.app.FiledNumber())
	j.must(err)
	if len(brief.Sites) != 1 || len(brief.Sites[0].Accesses) != 1 || !brief.Sites[0].Accesses[0].Ours {
		t.Fatalf("the register has %+v", brief)
	}
	f, err := j.applicant.Filing(ctx, register.ID(brief.ID))
	j.must(err)
	if want := []filing.Type{filing.AddSiteOwn, filing.AddAccess, filing.ChangeFiling, filing.CancelAccess, filing.CancelSubject, filing.CancelSite, filing.SubmitEvidence}; !sameTypes(f.Next, want) {
		t.Errorf("next is %+v", f.Next)
	}
	again, err := importTable(t, importer.Importer{}, file.Bytes())
	j.must(err)
	if again.Subjects[importing.Unchanged] != 1 {
		t.Errorf("the same table again: %v", again.Subjects)
	}
	j.cancel(brief, filing.CancelSubject)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	mobile := fmt.Sprint(j.app.Contact["mobile"])
	j.must(j.applicant.AnswerSMS(ctx, j.id, mobile, j.awaitCode(mobile), ""))
	if o, err := j.applicant.Order(ctx, j.id); err != nil || o.Status == filing.SMSPending {
		t.Errorf("after the answer the order is %s, %v", o.Status, err)
	}
}

// creditCode returns the unified credit code that begins with 17 characters.
func creditCode(t *testing.T, characters string) string {
	t.Helper()
	for _, digit := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		code := certificate.Number(characters + string(digit))
		if len(certificate.Check(certificate.BusinessLicence, code, time.Now())) == 0 {
			return code.Reveal()
		}
	}
	t.Fatalf("%s begins no credit code", characters)
	return ""
}
