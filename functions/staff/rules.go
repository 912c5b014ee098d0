package staff

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"beian/functions/operator"
	"beian/shared/process/coaching"
	"beian/shared/rules/finding"
	"beian/shared/rules/pack"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A rulesPage shows the rules in force on a day, and what changes within 90 days.
type rulesPage struct {
	Filter    url.Values
	On, To    workday.Date
	Version   string
	Coming    []operator.ComingRule
	InForce   []pack.Rule // of the chosen family or province; empty if none is chosen, because there are hundreds
	Families  []ruleFamily
	Count     int // of all rules in force
	Provinces []province.Province
}

// A ruleFamily is a kind of rules, with the number of those in force.
type ruleFamily struct {
	Name, Href string
	Count      int
}

// A rulesTouchPage lists the open orders that a change of rules concerns.
type rulesTouchPage struct {
	On, To      workday.Date
	Changes     []operator.RuleChange
	PackChanges []operator.PackChange
	Next        string // address
}

// A findingsPage is the catalogue of findings.
type findingsPage struct {
	Search  string
	Entries []finding.Entry // those that are given most often first
	Count   int
	// Found is how many requests of applicants a finding refused in the last 12 months, Given for how many verdicts it was a reason.
	Found, Given map[finding.Code]int
}

// registerRules registers the pages about rules, and the catalogue of findings.
func (s *Staff) registerRules() {
	s.register("GET /rules", (*visit).showRules)
	s.register("GET /rules/changes", func(v *visit) error {
		q := v.R.URL.Query()
		page := rulesTouchPage{On: workday.Date(q.Get("from")), To: workday.Date(q.Get("to"))}
		call := v.filterOf("from", "to", "cursor")
		call.Set("limit", "20")
		var list web.Page[operator.RuleChange]
		if err := v.Get("/rule-changes?"+call.Encode(), &list); err != nil {
			return err
		}
		page.Changes, page.Next = list.Items, v.nextOf("/rules/changes", v.filterOf("from", "to"), list.Next)
		return v.Show("rule-changes", page)
	})
	s.register("GET /rules/pack", func(v *visit) error {
		var list web.Page[operator.PackChange]
		if err := v.Get("/pack-changes?limit=20&"+v.filterOf("cursor").Encode(), &list); err != nil {
			return err
		}
		return v.Show("rule-changes", rulesTouchPage{PackChanges: list.Items, Next: v.nextOf("/rules/pack", url.Values{}, list.Next)})
	})
	s.register("GET /rules/findings", (*visit).showFindings)
}

func (v *visit) showRules() error {
	filter := v.filterOf("province", "on")
	page := rulesPage{Filter: filter, Provinces: province.All()}
	var rules operator.RulesInForce
	if err := v.Get("/rules/in-force?"+filter.Encode(), &rules); err != nil {
		return err
	}
	page.On, page.To, page.Version, page.Coming, page.Count = rules.On, rules.To, rules.Version, rules.Coming, len(rules.Items)
	family := v.R.URL.Query().Get("family")
	counts := map[string]int{}
	for _, r := range rules.Items {
		counts[r.Family]++
		if r.Family == family || family == "" && filter.Get("province") != "" {
			page.InForce = append(page.InForce, r)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		q := url.Values{"family": {name}}
		maps.Copy(q, filter)
		page.Families = append(page.Families, ruleFamily{Name: name, Count: counts[name], Href: Prefix + "/rules?" + q.Encode()})
	}
	return v.Show("rules", page)
}

// RuleTitle says in a few words what a rule or a family of rules is about; the id itself if it is of another version of the system.
func (v *visit) RuleTitle(id string) string {
	if words, known := pack.TitleOf(id); known {
		return v.Title(words)
	}
	return id
}

// ProvinceNames are the names of provinces.
func (v *visit) ProvinceNames(codes []province.Code) string {
	var all []string
	for _, c := range codes {
		all = append(all, v.ProvinceName(c))
	}
	return strings.Join(all, "、")
}

// times is how often a finding was found.
func (p findingsPage) times(code finding.Code) int { return p.Found[code] + p.Given[code] }

func (v *visit) showFindings() error {
	search := strings.ToLower(strings.TrimSpace(v.R.URL.Query().Get("q")))
	var list struct{ Items []finding.Entry }
	if err := v.Get("/findings", &list); err != nil {
		return err
	}
	month := coaching.MonthOf(v.staff.config.Now())
	var figures web.Coaching
	if err := v.Get("/coaching?"+url.Values{"from": {string(month.Before(11))}, "to": {string(month)}}.Encode(), &figures); err != nil {
		return err
	}
	var found struct{ Items []operator.FoundFinding }
	if err := v.Get("/found-findings", &found); err != nil {
		return err
	}
	page := findingsPage{Search: search, Count: len(list.Items), Found: map[finding.Code]int{}, Given: map[finding.Code]int{}}
	for _, f := range found.Items {
		page.Found[f.Code] = f.Requests
	}
	for _, r := range figures.Reasons {
		page.Given[r.Code] = r.Count
	}
	page.Entries = slices.DeleteFunc(list.Items, func(e finding.Entry) bool {
		return !strings.Contains(strings.ToLower(string(e.Code)+" "+e.Message.Chinese+" "+e.Message.English), search)
	})
	slices.SortStableFunc(page.Entries, func(a, b finding.Entry) int { return page.times(b.Code) - page.times(a.Code) })
	return v.Show("findings", page)
}
