package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/exchange"
	"beian/shared/process/facts"
	"beian/shared/rules/certificate"
)

// filedOps records the subject, account and domains of an approved order as filed through us.
func (s *Store) filedOps(o filing.Order) []writeOp {
	subject := itemKey(filedPK("subject", o.SubjectKey), skFiled)
	subject["account"], subject["number"], subject["province"] = stringValue(string(o.Account)), stringValue(o.Bureau.SubjectNumber.String()), stringValue(string(o.Province))
	account := itemKey(accountPK(o.Account), skFiled)
	account["subject"] = stringValue(o.SubjectKey)
	ops := []writeOp{
		{write: types.TransactWriteItem{Put: s.newPut(subject, "")}},
		{write: types.TransactWriteItem{Put: s.newPut(account, "")}},
	}
	for _, site := range o.Bureau.Sites {
		if site.Site < 0 || site.Site >= len(o.Private.Sites) {
			continue
		}
		for _, d := range o.Private.Sites[site.Site].Domains {
			domain := itemKey(filedPK("domain", string(d)), skFiled)
			domain["subject"], domain["number"], domain["access"] = stringValue(o.SubjectKey), stringValue(site.Number.String()), stringValue(o.Product.Server)
			ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(domain, "")}})
		}
	}
	return ops
}

// Registration returns the filings through us of a subject and of an account.
func (s *Store) Registration(ctx context.Context, subjectKey string, account filing.Account) (facts.Registration, error) {
	subject, err := s.getItem(ctx, filedPK("subject", subjectKey), skFiled)
	if err != nil {
		return facts.Registration{}, err
	}
	holder, err := s.getItem(ctx, accountPK(account), skFiled)
	if err != nil {
		return facts.Registration{}, err
	}
	return facts.Registration{Account: filing.Account(stringAttr(subject, "account")), Number: stringAttr(subject, "number"),
		SubjectKey: stringAttr(holder, "subject")}, nil
}

// DomainSubject returns the key of the subject for which a domain is filed through us, "" if it is not.
func (s *Store) DomainSubject(ctx context.Context, d filing.Domain) (subjectKey string, err error) {
	row, err := s.getItem(ctx, filedPK("domain", string(d)), skFiled)
	return stringAttr(row, "subject"), err
}

// SubjectKey returns the look-up key of a subject's certificate: a keyed hash, equal for equal numbers.
func (s *Store) SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error) {
	return s.Encrypter.Index(ctx, "subject", certificate.Normalize(kind, number).Reveal())
}

func blacklistSubjectKey(subjectKey string) item {
	return itemKey("BLACK#subject#"+subjectKey, "BLACK")
}
func blacklistDomainKey(d filing.Domain) item { return itemKey("BLACK#domain#"+string(d), "BLACK") }

// SetBlacklisted adds a subject or domain to the ministry's blacklist (HMDLB), or removes it.
func (s *Store) SetBlacklisted(ctx context.Context, e exchange.BlacklistEntry, listed bool) error {
	row := blacklistSubjectKey(e.Subject)
	if e.Subject == "" {
		row = blacklistDomainKey(e.Domain)
	}
	if !listed {
		return s.deleteItem(ctx, row)
	}
	row["file"] = stringValue(e.File)
	return s.putItem(ctx, s.newPut(row, ""))
}

// Blacklisted reports whether the subject and the domain are on the ministry's blacklist.
func (s *Store) Blacklisted(ctx context.Context, subjectKey string, d filing.Domain) (subject, domain bool, err error) {
	row, err := s.getKey(ctx, blacklistSubjectKey(subjectKey))
	if err != nil {
		return false, false, err
	}
	subject = row != nil
	row, err = s.getKey(ctx, blacklistDomainKey(d))
	return subject, row != nil, err
}
