package dynamo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/accesscheck"
	"beian/shared/process/inventory"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// The checks of access read nothing that is encrypted: of a filing only its brief.

const (
	pkAccess   = "ACCESS"
	attrAccess = "access" // of the row of a domain: our server
	// batchKeys is the maximum number of keys in one BatchGetItem, and batchesAtOnce that of the requests in parallel.
	batchKeys, batchesAtOnce = 100, 8
	// maxApps is the number of filings with an app of a domain that are considered.
	maxApps = 10
)

// AccessFacts returns what the register has of registrable domains, with two rounds of reads, or three for a domain that only apps have. A domain that is filed or
// blacklisted as www.<domain> counts.
func (s *Store) AccessFacts(ctx context.Context, domains []domainname.Domain) (map[domainname.Domain]accesscheck.Facts, error) {
	r := accessReader{store: s, rows: map[[2]string]item{}}
	var keys []item
	for _, d := range domains {
		keys = append(keys, blacklistDomainKey(d), blacklistDomainKey("www."+d), lockKey(filing.Lock{Kind: filing.DomainLock, Key: string(d)}))
		for _, name := range namesOf(d) {
			keys = append(keys, itemKey(name, skFiled), itemKey(name, skFormer))
		}
	}
	if err := r.read(ctx, keys); err != nil {
		return nil, err
	}
	leads := make([]accessLeads, len(domains))
	apps := errgroup.Group{}
	apps.SetLimit(batchesAtOnce)
	for i, d := range domains {
		if leads[i] = r.leads(d); leads[i].filing == "" {
			apps.Go(func() (err error) {
				leads[i].apps, err = s.listRows(ctx, filedPK("app-domain", string(d)), "", maxApps)
				return err
			})
		}
	}
	if err := apps.Wait(); err != nil {
		return nil, err
	}
	keys = nil
	for _, l := range leads {
		keys = append(keys, l.keys()...)
	}
	if err := r.read(ctx, keys); err != nil {
		return nil, err
	}
	facts, more, err := r.facts(domains, leads)
	if err != nil || len(more) == 0 {
		return facts, err
	}
	if err := r.read(ctx, more); err != nil {
		return nil, err
	}
	facts, _, err = r.facts(domains, leads)
	return facts, err
}

// namesOf returns the partition keys of the rows by which a registrable domain is found.
func namesOf(d domainname.Domain) []string {
	return []string{filedPK("domain", string(d)), filedPK("domain", "www."+string(d))}
}

// An accessReader reads rows, and keeps them by their keys. A row that does not exist is nil.
type accessReader struct {
	store *Store
	rows  map[[2]string]item
}

func keyOf(i item) [2]string { return [2]string{stringAttr(i, attrPK), stringAttr(i, attrSK)} }

// read reads the rows of keys that were not read before.
func (r *accessReader) read(ctx context.Context, keys []item) error {
	keys = slices.DeleteFunc(keys, func(k item) bool {
		_, known := r.rows[keyOf(k)]
		r.rows[keyOf(k)] = r.rows[keyOf(k)]
		return known
	})
	found := make([][]item, (len(keys)+batchKeys-1)/batchKeys)
	batches, ctx := errgroup.WithContext(ctx)
	batches.SetLimit(batchesAtOnce)
	for i := range found {
		batches.Go(func() (err error) {
			found[i], err = r.store.batchGet(ctx, keys[i*batchKeys:min(len(keys), (i+1)*batchKeys)])
			return err
		})
	}
	err := batches.Wait()
	for _, rows := range found {
		for _, row := range rows {
			r.rows[keyOf(row)] = row
		}
	}
	return err
}

// batchGet reads at most [batchKeys] rows with strong consistency, without what is encrypted in them.
func (s *Store) batchGet(ctx context.Context, keys []item) (rows []item, err error) {
	ask := map[string]types.KeysAndAttributes{s.Table: {Keys: keys, ConsistentRead: aws.Bool(true),
		ProjectionExpression:     aws.String("pk, sk, brief, doc, #filing, #subject, #access"),
		ExpressionAttributeNames: map[string]string{"#filing": attrFiling, "#subject": attrSubject, "#access": attrAccess}}}
	for pause := firstPause; len(ask) > 0; pause *= 2 {
		out, err := s.Client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: ask})
		if err != nil {
			return nil, classify(err)
		}
		rows = append(rows, out.Responses[s.Table]...)
		if ask = out.UnprocessedKeys; len(ask) > 0 { // more than 16 MB, or throttled
			select {
			case <-ctx.Done():
				return nil, classify(ctx.Err())
			case <-time.After(pause):
			}
		}
	}
	return rows, nil
}

// accessLeads are the keys to which the rows of a domain lead.
type accessLeads struct {
	filing, former  string // ids of filings
	subject, server string
	apps            []item
}

func (r *accessReader) leads(d domainname.Domain) (l accessLeads) {
	for _, name := range namesOf(d) {
		if row := r.rows[[2]string{name, skFiled}]; row != nil && l.filing == "" {
			l.filing, l.subject, l.server = stringAttr(row, attrFiling), stringAttr(row, attrSubject), stringAttr(row, attrAccess)
		}
		if row := r.rows[[2]string{name, skFormer}]; row != nil && l.former == "" {
			l.former = stringAttr(row, attrFiling)
		}
	}
	return l
}

func (l accessLeads) keys() (keys []item) {
	for _, id := range l.filings() {
		keys = append(keys, itemKey(filingPK(id), skFiling))
	}
	if l.filing == "" && l.former != "" {
		keys = append(keys, itemKey(filingPK(register.ID(l.former)), skFiling))
	}
	if l.subject != "" {
		keys = append(keys, blacklistSubjectKey(l.subject))
	}
	if l.server != "" {
		keys = append(keys, itemKey(serverPK(l.server), skServer))
	}
	return keys
}

// filings returns the filings that have the domain.
func (l accessLeads) filings() (ids []register.ID) {
	if l.filing != "" {
		ids = append(ids, register.ID(l.filing))
	}
	for _, row := range l.apps {
		ids = append(ids, register.ID(stringAttr(row, attrFiling)))
	}
	return ids
}

// facts returns the facts that follow from the rows, and the keys of rows that are still to be read.
func (r *accessReader) facts(domains []domainname.Domain, leads []accessLeads) (map[domainname.Domain]accesscheck.Facts, []item, error) {
	all := make(map[domainname.Domain]accesscheck.Facts, len(domains))
	var more []item
	row := func(key item) item {
		found, known := r.rows[keyOf(key)]
		if !known {
			more = append(more, key)
		}
		return found
	}
	for i, d := range domains {
		facts := accesscheck.Facts{DomainBlacklisted: row(blacklistDomainKey(d)) != nil || row(blacklistDomainKey("www."+d)) != nil,
			OrderOpen: row(lockKey(filing.Lock{Kind: filing.DomainLock, Key: string(d)})) != nil}
		for _, id := range leads[i].filings() {
			f, err := briefOf(row(itemKey(filingPK(id), skFiling)))
			if err != nil {
				return nil, nil, err
			}
			for _, site := range f.Sites {
				if f.Status == register.Cancelled || !slices.ContainsFunc(site.Domains, func(x register.FiledDomain) bool { return x.Name == d || x.Name == "www."+d }) {
					continue
				}
				facts.SubjectBlacklisted = facts.SubjectBlacklisted || row(blacklistSubjectKey(f.SubjectKey)) != nil
				var server inventory.Server
				if access, ours := site.OurAccess(); ours && access.Server != "" {
					if found := row(itemKey(serverPK(access.Server), skServer)); found != nil {
						if err := json.Unmarshal(binaryAttr(found, attrDoc), &server); err != nil {
							return nil, nil, fault.Wrap(fault.Internal, err)
						}
					}
				}
				facts.Sites = append(facts.Sites, accesscheck.SiteOf(f, site, server.IPs))
			}
		}
		slices.SortStableFunc(facts.Sites, func(a, b accesscheck.Site) int { return rankOf(a) - rankOf(b) })
		if leads[i].filing == "" && leads[i].former != "" {
			f, err := briefOf(row(itemKey(filingPK(register.ID(leads[i].former)), skFiling)))
			if err != nil {
				return nil, nil, err
			}
			facts.Former = f.Status
		}
		all[d] = facts
	}
	return all, more, nil
}

// rankOf sorts websites before apps.
func rankOf(s accesscheck.Site) int {
	if s.Number.Service == number.Site {
		return 0
	}
	return 1
}

// briefOf returns what is public of a filing; the zero Filing if there is no row.
func briefOf(row item) (f register.Filing, err error) {
	if row == nil {
		return f, nil
	}
	return f, fault.Wrap(fault.Internal, json.Unmarshal(binaryAttr(row, attrBrief), &f))
}

// filedBrief returns what is public of the filing to which a row leads; the zero Filing if there is none.
func (s *Store) filedBrief(ctx context.Context, pk string) (register.Filing, error) {
	row, err := s.getItem(ctx, pk, skFiled)
	if err != nil || row == nil {
		return register.Filing{}, err
	}
	if row, err = s.getItem(ctx, filingPK(register.ID(stringAttr(row, attrFiling))), skFiling); err != nil {
		return register.Filing{}, err
	}
	return briefOf(row)
}

// accessChangeOp writes what a transaction changes for hosts.
func (s *Store) accessChangeOp(changed []accesscheck.Change) (writeOp, error) {
	doc, err := json.Marshal(changed)
	if err != nil {
		return writeOp{}, fault.Wrap(fault.Internal, err)
	}
	now := s.Wall()
	row := itemKey(pkAccess, sortableTime(now)+"#"+ulid.Make().String())
	row[attrDoc], row[attrTTL] = binaryValue(doc), numberValue(now.Add(accesscheck.ChangesKept).Unix())
	return writeOp{write: types.TransactWriteItem{Put: s.newPut(row, "")}}, nil
}

// AccessChanges returns what changed for hosts after a cursor, oldest first, at most limit versions of filings and entries of the blacklist, and the cursor after
// them. Changes of the last [accesscheck.ChangesSettle] are not among them. The error is a fault of kind Invalid for an unknown cursor and for one that is older
// than the changes that are kept.
func (s *Store) AccessChanges(ctx context.Context, cursor string, limit int) (changed []accesscheck.ChangeSet, next string, err error) {
	now := s.Wall()
	from, until := sortableTime(now.Add(-accesscheck.ChangesKept)), sortableTime(now.Add(-accesscheck.ChangesSettle))
	if cursor != "" {
		after, err := base64.RawURLEncoding.DecodeString(cursor)
		at, _, _ := strings.Cut(string(after), "#")
		if _, errTime := time.Parse(timeLayout, at); err != nil || errTime != nil || len(after) > maxCursor {
			return nil, "", unknownCursor()
		}
		if at < from {
			return nil, "", fault.WithFindings(fault.Invalid, finding.List{finding.New(accesscheck.CodeCursorExpired, "")})
		}
		from = string(after) + "\x01" // after this row
	}
	if from > until {
		return nil, cursor, nil
	}
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :until"),
		ExpressionAttributeValues: item{":pk": stringValue(pkAccess), ":from": stringValue(from), ":until": stringValue(until)},
		ConsistentRead:            aws.Bool(true), Limit: aws.Int32(int32(limit)),
	})
	if err != nil {
		return nil, "", classify(err)
	}
	last, count := until, 0
	for _, row := range out.Items {
		if count >= accesscheck.MaxChanges {
			break
		}
		last = stringAttr(row, attrSK)
		text, _, _ := strings.Cut(last, "#")
		set := accesscheck.ChangeSet{}
		if set.At, err = time.Parse(timeLayout, text); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
		if err := json.Unmarshal(binaryAttr(row, attrDoc), &set.Changes); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
		changed, count = append(changed, set), count+len(set.Changes)
	}
	return changed, base64.RawURLEncoding.EncodeToString([]byte(last)), nil
}
