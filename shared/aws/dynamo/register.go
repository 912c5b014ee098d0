package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
)

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

// finderOps writes the rows by which a filing is found, and deletes those that find it no more. A subject, its account and its domains are
// found while the filing stands; number and name also find a cancelled one. It neither replaces nor deletes a row of another filing: the
// transaction then fails with a fault of kind Conflict that says what the other filing has, and a row that is another's already is left.
func (s *Store) finderOps(ctx context.Context, before, after register.Filing) ([]writeOp, error) {
	old, err := s.finders(ctx, before)
	if err != nil {
		return nil, err
	}
	now, err := s.finders(ctx, after)
	if err != nil {
		return nil, err
	}
	const own = "attribute_not_exists(pk) OR filing = :filing"
	owner := item{":filing": stringValue(string(after.ID))}
	var ops []writeOp
	for _, row := range now {
		if slices.ContainsFunc(old, func(o finder) bool { return sameItem(o.row, row.row) }) {
			continue
		}
		put := s.newPut(row.row, own)
		put.ExpressionAttributeValues = owner
		if row.reusable && before.Version == 0 {
			if former, err := s.formerHolder(ctx, row.row, after); err != nil {
				return nil, err
			} else if former != "" {
				put.ConditionExpression = aws.String(own + " OR filing = :former")
				put.ExpressionAttributeValues = item{":filing": owner[":filing"], ":former": stringValue(string(former))}
			}
		}
		ops = append(ops, writeOp{types.TransactWriteItem{Put: put}, row.taken})
	}
	for _, row := range old {
		if slices.ContainsFunc(now, func(n finder) bool { return sameKey(n.row, row.row) }) {
			continue
		}
		key := itemKey(stringAttr(row.row, attrPK), stringAttr(row.row, attrSK))
		stored, err := s.getKey(ctx, key)
		if err != nil {
			return nil, err
		}
		if stringAttr(stored, attrFiling) != string(after.ID) {
			continue
		}
		ops = append(ops, writeOp{write: types.TransactWriteItem{Delete: &types.Delete{
			TableName: aws.String(s.Table), Key: key, ConditionExpression: aws.String(own), ExpressionAttributeValues: owner}}})
	}
	return ops, nil
}

// formerHolder returns the cancelled filing of the same subject to which a row leads; "" if it leads to none or to another one. A bureau may file a
// subject again under its former number.
func (s *Store) formerHolder(ctx context.Context, row item, after register.Filing) (register.ID, error) {
	holder, err := s.findFiling(ctx, stringAttr(row, attrPK))
	if err != nil || holder.Status != register.Cancelled || holder.SubjectKey != after.SubjectKey {
		return "", err
	}
	return holder.ID, nil
}

// A finder is a row by which a filing is found, and the fault if the row is another filing's; nil if rows of several filings differ.
type finder struct {
	row   item
	taken error
	// reusable says that a new filing takes the row over from a cancelled one of its subject.
	reusable bool
}

// finders returns the rows by which a version of a filing is found.
func (s *Store) finders(ctx context.Context, f register.Filing) ([]finder, error) {
	if f.ID == "" || f.Erased {
		return nil, nil
	}
	var rows []finder
	add := func(pk, sk string, taken error, values map[string]string) {
		row := itemKey(pk, sk)
		row[attrFiling] = stringValue(string(f.ID))
		for name, value := range values {
			row[name] = stringValue(value)
		}
		if !slices.ContainsFunc(rows, func(r finder) bool { return sameKey(r.row, row) }) { // a domain of two sites
			rows = append(rows, finder{row: row, taken: taken})
		}
	}
	if f.Number != (number.Subject{}) {
		n := f.Number.String()
		add(filedPK("number", n), skFiled, conflict(finding.New(register.CodeNumberTaken, "/number", "number", n)), nil)
		rows[0].reusable = true
	}
	name, err := s.nameKey(ctx, f.Private.Subject.Name)
	if err != nil {
		return nil, err
	}
	add(filedPK("name", name), string(f.ID), nil, nil)
	if f.Status == register.Cancelled {
		return rows, nil
	}
	for part, ids := range f.MinistryIDs() {
		for _, id := range ids {
			add(filedPK("ministry", string(part)+" "+id), skFiled, conflict(finding.New(register.CodeMinistryIDTaken, "", "id", id)), nil)
		}
	}
	add(filedPK("subject", f.SubjectKey), skFiled, conflict(finding.New(register.CodeSubjectTaken, "/subject")),
		map[string]string{"account": string(f.Account), "number": f.Number.String(), "province": string(f.Province)})
	if f.Account != "" {
		add(accountPK(f.Account), accountFiledPrefix+string(f.ID), nil, map[string]string{"subject": f.SubjectKey})
	}
	for i, site := range f.Sites {
		access, ours := site.OurAccess()
		server := access.Server
		if ours && server == "" { // imported, or known from the bureau
			server = "unknown"
		}
		if site.Number.Service != number.Site { // an app may have the domain of a website, and several apps one
			for _, d := range site.Domains {
				add(filedPK("app-domain", string(d.Name)), string(f.ID), nil, nil)
			}
			continue
		}
		for _, d := range site.Domains {
			taken := conflict(finding.New(register.CodeDomainTaken, fmt.Sprintf("/sites/%d/domains", i), "domain", d.Name.Display()))
			add(filedPK("domain", string(d.Name)), skFiled, taken,
				map[string]string{"subject": f.SubjectKey, "number": site.Number.String(), "access": server})
		}
	}
	return rows, nil
}

// accountFiledPrefix begins the sort keys of the filings that an account has.
const accountFiledPrefix = "FILED#"

// nameKey returns the look-up key of a subject's name.
func (s *Store) nameKey(ctx context.Context, name person.Name) (string, error) {
	return s.Encrypter.Index(ctx, "name", person.NormalizeName(name.Reveal()).Reveal())
}

func sameKey(a, b item) bool {
	return stringAttr(a, attrPK) == stringAttr(b, attrPK) && stringAttr(a, attrSK) == stringAttr(b, attrSK)
}

func sameItem(a, b item) bool {
	for name := range a {
		if stringAttr(a, name) != stringAttr(b, name) {
			return false
		}
	}
	return len(a) == len(b)
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
