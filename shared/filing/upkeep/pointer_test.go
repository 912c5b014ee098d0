package upkeep_test

import (
	"testing"

	"beian/shared/filing/upkeep"
	"beian/shared/rules/finding"
)

// TestPointerOf: what no longer matches names what of a change corrects it; what a change cannot correct names nothing.
func TestPointerOf(t *testing.T) {
	f := filed(t)
	site := f.Sites[0].Number.String()
	now := at(opened, 10)
	for code, want := range map[finding.Code][2]string{ // of the site, and of the subject
		upkeep.CodeCertificateExpired: {"/subject/certificate/validity/to", "/subject/certificate/validity/to"},
		upkeep.CodeLeaderExpired:      {"/sites/0/leader/certificate/validity/to", "/subject/leader/certificate/validity/to"},
		upkeep.CodeLeaderLeft:         {"/sites/0/leader/name", "/subject/leader/name"},
		upkeep.CodeContactDead:        {"/subject/leader/mobile", "/subject/leader/mobile"},
		upkeep.CodeServerAddress:      {"/access/0", ""},
		upkeep.CodeProvince:           {"", ""},
		upkeep.CodeServerGone:         {"", ""},
	} {
		for i, number := range []string{site, ""} {
			d := upkeep.Duty{Key: upkeep.Changed, Site: number, Found: finding.New(code, "")}
			if got := upkeep.PointerOf(d, f, now); got != want[i] {
				t.Errorf("%s of %q: %q, want %q", code, number, got, want[i])
			}
		}
	}
}
