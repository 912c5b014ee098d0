package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/exchange"
	"beian/shared/process/facts"
	"beian/shared/rules/certificate"
)

// registerFiled records the subject, account and domains of an approved order as filed through us.
func (s *Store) registerFiled(o filing.Order) []op {
	subject := key(filedPK("subject", o.SubjectKey), skFiled)
	subject["account"], subject["number"], subject["province"] = text(string(o.Account)), text(o.Bureau.SubjectNumber.String()), text(string(o.Province))
	account := key(accountPK(o.Account), skFiled)
	account["subject"] = text(o.SubjectKey)
	ops := []op{
		{write: types.TransactWriteItem{Put: s.put(subject, "")}},
		{write: types.TransactWriteItem{Put: s.put(account, "")}},
	}
	for _, site := range o.Bureau.Sites {
		if site.Site < 0 || site.Site >= len(o.Private.Sites) {
			continue
		}
		for _, d := range o.Private.Sites[site.Site].Domains {
			domain := key(filedPK("domain", string(d)), skFiled)
			domain["subject"], domain["number"], domain["access"] = text(o.SubjectKey), text(site.Number.String()), text(o.Product.Server)
			ops = append(ops, op{write: types.TransactWriteItem{Put: s.put(domain, "")}})
		}
	}
	return ops
}

// Registration returns what is filed through us of a subject and an account.
func (s *Store) Registration(ctx context.Context, subjectKey string, account filing.Account) (facts.Registration, error) {
	subject, err := s.get(ctx, filedPK("subject", subjectKey), skFiled)
	if err != nil {
		return facts.Registration{}, err
	}
	holder, err := s.get(ctx, accountPK(account), skFiled)
	if err != nil {
		return facts.Registration{}, err
	}
	return facts.Registration{Account: filing.Account(textOf(subject, "account")), Number: textOf(subject, "number"),
		SubjectKey: textOf(holder, "subject")}, nil
}

// DomainSubject returns the key of the subject under which a domain is filed through us; "" if it is not.
func (s *Store) DomainSubject(ctx context.Context, d filing.Domain) (subjectKey string, err error) {
	row, err := s.get(ctx, filedPK("domain", string(d)), skFiled)
	return textOf(row, "subject"), err
}

// SubjectKey returns the look-up key of a subject's certificate: a keyed hash, equal for equal numbers.
func (s *Store) SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error) {
	return s.Sealer.Index(ctx, "subject", certificate.Normalize(kind, number).Reveal())
}

func blackSubject(subjectKey string) item { return key("BLACK#subject#"+subjectKey, "BLACK") }
func blackDomain(d filing.Domain) item    { return key("BLACK#domain#"+string(d), "BLACK") }

// SetBlacklisted adds a subject or domain to the ministry's blacklist (HMDLB), or removes it.
func (s *Store) SetBlacklisted(ctx context.Context, e exchange.BlacklistEntry, listed bool) error {
	row := blackSubject(e.Subject)
	if e.Subject == "" {
		row = blackDomain(e.Domain)
	}
	if !listed {
		return s.delete(ctx, row)
	}
	row["file"] = text(e.File)
	return s.write(ctx, s.put(row, ""))
}

// Blacklisted reports whether the subject and the domain are on the ministry's blacklist.
func (s *Store) Blacklisted(ctx context.Context, subjectKey string, d filing.Domain) (subject, domain bool, err error) {
	row, err := s.getKey(ctx, blackSubject(subjectKey))
	if err != nil {
		return false, false, err
	}
	subject = row != nil
	row, err = s.getKey(ctx, blackDomain(d))
	return subject, row != nil, err
}
