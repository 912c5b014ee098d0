package rulesdiff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// An Order is an open order whose verdict changes.
type Order struct {
	ID        filing.ID    `json:"order"`
	Step      filing.Step  `json:"step"`
	CheckedOn workday.Date `json:"checkedOn"` // "" in a comparison of two days
	Changes   []struct {
		filing.VerdictChange
		Rules []string `json:"rules"`
		Cause string   `json:"cause"` // "" in a comparison of two days
	} `json:"changes"`
}

// String returns the order and its changes as lines.
func (o Order) String() string {
	text := fmt.Sprintf("%s at %s", o.ID, o.Step)
	if o.CheckedOn != "" {
		text += ", checked on " + string(o.CheckedOn)
	}
	for _, c := range o.Changes {
		what := strings.Join(strings.Fields(string(c.Part)+" "+c.Name+" "+c.Pointer), " ")
		text += fmt.Sprintf("\n      %s: %s → %s", what, orNothing(c.Before), orNothing(c.After))
		if c.Cause != "" {
			text += " (" + c.Cause + ")"
		}
		if len(c.Rules) > 0 {
			text += " " + strings.Join(c.Rules, ", ")
		}
	}
	return text
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// SystemVersion returns the version of the rules of a running system.
func SystemVersion(ctx context.Context, staff *scenario.User) (string, error) {
	var rules struct {
		Version string `json:"version"`
	}
	err := staff.Call(ctx, http.MethodGet, "/rules?on=1900-01-01", nil, &rules)
	return rules.Version, err
}

// OrdersOfVersion lists the open orders that a running system checked last when it had the rules of another version, and on which its rules differ.
func OrdersOfVersion(ctx context.Context, operator *scenario.User, version string) ([]Order, error) {
	return list(ctx, operator, "/pack-changes", url.Values{"pack": {version}})
}

// OrdersOfDays lists the open orders on which the rules of two days differ.
func OrdersOfDays(ctx context.Context, operator *scenario.User, from, to workday.Date) ([]Order, error) {
	return list(ctx, operator, "/rule-changes", url.Values{"from": {string(from)}, "to": {string(to)}})
}

func list(ctx context.Context, operator *scenario.User, path string, query url.Values) ([]Order, error) {
	query.Set("limit", "50")
	var all []Order
	for {
		var page struct {
			Items []Order `json:"items"`
			Next  string  `json:"next"`
		}
		if err := operator.Call(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		query.Set("cursor", page.Next)
	}
}
