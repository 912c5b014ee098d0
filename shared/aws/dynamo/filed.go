package dynamo

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/accesscheck"
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
	return registrationOf(subject, rows), nil
}

func registrationOf(subject item, ofAccount []item) facts.Registration {
	found := facts.Registration{Filed: subject != nil, Filing: register.ID(stringAttr(subject, attrFiling)),
		Account: filing.Account(stringAttr(subject, "account")), Number: stringAttr(subject, "number")}
	for _, row := range ofAccount {
		found.SubjectKeys = append(found.SubjectKeys, stringAttr(row, attrSubject))
	}
	return found
}

// DomainRegistration returns for which subject a domain is filed through us, the number of its site, and whether the site is hosted by us.
func (s *Store) DomainRegistration(ctx context.Context, d filing.Domain) (facts.DomainRegistration, error) {
	row, err := s.getItem(ctx, filedPK("domain", string(d)), skFiled)
	return domainRegistrationOf(row), err
}

func domainRegistrationOf(row item) facts.DomainRegistration {
	return facts.DomainRegistration{SubjectKey: stringAttr(row, attrSubject), Number: stringAttr(row, "number"), OurAccess: stringAttr(row, attrAccess) != ""}
}

// SubjectKey returns the look-up key of a subject's certificate: a keyed hash, equal for equal numbers.
func (s *Store) SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error) {
	return s.Encrypter.Index(ctx, "subject", certificate.Normalize(kind, number).Reveal())
}

func blacklistSubjectKey(subjectKey string) item {
	return itemKey("BLACK#subject#"+subjectKey, "BLACK")
}
func blacklistDomainKey(d filing.Domain) item { return itemKey("BLACK#domain#"+string(d), "BLACK") }

// SetBlacklisted adds a subject or domain to the ministry's blacklist (HMDLB), or removes it. What it changes for hosts is stored in the same transaction.
func (s *Store) SetBlacklisted(ctx context.Context, e exchange.BlacklistEntry, listed bool) error {
	row, domains := blacklistSubjectKey(e.Subject), []filing.Domain{cmp.Or(e.Domain.Registrable(), e.Domain)}
	if e.Subject == "" {
		row = blacklistDomainKey(e.Domain)
	} else {
		f, err := s.filedBrief(ctx, filedPK("subject", e.Subject))
		if err != nil {
			return err
		}
		domains = accesscheck.DomainsOf(f)
	}
	before, err := s.getKey(ctx, row)
	if err != nil {
		return err
	}
	write := types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.Table), Key: row}}
	kind := accesscheck.Unblacklisted
	if listed {
		kind = accesscheck.Blacklisted
		row["file"] = stringValue(e.File)
		write = types.TransactWriteItem{Put: s.newPut(row, "")}
	}
	ops := []writeOp{{write: write}}
	if (before != nil) != listed && len(domains) > 0 {
		var changed []accesscheck.Change
		for _, d := range domains {
			changed = append(changed, accesscheck.Change{Domain: d, Kind: kind})
		}
		op, err := s.accessChangeOp(changed)
		if err != nil {
			return err
		}
		ops = append(ops, op)
	}
	return s.writeOps(ctx, ops)
}

// Known looks up a subject, an account and domains among what is filed through us and on the ministry's blacklist, in two requests.
func (s *Store) Known(ctx context.Context, subjectKey string, account filing.Account, domains []filing.Domain) (facts.Known, error) {
	keys := []item{itemKey(filedPK("subject", subjectKey), skFiled), blacklistSubjectKey(subjectKey)}
	for _, d := range domains {
		keys = append(keys, itemKey(filedPK("domain", string(d)), skFiled), blacklistDomainKey(d))
	}
	rows := newBatchReader(s)
	if err := rows.read(ctx, keys); err != nil {
		return facts.Known{}, err
	}
	own, err := s.listRows(ctx, accountPK(account), accountFiledPrefix, 0)
	if err != nil {
		return facts.Known{}, err
	}
	known := facts.Known{Registration: registrationOf(rows.row(keys[0]), own), Blacklisted: rows.row(keys[1]) != nil, Domains: map[filing.Domain]facts.DomainRegistration{}}
	for i, d := range domains {
		found := domainRegistrationOf(rows.row(keys[2+2*i]))
		found.Blacklisted = rows.row(keys[3+2*i]) != nil
		known.Domains[d] = found
	}
	return known, nil
}

// BlacklistedDomains returns those of some domains that are on the ministry's blacklist.
func (s *Store) BlacklistedDomains(ctx context.Context, domains []filing.Domain) (listed []filing.Domain, err error) {
	rows := newBatchReader(s)
	var keys []item
	for _, d := range domains {
		keys = append(keys, blacklistDomainKey(d))
	}
	err = rows.read(ctx, keys)
	for i, d := range domains {
		if rows.row(keys[i]) != nil {
			listed = append(listed, d)
		}
	}
	return listed, err
}
