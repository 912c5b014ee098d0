package dynamo

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
)

var errNoFiling = fault.New(fault.NotFound, "找不到这条备案，请在备案列表中重新打开。", "There is no such filing.")

// registerPurpose is the purpose of a filing's ciphertexts. Their data key is named by [registerKey].
const registerPurpose = "register"

// registerKey returns the name of a filing's data key. It is not that of the order with the same id, because an order is erased before its
// filing.
func registerKey(id register.ID) string { return "filing/" + string(id) }

func filingPK(id register.ID) string      { return "FILING#" + string(id) }
func versionSK(version int) string        { return fmt.Sprintf("VERSION#%06d", version) }
func filingsOf(a register.Account) string { return "filings " + string(a) }

// Partitions of the index "open": all filings that stand, and those that are cancelled and not erased.
const (
	allFilings      = "filings"
	retainedFilings = "retained filings"
)

// registerOps writes a new version of a filing: the filing, its entry, and the rows by which it is found.
func (s *Store) registerOps(ctx context.Context, c *register.Change) ([]writeOp, error) {
	if c == nil {
		return nil, nil
	}
	before, after := c.Before, c.After
	if before.Version == 0 {
		if err := s.Encrypter.NewKey(ctx, registerKey(after.ID)); err != nil {
			return nil, err
		}
	}
	doc, err := json.Marshal(after)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	private, err := json.Marshal(after.Private)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	sealed, err := s.Encrypter.Encrypt(ctx, registerKey(after.ID), registerPurpose, private)
	if err != nil {
		return nil, err
	}
	row := itemKey(filingPK(after.ID), skFiling)
	row[attrBrief], row[attrSealed], row[attrVersion] = binaryValue(doc), binaryValue(sealed), numberValue(int64(after.Version))
	row[attrOpen], row[attrAt] = stringValue(allFilings), stringValue(sortableTime(after.ChangedAt)+"#"+string(after.ID))
	if after.Status == register.Cancelled {
		row[attrOpen], row[attrAt] = stringValue(retainedFilings), stringValue(sortableTime(after.CancelledOn.Time())+"#"+string(after.ID))
	}
	if after.Account != "" {
		row[attrMine] = stringValue(filingsOf(after.Account))
	}
	name, err := s.nameKey(ctx, after.Private.Subject.Name)
	if err != nil {
		return nil, err
	}
	row[attrName] = stringValue(name)
	put := s.newPut(row, "attribute_not_exists(pk)")
	if before.Version > 0 {
		put = s.newPut(row, "version = :before")
		put.ExpressionAttributeValues = item{":before": numberValue(int64(before.Version))}
	}
	entry := c.Entry
	if entry.MAC, err = s.versionMAC(ctx, entry); err != nil {
		return nil, err
	}
	line, err := json.Marshal(entry)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	version := itemKey(filingPK(after.ID), versionSK(after.Version))
	version[attrDoc], version[attrBrief], version[attrSealed] = binaryValue(line), binaryValue(doc), binaryValue(sealed)
	ops := []writeOp{
		{write: types.TransactWriteItem{Put: put}},
		{write: types.TransactWriteItem{Put: s.newPut(version, "attribute_not_exists(pk)")}},
	}
	if after.Status == register.Cancelled && before.Status != register.Cancelled && before.Version > 0 {
		e := decide.OutboxEntry{ID: string(decide.EndOrders) + "#" + ulid.Make().String(), Kind: decide.EndOrders, Filing: after.ID, At: s.Wall().UTC()}
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(entryItem(e), "")}})
	}
	former, err := s.formerConsentOps(ctx, *c)
	if err != nil {
		return nil, err
	}
	ops = append(ops, former...)
	finders, err := s.finderOps(ctx, before, after)
	if err != nil {
		return nil, err
	}
	first, rest := finders[:max(0, len(finders)-maxFinders)], finders[max(0, len(finders)-maxFinders):]
	for chunk := range slices.Chunk(first, maxWrites) {
		if err := s.writeOps(ctx, chunk); err != nil {
			return nil, err
		}
	}
	return append(ops, rest...), nil
}

const (
	// maxWrites is the maximum number of writes in one transaction of DynamoDB.
	maxWrites = 100
	// maxFinders is the number of rows by which a filing is found that are written in the transaction of its new version. The rows of a filing with
	// more sites are written before. A writer that fails in between is repeated: the exchange and imports are.
	maxFinders = 40
)

// writeOps writes a transaction without an order. A condition that fails is a fault: its own, or Stale.
func (s *Store) writeOps(ctx context.Context, ops []writeOp) error {
	return s.writeRequested(ctx, ops, decide.Request{})
}

// writeRequested is writeOps for a request, whose row is among the operations. The error is a *decide.RepeatedError if the row exists.
func (s *Store) writeRequested(ctx context.Context, ops []writeOp, request decide.Request) error {
	writes := make([]types.TransactWriteItem, len(ops))
	for i, o := range ops {
		writes[i] = o.write
	}
	if err := s.writeTransaction(ctx, writes); err != nil {
		return s.classifyCommit(ctx, err, ops, request)
	}
	return nil
}

// versionMAC returns the HMAC of an entry of a filing's ledger.
func (s *Store) versionMAC(ctx context.Context, e register.Entry) (string, error) {
	return s.Encrypter.MAC(ctx, "register", string(e.Filing)+" "+e.Hash)
}

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
	if err := json.Unmarshal(binaryAttr(row, attrBrief), &f); err != nil {
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
	if err := json.Unmarshal(private, &f.Private); err != nil {
		return f, fault.Wrap(fault.Internal, err)
	}
	return f, nil
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

// FilingVersions returns the ledger of a filing, oldest first. MACValid reports whether an entry's HMAC is correct.
func (s *Store) FilingVersions(ctx context.Context, id register.ID) ([]register.Entry, error) {
	rows, err := s.listRows(ctx, filingPK(id), "VERSION#", 0)
	if err != nil {
		return nil, err
	}
	entries := make([]register.Entry, len(rows))
	for i, row := range rows {
		e := &entries[i]
		if err := json.Unmarshal(binaryAttr(row, attrDoc), e); err != nil {
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

// CommitFiling stores a new version that no order makes. The error is a fault of kind Stale if another version was stored first, and of kind
// Conflict with findings if another filing has its number, subject, a domain or an id of the ministry; see [register.IsTaken].
func (s *Store) CommitFiling(ctx context.Context, c register.Change) error {
	ops, err := s.registerOps(ctx, &c)
	if err != nil {
		return err
	}
	return s.writeOps(ctx, ops)
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
		if err := json.Unmarshal(binaryAttr(row, attrBrief), &found[i]); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
	}
	return found, next, nil
}

// EraseFiling deletes the personal data of a cancelled filing irrevocably: its data key, and what finds it by name. Number, status and the ledger
// stay. The key is deleted first, so that an erasure that ends half-way is repeated.
func (s *Store) EraseFiling(ctx context.Context, f register.Filing) error {
	row, err := s.getItem(ctx, filingPK(f.ID), skFiling)
	if err != nil || row == nil {
		return err
	}
	if err := s.Encrypter.DeleteKey(ctx, registerKey(f.ID)); err != nil {
		return err
	}
	name := filedPK("name", stringAttr(row, attrName))
	f.Erased, f.SubjectKey = true, ""
	brief, err := json.Marshal(f)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row[attrBrief] = binaryValue(brief)
	for _, attr := range []string{attrSealed, attrOpen, attrName} {
		delete(row, attr)
	}
	put := s.newPut(row, "version = :version")
	put.ExpressionAttributeValues = item{":version": numberValue(int64(f.Version))}
	err = s.writeTransaction(ctx, []types.TransactWriteItem{
		{Put: put}, {Delete: &types.Delete{TableName: aws.String(s.Table), Key: itemKey(name, string(f.ID))}},
	})
	return classify(err)
}
