package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/process/figures"
	"beian/shared/process/session"
	"beian/shared/rules/province"
)

const (
	queuedOrders = 100_000 // orders at the initial review
	// queuedApart is the time between two orders. They move in an hour, so that the sweeper does not look for their executions.
	queuedApart   = 8 * time.Millisecond
	queueRequests = 100 // of each list
	batchRows     = 100 // the limit of TransactWriteItems, which the engine stores at once
)

// measureQueue prints how long the lists of the reviewers' queue take with 100,000 orders in it. The orders are copies of one real order in the rows that
// lists read, of other provinces, kinds, risks and times.
func (b *Bench) measureQueue(ctx context.Context) (err error) {
	s, err := b.another(ctx, "queue")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d, err := demo.New(ctx, s, io.Discard)
	if err != nil {
		return err
	}
	admin, reviewer, err := demo.LogInStaff(ctx, d.Client)
	if err != nil {
		return err
	}
	app := scenario.Invented(10_100)
	applicant, err := d.Client.LoginApplicant(ctx, admin, app, s.Clock.Now())
	if err != nil {
		return err
	}
	id, err := app.AdvanceTo(ctx, applicant, reviewer, filing.InitialReview)
	if err != nil {
		return err
	}
	if err := seedQueue(ctx, s, id); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\nThe reviewers' queue with %d orders   %30s %8s %8s\n", queuedOrders, "items", "p50 ms", "p95 ms")
	for _, filter := range []string{"", "limit=100", "province=11", "province=54", "kind=FIRST", "kind=CANCEL_SITE", "risk=individual", "risk=withheld", "claimed=free", "claimed=mine",
		"province=44&kind=CHANGE&risk=agency&claimed=free"} {
		if err := b.measureList(ctx, reviewer, filter); err != nil {
			return err
		}
	}
	if err := b.measurePages(ctx, s, reviewer, "reviewer", "/staff/queue", "/staff/queue?province=54", "/staff/queue?risk=withheld"); err != nil {
		return err
	}
	if err := b.measurePages(ctx, s, admin, "admin", "/staff/late", "/staff/figures"); err != nil {
		return err
	}
	started := time.Now()
	counts, err := figures.Count(ctx, s.Parts.Store(), filing.DefaultReviewPromise, s.Clock.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "  counting %d open orders: %.1f s\n", counts.Open(), time.Since(started).Seconds())
	return nil
}

// measureList prints the durations of a list: of the first page, and of pages that follow.
func (b *Bench) measureList(ctx context.Context, reviewer *scenario.User, filter string) error {
	var took []time.Duration
	items, cursor := 0, ""
	for range queueRequests {
		address := "/review/orders?" + filter
		if cursor != "" {
			address += "&cursor=" + url.QueryEscape(cursor)
		}
		var page struct {
			Items []json.RawMessage
			Next  string
		}
		started := time.Now()
		if err := reviewer.Call(ctx, "GET", address, nil, &page); err != nil {
			return err
		}
		took = append(took, time.Since(started))
		items, cursor = items+len(page.Items), page.Next
	}
	slices.Sort(took)
	at := func(q float64) float64 { return took[int(q*float64(len(took)-1))].Seconds() * 1000 }
	fmt.Fprintf(b.out, "  %-60s %7.1f %8.1f %8.1f  %s\n", filter, float64(items)/queueRequests, at(.5), at(.95), compareWithAim(at(.95) < 100, "aim: p95 under 100"))
	return nil
}

// measurePages prints how long pages of staff take, with the lists in them.
func (b *Bench) measurePages(ctx context.Context, s *system.System, by *scenario.User, group string, paths ...string) error {
	secret, err := session.Sessions{Store: s.Parts.Store(), Now: s.Parts.Wall, Site: "staff"}.Begin(ctx, filing.Account(by.Account()),
		map[string]string{"sub": by.Account(), "cognito:groups": "[" + group + "]", "email": group + "@provider.example", "auth_time": strconv.FormatInt(s.Parts.Wall().Unix(), 10)})
	if err != nil {
		return err
	}
	for _, path := range paths {
		p50, p95, err := timePage(s.PortalURL+path, &http.Cookie{Name: "__Host-staff-session", Value: secret})
		if err != nil {
			return fmt.Errorf("page %s: %w", path, err)
		}
		fmt.Fprintf(b.out, "  page %-55s %16.1f %8.1f  %s\n", path, milliseconds(p50), milliseconds(p95), compareWithAim(milliseconds(p95) < 100, "aim: p95 under 100"))
	}
	return nil
}

// seedQueue copies an order at the review.
func seedQueue(ctx context.Context, s *system.System, id filing.ID) error {
	store := s.Parts.Store()
	row, err := store.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &store.Table, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "ORDER#" + string(id)}, "sk": &types.AttributeValueMemberS{Value: "ORDER"}}})
	if err != nil {
		return err
	}
	var brief map[string]any
	if err := dynamo.Unpack(row.Item["brief"].(*types.AttributeValueMemberB).Value, &brief); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 2))
	for first := 0; first < queuedOrders; first += batchRows {
		var writes []types.TransactWriteItem
		for n := first; n < first+batchRows; n++ {
			moved := s.Clock.Now().Add(time.Hour + time.Duration(n)*queuedApart)
			copied, err := queuedRow(brief, moved, random)
			if err != nil {
				return err
			}
			writes = append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &store.Table, Item: copied}})
		}
		if _, err := store.Client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes}); err != nil {
			return err
		}
	}
	return nil
}

// queuedRow returns the row of a copy. Provinces have shares as one over their place in the list; one order of 200 cancels a site, and one of 1,000 has
// findings that are withheld.
func queuedRow(brief map[string]any, moved time.Time, random *rand.Rand) (map[string]types.AttributeValue, error) {
	id, all := ulid.Make().String(), province.All()
	place := min(int(float64(len(all))*random.Float64()*random.Float64()), len(all)-1)
	kind := filing.First
	switch n := random.IntN(200); {
	case n == 0:
		kind = filing.CancelSite
	case n < 40:
		kind = filing.ChangeFiling
	}
	risks := []filing.Risk{}
	for risk, of := range map[filing.Risk]int{filing.RiskWithheld: 1000, filing.RiskAgency: 10, filing.RiskIndividual: 3} {
		if random.IntN(of) == 0 {
			risks = append(risks, risk)
		}
	}
	brief["id"], brief["province"], brief["type"], brief["risks"], brief["movedAt"] = id, all[place].Code, kind, risks, moved.UTC()
	brief["account"], brief["subject"] = "account-"+id, "key-of-"+id
	doc, err := dynamo.Pack(brief)
	if err != nil {
		return nil, err
	}
	return map[string]types.AttributeValue{"doc": &types.AttributeValueMemberB{Value: []byte("{}")}, "pk": text("ORDER#" + id), "sk": text("ORDER"), "brief": &types.AttributeValueMemberB{Value: doc}, "mine": text("account-" + id),
		"open": text(string(filing.InitialReview) + "#" + string(all[place].Code)), "at": text(sortable(moved) + "#" + id),
		"due": text("order"), "dueAt": text(sortable(moved.AddDate(0, 0, 7)) + "#" + id)}, nil
}
