package importing_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"beian/shared/process/importing"
	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
)

// templateTable returns the header and the example of the template.
func templateTable(t testing.TB) (header, example []string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(importing.Template()), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("the template: %d rows, %v", len(rows), err)
	}
	return rows[0], rows[1]
}

func with(t testing.TB, row []string, values map[string]string) []string {
	t.Helper()
	row = slices.Clone(row)
	for key, value := range values {
		k := slices.IndexFunc(importing.Columns(), func(c importing.Column) bool { return c.Key == key })
		if k < 0 {
			t.Fatalf("there is no column %s", key)
		}
		row[k] = value
	}
	return row
}

// places returns the findings on a table as "code cell", sorted.
func places(table *importing.Table) []string {
	found := slices.Clone(table.Findings)
	for _, s := range table.Subjects {
		found = append(found, s.Findings...)
	}
	var all []string
	for _, f := range found {
		all = append(all, string(f.Code)+" "+f.Cell)
	}
	slices.Sort(all)
	return all
}

// TestTemplate: the example of the template has no findings.
func TestTemplate(t *testing.T) {
	header, example := templateTable(t)
	table := importing.Parse(header, []importing.Row{{Row: 2, Cells: example}}, codes.Tables{})
	if got := places(table); len(got) > 0 || len(table.Subjects) != 1 {
		t.Errorf("findings %q", got)
	}
	if len(header) > importing.MaxColumns {
		t.Errorf("the template has %d columns", len(header))
	}
}

// TestValues: each wrong cell of the rows is found, with its place.
func TestValues(t *testing.T) {
	header, example := templateTable(t)
	second := with(t, example, map[string]string{"siteNumber": "京ICP备19000001号-2", "domains": "second-example.com"})
	other := with(t, example, map[string]string{"certificateNumber": "91110108MA01EX1B0U", "subjectNumber": "", "siteNumber": "京ICP备19000002号-1", "domains": "other-example.com"})
	for name, c := range map[string]struct {
		rows [][]string
		want []string
	}{
		"a subject in two rows":           {[][]string{example, second}, nil},
		"two subjects":                    {[][]string{example, other}, nil},
		"the subject only in one row":     {[][]string{example, with(t, second, map[string]string{"subjectName": "", "leaderName": "", "entityKind": ""})}, nil},
		"the number with spaces":          {[][]string{example, with(t, second, map[string]string{"certificateNumber": "9111 0108 MA01EX9K3T"})}, nil},
		"empty cells that are required":   {[][]string{with(t, example, map[string]string{"subjectName": "", "domains": " "})}, []string{"import-cell-missing B2", "import-cell-missing W2"}},
		"a wrong check digit":             {[][]string{with(t, example, map[string]string{"certificateNumber": "91110108MA01EX9K3U"})}, []string{"unified-code-check-digit E2"}},
		"a name in place of the number":   {[][]string{with(t, example, map[string]string{"subjectName": "91110108MA01EX9K3T", "certificateNumber": "示例科技有限公司"})}, []string{"import-column-swapped B2", "import-column-swapped E2"}},
		"mobile and email swapped":        {[][]string{with(t, example, map[string]string{"leaderMobile": "leader@import-example.com", "leaderEmail": "18900000001"})}, []string{"import-column-swapped P2", "import-column-swapped S2"}},
		"domain and number swapped":       {[][]string{with(t, example, map[string]string{"siteNumber": "import-example.com", "domains": "京ICP备19000001号-1"})}, []string{"import-column-swapped U2", "import-column-swapped W2"}},
		"scientific notation":             {[][]string{with(t, example, map[string]string{"leaderCertificateNumber": "1.10101E+17"})}, []string{"import-number-rounded N2"}},
		"unknown words":                   {[][]string{with(t, example, map[string]string{"entityKind": "公司集团", "serviceContent": "商城;8"})}, []string{"import-value-unknown C2", "import-value-unknown Y2"}},
		"no number":                       {[][]string{with(t, example, map[string]string{"siteNumber": "12345678"})}, []string{"import-number-malformed U2"}},
		"a site of another subject":       {[][]string{with(t, example, map[string]string{"siteNumber": "京ICP备19000009号-1"})}, []string{"import-site-of-other-subject U2"}},
		"a domain twice":                  {[][]string{example, with(t, second, map[string]string{"domains": "import-example.com"})}, []string{"import-domain-twice W3"}},
		"a site twice":                    {[][]string{example, with(t, second, map[string]string{"siteNumber": "京ICP备19000001号-1"})}, []string{"import-site-twice U3"}},
		"one number, two certificates":    {[][]string{example, with(t, other, map[string]string{"siteNumber": "京ICP备19000001号-7"})}, []string{"import-number-twice U3"}},
		"rows that differ":                {[][]string{example, with(t, second, map[string]string{"subjectName": "另一家示例公司"})}, []string{"import-rows-differ B3"}},
		"no address":                      {[][]string{with(t, example, map[string]string{"ips": "203.0.113.9-203.0.113.5", "subjectId": "x"})}, []string{"import-address-malformed AM2", "import-id-malformed AR2"}},
		"a licence of the ministry":       {[][]string{with(t, example, map[string]string{"subjectNumber": "B2-20090059", "siteNumber": "B2-20090059-1", "division": ""})}, []string{"import-province-unknown H2"}},
		"too long":                        {[][]string{with(t, example, map[string]string{"siteRemark": strings.Repeat("长", 2000)})}, []string{"import-cell-too-long AB2"}},
		"a long id of a server":           {[][]string{with(t, example, map[string]string{"server": strings.Repeat("s", 65)})}, []string{"import-cell-too-long AO2"}},
		"an app of the site's domain":     {[][]string{example, with(t, second, map[string]string{"siteNumber": "京ICP备19000001号-2A", "domains": "import-example.com"})}, nil},
		"a quick app":                     {[][]string{with(t, example, map[string]string{"siteNumber": "京ICP备19000001号-1K"})}, nil},
		"a mini program without domain":   {[][]string{example, with(t, second, map[string]string{"siteNumber": "京icp备19000001号－3x", "domains": ""})}, nil},
		"a letter of no service":          {[][]string{with(t, example, map[string]string{"siteNumber": "京ICP备19000001号-1B"})}, []string{"import-number-malformed U2"}},
		"empty rows between":              {[][]string{example, {"", " "}, {}, other}, nil},
		"a range, a list, and full-width": {[][]string{with(t, example, map[string]string{"ips": "203.0.113.5；203.0.113.7-203.0.113.9", "entityKind": "４", "domains": "import-example.com；www2-example.com"})}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var rows []importing.Row
			for i, cells := range c.rows {
				rows = append(rows, importing.Row{Row: i + 2, Cells: cells})
			}
			if got := places(importing.Parse(header, rows, codes.Tables{})); !slices.Equal(got, c.want) {
				t.Errorf("findings %q, want %q", got, c.want)
			}
		})
	}
}

// TestHeader: columns are found by their titles in any order, in Chinese, in English, or by key. A wrong header is found with its column.
func TestHeader(t *testing.T) {
	header, example := templateTable(t)
	slices.Reverse(header)
	slices.Reverse(example)
	header[0] = "accessId"
	header[1] = "Site id *"
	if got := places(importing.Parse(header, []importing.Row{{Row: 2, Cells: example}}, codes.Tables{})); len(got) > 0 {
		t.Errorf("findings %q", got)
	}
	header[0], header[1] = "域名", "我们的备注"
	got := places(importing.Parse(header, nil, codes.Tables{}))
	if want := []string{"import-column-twice X", "import-column-unknown B"}; !slices.Equal(got, want) {
		t.Errorf("findings %q, want %q", got, want)
	}
	got = places(importing.Parse([]string{"主办单位名称"}, nil, codes.Tables{}))
	if len(got) < 5 || got[0] != "import-column-missing " {
		t.Errorf("findings %q", got)
	}
}

// FuzzParse: no table makes Parse panic, and each finding has words and is in a row of the table.
func FuzzParse(f *testing.F) {
	header, example := templateTable(f)
	f.Add(strings.Join(header, "\t"), strings.Join(example, "\t"), strings.Join(example, "\t"))
	f.Add("域名\t域名", "", "\x00\t=1")
	f.Fuzz(func(t *testing.T, header, first, second string) {
		rows := []importing.Row{{Row: 2, Cells: strings.Split(first, "\t")}, {Row: 3, Cells: strings.Split(second, "\t")}}
		table := importing.Parse(strings.Split(header, "\t"), rows, codes.Tables{})
		for _, s := range table.Subjects {
			for _, one := range s.Findings {
				if one.Message.English == "" || one.Severity != finding.Block || !strings.HasSuffix(one.Cell, "2") && !strings.HasSuffix(one.Cell, "3") {
					t.Errorf("finding %+v", one)
				}
			}
		}
	})
}
