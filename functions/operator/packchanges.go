package operator

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"beian/shared/filing"
	"beian/shared/rules/pack"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

type packChangesInput struct {
	Pack   string       `query:"pack" maxLength:"16" doc:"only orders whose last check was under this version of the rules, another than this program's; absent: under any other version"`
	On     workday.Date `query:"on" maxLength:"10" doc:"the day whose rules of this version are compared with the last check, Shanghai time; absent: today"`
	Cursor string       `query:"cursor" maxLength:"600" doc:"start of the page: next of the previous page"`
	Limit  int          `query:"limit" minimum:"1" maximum:"50" default:"20" doc:"maximum number of orders to check for the page"`
}

// A PackChange is an open order on which this version's rules differ from those of another version, under which it was checked last.
type PackChange struct {
	Order     filing.ID          `json:"order"`
	Step      filing.Step        `json:"step"`
	Status    filing.Status      `json:"status"`
	Pack      string             `json:"pack" doc:"version of the rules of its last check"`
	CheckedOn workday.Date       `json:"checkedOn" doc:"day of its last check, Shanghai time"`
	Changes   []ChangeSinceCheck `json:"changes" nullable:"false"`
}

// A ChangeSinceCheck is one difference, and what it may come from.
type ChangeSinceCheck struct {
	ChangeWithRules
	Cause ChangeCause `json:"cause" enum:"pack,day" doc:"pack: the rules of this version differ on the day of the check already; day: a rule began or ended since, or something expired"`
}

// A ChangeCause says what a difference comes from.
type ChangeCause string

const (
	CausePack ChangeCause = "pack"
	CauseDay  ChangeCause = "day"
)

type noticePacksInput struct {
	Body struct {
		Pack   string      `json:"pack" minLength:"16" maxLength:"16" doc:"version of the rules of the last check, as in GET /pack-changes"`
		Orders []filing.ID `json:"orders" minItems:"1" maxItems:"20" nullable:"false" doc:"orders of that list"`
	}
}

// registerPackChanges registers the operations on what another version of the rules means for open orders.
func (a operations) registerPackChanges() {
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /pack-changes", Tag: "Rules",
		Summary:     "List the open orders on which the rules of this version of Beian differ from those of the version that checked them last",
		Description: "Read it after installing a new version: each difference names the finding, document or check, and the rules that it may come from. A page checks at most limit orders, so it can be empty and have a next page."},
		func(ctx context.Context, c *web.Call, in *packChangesInput) (*web.PageResult[PackChange], error) {
			if in.On != "" && !in.On.Valid() {
				return nil, invalidParameter("on")
			}
			listed, next, err := a.listOpenOrders(ctx, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			items, err := a.comparePacks(ctx, c, listed, in.Pack, cmp.Or(in.On, workday.DateOf(a.Decisions.Now())))
			query := url.Values{}
			if in.Pack != "" {
				query.Set("pack", in.Pack)
			}
			if in.On != "" {
				query.Set("on", string(in.On))
			}
			return web.NewPage(items, next, "/pack-changes", in.Limit, query), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /pack-changes/notices", Tag: "Rules",
		Summary:     "Notify the applicants of orders on which the rules of today differ from those of their last check, once for each order and the same two versions",
		Description: "Send orders of GET /pack-changes. The result of each says whether its applicant gets a message. An order that was closed meanwhile is skipped."},
		func(ctx context.Context, c *web.Call, in *noticePacksInput) (*ruleNoticesOutput, error) {
			return a.sendRuleNotices(ctx, c, in.Body.Orders, filing.AnnounceRules{Pack: in.Body.Pack})
		})
}

// comparePacks returns the changes of the orders that have any. The audit of each of them records that the caller saw them.
func (a operations) comparePacks(ctx context.Context, c *web.Call, listed []filing.Order, version string, on workday.Date) ([]PackChange, error) {
	orders, err := a.readOpenOrders(ctx, listed)
	if err != nil {
		return nil, err
	}
	rules, err := a.config.Rules()
	if err != nil {
		return nil, err
	}
	inForce := slices.DeleteFunc(slices.Clone(rules.Rules), func(r pack.Rule) bool { return !r.InForce(on) })
	var items []PackChange
	for _, o := range orders {
		if o.Checked == nil || o.Checked.Pack == rules.Version || version != "" && o.Checked.Pack != version {
			continue
		}
		changes := o.ChangesSinceCheck(on)
		if len(changes) == 0 {
			continue
		}
		item := PackChange{Order: o.ID, Step: o.Step, Status: o.Status, Pack: o.Checked.Pack, CheckedOn: o.Checked.On}
		then := o.ChangesSinceCheck(o.Checked.On)
		for _, change := range withRules(changes, inForce, o) {
			cause := CauseDay
			if slices.Contains(then, change.VerdictChange) {
				cause = CausePack
			}
			item.Changes = append(item.Changes, ChangeSinceCheck{change, cause})
		}
		items = append(items, item)
		a.AddReads(c, filing.ReadVerdict, o.ID)
	}
	return items, nil
}
