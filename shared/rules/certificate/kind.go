// Package certificate checks the certificates of a subject and its responsible persons: their kinds ([CheckKind],
// [CheckPersonal]), numbers ([Normalize], [Check]) and validity ([Validity.Check]).
//
//	number := certificate.Normalize(certificate.ResidentID, text)
//	found := certificate.Check(certificate.ResidentID, number, now)
//
// Kinds and entity kinds have the ministry's numbers (证件类型, 单位性质). The ministry changes its tables of both, so they are data:
// kinds.json, with the period in which each kind is issued.
package certificate

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

// A Kind is the ministry's number of a certificate kind, 1 to 49 with gaps.
type Kind int

// Kinds that the code refers to. The table has all kinds.
const (
	BusinessLicence     Kind = 1
	ResidentID          Kind = 2
	InstitutionLegal    Kind = 4
	Passport            Kind = 7
	TaiwanPermit        Kind = 11
	OrganUnifiedCode    Kind = 13
	HKMacauPermit       Kind = 14
	PermanentResidentID Kind = 30
	HKMacauResidence    Kind = 41
	TaiwanResidence     Kind = 42
)

// An EntityKind is the ministry's number of the nature of a subject. 7 and 8 are not used.
type EntityKind int

// The entity kinds.
const (
	Defence              EntityKind = 1
	Government           EntityKind = 2
	PublicInstitution    EntityKind = 3
	Enterprise           EntityKind = 4 // sole traders included
	Individual           EntityKind = 5
	SocialOrganisation   EntityKind = 6
	PrivateNonEnterprise EntityKind = 9
	Foundation           EntityKind = 10
	LawFirm              EntityKind = 11
	CulturalCentre       EntityKind = 12
	MassOrganisation     EntityKind = 13
	Forensic             EntityKind = 14
	Religious            EntityKind = 15
	Overseas             EntityKind = 16
	Medical              EntityKind = 17
	Notary               EntityKind = 18
	Collective           EntityKind = 19
	Arbitration          EntityKind = 20
)

// Codes of the findings about kinds.
const (
	KindUnknown      finding.Code = "certificate-kind-unknown"
	KindNotForEntity finding.Code = "certificate-kind-not-for-entity"
	KindLegacy       finding.Code = "certificate-kind-legacy"
	KindNotYet       finding.Code = "certificate-kind-not-yet"
	KindNotPersonal  finding.Code = "certificate-kind-not-personal"
	EntityUnknown    finding.Code = "entity-kind-unknown"
)

//go:embed kinds.json
var kindsFile []byte

type kindRow struct {
	Number   Kind         `json:"number"`
	Chinese  string       `json:"zh-CN"`
	English  string       `json:"en"`
	Scheme   scheme       `json:"scheme"`
	Entities []EntityKind `json:"entities"`
	workday.Span
	Source string `json:"source"`
}

type entityRow struct {
	Number  EntityKind `json:"number"`
	Chinese string     `json:"zh-CN"`
	English string     `json:"en"`
}

type kindTable struct {
	Entities []entityRow `json:"entities"`
	Kinds    []kindRow   `json:"kinds"`
}

var kinds = sync.OnceValue(mustLoad)

func mustLoad() kindTable {
	t, err := decode(kindsFile)
	if err != nil {
		panic(fmt.Errorf("kinds.json: %w", err))
	}
	return t
}

// decode parses the table. Unknown fields and inconsistent entries are errors.
func decode(text []byte) (kindTable, error) {
	var t kindTable
	if err := strictjson.UnmarshalEmbedded(text, &t); err != nil {
		return t, err
	}
	entities := map[EntityKind]bool{}
	for _, e := range t.Entities {
		if e.Chinese == "" || e.English == "" || entities[e.Number] {
			return t, fmt.Errorf("entity kind %d is listed twice or has no name", e.Number)
		}
		entities[e.Number] = true
	}
	seen := map[Kind]bool{}
	for _, k := range t.Kinds {
		if k.Chinese == "" || k.English == "" || k.Source == "" || k.Number == 0 || k.Entities == nil || seen[k.Number] {
			return t, fmt.Errorf("kind %d is listed twice or has no number, name, entities or source", k.Number)
		}
		seen[k.Number] = true
		if _, ok := schemes[k.Scheme]; !ok {
			return t, fmt.Errorf("kind %d: unknown scheme %q", k.Number, k.Scheme)
		}
		if err := k.Check(); err != nil {
			return t, fmt.Errorf("kind %d: %w", k.Number, err)
		}
		for _, e := range k.Entities {
			if !entities[e] {
				return t, fmt.Errorf("kind %d: unknown entity kind %d", k.Number, e)
			}
		}
	}
	return t, nil
}

func (k Kind) row() (kindRow, bool) {
	i := slices.IndexFunc(kinds().Kinds, func(r kindRow) bool { return r.Number == k })
	if i < 0 {
		return kindRow{}, false
	}
	return kinds().Kinds[i], true
}

// Known reports whether the kind exists.
func (k Kind) Known() bool { _, ok := k.row(); return ok }

// Words returns the kind's name; it is empty for an unknown kind.
func (k Kind) Words() finding.Words {
	r, _ := k.row()
	return finding.Words{Chinese: r.Chinese, English: r.English}
}

// Personal reports whether the kind identifies a natural person. The certificates of responsible persons must.
func (k Kind) Personal() bool {
	r, _ := k.row()
	return slices.Contains(r.Entities, Individual)
}

// Kinds returns all kinds, sorted by number.
func Kinds() []Kind {
	numbers := make([]Kind, len(kinds().Kinds))
	for i, k := range kinds().Kinds {
		numbers[i] = k.Number
	}
	return numbers
}

// Entities returns the entity kinds that may file with the kind.
func (k Kind) Entities() []EntityKind {
	r, _ := k.row()
	return slices.Clone(r.Entities)
}

// EntityKinds returns all entity kinds, sorted by number.
func EntityKinds() []EntityKind {
	numbers := make([]EntityKind, len(kinds().Entities))
	for i, e := range kinds().Entities {
		numbers[i] = e.Number
	}
	return numbers
}

// Known reports whether the entity kind exists.
func (e EntityKind) Known() bool { return slices.Contains(EntityKinds(), e) }

// Words returns the entity kind's name; it is empty for an unknown one.
func (e EntityKind) Words() finding.Words {
	for _, r := range kinds().Entities {
		if r.Number == e {
			return finding.Words{Chinese: r.Chinese, English: r.English}
		}
	}
	return finding.Words{}
}

// PermittedKinds returns the kinds that are issued at a time and with which an entity of kind e may file, sorted by number.
func PermittedKinds(e EntityKind, on time.Time) []Kind {
	var permitted []Kind
	for _, r := range kinds().Kinds {
		if slices.Contains(r.Entities, e) && r.InForce(workday.DateOf(on)) {
			permitted = append(permitted, r.Number)
		}
	}
	return permitted
}

// CheckKind returns the findings about an entity of kind e that files with a certificate of kind k at a time; their pointer is
// "". A kind that is no longer issued is only a warning, because filings that were made with it remain valid for years.
func CheckKind(e EntityKind, k Kind, on time.Time) finding.List {
	r, ok := k.row()
	day := workday.DateOf(on)
	switch {
	case !e.Known():
		return finding.List{finding.New(EntityUnknown, "")}
	case !ok:
		return finding.List{finding.New(KindUnknown, "")}
	case !slices.Contains(r.Entities, e):
		return finding.List{finding.New(KindNotForEntity, "", "kind", r.Chinese, "kind-en", r.English,
			"entity", e.Words().Chinese, "entity-en", e.Words().English)}
	case day < r.From:
		return finding.List{finding.New(KindNotYet, "", "from", string(r.From))}
	case !r.InForce(day):
		return finding.List{finding.New(KindLegacy, "", "until", string(r.Until))}
	}
	return nil
}

// CheckPersonal returns the findings about a responsible person with a certificate of kind k at a time.
func CheckPersonal(k Kind, on time.Time) finding.List {
	if k.Known() && !k.Personal() {
		return finding.List{finding.New(KindNotPersonal, "")}
	}
	return CheckKind(Individual, k, on)
}
