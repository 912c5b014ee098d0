// Package preapproval knows the trades that need another authority's approval before a site can be filed (前置审批):
// who grants it, which paper it is, and when and where it is in force.
//
// The basis is State Council Order 292, article 5. Several approvals were abolished since, some provinces kept them,
// and new ones came; so each trade has the days and provinces in which it is asked for (trades.json). Only units can
// have a pre-approval. Which trade a site belongs to is the applicant's statement; keywords in names only hint.
package preapproval

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// A Trade names a trade: "news", "radio-film-tv".
type Trade string

// The trades of the founding page.
const (
	News        Trade = "news"
	Publishing  Trade = "publishing"
	Drugs       Trade = "drugs"
	Culture     Trade = "culture"
	RadioFilmTV Trade = "radio-film-tv"
	Education   Trade = "education"
	Health      Trade = "health"
	RideHailing Trade = "ride-hailing"
	BBS         Trade = "bbs"
)

// Hinted is the code of a name that hints at a trade which the applicant did not state.
const Hinted finding.Code = "pre-approval-hinted"

// A Rule is what holds for a trade.
type Rule struct {
	Trade Trade `json:"trade"`
	// Number is the ministry's content kind on the wire (WX-NRLX); 0 for trades that have none yet.
	Number    int           `json:"number,omitempty"`
	Name      finding.Words `json:"name"`
	Authority finding.Words `json:"authority" doc:"who grants it"`
	Document  finding.Words `json:"document" doc:"which paper it is"`
	InForce   []Period      `json:"inForce"`
	// Hints are words in a name that suggest the trade.
	Hints []string `json:"hints"`
}

// A Period is when, and where, an approval is asked for; no provinces means everywhere.
type Period struct {
	Provinces []province.Code `json:"provinces,omitempty" doc:"two-digit codes"`
	workday.Span
	Source string `json:"source"`
}

//go:embed trades.json
var file []byte

var rules = sync.OnceValue(mustLoad)

func mustLoad() []Rule {
	all, err := decode(file)
	if err != nil {
		panic(fmt.Errorf("trades.json: %w", err))
	}
	return all
}

// decode reads the trades strictly.
func decode(text []byte) ([]Rule, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var all []Rule
	if err := d.Decode(&all); err != nil {
		return nil, err
	}
	seen := map[Trade]bool{}
	for _, r := range all {
		if r.Trade == "" || seen[r.Trade] || len(r.InForce) == 0 || slices.Contains(r.Hints, "") {
			return nil, fmt.Errorf("trade %q: there twice, never in force, or with an empty hint", r.Trade)
		}
		seen[r.Trade] = true
		for _, w := range []finding.Words{r.Name, r.Authority, r.Document} {
			if w.Chinese == "" || w.English == "" {
				return nil, fmt.Errorf("trade %q: words are missing in one language", r.Trade)
			}
		}
		for _, p := range r.InForce {
			if err := p.check(); err != nil {
				return nil, fmt.Errorf("trade %q: %w", r.Trade, err)
			}
		}
	}
	return all, nil
}

func (p Period) check() error {
	if p.Source == "" {
		return fmt.Errorf("the period from %s has no source", p.From)
	}
	for _, code := range p.Provinces {
		if _, ok := province.ParseCode(string(code)); !ok {
			return fmt.Errorf("no province %q", code)
		}
	}
	return p.Span.Check()
}

// All returns every trade, those whose approval was abolished included.
func All() []Rule { return slices.Clone(rules()) }

// Of returns the rule of a trade.
func Of(t Trade) (Rule, bool) {
	i := slices.IndexFunc(rules(), func(r Rule) bool { return r.Trade == t })
	if i < 0 {
		return Rule{}, false
	}
	return rules()[i], true
}

// Numbered returns the rule with one of the ministry's content kinds.
func Numbered(number int) (Rule, bool) {
	i := slices.IndexFunc(rules(), func(r Rule) bool { return number > 0 && r.Number == number })
	if i < 0 {
		return Rule{}, false
	}
	return rules()[i], true
}

// Required reports whether the approval is asked for in a province (two digits) at a time.
func (r Rule) Required(code province.Code, on time.Time) bool {
	day := workday.DateOf(on)
	return slices.ContainsFunc(r.InForce, func(p Period) bool {
		return p.Holds(day) && (len(p.Provinces) == 0 || slices.Contains(p.Provinces, code))
	})
}

// Required returns the trades whose approval is asked for in a province at a time.
func Required(code province.Code, on time.Time) []Rule {
	return slices.DeleteFunc(All(), func(r Rule) bool { return !r.Required(code, on) })
}

// Check warns of trades in force at which words in a name hint and that were not stated. The name is a site's or a
// subject's; the pointer is that of the name itself.
func Check(name string, stated []Trade, code province.Code, on time.Time) finding.List {
	var found finding.List
	for _, r := range Required(code, on) {
		i := slices.IndexFunc(r.Hints, func(hint string) bool { return strings.Contains(strings.ToUpper(name), strings.ToUpper(hint)) })
		if i < 0 || slices.Contains(stated, r.Trade) {
			continue
		}
		found = append(found, finding.New(Hinted, "", "word", r.Hints[i],
			"trade", r.Name.Chinese, "trade-en", r.Name.English,
			"document", r.Document.Chinese, "document-en", r.Document.English,
			"authority", r.Authority.Chinese, "authority-en", r.Authority.English))
	}
	return found
}
