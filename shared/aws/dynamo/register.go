package dynamo

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"beian/shared/filing/register"
	"beian/shared/process/accesscheck"
	"beian/shared/process/decide"
	"beian/shared/process/event"
)

// registerPurpose is the purpose of a filing's ciphertexts. Their data key is named by [registerKey].
const registerPurpose = "register"

// registerKey returns the name of a filing's data key. It is not that of the order with the same id, because an order is erased before its
// filing.
func registerKey(id register.ID) string { return id.KeyName() }

func filingPK(id register.ID) string      { return "FILING#" + string(id) }
func versionSK(version int) string        { return fmt.Sprintf("VERSION#%06d", version) }
func filingsOf(a register.Account) string { return "filings " + string(a) }

// Partitions of the index "open": all filings that stand, and those that are cancelled and not erased.
const (
	allFilings      = "filings"
	retainedFilings = "retained filings"
)

// registerOps writes a new version of a filing: the filing, its entry, the change of access that follows, and the rows by which it is found.
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
	doc, err := Pack(after)
	if err != nil {
		return nil, err
	}
	private, err := Pack(after.Private)
	if err != nil {
		return nil, err
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
	line, err := Pack(entry)
	if err != nil {
		return nil, err
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
	for _, n := range c.Notices() {
		ops = append(ops, s.noticeOp(n))
	}
	events, err := s.eventOps(ctx, event.OfRegister(*c))
	if err != nil {
		return nil, err
	}
	ops = append(ops, events...)
	ops = append(ops, s.upkeepOp(after))
	accounts, err := s.accountOps(ctx, *c)
	if err != nil {
		return nil, err
	}
	ops = append(ops, accounts...)
	former, err := s.formerConsentOps(ctx, *c)
	if err != nil {
		return nil, err
	}
	ops = append(ops, former...)
	finders, err := s.finderOps(ctx, before, after)
	if err != nil {
		return nil, err
	}
	finders = append(finders, s.watchOps(before, after)...)
	first, rest := finders[:max(0, len(finders)-maxFinders)], finders[max(0, len(finders)-maxFinders):]
	for chunk := range slices.Chunk(first, maxWrites) {
		if err := s.writeOps(ctx, chunk); err != nil {
			return nil, err
		}
	}
	if changed := accesscheck.Changes(before, after); len(changed) > 0 {
		op, err := s.accessChangeOp(changed) // last, because the transaction follows its time
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
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

// CommitFiling stores a new version that no order makes. The error is a fault of kind Stale if another version was stored first, and of kind
// Conflict with findings if another filing has its number, subject, a domain or an id of the ministry; see [register.IsTaken].
func (s *Store) CommitFiling(ctx context.Context, c register.Change) error {
	ops, err := s.registerOps(ctx, &c)
	if err != nil {
		return err
	}
	return s.writeOps(ctx, ops)
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
	brief, err := Pack(f)
	if err != nil {
		return err
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
