package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	localdynamodb "beian/infra/local/dynamodb"
	"beian/infra/local/system"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
)

type row = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// What the n-th copy of a filing is found by.
func copiedAccount(n int) string       { return fmt.Sprintf("account-of-filing-%d", n) }
func copiedSubject(n int) string       { return fmt.Sprintf("subject-of-filing-%d", n) }
func copiedDomain(n int) filing.Domain { return filing.Domain(fmt.Sprintf("invented-filed-%d.cn", n)) }
func copiedFiling(n int) register.ID   { return register.ID(fmt.Sprintf("01FILED%019d", n)) }
func sortable(t time.Time) string      { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
func filedBefore(n int) time.Duration  { return time.Duration(n+1) * time.Second }
func ownNumber(n int) (number.Filing, error) {
	return number.ParseFiling(fmt.Sprintf("京ICP备%d号-1", 20_000_000+n))
}

// seed fills the table with copies: as many open orders and filings as given. It exports all other rows, imports them with the copies into a new database, because
// that is several times as fast as writing through the SDK, and starts the system with it. It returns the number of copied rows.
func (g *growthBench) seed(ctx context.Context, orders, filings int) (rows int, err error) {
	store := g.system.Parts.Store()
	filed, err := store.FilingOf(ctx, g.filed.SubjectKey)
	if err != nil {
		return 0, err
	}
	templates := map[string]row{}
	for name, key := range map[string][2]string{"FILING": {"FILING#" + string(filed.ID), "FILING"}, "ORDER": {"ORDER#" + string(g.filed.ID), "ORDER"}, "OPEN": {"ORDER#" + string(g.open.ID), "ORDER"}} {
		out, err := store.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &store.Table, Key: row{"pk": text(key[0]), "sk": text(key[1])}})
		if err != nil {
			return 0, err
		}
		templates[name] = out.Item
	}
	now := g.system.Clock.Now()
	if err := g.system.Close(); err != nil {
		return 0, err
	}
	g.system = nil
	export, err := localdynamodb.NewExport(ctx, g.engine.Endpoint(), g.config.Folder+".export", system.Table, system.KeysTable)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, export.Remove()) }()
	write := func(copied ...row) error {
		rows += len(copied)
		return export.Add(system.Table, copied...)
	}
	var brief map[string]any
	if err := dynamo.Unpack(templates["OPEN"]["brief"].(*types.AttributeValueMemberB).Value, &brief); err != nil {
		return 0, err
	}
	random := rand.New(rand.NewPCG(1, uint64(g.orders)))
	for n := g.orders; n < orders; n++ {
		copied, err := queuedRow(brief, now.Add(time.Hour+time.Duration(n)*queuedApart), random)
		if err != nil {
			return 0, err
		}
		if err := write(copied); err != nil {
			return 0, err
		}
	}
	for n := g.filings; n < filings; n++ {
		copied, err := filedRows(filed, templates, n, now)
		if err != nil {
			return 0, err
		}
		if err := write(copied...); err != nil {
			return 0, err
		}
	}
	g.orders, g.filings = orders, filings
	if err := g.engine.Close(); err != nil {
		return 0, err
	}
	g.engine = nil
	return rows, errors.Join(export.Import(ctx, g.modules, g.database()), g.start(ctx))
}

// filedRows returns the rows of the n-th copy of a filing, which becomes due within a year from tomorrow. The first copies, which calls read, have all rows by which they are
// found, and the order that made them. The others have only the two rows in partitions of indexes that grow with the number of filings, without what is encrypted.
func filedRows(f register.Filing, templates map[string]row, n int, now time.Time) ([]row, error) {
	site, err := ownNumber(n)
	if err != nil {
		return nil, err
	}
	id, account, subject, domain, at := copiedFiling(n), copiedAccount(n), copiedSubject(n), copiedDomain(n), sortable(now.Add(-filedBefore(n)))
	due := sortable(now.Add(24*time.Hour + time.Duration(n%365*24)*time.Hour))
	from := templates["FILING"]
	brief := from["brief"]
	if n < fewFilings { // look-ups read these; the others have the text of the original, of the same length
		f.ID, f.Account, f.SubjectKey, f.Number = id, register.Account(account), subject, site.Subject
		f.Sites = []register.FiledSite{{Number: site, Domains: []register.FiledDomain{{Name: domainname.Domain(domain)}}, Accesses: f.Sites[0].Accesses}}
		doc, err := dynamo.Pack(f)
		if err != nil {
			return nil, err
		}
		brief = &types.AttributeValueMemberB{Value: doc}
	}
	found := func(pk, sk string) row {
		return row{"pk": text(pk), "sk": text(sk), "filing": text(string(id)), "subject": text(subject), "account": text(account), "number": text(site.String())}
	}
	current := row{"pk": text("FILING#" + string(id)), "sk": text("FILING"), "brief": brief, "version": from["version"], "open": text("filings"), "at": text(at + "#" + string(id))}
	upkeep := row{"pk": text("FILING#" + string(id)), "sk": text("UPKEEP"), "version": from["version"], "due": text("filing"), "dueAt": text(due + "#" + string(id))}
	if n >= fewFilings {
		return []row{current, upkeep}, nil
	}
	current["sealed"], current["mine"], current["name"] = from["sealed"], text("filings "+account), text("name-of-filing-"+fmt.Sprint(n))
	order := row{"pk": text("ORDER#" + string(id)), "sk": text("ORDER"), "mine": text(account), "at": text(at + "#" + string(id))}
	for _, name := range []string{"doc", "brief", "sealed", "version"} {
		order[name] = templates["ORDER"][name]
	}
	return []row{current, upkeep, found("FILED#subject#"+subject, "FILED"), found("FILED#domain#"+string(domain), "FILED"), found("FILED#number#"+site.Subject.String(), "FILED"), found("ACCOUNT#"+account, "FILED#"+string(id)), order}, nil
}
