package api_test

import (
	"strings"
	"testing"
)

// importTemplates: the operator downloads the table for an import in CSV or XLSX.
func importTemplates(_ *testing.T, f *fixture) {
	admin := f.admin()
	for _, c := range []struct{ query, begins, file string }{
		{"", "\ufeff主体备案号,", "beian-import.csv"}, {"?format=csv", "\ufeff主体备案号,", "beian-import.csv"}, {"?format=xlsx", "PK\x03\x04", "beian-import.xlsx"},
	} {
		got := admin.do("GET /imports/template"+c.query, nil).wantStatus(200)
		if !strings.HasPrefix(got.text, c.begins) || !strings.Contains(got.headers["Content-Disposition"], c.file) {
			f.t.Errorf("%s: %q, %.20q", c.query, got.headers, got.text)
		}
	}
	admin.do("GET /imports/template?format=xls", nil).wantStatus(422)
	f.reviewer().do("GET /imports/template", nil).wantStatus(403)
}
