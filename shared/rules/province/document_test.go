package province_test

import (
	"testing"
	"time"

	"beian/shared/rules/province"
)

// TestDocuments checks which provinces require which document since when (icp-filing 5.1), on the day before and on the day.
func TestDocuments(t *testing.T) {
	since := map[province.Document]map[province.Code]string{
		province.CommitmentLetter:     {"44": "2021-06-21", "32": "2021-06-01", "31": "2022-01-01"},
		province.ResponsibilityNotice: {"32": "2021-06-01"},
		province.PartyBuilding:        {"65": "2021-01-01"},
		province.DomainCertificate:    {"52": "2017-01-01", "53": "2018-01-01"},
		province.ChangeImages:         {"63": "2025-01-01"},
	}
	far := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for document, by := range since {
		for _, p := range province.All() {
			from, ok := by[p.Code]
			if !ok {
				if p.Requires(document, far) {
					t.Errorf("%s requires %s", p.Name.English, document)
				}
				continue
			}
			day, err := time.Parse(time.RFC3339, from+"T00:00:00+08:00")
			if err != nil {
				t.Fatal(err)
			}
			if p.Requires(document, day.Add(-time.Second)) || !p.Requires(document, day) || !p.Requires(document, far) {
				t.Errorf("%s does not require %s from %s exactly", p.Name.English, document, from)
			}
		}
	}
	if (province.Province{}).Requires(province.CommitmentLetter, far) {
		t.Error("the zero Province requires a document")
	}
}
