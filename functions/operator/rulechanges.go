package operator

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/pack"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A Comparison names the two days whose rules are compared.
type Comparison struct {
	From workday.Date `query:"from" required:"true" format:"date" doc:"the day whose rules are compared, Shanghai time"`
	To   workday.Date `query:"to" required:"true" format:"date" doc:"the other day, Shanghai time; it may be in the future"`
}

// check returns a fault if one of the days does not exist.
func (c Comparison) check() error {
	var found finding.List
	for _, day := range []struct {
		name string
		workday.Date
	}{{"from", c.From}, {"to", c.To}} {
		if !day.Valid() {
			found = append(found, finding.New(web.CodeParameter, "", "name", day.name))
		}
	}
	return web.FaultFor(found)
}

type ruleChangesInput struct {
	Comparison
	Cursor string `query:"cursor" maxLength:"600" doc:"start of the page: next of the previous page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"50" default:"20" doc:"maximum number of orders to check for the page"`
}

// A RuleChange is an open order on which the rules of two days differ.
type RuleChange struct {
	Order   filing.ID         `json:"order"`
	Step    filing.Step       `json:"step"`
	Status  filing.Status     `json:"status"`
	Changes []ChangeWithRules `json:"changes" nullable:"false"`
}

// A ChangeWithRules is one difference, and the rules that it may come from.
type ChangeWithRules struct {
	filing.VerdictChange
	Rules []string `json:"rules" nullable:"false" doc:"ids of rules for the province, see /rules: those in force on one of the days only, or in the comparison with the last check those in force on the day. Empty if the difference comes from the days themselves, such as a certificate that expires, or from a rule that this version does not have"`
}

// documentFamily is the family of the rules that ask for a kind of document.
var documentFamily = map[evidence.Kind]string{
	evidence.CommitmentLetter: "document", evidence.ResponsibilityNotice: "document", evidence.PartyBuildingConfirmation: "document",
	evidence.DomainCertificate: "document", evidence.ConstructionPlan: "caps", evidence.ResidencePermit: "residence",
	evidence.SubjectEmploymentProof: "minimumAge", evidence.LeaderEmploymentProof: "minimumAge",
	evidence.SubjectAuthorizationLetter: "subjectLeader", evidence.SiteAuthorizationLetter: "siteLeaderLetter",
}

// withRules adds to each difference the rules that it may come from.
func withRules(changes []filing.VerdictChange, between []pack.Rule, o filing.Order) []ChangeWithRules {
	var all []ChangeWithRules
	for _, change := range changes {
		one := ChangeWithRules{change, []string{}}
		for _, r := range between {
			caused := r.Family == "sms" && change.Part == filing.PartSMS || slices.Contains(r.Codes, finding.Code(change.Name)) ||
				change.Part == filing.PartDocument && r.Family == documentFamily[evidence.Slot(change.Name).Kind()]
			if caused && r.AppliesIn(o.Province) && (r.For == "" || (r.For == province.Individuals) == o.Individual()) {
				one.Rules = append(one.Rules, r.ID)
			}
		}
		all = append(all, one)
	}
	return all
}

type noticeRulesInput struct {
	Body struct {
		From   workday.Date `json:"from" format:"date" doc:"as in GET /rule-changes"`
		To     workday.Date `json:"to" format:"date" doc:"as in GET /rule-changes"`
		Orders []filing.ID  `json:"orders" minItems:"1" maxItems:"20" nullable:"false" doc:"orders of that list"`
	}
}

// RuleNotices are the results of a request to notify applicants.
type RuleNotices struct {
	Items []RuleNotice `json:"items" nullable:"false"`
}

// A RuleNotice says whether the applicant of one order is notified.
type RuleNotice struct {
	Order  filing.ID    `json:"order"`
	Result NoticeResult `json:"result" enum:"notified,nothing-to-do,closed,unknown,own-order"`
}

// A NoticeResult is what a request to notify did for one order.
type NoticeResult string

const (
	Notified    NoticeResult = "notified"      // the notice is in the outbox
	NothingToDo NoticeResult = "nothing-to-do" // notified of these two days or packs before, or the rules do not differ on the order
	Closed      NoticeResult = "closed"        // the order is closed
	Unknown     NoticeResult = "unknown"       // there is no such order
	OwnOrder    NoticeResult = "own-order"     // the caller's own: another operator has to do it
)

type ruleNoticesOutput struct{ Body RuleNotices }

// registerRuleChanges registers the operations on what a change of rules means for open orders.
func (a operations) registerRuleChanges() {
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /rule-changes", Tag: "Rules",
		Summary:     "List the open orders on which the rules of two days differ: findings, documents and SMS check",
		Description: "Read it before a rule begins or ends, with to as its first day. A page checks at most limit orders, so it can be empty and have a next page."},
		func(ctx context.Context, c *web.Call, in *ruleChangesInput) (*web.PageResult[RuleChange], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			listed, next, err := a.listOpenOrders(ctx, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			items, err := a.compareRules(ctx, c, listed, in.Comparison)
			query := url.Values{"from": {string(in.From)}, "to": {string(in.To)}}
			return web.NewPage(items, next, "/rule-changes", in.Limit, query), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /rule-changes/notices", Tag: "Rules",
		Summary:     "Notify the applicants of orders on which the rules of two days differ, once for each order and the same two days",
		Description: "Send orders of GET /rule-changes with the same two days. The result of each says whether its applicant gets a message. An order that was closed meanwhile is skipped."},
		func(ctx context.Context, c *web.Call, in *noticeRulesInput) (*ruleNoticesOutput, error) {
			days := Comparison{From: in.Body.From, To: in.Body.To}
			if err := days.check(); err != nil {
				return nil, err
			}
			return a.sendRuleNotices(ctx, c, in.Body.Orders, filing.AnnounceRules{From: days.From, To: days.To})
		})
}

// checkOrderIDs returns a fault of kind Invalid with a finding for each text in /orders that cannot be an order's id.
func checkOrderIDs(orders []filing.ID) error {
	var wrong finding.List
	for i, id := range orders {
		if _, err := ulid.ParseStrict(string(id)); err != nil {
			wrong = append(wrong, finding.New(web.CodeFieldValue, fmt.Sprintf("/orders/%d", i)))
		}
	}
	return web.FaultFor(wrong)
}

// sendRuleNotices notifies the applicants of orders. The ledger of each has who notified them; the log has the request and what it did.
func (a operations) sendRuleNotices(ctx context.Context, c *web.Call, orders []filing.ID, announce filing.AnnounceRules) (*ruleNoticesOutput, error) {
	if err := checkOrderIDs(orders); err != nil {
		return nil, err
	}
	attrs := []any{"from", announce.From, "to", announce.To, "pack", announce.Pack, "orders", len(orders)}
	a.logAccess(ctx, c, "notify of changed rules", attrs...)
	out := &ruleNoticesOutput{Body: RuleNotices{Items: []RuleNotice{}}}
	notified := 0
	for _, id := range orders {
		result, err := a.announceRules(ctx, c, id, announce)
		if err != nil {
			return nil, err
		}
		if result == Notified {
			notified++
		}
		out.Body.Items = append(out.Body.Items, RuleNotice{Order: id, Result: result})
	}
	a.logAccess(ctx, c, "notified of changed rules", append(attrs, "notified", notified)...)
	return out, nil
}

// announceRules notifies the applicant of one order.
func (a operations) announceRules(ctx context.Context, c *web.Call, id filing.ID, announce filing.AnnounceRules) (NoticeResult, error) {
	before, err := a.ReadOrder(ctx, c, web.OrderPath{ID: string(id)})
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return Unknown, nil
	case err != nil && fault.Of(err).Findings.Has(filing.CodeOwnOrder):
		return OwnOrder, nil
	case err != nil:
		return "", err
	}
	after, err := a.Decisions.DecideOn(ctx, before, c.Actor(filing.Admin), announce, decide.Preconditions{})
	switch {
	case fault.KindOf(err) == fault.Conflict:
		return Closed, nil
	case err != nil:
		return "", err
	case after.Version == before.Version:
		return NothingToDo, nil
	}
	return Notified, nil
}

// compareRules returns the changes of the orders that have any. The audit of each of them records that the caller saw them.
func (a operations) compareRules(ctx context.Context, c *web.Call, listed []filing.Order, days Comparison) ([]RuleChange, error) {
	orders, err := a.readOpenOrders(ctx, listed)
	if err != nil {
		return nil, err
	}
	var items []RuleChange
	rules, err := a.config.Rules()
	if err != nil {
		return nil, err
	}
	between := rules.Between(days.From, days.To)
	for _, o := range orders {
		if changes := o.RuleChanges(days.From, days.To); len(changes) > 0 {
			items = append(items, RuleChange{Order: o.ID, Step: o.Step, Status: o.Status, Changes: withRules(changes, between, o)})
			a.AddReads(c, filing.ReadVerdict, o.ID)
		}
	}
	return items, nil
}

// readOpenOrders reads listed orders, without those that were closed since, and sets their code tables.
func (a operations) readOpenOrders(ctx context.Context, listed []filing.Order) ([]filing.Order, error) {
	tables, err := a.config.Store.CodeTables(ctx)
	if err != nil {
		return nil, err
	}
	var orders []filing.Order
	for _, brief := range listed {
		o, err := a.Decisions.Order(ctx, brief.ID)
		if err != nil {
			return nil, err
		}
		if o.Erasure != nil || o.Closing != "" || o.Status.Final() {
			continue
		}
		o.Codes = tables
		orders = append(orders, o)
	}
	return orders, nil
}

// listOpenOrders returns the next open orders, at most limit, by step. A cursor is a step and a cursor of the store's list of that step.
func (a operations) listOpenOrders(ctx context.Context, cursor string, limit int) (orders []filing.Order, next string, err error) {
	name, inner, _ := strings.Cut(cursor, ".")
	i := slices.Index(filing.Steps, filing.Step(name))
	switch {
	case cursor == "":
		i = 0
	case i < 0:
		return nil, "", invalidParameter("cursor")
	}
	for ; i < len(filing.Steps); i, inner = i+1, "" {
		var page decide.Page
		page, err = a.config.Store.ListOpen(ctx, filing.Steps[i], inner, limit)
		if err != nil {
			return nil, "", err
		}
		switch last := i == len(filing.Steps)-1; {
		case page.Next != "":
			return page.Orders, string(filing.Steps[i]) + "." + page.Next, nil
		case len(page.Orders) > 0 && !last:
			return page.Orders, string(filing.Steps[i+1]) + ".", nil
		case last:
			return page.Orders, "", nil
		}
	}
	return nil, "", nil
}
