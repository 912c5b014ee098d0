package dynamo

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
)

// finderOps writes the rows by which a filing is found, and deletes those that find it no more. A subject, its account and its domains are
// found while the filing stands; number and name also find a cancelled one. An id of the ministry or a domain that the filing no longer has leads to it as its
// former filing. It neither replaces nor deletes a row of another filing: the
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
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: put}, failed: row.taken})
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
		if row.former != "" {
			former := itemKey(stringAttr(key, attrPK), row.former)
			former[attrFiling] = stringValue(string(after.ID))
			ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(former, "")}})
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
	// former is the sort key of the row that replaces it when it no longer finds the filing; "" for none.
	former string
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
			rows[len(rows)-1].former = skFormer
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
			if last := &rows[len(rows)-1]; stringAttr(last.row, attrPK) == filedPK("domain", string(d.Name)) { // not a domain of two sites
				last.former = skFormer
			}
		}
	}
	return rows, nil
}

// skFormer is the sort key of the row that says which filing had an id of the ministry, or a domain, last.
const skFormer = "FORMER"

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
