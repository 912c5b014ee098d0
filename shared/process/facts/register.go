// Package facts looks up whether a subject and its domains are filed (at the ministry) and whether they are filed through us (in
// our own table). Start with [Finder.Find].
package facts

import (
	"context"
	"errors"
	"fmt"

	"beian/shared/aws/dynamo"
	"beian/shared/bureau"
	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// A Finder looks subjects and domains up, at the ministry and in our own records.
type Finder struct {
	Store  *dynamo.Store
	Bureau *bureau.Client
}

// Find returns what is known of an order's subject and each of its domains. When the bureau does not answer, they are
// those of our own records alone, and provisional is set.
func (r *Finder) Find(ctx context.Context, o filing.Order) (facts map[filing.Domain]filing.Facts, provisional bool, err error) {
	own, err := r.Store.Known(ctx, o.SubjectKey, o.Account)
	if err != nil {
		return nil, false, err
	}
	certificate := o.Private.Subject.Certificate
	subject, err := r.ask(ctx, bureau.Query{Type: int64(certificate.Kind), Value: certificate.Number.Reveal()})
	provisional = errors.Is(err, errSilent)
	if err != nil && !provisional {
		return nil, false, err
	}
	common := filing.Facts{
		AccountBound: own.Subject != "" && own.Subject != o.SubjectKey,
		SubjectBound: own.Account != "" && own.Account != o.Account,
		SubjectFiled: subject.Filed || own.Account != "",
		SubjectKnown: own.Account != "",
	}
	facts = map[filing.Domain]filing.Facts{}
	for _, d := range o.Domains {
		f := common
		domain, err := r.ask(ctx, bureau.Query{Type: bureau.DomainQuery, Value: string(d)})
		silent := errors.Is(err, errSilent)
		if err != nil && !silent {
			return nil, false, err
		}
		provisional = provisional || silent
		holder, err := r.Store.FiledDomain(ctx, d)
		if err != nil {
			return nil, false, err
		}
		f.SubjectBlacklisted, f.DomainBlacklisted, err = r.Store.Blacklisted(ctx, o.SubjectKey, d)
		if err != nil {
			return nil, false, err
		}
		f.DomainFiled = domain.Filed || holder != ""
		f.OurAccess = holder != ""
		f.SameSubject = holder == o.SubjectKey ||
			holder == "" && domain.Filed && subject.Filed && domain.SubjectNumber == subject.SubjectNumber
		facts[d] = f
	}
	return facts, provisional, nil
}

// errSilent says that the bureau gave no usable answer.
var errSilent = errors.New("the bureau did not answer")

func (r *Finder) ask(ctx context.Context, q bureau.Query) (bureau.Status, error) {
	status, outcome, err := r.Bureau.Filed(ctx, q)
	switch {
	case ctx.Err() != nil:
		return status, fault.Wrap(fault.Unavailable, ctx.Err())
	case err != nil || !outcome.OK():
		return status, fmt.Errorf("%w: code %v", errSilent, outcome.Code)
	}
	return status, nil
}
