package certificate_test

import (
	"slices"
	"testing"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
)

func TestPermittedKinds(t *testing.T) {
	for _, c := range []struct {
		entity certificate.EntityKind
		want   []certificate.Kind
	}{
		{certificate.Enterprise, []certificate.Kind{1, 27}},
		{certificate.Individual, []certificate.Kind{2, 7, 11, 14, 30, 41, 42}},
		{certificate.Government, []certificate.Kind{13}},
		{certificate.PublicInstitution, []certificate.Kind{4, 15}},
		{7, nil},
	} {
		if got := certificate.PermittedKinds(c.entity, in2019); !slices.Equal(got, c.want) {
			t.Errorf("entity kind %d: %v, want %v", c.entity, got, c.want)
		}
	}
	for _, e := range certificate.EntityKinds() {
		if len(certificate.PermittedKinds(e, in2026)) == 0 {
			t.Errorf("entity kind %d cannot file with anything", e)
		}
		if w := e.Words(); w.Chinese == "" || w.English == "" || !e.Known() {
			t.Errorf("entity kind %d has no name", e)
		}
	}
}

func TestCheckKind(t *testing.T) {
	for _, c := range []struct {
		name   string
		entity certificate.EntityKind
		kind   certificate.Kind
		want   finding.Code
	}{
		{"enterprise with licence", certificate.Enterprise, certificate.BusinessLicence, ""},
		{"individual with licence", certificate.Individual, certificate.BusinessLicence, certificate.KindNotForEntity},
		{"enterprise with resident ID", certificate.Enterprise, certificate.ResidentID, certificate.KindNotForEntity},
		{"enterprise with organisation code", certificate.Enterprise, 12, certificate.KindLegacy},
		{"an unknown kind", certificate.Enterprise, 26, certificate.KindUnknown},
		{"an unknown entity", 7, certificate.BusinessLicence, certificate.EntityUnknown},
		{"a kind without an entity", certificate.Enterprise, 49, certificate.KindNotForEntity},
	} {
		got := certificate.CheckKind(c.entity, c.kind, in2019)
		if c.want == "" && len(got) > 0 || c.want != "" && !got.Has(c.want) {
			t.Errorf("%s: %v, want %q", c.name, got, c.want)
		}
	}
	if certificate.CheckKind(certificate.Enterprise, 12, in2019).Blocking() {
		t.Error("a legacy certificate warns, it does not block")
	}
	if !certificate.CheckPersonal(certificate.BusinessLicence, in2019).Has(certificate.KindNotPersonal) {
		t.Error("a person is not identified by a business licence")
	}
	if got := certificate.CheckPersonal(certificate.Passport, in2019); got != nil {
		t.Errorf("passport: %v", got)
	}
}

func TestCheckEntity(t *testing.T) {
	const code = "91350100M000100Y43"
	if got := certificate.CheckEntity(certificate.Enterprise, code); got != nil {
		t.Errorf("enterprise: %v", got)
	}
	got := certificate.CheckEntity(certificate.Government, code)
	if !got.Has(certificate.UnifiedEntityMismatch) || got.Blocking() {
		t.Errorf("government with an enterprise's code: %v, want a warning", got)
	}
	if got := certificate.CheckEntity(certificate.Government, "事证第1号"); got != nil {
		t.Errorf("not a unified code: %v", got)
	}
}
