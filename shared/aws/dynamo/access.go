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
	// maxApps is the number of filings with an app of a domain that are considered.
	maxApps = 10
)

// AccessFacts returns what the register has of registrable domains, with two rounds of reads, or up to four for a domain without a website. A domain that is filed or
// blacklisted as www.<domain> counts.
func (s *Store) AccessFacts(ctx context.Context, domains []domainname.Domain) (map[domainname.Domain]accesscheck.Facts, error) {
	r := accessReader{batchReader: newBatchReader(s), apps: map[domainname.Domain][]item{}}
	var keys []item
	for _, d := range domains {
		keys = append(keys, blacklistDomainKey(d), blacklistDomainKey("www."+d))
		for _, name := range namesOf(d) {
			keys = append(keys, itemKey(name, skFiled))
		}
	}
	if err := r.read(ctx, keys); err != nil {
		return nil, err
	}
	if err := r.readApps(ctx, domains); err != nil {
		return nil, err
	}
	for {
		facts := make(map[domainname.Domain]accesscheck.Facts, len(domains))
		for _, d := range domains {
			var err error
			if facts[d], err = r.facts(d); err != nil {
				return nil, err
			}
		}
		missing := r.missing
		if len(missing) == 0 {
			return facts, nil
		}
		r.missing = nil
		if err := r.read(ctx, missing); err != nil {
			return nil, err
		}
	}
}

// namesOf returns the partition keys of the rows by which a registrable domain is found.
func namesOf(d domainname.Domain) []string {
	return []string{filedPK("domain", string(d)), filedPK("domain", "www."+string(d))}
}

// An accessReader reads what a check of access needs.
type accessReader struct {
	*batchReader
	apps map[domainname.Domain][]item // rows of the apps of domains without a website
}

// named returns the row of a kind by which a domain is found; nil if there is none.
func (r *accessReader) named(d domainname.Domain, sk string) item {
	for _, name := range namesOf(d) {
		if found := r.row(itemKey(name, sk)); found != nil {
			return found
		}
	}
	return nil
}

// readApps reads the rows of the apps of domains without a website.
func (r *accessReader) readApps(ctx context.Context, domains []domainname.Domain) error {
	domains = slices.DeleteFunc(slices.Clone(domains), func(d domainname.Domain) bool { return r.named(d, skFiled) != nil })
	found := make([][]item, len(domains))
	queries, ctx := errgroup.WithContext(ctx)
	queries.SetLimit(batchesAtOnce)
	for i, d := range domains {
		queries.Go(func() (err error) {
			found[i], err = r.store.listRows(ctx, filedPK("app-domain", string(d)), "", maxApps)
			return err
		})
	}
	err := queries.Wait()
	for i, d := range domains {
		r.apps[d] = found[i]
	}
	return err
}

// facts returns the facts of a domain, as far as its rows were read.
func (r *accessReader) facts(d domainname.Domain) (facts accesscheck.Facts, err error) {
	facts.DomainBlacklisted = r.row(blacklistDomainKey(d)) != nil || r.row(blacklistDomainKey("www."+d)) != nil
	leads := r.apps[d]
	if filed := r.named(d, skFiled); filed != nil {
		leads = []item{filed}
		r.row(blacklistSubjectKey(stringAttr(filed, attrSubject))) // with the filing, which names them, too
		if server := stringAttr(filed, attrAccess); server != "" {
			r.row(itemKey(serverPK(server), skServer))
		}
	}
	if len(leads) == 0 {
		facts.OrderOpen = r.row(lockKey(filing.Lock{Kind: filing.DomainLock, Key: string(d)})) != nil
		f, err := r.filing(r.named(d, skFormer))
		facts.Former = f.Status
		return facts, err
	}
	for _, lead := range leads {
		f, err := r.filing(lead)
		if err != nil {
			return facts, err
		}
		if f.Status == register.Cancelled {
			continue
		}
		for _, site := range f.Sites {
			if !slices.ContainsFunc(site.Domains, func(x register.FiledDomain) bool { return x.Name == d || x.Name == "www."+d }) {
				continue
			}
			server, err := r.server(site)
			if err != nil {
				return facts, err
			}
			facts.SubjectBlacklisted = facts.SubjectBlacklisted || r.row(blacklistSubjectKey(f.SubjectKey)) != nil
			facts.Sites = append(facts.Sites, accesscheck.SiteOf(f, site, server.IPs))
		}
	}
	slices.SortStableFunc(facts.Sites, func(a, b accesscheck.Site) int { return rankOf(a) - rankOf(b) })
	return facts, nil
}

// filing returns what is public of the filing to which a row leads; the zero Filing without a row.
func (r *accessReader) filing(lead item) (register.Filing, error) {
	if lead == nil {
		return register.Filing{}, nil
	}
	return briefOf(r.row(itemKey(filingPK(register.ID(stringAttr(lead, attrFiling))), skFiling)))
}

// server returns the server of the site's access through us; the zero Server if it is not in the inventory.
func (r *accessReader) server(site register.FiledSite) (server inventory.Server, err error) {
	access, _ := site.OurAccess()
	if access.Server == "" {
		return server, nil
	}
	if row := r.row(itemKey(serverPK(access.Server), skServer)); row != nil {
		err = Unpack(binaryAttr(row, attrDoc), &server)
	}
	return server, err
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
	return f, Unpack(binaryAttr(row, attrBrief), &f)
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
		if err := Unpack(binaryAttr(row, attrDoc), &set.Changes); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
		changed, count = append(changed, set), count+len(set.Changes)
	}
	return changed, base64.RawURLEncoding.EncodeToString([]byte(last)), nil
}
