package codes

import (
	"slices"
	"strconv"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// Findings about codes that the ministry has withdrawn.
const (
	CodeWithdrawn       finding.Code = "code-withdrawn"
	EntityKindWithdrawn finding.Code = "entity-kind-withdrawn"
	KindWithdrawn       finding.Code = "certificate-kind-withdrawn"
	AccessModeWithdrawn finding.Code = "access-mode-withdrawn"
)

var findingOf = map[Name]finding.Code{
	Natures: EntityKindWithdrawn, CertificateKinds: KindWithdrawn, AccessModes: AccessModeWithdrawn,
}

// CheckWithdrawn returns a finding with pointer "" if a code was withdrawn.
func (t Tables) CheckWithdrawn(name Name, id int64) finding.List {
	if !t.Withdrawn(name, id) {
		return nil
	}
	code, ok := findingOf[name]
	if !ok {
		code = CodeWithdrawn
	}
	w := t.Words(name, id)
	return finding.List{finding.New(code, "", "name", w.Chinese, "name-en", w.English)}
}

// entities returns the entity kinds that may file with a certificate kind: those of our rules, and the nature in the downloaded table. The
// table cannot add a certificate for individuals, because liveness, age and documents of persons depend on the kind.
func (t Tables) entities(k certificate.Kind) []certificate.EntityKind {
	entities := k.Entities()
	e, _ := find(t.Downloaded[CertificateKinds].Entries, int64(k))
	nature := certificate.EntityKind(e.Detail)
	if nature.Known() && nature != certificate.Individual && !k.Personal() && !slices.Contains(entities, nature) {
		entities = append(entities, nature)
	}
	return entities
}

// CheckKind is [certificate.CheckKind] by the tables in force.
func (t Tables) CheckKind(e certificate.EntityKind, k certificate.Kind, on time.Time) finding.List {
	if withdrawn := append(t.CheckWithdrawn(Natures, int64(e)), t.CheckWithdrawn(CertificateKinds, int64(k))...); len(withdrawn) > 0 {
		return withdrawn
	}
	if e.Known() && !slices.Contains(k.Entities(), e) && slices.Contains(t.entities(k), e) {
		return nil
	}
	return certificate.CheckKind(e, k, on)
}

// PermittedKinds is [certificate.PermittedKinds] by the tables in force.
func (t Tables) PermittedKinds(e certificate.EntityKind, on time.Time) []certificate.Kind {
	permitted := certificate.PermittedKinds(e, on)
	for _, entry := range t.Downloaded[CertificateKinds].Entries {
		if k := certificate.Kind(entry.ID); !slices.Contains(k.Entities(), e) && slices.Contains(t.entities(k), e) {
			permitted = append(permitted, k)
		}
	}
	permitted = slices.DeleteFunc(permitted, func(k certificate.Kind) bool { return t.Withdrawn(CertificateKinds, int64(k)) })
	slices.Sort(permitted)
	return permitted
}

// EntityKinds returns the entity kinds that may file.
func (t Tables) EntityKinds() []certificate.EntityKind {
	return slices.DeleteFunc(certificate.EntityKinds(), func(e certificate.EntityKind) bool { return t.Withdrawn(Natures, int64(e)) })
}

// Trades returns the trades that require a pre-approval. Those that only the ministry's table has are at the end.
func (t Tables) Trades() []preapproval.Rule {
	var rules []preapproval.Rule
	for _, r := range preapproval.All() {
		if r.Number != 0 {
			if t.Withdrawn(PreApprovals, int64(r.Number)) {
				continue
			}
			r.Name = t.Words(PreApprovals, int64(r.Number))
		}
		rules = append(rules, r)
	}
	for _, e := range t.Downloaded[PreApprovals].Entries {
		if _, ours := preapproval.ByNumber(int(e.ID)); !ours && !e.Void && t.Offers(PreApprovals, e) {
			rules = append(rules, preapproval.General(int(e.ID), t.Words(PreApprovals, e.ID), workday.DateOf(t.Downloaded[PreApprovals].Since)))
		}
	}
	return rules
}

// KnowsTrade reports whether a trade exists, in force or withdrawn.
func (t Tables) KnowsTrade(trade preapproval.Trade) bool {
	if _, ours := preapproval.Of(trade); ours {
		return true
	}
	number, ok := trade.Number()
	e, listed := find(t.Downloaded[PreApprovals].Entries, int64(number))
	return ok && listed && t.Offers(PreApprovals, e)
}

// Offers reports whether Beian can offer a code. It cannot if the code needs rules that Beian lacks: for a new nature, for a new certificate of
// individuals or of a nature that it does not know, for a new attachment. A pre-approval that the table does not require is no choice.
func (t Tables) Offers(name Name, e Entry) bool {
	if _, ours := find(embedded()[name], e.ID); ours {
		return true
	}
	switch name {
	case Natures, AttachmentFormats, AttachmentPurposes, Bureaus:
		return false
	case CertificateKinds:
		return len(t.entities(certificate.Kind(e.ID))) > 0
	case PreApprovals:
		return e.Detail == 1
	}
	return true
}

// Location returns the bureau's id of a province as the place of a server (Fbdd, MIIT-IF30 13.6). ok is false if the province has none.
func (t Tables) Location(code province.Code) (id int64, ok bool) {
	for _, e := range t.entries(Bureaus) {
		if !e.Void && strconv.FormatInt(e.Detail, 10) == code.GB2260() {
			return e.ID, true
		}
	}
	for _, ours := range embedded()[Bureaus] { // a downloaded table need not name the division of a bureau
		if strconv.FormatInt(ours.Detail, 10) == code.GB2260() {
			e, listed := find(t.entries(Bureaus), ours.ID)
			return ours.ID, listed && !e.Void && e.Detail == 0
		}
	}
	return 0, false
}

// CheckDivision is [division.Check] by the tables in force. It accepts divisions that only the downloaded table has, and reports those that it
// has withdrawn as abolished.
func (t Tables) CheckDivision(provinceCode, city, county string, on time.Time) finding.List {
	table, downloaded := t.Downloaded[Divisions]
	found := division.Check(provinceCode, city, county, on)
	if !downloaded {
		return found
	}
	gone := []finding.Code{division.IsAbolished, division.IsSuperseded}
	for _, choice := range [][2]string{{"/city", city}, {"/county", county}} {
		pointer := choice[0]
		id, err := strconv.ParseInt(choice[1], 10, 64)
		e, listed := find(table.Entries, id)
		if err != nil || !listed {
			continue
		}
		reported := func(codes ...finding.Code) func(finding.Finding) bool {
			return func(f finding.Finding) bool { return f.Pointer == pointer && slices.Contains(codes, f.Code) }
		}
		found = slices.DeleteFunc(found, reported(division.Unlisted))
		switch {
		case !e.Void:
			found = slices.DeleteFunc(found, reported(gone...))
		case !slices.ContainsFunc(found, reported(gone...)):
			found = append(found, finding.New(division.IsAbolished, pointer, "name", e.Name))
		}
	}
	return found
}

// Children is [division.Children] by the tables in force.
func (t Tables) Children(code string, on time.Time) []division.Division {
	table, downloaded := t.Downloaded[Divisions]
	if !downloaded {
		return division.Children(code, on)
	}
	var below []division.Division
	for _, e := range table.Entries {
		d := division.Division{Code: strconv.FormatInt(e.ID, 10), Name: e.Name}
		if !e.Void && d.Level() != division.Province && d.Parent() == code {
			below = append(below, d)
		}
	}
	return below
}

// KnowsDivision reports whether there is a division with a code, in force or abolished.
func (t Tables) KnowsDivision(code string, on time.Time) bool {
	table, downloaded := t.Downloaded[Divisions]
	if !downloaded {
		_, known := division.Of(code, on)
		return known
	}
	id, err := strconv.ParseInt(code, 10, 64)
	_, known := find(table.Entries, id)
	return err == nil && known && strconv.FormatInt(id, 10) == code
}
