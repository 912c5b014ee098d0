package province_test

import (
	"testing"
	"time"

	"beian/shared/rules/province"
)

// TestPapers checks which provinces require which document since when (icp-filing 5.1), on the day before and on the day.
func TestPapers(t *testing.T) {
	since := map[province.Paper]map[province.Code]string{
		province.CommitmentLetter:     {"44": "2021-06-21", "32": "2021-06-01", "31": "2022-01-01"},
		province.ResponsibilityNotice: {"32": "2021-06-01"},
		province.PartyBuilding:        {"65": "2021-01-01"},
		province.DomainCertificate:    {"52": "2017-01-01", "53": "2018-01-01"},
	}
	far := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for paper, by := range since {
		for _, p := range province.All() {
			from, ok := by[p.Code]
			if !ok {
				if p.Owes(paper, far) {
					t.Errorf("%s asks for %s", p.Name.English, paper)
				}
				continue
			}
			day, err := time.Parse(time.RFC3339, from+"T00:00:00+08:00")
			if err != nil {
				t.Fatal(err)
			}
			if p.Owes(paper, day.Add(-time.Second)) || !p.Owes(paper, day) || !p.Owes(paper, far) {
				t.Errorf("%s and %s around %s", p.Name.English, paper, from)
			}
		}
	}
	if (province.Province{}).Owes(province.CommitmentLetter, far) {
		t.Error("no province asks for something")
	}
}
