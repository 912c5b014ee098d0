package importing

import (
	"cmp"
	"context"
	"errors"
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
	CodeIDTwice          finding.Code = "import-id-twice"

	CodeLeaderNoMobile      finding.Code = "import-leader-without-mobile"
	CodeLeaderNoCertificate finding.Code = "import-leader-without-certificate"
)

// maxFinders limits what a filing is found by: domains, and ids of the ministry. The store writes them in one transaction of at most 100 rows.
const maxFinders = 80

// added is what an import did with a filing, or would do.
type added struct {
	outcome  Outcome
	filing   register.Filing // as the register has it then
	changed  []string        // places that differ from the register
	findings finding.List    // why it is refused, or stays
}

// maxAttempts limits the attempts to store a filing that others change at the same time.
const maxAttempts = 3

// add adds an imported filing to the register, as the portion says. The error is one of the store, or [fault.Contended] if others changed the filing in
// each attempt.
func (i *Importer) add(ctx context.Context, imported register.Filing, p Portion) (added, error) {
	c := imported.Private.Subject.Certificate
	key, err := i.Store.SubjectKey(ctx, c.Kind, c.Number.Reveal())
	if err != nil {
		return added{}, err
	}
	for attempt := 1; ; attempt++ {
		done, change, err := i.plan(ctx, key, imported, p)
		if err != nil || p.Dry || done.outcome != Created && done.outcome != Replaced {
			return done, err
		}
		err = i.Store.CommitFiling(ctx, change)
		switch taken := register.IsTaken(err); {
		case err == nil:
			return done, nil
		case attempt < maxAttempts && (taken || contended(err)): // others changed the register meanwhile
		case contended(err):
			return done, fault.Contended(err)
		case taken:
			done.outcome, done.findings = Refused, fault.Of(err).Findings
			return done, nil
		default:
			return done, err
		}
	}
}

// contended reports whether a version was not stored because others changed the same.
func contended(err error) bool {
	return fault.KindOf(err) == fault.Stale || errors.Is(err, fault.ErrContention)
}

// plan compares an imported filing with the register.
func (i *Importer) plan(ctx context.Context, key string, imported register.Filing, p Portion) (added, register.Change, error) {
	current, err := i.Store.FilingOf(ctx, key)
	if err != nil {
		return added{}, register.Change{}, err
	}
	after := filing.NormalizeFiled(i.hosted(current.WithImport(imported), imported))
	after.SubjectKey = key
	if current.Version == 0 {
		after.ID = register.ID(ulid.Make().String())
	}
	change, changed := current.Replace(after, register.Source{Kind: register.FromImport, ID: p.File}, i.Now())
	if imported.Account != "" && current.Account != "" && imported.Account != current.Account {
		return added{outcome: Refused, filing: current, findings: finding.List{finding.New(CodeAccountOther, "/account")}}, change, nil
	}
	if !changed {
		return added{outcome: Unchanged, filing: current}, change, nil
	}
	done := added{outcome: Created, filing: change.After}
	if current.Version > 0 {
		done.outcome, done.changed = Replaced, change.Entry.Changed
	}
	if done.findings, err = i.conflicts(ctx, current, change.After); err != nil {
		return added{}, change, err
	}
	switch {
	case done.findings.Blocking():
		done.outcome = Refused
	case done.outcome == Replaced && !p.Overwrite:
		done.outcome, done.findings = Differs, append(done.findings, finding.Finding{Code: CodeDiffers})
	}
	return done, change, nil
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
	found = append(found, otherNumbers(current, after)...)
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

// otherNumbers returns the findings about sites whose number is not one of the filing's, because the addition gives another subject's number to a part of
// the filing. An addition that gives a new number to all of its sites has none.
func otherNumbers(current, after register.Filing) (found finding.List) {
	other := func(n number.Subject) func(register.FiledSite) bool {
		return func(s register.FiledSite) bool { return s.Number != (number.Filing{}) && s.Number.Subject != n }
	}
	if !slices.ContainsFunc(after.Sites, other(after.Number)) {
		return nil
	}
	filed := cmp.Or(current.Number, after.Number)
	for k, s := range after.Sites {
		if other(filed)(s) {
			found = append(found, finding.New(CodeOtherSubject, sitePointer(k, "/number"), "number", filed.String()))
		}
	}
	if len(found) == 0 { // only the subject's number differs
		found = finding.List{finding.New(CodeOtherSubject, "/number", "number", after.Number.String())}
	}
	return found
}

// takenIDs returns the findings about ids of the ministry that another filing has, or that two parts of this one have.
func (i *Importer) takenIDs(ctx context.Context, current, after register.Filing, finders *int) (found finding.List, err error) {
	known := map[string]bool{}
	for part, ids := range current.MinistryIDs() {
		for _, id := range ids {
			known[string(part)+id] = true
		}
	}
	seen := map[string]bool{}
	check := func(part register.Part, id, pointer string) {
		if id == "" || err != nil {
			return
		}
		if seen[string(part)+id] {
			found = append(found, finding.New(CodeIDTwice, pointer, "id", id))
		}
		seen[string(part)+id] = true
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
