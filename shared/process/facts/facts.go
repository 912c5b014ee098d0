// Package facts looks up whether an order's subject and domains are filed, for the determination of the type (S10). [Finder.Find]
// asks the ministry whether they are filed, and our own table whether they are filed through us.
//
//	found, provisional, err := finder.Find(ctx, order)
//	_, err = decisions.Decide(ctx, order.ID, filing.Beian, filing.DetermineType{Facts: found, Provisional: provisional})
package facts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"beian/shared/bureau"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
)

// A Store looks up what is filed through us, and the ministry's blacklist. Package dynamo implements it.
type Store interface {
	// Known looks up a subject, an account and domains. What is neither filed through us nor on the blacklist has the zero value.
	Known(ctx context.Context, subjectKey string, account filing.Account, domains []filing.Domain) (Known, error)
}

// Known is what our table has of a subject, an account and domains.
type Known struct {
	Registration
	Blacklisted bool // the subject
	Domains     map[filing.Domain]DomainRegistration
}

// A Registration says which account has a subject, and which subjects an account has, among those filed through us.
type Registration struct {
	Filed       bool           // the register has the subject
	Filing      register.ID    // of the subject; "" if the register does not have it
	Account     filing.Account // the account that has the subject; "" if the register does not have it, or no account claimed it
	Number      string         // the subject's filing number
	SubjectKeys []string       // the subjects that the account has: one, unless it got another while an order was open
}

// A DomainRegistration says how a domain is filed through us.
type DomainRegistration struct {
	SubjectKey string // of the subject that has it; "" if it is not filed through us
	Number     string // of its site; "" if it is not known
	OurAccess  bool   // its site is hosted by us
	// Blacklisted is set by [Store.Known] alone.
	Blacklisted bool
}

// A Finder looks up subjects and domains.
type Finder struct {
	Store Store
	// Bureau is nil for a provider without a link to the bureau. Only our own table is asked then, and the facts say so.
	Bureau *bureau.Client
}

// Find returns the facts about an order's subject and each of its domains. If a query to the bureau fails, its answer counts as "not
// filed" and provisional is set. The bureau cannot be asked about certificates of later kinds (MIIT-IF30 5.5): such a subject counts as
// filed only if it is filed through us, and the bureau refuses a second filing (1003).
func (f *Finder) Find(ctx context.Context, o filing.Order) (found map[filing.Domain]filing.Facts, provisional bool, err error) {
	domains := o.LookupDomains()
	registered, err := f.Store.Known(ctx, o.SubjectKey, o.Account, domains)
	if err != nil {
		return nil, false, err
	}
	certificate := o.Private.Subject.Certificate
	var subject bureau.Status
	query := bureau.Query{Type: int64(certificate.Kind), Value: certificate.Number.Reveal()}
	askable := query.Askable() && f.Bureau != nil
	if askable {
		subject, err = f.queryBureau(ctx, query)
		provisional = errors.Is(err, errNoAnswer)
		if err != nil && !provisional {
			return nil, false, err
		}
	}
	permitted := o.AgentFor != "" && registered.Filing == o.AgentFor // the account acts for the filing's subject
	common := filing.Facts{
		AccountBound:       o.AgentFor == "" && len(registered.SubjectKeys) > 0 && !slices.Contains(registered.SubjectKeys, o.SubjectKey),
		SubjectBound:       registered.Account != "" && registered.Account != o.Account && !permitted,
		SubjectUnclaimed:   registered.Filed && registered.Account == "" && !permitted,
		SubjectFiled:       subject.Filed || registered.Filed,
		SubjectBlacklisted: registered.Blacklisted,
		SubjectKnown:       registered.Account != "" || permitted, SubjectUnasked: !askable, Unasked: f.Bureau == nil,
	}
	found = map[filing.Domain]filing.Facts{}
	for _, d := range domains {
		facts := common
		facts.SubjectNumber = subject.SubjectNumber
		if d == "" { // a service without a domain
			found[d] = facts
			continue
		}
		domain, err := f.queryBureau(ctx, bureau.Query{Type: bureau.DomainQuery, Value: string(d)})
		noAnswer := errors.Is(err, errNoAnswer)
		if err != nil && !noAnswer {
			return nil, false, err
		}
		provisional = provisional || noAnswer
		ours := registered.Domains[d]
		facts.DomainBlacklisted = ours.Blacklisted
		facts.DomainFiled = domain.Filed || ours.SubjectKey != ""
		facts.OurAccess = ours.OurAccess
		facts.SiteNumber = domain.SiteNumber
		facts.SameSubject = ours.SubjectKey == o.SubjectKey ||
			ours.SubjectKey == "" && domain.Filed && subject.Filed && number.SameSubject(domain.SubjectNumber, subject.SubjectNumber)
		found[d] = facts
	}
	return found, provisional, nil
}

// errNoAnswer is returned if the bureau gives no usable answer.
var errNoAnswer = errors.New("the bureau did not answer the query")

func (f *Finder) queryBureau(ctx context.Context, q bureau.Query) (bureau.Status, error) {
	if f.Bureau == nil {
		return bureau.Status{}, nil
	}
	status, outcome, err := f.Bureau.Filed(ctx, q)
	switch {
	case ctx.Err() != nil:
		return status, fault.Wrap(fault.Unavailable, ctx.Err())
	case err != nil || !outcome.OK():
		return status, fmt.Errorf("%w: code %v", errNoAnswer, outcome.Code)
	}
	return status, nil
}
