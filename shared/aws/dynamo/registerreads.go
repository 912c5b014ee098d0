package dynamo

import (
	"context"
	"crypto/hmac"
	"errors"
	"slices"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/envelope"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
)

var errNoFiling = fault.New(fault.NotFound, "找不到这条备案，请在备案列表中重新打开。", "There is no such filing.")

// Filing returns a filing, or a fault of kind NotFound.
func (s *Store) Filing(ctx context.Context, id register.ID) (register.Filing, error) {
	row, err := s.getItem(ctx, filingPK(id), skFiling)
	if err != nil {
		return register.Filing{}, err
	}
	if row == nil {
		return register.Filing{}, errNoFiling
	}
	return s.openFiling(ctx, id, row)
}

// openFiling returns the filing in a row. The filing has no personal data if they are erased.
func (s *Store) openFiling(ctx context.Context, id register.ID, row item) (f register.Filing, err error) {
	if err := Unpack(binaryAttr(row, attrBrief), &f); err != nil {
		return f, fault.Wrap(fault.Internal, err)
	}
	if f.Erased {
		return f, nil
	}
	private, err := s.Encrypter.Decrypt(ctx, registerKey(id), registerPurpose, binaryAttr(row, attrSealed))
	if errors.Is(err, envelope.ErrErased) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	return f, Unpack(private, &f.Private)
}

// FilingOf returns the filing of a subject; the zero Filing if none stands.
func (s *Store) FilingOf(ctx context.Context, subjectKey string) (register.Filing, error) {
	return s.findFiling(ctx, filedPK("subject", subjectKey))
}

// FilingByNumber returns the filing with a subject's number, also a cancelled one; the zero Filing if there is none.
func (s *Store) FilingByNumber(ctx context.Context, n number.Subject) (register.Filing, error) {
	return s.findFiling(ctx, filedPK("number", n.String()))
}

// FilingByMinistryID returns the filing with a part that has an id of the ministry; the zero Filing if none stands.
func (s *Store) FilingByMinistryID(ctx context.Context, p register.Part, id string) (register.Filing, error) {
	return s.findFiling(ctx, filedPK("ministry", string(p)+" "+id))
}

// FormerFiling returns the filing that had a part with an id of the ministry before the part ended, also a cancelled filing; the zero Filing if none had.
func (s *Store) FormerFiling(ctx context.Context, p register.Part, id string) (register.Filing, error) {
	row, err := s.getItem(ctx, filedPK("ministry", string(p)+" "+id), skFormer)
	if err != nil || row == nil {
		return register.Filing{}, err
	}
	return s.Filing(ctx, register.ID(stringAttr(row, attrFiling)))
}

// FilingsByDomain returns the filings that stand with a domain, at most limit: first that of a website, then those of apps, mini programs and quick apps.
func (s *Store) FilingsByDomain(ctx context.Context, d domainname.Domain, limit int) ([]register.Filing, error) {
	first, err := s.findFiling(ctx, filedPK("domain", string(d)))
	if err != nil {
		return nil, err
	}
	found, err := s.filingsUnder(ctx, filedPK("app-domain", string(d)), limit)
	if err != nil || first.ID == "" {
		return found, err
	}
	found = slices.DeleteFunc(found, func(f register.Filing) bool { return f.ID == first.ID })
	return append([]register.Filing{first}, found[:min(len(found), limit-1)]...), nil
}

// FilingsByName returns the filings of the subjects with a name, also cancelled ones, at most limit.
func (s *Store) FilingsByName(ctx context.Context, name person.Name, limit int) ([]register.Filing, error) {
	key, err := s.nameKey(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.filingsUnder(ctx, filedPK("name", key), limit)
}

// filingsUnder returns the filings to which the rows of a partition lead, at most limit.
func (s *Store) filingsUnder(ctx context.Context, pk string, limit int) ([]register.Filing, error) {
	rows, err := s.listRows(ctx, pk, "", limit)
	if err != nil {
		return nil, err
	}
	var found []register.Filing
	for _, row := range rows[:min(len(rows), limit)] {
		f, err := s.Filing(ctx, register.ID(stringAttr(row, attrFiling)))
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, nil
}

// StandingFilings returns the filings of an account that stand.
func (s *Store) StandingFilings(ctx context.Context, account register.Account) ([]register.Filing, error) {
	rows, err := s.listRows(ctx, accountPK(account), accountFiledPrefix, 0)
	if err != nil {
		return nil, err
	}
	var found []register.Filing
	for _, row := range rows {
		f, err := s.Filing(ctx, register.ID(stringAttr(row, attrFiling)))
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, nil
}

// OpenOrderOf returns the open order of an account for a subject; "" if there is none.
func (s *Store) OpenOrderOf(ctx context.Context, account register.Account, subjectKey string) (filing.ID, error) {
	row, err := s.getKey(ctx, lockKey(filing.Lock{Kind: filing.SubjectLock, Key: subjectKey, Account: account}))
	return filing.ID(stringAttr(row, attrOrder)), err
}

// findFiling returns the filing to which a row leads; the zero Filing if there is no such row.
func (s *Store) findFiling(ctx context.Context, pk string) (register.Filing, error) {
	row, err := s.getItem(ctx, pk, skFiled)
	if err != nil || stringAttr(row, attrFiling) == "" {
		return register.Filing{}, err
	}
	return s.Filing(ctx, register.ID(stringAttr(row, attrFiling)))
}

// FilingVersion returns a version of a filing, or a fault of kind NotFound. It has no personal data if those of the filing are erased.
func (s *Store) FilingVersion(ctx context.Context, id register.ID, version int) (register.Filing, error) {
	row, err := s.getItem(ctx, filingPK(id), versionSK(version))
	if err != nil {
		return register.Filing{}, err
	}
	if row == nil {
		return register.Filing{}, errNoFiling
	}
	return s.openFiling(ctx, id, row)
}

// FilingVersions returns the ledger of a filing, oldest first. MACValid reports whether an entry's HMAC is correct.
func (s *Store) FilingVersions(ctx context.Context, id register.ID) ([]register.Entry, error) {
	rows, err := s.listRows(ctx, filingPK(id), "VERSION#", 0)
	if err != nil {
		return nil, err
	}
	entries := make([]register.Entry, len(rows))
	for i, row := range rows {
		e := &entries[i]
		if err := Unpack(binaryAttr(row, attrDoc), e); err != nil {
			*e = register.Entry{Filing: id, Version: i + 1}
			continue
		}
		mac, err := s.versionMAC(ctx, *e)
		if err != nil {
			return nil, err
		}
		e.MACValid = hmac.Equal([]byte(mac), []byte(e.MAC))
	}
	return entries, nil
}

// ListFilings lists filings, most recently changed first: those of an account or, if it is "", all that stand. They are without personal data.
// [Store.ListRetainedFilings] has the cancelled ones.
func (s *Store) ListFilings(ctx context.Context, account register.Account, cursor string, limit int) (found []register.Filing, next string, err error) {
	if account != "" {
		return s.listFilings(ctx, indexMine, attrMine, filingsOf(account), cursor, limit, false)
	}
	return s.listFilings(ctx, indexOpen, attrOpen, allFilings, cursor, limit, false)
}

// ListRetainedFilings lists the filings that are cancelled and not erased, those that were cancelled first first. They are without personal data.
func (s *Store) ListRetainedFilings(ctx context.Context, cursor string, limit int) (found []register.Filing, next string, err error) {
	return s.listFilings(ctx, indexOpen, attrOpen, retainedFilings, cursor, limit, true)
}

func (s *Store) listFilings(ctx context.Context, index, attr, value, cursor string, limit int, forward bool) ([]register.Filing, string, error) {
	rows, next, err := s.listIndex(ctx, index, attr, value, cursor, limit, forward)
	if err != nil {
		return nil, "", err
	}
	found := make([]register.Filing, len(rows))
	for i, row := range rows {
		if err := Unpack(binaryAttr(row, attrBrief), &found[i]); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
	}
	return found, next, nil
}
