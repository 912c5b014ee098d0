package apps_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"beian/infra/local/importer"
	"beian/infra/local/scenario"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/process/importing"
	"beian/shared/rules/number"
)

// filedTable returns a table with a website, and with an app and a mini program of the same person. The app has the website's domain, the mini program none.
func filedTable(app scenario.Application) [][]string {
	table := scenario.FiledTable(app, app, app)
	set := func(row int, key, value string) {
		table[row][slices.IndexFunc(importing.Columns(), func(c importing.Column) bool { return c.Key == key })] = value
	}
	set(2, "siteNumber", app.FiledNumber()+"-2A")
	set(2, "siteName", "木作课堂")
	set(3, "siteNumber", app.FiledNumber()+"-3X")
	set(3, "siteName", "木作商店")
	set(3, "domains", "")
	return table
}

func csvOf(t *testing.T, table [][]string) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := csv.NewWriter(&file).WriteAll(table); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func workbookOf(t *testing.T, table [][]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range table {
		for k, value := range row {
			cell, err := excelize.CoordinatesToCellName(k+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellStr("Sheet1", cell, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	var file bytes.Buffer
	if err := f.Write(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestImportedApps: numbers with a letter are imported from CSV and XLSX, and the register's search finds an app by its domain. An app may have the domain
// of another subject's website.
func TestImportedApps(t *testing.T) {
	first := scenario.Invented(3690)
	second := scenario.Invented(3691)
	second.Open["domains"] = []string{"app-3691-example.com"}
	for _, c := range []struct {
		app     scenario.Application
		name    string
		content func(*testing.T, [][]string) []byte
	}{{first, "register.csv", csvOf}, {second, "register.xlsx", workbookOf}} {
		table := filedTable(c.app)
		if c.name == "register.xlsx" { // its website and its app: the app has the domain of the first subject's website
			table[2][slices.IndexFunc(importing.Columns(), func(c importing.Column) bool { return c.Key == "domains" })] = "invented-3690-example.com"
		}
		file := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(file, c.content(t, table), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		i := importer.Importer{Operator: admin, Language: "en", Out: &out}
		s, err := i.Run(t.Context(), file, "", nil)
		if err != nil || s.Subjects[importing.Created] != 1 || s.Rows != 3 || len(s.Blocking()) > 0 {
			t.Fatalf("%s: %+v, %v\n%s", c.name, s, err, out.String())
		}
		found, err := admin.SearchRegister(t.Context(), map[string]string{"number": c.app.FiledNumber()})
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %d filings with the number, %v", c.name, len(found), err)
		}
	}
	for domain, want := range map[string][]string{
		"invented-3690-example.com": {first.FiledNumber(), second.FiledNumber()},
		"app-3691-example.com":      {second.FiledNumber()},
		"nothing-3690-example.com":  nil,
	} {
		found, err := reviewer.SearchRegister(t.Context(), map[string]string{"domain": domain})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Number.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is of %q, want %q", domain, got, want)
		}
	}
	if n, err := number.ParseFiling(first.FiledNumber() + "-3X"); err != nil || n.Service != number.MiniProgram {
		t.Errorf("%v, %v", n, err)
	}
}

// TestBadApp: everything that is wrong with the data of an app is found at once, with the place of each, and an icon above 100 KB is refused.
func TestBadApp(t *testing.T) {
	ctx := t.Context()
	j := start(t, scenario.Invented(3693))
	app := j.app.AsApp("app")
	o, err := j.applicant.OpenOrder(ctx, app)
	j.must(err)
	j.id = o.ID
	_, err = j.applicant.AwaitStep(ctx, j.id, filing.VerifyProduct)
	j.must(err)
	j.must(j.applicant.ChooseServer(ctx, j.id, app.Server.ID))
	right := app.Details.Sites[0]["app"]
	app.Details.Sites[0]["app"] = map[string]any{"hosts": []string{"localhost", "api.other-example.com", "a.b.c.invented-3693-example.com"}, "platforms": []map[string]any{
		{"system": "android", "package": "notes.apk 1", "publicKey": "0123", "fingerprint": strings.Repeat("0b", 20)}, // a SHA-1, which is that of iOS
		{"system": "ios", "package": "cn.example.notes", "fingerprint": "MD5"},
		{"system": "symbian"},
		{"system": "other", "package": "cn.example.notes", "publicKey": strings.Repeat("0f", 32), "fingerprint": strings.Repeat("0a", 16)},
	}}
	const at = " /sites/0/app/"
	systemtest.WantProblem(t, j.applicant.EnterDetails(ctx, j.id, app.Details), 422,
		"app-package-malformed"+at+"platforms/0/package", "app-public-key-malformed"+at+"platforms/0/publicKey", "app-fingerprint-malformed"+at+"platforms/0/fingerprint",
		"app-public-key-missing"+at+"platforms/1/publicKey", "app-fingerprint-malformed"+at+"platforms/1/fingerprint",
		"app-platform-unknown"+at+"platforms/2/system", "app-platform-name-missing"+at+"platforms/3/name",
		"app-host-malformed"+at+"hosts/0", "app-host-of-other-domain"+at+"hosts/1", "app-host-level"+at+"hosts/2")
	app.Details.Sites[0]["app"] = right
	app.Details.Sites[0]["name"] = "官方APP" // generic, which is a warning
	j.must(j.applicant.EnterDetails(ctx, j.id, app.Details))
	o, err = j.applicant.Order(ctx, j.id)
	j.must(err)
	if !o.Findings.Has("app-name-not-distinctive") || o.Findings.Blocking() {
		t.Errorf("findings %v", o.Findings)
	}
	icon := scenario.SampleIcon(512)
	large := append(slices.Clone(icon), make([]byte, 101<<10)...) // bytes after the picture
	err = j.applicant.Upload(ctx, j.id, map[string][]byte{"sites/0/app-icon": large}, "image/jpeg")
	systemtest.WantProblem(t, err, 422, "icon-too-large /evidence/sites~10~1app-icon")
}
