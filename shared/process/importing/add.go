package importing

import (
	"context"
	"slices"
	"strconv"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// An Outcome is what an import did with a subject.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"   // the register did not have the subject
	Replaced  Outcome = "replaced"  // the register had other data, and the caller asked to overwrite them
	Unchanged Outcome = "unchanged" // the register has the same data
	Differs   Outcome = "differs"   // the register has other data, which stay
	Refused   Outcome = "refused"   // a finding blocks
)

// Outcomes lists every outcome.
var Outcomes = []Outcome{Created, Replaced, Unchanged, Differs, Refused}

// Findings about a filing and the register. Pointers are those of the filing.
const (
	CodeDiffers          finding.Code = "import-differs"
	CodeAccountOther     finding.Code = "import-account-other"
	CodeAccountTaken     finding.Code = "import-account-taken"
	CodeAccountMalformed finding.Code = "import-account-malformed"
	CodeServerUnknown    finding.Code = "import-server-unknown"
	CodeTooLarge         finding.Code = "import-subject-too-large"

	CodeLeaderNoMobile      finding.Code = "import-leader-without-mobile"
	CodeLeaderNoCertificate finding.Code = "import-leader-without-certificate"
)

// maxFinders limits what a filing is found by: domains, and ids of the ministry. The store writes them in one transaction of at most 100 rows.
const maxFinders = 80

// An Addition is a filing that was made elsewhere.
type Addition struct {
	Certificate register.IdentityDocument // of the subject
	// Merge returns the filing with what is to be added. current is that of the register; the zero Filing if the subject is not in it. It may be
	// called again if the register changes meanwhile.
	Merge func(current register.Filing) register.Filing
	// Account is the account that the addition names; "" if none.
	Account        register.Account
	Source         register.Source
	Overwrite, Dry bool
}

// Added is the result of an addition.
type Added struct {
	Outcome  Outcome
	Filing   register.Filing // as it is, or would be
	Changed  []string        // places that differ from the register
	Findings finding.List    // why it is refused, or stays
}

// maxAttempts limits the attempts to store a filing that others change at the same time.
const maxAttempts = 3

// Add adds a filing to the register. The error is one of the store.
func (i *Importer) Add(ctx context.Context, a Addition) (Added, error) {
	key, err := i.Store.SubjectKey(ctx, a.Certificate.Kind, a.Certificate.Number.Reveal())
	if err != nil {
		return Added{}, err
	}
	for attempt := 1; ; attempt++ {
		added, change, err := i.plan(ctx, key, a)
		if err != nil || a.Dry || added.Outcome != Created && added.Outcome != Replaced {
			return added, err
		}
		err = i.Store.CommitFiling(ctx, change)
		switch taken := register.IsTaken(err); {
		case err == nil:
			return added, nil
		case attempt < maxAttempts && (taken || fault.KindOf(err) == fault.Stale): // others changed the register meanwhile
		case taken:
			added.Outcome, added.Findings = Refused, fault.Of(err).Findings
			return added, nil
		default:
			return added, err
		}
	}
}

// plan compares an addition with the register.
func (i *Importer) plan(ctx context.Context, key string, a Addition) (Added, register.Change, error) {
	current, err := i.Store.FilingOf(ctx, key)
	if err != nil {
		return Added{}, register.Change{}, err
	}
	after := a.Merge(current)
	after.SubjectKey = key
	if current.Version == 0 {
		after.ID = register.ID(ulid.Make().String())
	}
	change, changed := current.Replace(after, a.Source, i.Now())
	if other := a.Account != "" && current.Account != "" && a.Account != current.Account; other {
		return Added{Outcome: Refused, Filing: current, Findings: finding.List{finding.New(CodeAccountOther, "/account")}}, change, nil
	}
	if !changed {
		return Added{Outcome: Unchanged, Filing: current}, change, nil
	}
	added := Added{Outcome: Created, Filing: change.After}
	if current.Version > 0 {
		added.Outcome, added.Changed = Replaced, change.Entry.Changed
	}
	if added.Findings, err = i.conflicts(ctx, current, change.After); err != nil {
		return Added{}, change, err
	}
	switch {
	case added.Findings.Blocking():
		added.Outcome = Refused
	case added.Outcome == Replaced && !a.Overwrite:
		added.Outcome, added.Findings = Differs, append(added.Findings, finding.New(CodeDiffers, "", "count", strconv.Itoa(len(added.Changed))))
	}
	return added, change, nil
}

// conflicts returns the findings on what another filing of the register has: number, domains, ids of the ministry, account.
func (i *Importer) conflicts(ctx context.Context, current, after register.Filing) (found finding.List, err error) {
	add := func(taken bool, code finding.Code, pointer string, args ...string) {
		if taken {
			found = append(found, finding.New(code, pointer, args...))
		}
	}
	finders := 0
	if after.Number != (number.Subject{}) && after.Number != current.Number {
		other, err := i.Store.FilingByNumber(ctx, after.Number)
		if err != nil {
			return nil, err
		}
		own := other.ID == after.ID || other.Status == register.Cancelled && other.SubjectKey == after.SubjectKey
		add(other.Version > 0 && !own, register.CodeNumberTaken, "/number", "number", after.Number.String())
	}
	known := map[filing.Domain]bool{}
	for _, s := range current.Sites {
		for _, d := range s.DomainNames() {
			known[d] = true
		}
	}
	for k, s := range after.Sites {
		for n, d := range s.DomainNames() {
			finders++
			if known[d] || s.Number.Service != number.Site { // an app may have the domain of another filing's website
				continue
			}
			registered, err := i.Store.DomainRegistration(ctx, d)
			if err != nil {
				return nil, err
			}
			add(registered.SubjectKey != "" && registered.SubjectKey != after.SubjectKey, register.CodeDomainTaken, sitePointer(k, "/domains/"+strconv.Itoa(n)), "domain", d.Display())
		}
	}
	ids, err := i.takenIDs(ctx, current, after, &finders)
	found = append(found, ids...)
	add(finders > maxFinders, CodeTooLarge, "")
	if err != nil || after.Account == "" || after.Account == current.Account {
		return found, err
	}
	registered, err := i.Store.Registration(ctx, after.SubjectKey, after.Account)
	other := slices.ContainsFunc(registered.SubjectKeys, func(key string) bool { return key != after.SubjectKey })
	add(other, CodeAccountTaken, "/account")
	return found, err
}

func (i *Importer) takenIDs(ctx context.Context, current, after register.Filing, finders *int) (found finding.List, err error) {
	known := map[string]bool{}
	for part, ids := range current.MinistryIDs() {
		for _, id := range ids {
			known[string(part)+id] = true
		}
	}
	check := func(part register.Part, id, pointer string) {
		if id == "" || err != nil {
			return
		}
		if *finders++; known[string(part)+id] {
			return
		}
		var other register.Filing
		if other, err = i.Store.FilingByMinistryID(ctx, part, id); other.Version > 0 && other.ID != after.ID {
			found = append(found, finding.New(register.CodeMinistryIDTaken, pointer, "id", id))
		}
	}
	check(register.SubjectPart, after.MinistryID, "/ministryId")
	for k, s := range after.Sites {
		check(register.SitePart, s.MinistryID, sitePointer(k, "/ministryId"))
		for n, a := range s.Accesses {
			check(register.AccessPart, a.MinistryID, sitePointer(k, "/accesses/"+strconv.Itoa(n)+"/ministryId"))
		}
	}
	return found, err
}
