package dynamo

import (
	"context"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/exchange"
	"beian/shared/process/facts"
	"beian/shared/rules/certificate"
)

// Registration returns the filings through us of a subject and of an account.
func (s *Store) Registration(ctx context.Context, subjectKey string, account filing.Account) (facts.Registration, error) {
	subject, err := s.getItem(ctx, filedPK("subject", subjectKey), skFiled)
	if err != nil {
		return facts.Registration{}, err
	}
	rows, err := s.listRows(ctx, accountPK(account), accountFiledPrefix, 0)
	if err != nil {
		return facts.Registration{}, err
	}
	found := facts.Registration{Filed: subject != nil, Filing: register.ID(stringAttr(subject, attrFiling)),
		Account: filing.Account(stringAttr(subject, "account")), Number: stringAttr(subject, "number")}
	for _, row := range rows {
		found.SubjectKeys = append(found.SubjectKeys, stringAttr(row, attrSubject))
	}
	return found, nil
}

// DomainRegistration returns for which subject a domain is filed through us, the number of its site, and whether the site is hosted by us.
func (s *Store) DomainRegistration(ctx context.Context, d filing.Domain) (facts.DomainRegistration, error) {
	row, err := s.getItem(ctx, filedPK("domain", string(d)), skFiled)
	return facts.DomainRegistration{SubjectKey: stringAttr(row, "subject"), Number: stringAttr(row, "number"), OurAccess: stringAttr(row, "access") != ""}, err
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
