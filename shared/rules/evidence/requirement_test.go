package evidence_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

var december2019 = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)

func TestRequirements(t *testing.T) {
	owner := evidence.Leader{LegalRepresentative: true, CertificateTwoSided: true}
	clerk := evidence.Leader{CertificateTwoSided: true}
	authorised := evidence.Leader{CertificateTwoSided: true, LetterRequired: true}
	for name, c := range map[string]struct {
		of   evidence.Facts
		want []evidence.Slot // required, in order
	}{
		"individual with a resident ID": {
			evidence.Facts{Individual: true, SubjectDocuments: true, CertificateTwoSided: true, On: december2019, Sites: []evidence.Site{{}}},
			[]evidence.Slot{"subject-certificate-front", "subject-certificate-back", "sites/0/verification-form"},
		},
		"individual with a passport, from another province": {
			evidence.Facts{Individual: true, SubjectDocuments: true, OutOfProvinceProof: true, On: december2019, Sites: []evidence.Site{{}}},
			[]evidence.Slot{"subject-certificate-front", "residence-permit", "sites/0/verification-form"},
		},
		"individual adding a site here": {
			evidence.Facts{Individual: true, On: december2019,
				Sites: []evidence.Site{{Leader: evidence.Leader{CertificateTwoSided: true}}}},
			[]evidence.Slot{"sites/0/leader-certificate-front", "sites/0/leader-certificate-back", "sites/0/verification-form"},
		},
		"enterprise led by its legal representative throughout": {
			evidence.Facts{SubjectDocuments: true, SubjectLeader: owner, On: december2019,
				Sites: []evidence.Site{{Leader: owner, LeaderIsSubjectLeader: true}}},
			[]evidence.Slot{"subject-certificate-front", "subject-leader-certificate-front", "subject-leader-certificate-back",
				"sites/0/verification-form"},
		},
		"enterprise with a clerk for the second site, letter required": {
			evidence.Facts{SubjectDocuments: true, SubjectLeader: owner, On: december2019,
				Sites: []evidence.Site{{Leader: owner, LeaderIsSubjectLeader: true}, {Leader: authorised, DomainCertificate: true}}},
			[]evidence.Slot{"subject-certificate-front", "subject-leader-certificate-front", "subject-leader-certificate-back",
				"sites/0/verification-form",
				"sites/1/leader-certificate-front", "sites/1/leader-certificate-back", "sites/1/authorization-letter",
				"sites/1/verification-form", "sites/1/domain-certificate"},
		},
		"subject leader with a letter": {
			evidence.Facts{SubjectDocuments: true, SubjectLeader: authorised, On: december2019},
			[]evidence.Slot{"subject-certificate-front", "subject-leader-certificate-front", "subject-leader-certificate-back",
				"subject-authorization-letter"},
		},
		"documents that province and trade require": {
			evidence.Facts{CommitmentLetter: true, ResponsibilityNotice: true, ConstructionPlan: true,
				PartyBuildingConfirmation: true, NameChange: true, On: december2019,
				Sites: []evidence.Site{{Leader: clerk, PreApprovalStatement: true,
					PreApprovals: []finding.Words{{Chinese: "网络文化经营许可证", English: "Network Culture Operation Licence"}}}}},
			[]evidence.Slot{"commitment-letter", "responsibility-notice", "construction-plan", "party-building-confirmation",
				"name-change-certificate", "sites/0/leader-certificate-front", "sites/0/leader-certificate-back",
				"sites/0/verification-form", "sites/0/pre-approval/0/1", "sites/0/pre-approval-statement"},
		},
		"young leaders": {
			evidence.Facts{SubjectDocuments: true, On: december2019,
				SubjectLeader: evidence.Leader{LegalRepresentative: true, EmploymentProof: true},
				Sites:         []evidence.Site{{Leader: evidence.Leader{LegalRepresentative: true, EmploymentProof: true}}}},
			[]evidence.Slot{"subject-certificate-front", "subject-leader-certificate-front", "subject-leader-employment-proof",
				"sites/0/leader-certificate-front", "sites/0/leader-employment-proof", "sites/0/verification-form"},
		},
		"before liveness": {
			evidence.Facts{Individual: true, SubjectDocuments: true, Sites: []evidence.Site{{}},
				On: time.Date(2019, 7, 28, 15, 59, 59, 0, time.UTC)},
			[]evidence.Slot{"subject-certificate-front", "sites/0/leader-photo", "sites/0/verification-form"},
		},
		"liveness from midnight in China": {
			evidence.Facts{Individual: true, SubjectDocuments: true, Sites: []evidence.Site{{}},
				On: time.Date(2019, 7, 28, 16, 0, 0, 0, time.UTC)},
			[]evidence.Slot{"subject-certificate-front", "sites/0/verification-form"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var required []evidence.Slot
			seen := map[evidence.Slot]bool{}
			for _, r := range evidence.Requirements(c.of) {
				if seen[r.Slot] {
					t.Errorf("%s is required twice", r.Slot)
				}
				seen[r.Slot] = true
				if _, err := evidence.ParseSlot(string(r.Slot)); err != nil {
					t.Errorf("%s does not parse as a slot: %v", r.Slot, err)
				}
				if r.Reason.Chinese == "" || r.Reason.English == "" || r.Slot.Words().Chinese == "" || r.Slot.Words().English == "" {
					t.Errorf("%s lacks words", r.Slot)
				}
				if r.Level == evidence.Required {
					required = append(required, r.Slot)
				}
			}
			if !slices.Equal(required, c.want) {
				t.Errorf("required\n%v, want\n%v", required, c.want)
			}
		})
	}
}

func TestOptionalLetter(t *testing.T) {
	clerk := evidence.Leader{}
	owed := evidence.Requirements(evidence.Facts{SubjectDocuments: true, SubjectLeader: clerk, On: december2019, Sites: []evidence.Site{{Leader: clerk}}})
	for _, slot := range []evidence.Slot{"subject-authorization-letter", "sites/0/authorization-letter"} {
		if !slices.ContainsFunc(owed, func(r evidence.Requirement) bool { return r.Slot == slot && r.Level == evidence.Optional }) {
			t.Errorf("%s is not optional", slot)
		}
	}
}

func TestUploadSlot(t *testing.T) {
	person := evidence.Facts{Individual: true, SubjectDocuments: true, Sites: []evidence.Site{{}}}
	unit := evidence.Facts{SubjectDocuments: true, Sites: []evidence.Site{{LeaderIsSubjectLeader: true}, {}}}
	for _, c := range []struct {
		of         evidence.Facts
		slot, want evidence.Slot
	}{
		{person, "subject-leader-certificate-front", "subject-certificate-front"},
		{person, "subject-leader-certificate-back", "subject-certificate-back"},
		{person, "sites/0/leader-certificate-front", "subject-certificate-front"},
		{person, "sites/0/leader-certificate-back", "subject-certificate-back"},
		{person, "sites/0/verification-form", "sites/0/verification-form"},
		{unit, "subject-leader-certificate-front", "subject-leader-certificate-front"},
		{unit, "sites/0/leader-certificate-front", "subject-leader-certificate-front"},
		{unit, "sites/0/leader-certificate-back", "subject-leader-certificate-back"},
		{unit, "sites/1/leader-certificate-front", "sites/1/leader-certificate-front"},
		{unit, "sites/7/leader-certificate-front", "sites/7/leader-certificate-front"},
	} {
		if got := c.of.UploadSlot(c.slot); got != c.want {
			t.Errorf("UploadSlot(%s) = %s, want %s", c.slot, got, c.want)
		}
	}
}

func TestMissing(t *testing.T) {
	owed := evidence.Requirements(evidence.Facts{Individual: true, SubjectDocuments: true, On: december2019, Sites: []evidence.Site{{}}})
	found := evidence.Missing(owed, func(s evidence.Slot) bool { return s == "subject-certificate-front" })
	if len(found) != 1 || found[0].Pointer != "/evidence/sites~10~1verification-form" || !found.Blocking() {
		t.Fatalf("%+v", found)
	}
	if want := "还缺少：第 1 个网站：网站备案信息真实性核验单。"; found[0].Message.Chinese != want {
		t.Errorf("%q, want %q", found[0].Message.Chinese, want)
	}
	if want := "Missing: site 1: the verification form."; found[0].Message.English != want {
		t.Errorf("%q, want %q", found[0].Message.English, want)
	}
}

func TestParseSlot(t *testing.T) {
	for _, good := range []string{"subject-certificate-front", "sites/0/domain-certificate", "sites/63/pre-approval/63/10"} {
		if slot, err := evidence.ParseSlot(good); err != nil || string(slot) != good {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "subject", "sites/0", "sites/00/domain-certificate", "sites/+1/domain-certificate", "sites/64/domain-certificate",
		"sites/0/subject-certificate-front", "leader-certificate-front", "sites/0/domain-certificate/", "sites/0/domain-certificate/1",
		"sites/0/pre-approval", "sites/0/pre-approval/0", "sites/0/pre-approval/0/0", "sites/0/pre-approval/0/11",
		"../subject-certificate-front", "Sites/0/domain-certificate", "sites/-1/domain-certificate",
	} {
		if slot, err := evidence.ParseSlot(bad); err == nil {
			t.Errorf("%q was parsed as %q", bad, slot)
		}
	}
}

func TestLimitInBase64(t *testing.T) {
	for slot, kilobytes := range map[evidence.Slot]int{
		"sites/0/verification-form": 150, "subject-certificate-front": 100, "sites/0/pre-approval/0/1": 100,
	} {
		if text := (slot.Limit() + 2) / 3 * 4; text != kilobytes*1024 {
			t.Errorf("%s: %d characters of base64", slot, text)
		}
	}
}

func FuzzParseSlot(f *testing.F) {
	f.Add("sites/0/pre-approval/0/1")
	f.Add("subject-certificate-front")
	f.Fuzz(func(t *testing.T, text string) {
		slot, err := evidence.ParseSlot(text)
		if err != nil {
			return
		}
		if w := slot.Words(); string(slot) != text || w.Chinese == "" || w.English == "" || slot.Kind() == "" {
			t.Errorf("%q: %v", text, w)
		}
	})
}
