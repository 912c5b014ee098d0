// Package preapproval is the table of trades that need another authority's approval before a site can be filed (前置审批): who
// grants it, with which document, and when and where it is required. [Required] lists the trades of a province; [Check] warns
// of a name that suggests a trade.
//
//	found := preapproval.Check(site.Name, statedTrades, "11", now)
//
// The legal basis is State Council Order 292, article 5. Since then several approvals were abolished, some provinces kept them, and
// new ones were added, so trades.json lists the periods and provinces of each trade. Only organisations can have a
// pre-approval. The applicant states the trade of a site; a keyword in a name only causes a warning.
package preapproval

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

// A Trade is the name of a trade, such as "news" or "radio-film-tv".
type Trade string

// The trades.
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

// NameSuggestsTrade is the code of a name that suggests a trade which the applicant did not state.
const NameSuggestsTrade finding.Code = "pre-approval-hinted"

// A Rule is the pre-approval of one trade.
type Rule struct {
	Trade Trade `json:"trade"`
	// Number is the ministry's number of the trade in uploads (content kind, WX-NRLX); 0 if it has none.
	Number    int           `json:"number,omitempty"`
	Name      finding.Words `json:"name"`
	Authority finding.Words `json:"authority" doc:"who grants it"`
	Document  finding.Words `json:"document" doc:"the document that proves it"`
	InForce   []Period      `json:"inForce"`
	// Keywords are words in a name that suggest the trade.
	Keywords []string `json:"hints"`
	// Lists are further words of single provinces.
	Lists []List `json:"lists,omitempty"`
}

// A List is a bureau's own list of words that suggest a trade, in the name of a site or of its subject. The applicant then has the approval, or states
// that the trade is not involved. Only the provinces of which a source gives words have a list; see sources.md.
type List struct {
	ID        string          `json:"id" doc:"names the rule"`
	Provinces []province.Code `json:"provinces" doc:"two-digit codes"`
	Words     []string        `json:"words"`
	Document  finding.Words   `json:"document" doc:"what the bureau asks for"`
	workday.Span
	Source string `json:"source"`
}

// A Period says when and where an approval is required. No provinces means in all provinces.
type Period struct {
	ID        string          `json:"id" doc:"names the rule"`
	Provinces []province.Code `json:"provinces,omitempty" doc:"two-digit codes"`
	workday.Span
	Source string `json:"source"`
}

//go:embed trades.json
var tradesFile []byte

var rules = sync.OnceValue(mustLoad)

func mustLoad() []Rule {
	all, err := decode(tradesFile)
	if err != nil {
		panic(fmt.Errorf("trades.json: %w", err))
	}
	return all
}

// decode parses the trades. Unknown fields and incomplete trades are errors.
func decode(text []byte) ([]Rule, error) {
	var rules []Rule
	if err := strictjson.UnmarshalEmbedded(text, &rules); err != nil {
		return nil, err
	}
	seen := map[Trade]bool{}
	for _, r := range rules {
		if r.Trade == "" || seen[r.Trade] || len(r.InForce) == 0 || r.Keywords == nil || slices.Contains(r.Keywords, "") {
			return nil, fmt.Errorf("trade %q is listed twice, has no period or no hints, or has an empty hint", r.Trade)
		}
		seen[r.Trade] = true
		for _, w := range []finding.Words{r.Name, r.Authority, r.Document} {
			if w.Chinese == "" || w.English == "" {
				return nil, fmt.Errorf("trade %q: a text is missing in one language", r.Trade)
			}
		}
		for _, p := range r.InForce {
			if err := p.check(); err != nil {
				return nil, fmt.Errorf("trade %q: %w", r.Trade, err)
			}
		}
		for _, l := range r.Lists {
			if err := l.check(); err != nil {
				return nil, fmt.Errorf("trade %q: %w", r.Trade, err)
			}
		}
	}
	return rules, nil
}

func (p Period) check() error {
	if p.ID == "" || p.Source == "" {
		return fmt.Errorf("period %q from %s has no id or no source", p.ID, p.From)
	}
	for _, code := range p.Provinces {
		if _, ok := province.ParseCode(string(code)); !ok {
			return fmt.Errorf("unknown province %q", code)
		}
	}
	return p.Span.Check()
}

func (l List) check() error {
	if len(l.Words) == 0 || slices.Contains(l.Words, "") || len(l.Provinces) == 0 || l.Document.Chinese == "" || l.Document.English == "" {
		return fmt.Errorf("list %q has no words, an empty word, no province or no document in one language", l.ID)
	}
	return Period{ID: l.ID, Provinces: l.Provinces, Span: l.Span, Source: l.Source}.check()
}

// All returns every trade, including those whose approval was abolished.
func All() []Rule { return slices.Clone(rules()) }

// Of returns the rule of a trade.
func Of(t Trade) (Rule, bool) {
	i := slices.IndexFunc(rules(), func(r Rule) bool { return r.Trade == t })
	if i < 0 {
		return Rule{}, false
	}
	return rules()[i], true
}

// ByNumber returns the rule of the trade with a number of the ministry.
func ByNumber(number int) (Rule, bool) {
	i := slices.IndexFunc(rules(), func(r Rule) bool { return r.Number == number && number != 0 })
	if i < 0 {
		return Rule{}, false
	}
	return rules()[i], true
}

// A trade without a rule of ours is named after its number in the ministry's table: "miit-18".
const numbered = "miit-"

// Numbered returns the trade with a number of the ministry.
func Numbered(number int) Trade {
	if r, ok := ByNumber(number); ok {
		return r.Trade
	}
	return Trade(numbered + strconv.Itoa(number))
}

// Number returns the ministry's number of a trade; 0 if it has none. known is false if no trade can have this name.
func (t Trade) Number() (number int, known bool) {
	if r, ok := Of(t); ok {
		return r.Number, true
	}
	digits, ok := strings.CutPrefix(string(t), numbered)
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || Numbered(n) != t {
		return 0, false
	}
	return n, true
}

// General returns the rule of a trade that only the ministry's table has: who grants the approval and where it is required is not known.
func General(number int, name finding.Words, since workday.Date) Rule {
	return Rule{Trade: Numbered(number), Number: number, Name: name,
		Authority: finding.Words{Chinese: "该行业的主管部门", English: "the authority of the trade"},
		Document:  finding.Words{Chinese: "该行业主管部门的批准文件", English: "the approval of the authority of the trade"},
		InForce:   []Period{{ID: "pre-approval." + string(Numbered(number)), Span: workday.Span{From: since}, Source: "MIIT-IF30"}}, Keywords: []string{}}
}

// Document returns the document that proves the approval of a trade. ok is false if no trade can have this name.
func (t Trade) Document() (document finding.Words, ok bool) {
	if r, ok := Of(t); ok {
		return r.Document, true
	}
	number, ok := t.Number()
	return General(number, finding.Words{}, "").Document, ok
}

// Required reports whether the approval is required in a province (two digits) at a time.
func (r Rule) Required(code province.Code, on time.Time) bool {
	day := workday.DateOf(on)
	return slices.ContainsFunc(r.InForce, func(p Period) bool {
		return p.InForce(day) && (len(p.Provinces) == 0 || slices.Contains(p.Provinces, code))
	})
}

// Required returns the trades whose approval is required in a province at a time.
func Required(code province.Code, on time.Time) []Rule {
	return slices.DeleteFunc(All(), func(r Rule) bool { return !r.Required(code, on) })
}

// Check returns a warning for each trade with a required pre-approval that a keyword in a site's name suggests and that the applicant
// did not state. Words of the province's own list count too. The pointer of the findings is "".
func Check(name string, stated []Trade, code province.Code, on time.Time) finding.List {
	var found finding.List
	for _, r := range rules() {
		if slices.Contains(stated, r.Trade) {
			continue
		}
		if word, suggested := wordIn(name, r.Keywords); suggested && r.Required(code, on) {
			found = append(found, r.finding(word, r.Document))
		} else {
			found = append(found, r.checkLists(name, code, on)...)
		}
	}
	return found
}

// CheckSubject returns a warning for each trade that a word of the province's own list in the name of a subject suggests, and that no site of it
// states. The pointer of the findings is "".
func CheckSubject(name string, stated []Trade, code province.Code, on time.Time) finding.List {
	var found finding.List
	for _, r := range rules() {
		if !slices.Contains(stated, r.Trade) {
			found = append(found, r.checkLists(name, code, on)...)
		}
	}
	return found
}

// checkLists returns the warning about the first word of a list of the province.
func (r Rule) checkLists(name string, code province.Code, on time.Time) finding.List {
	for _, l := range r.Lists {
		if !l.InForce(workday.DateOf(on)) || !slices.Contains(l.Provinces, code) {
			continue
		}
		if word, suggested := wordIn(name, l.Words); suggested {
			return finding.List{r.finding(word, l.Document)}
		}
	}
	return nil
}

// wordIn returns the first of the words that a name has.
func wordIn(name string, words []string) (word string, found bool) {
	i := slices.IndexFunc(words, func(word string) bool { return strings.Contains(strings.ToUpper(name), strings.ToUpper(word)) })
	if i < 0 {
		return "", false
	}
	return words[i], true
}

func (r Rule) finding(word string, document finding.Words) finding.Finding {
	return finding.New(NameSuggestsTrade, "", "word", word, "trade", r.Name.Chinese, "trade-en", r.Name.English,
		"document", document.Chinese, "document-en", document.English, "authority", r.Authority.Chinese, "authority-en", r.Authority.English)
}

// Data returns the text of all rules, for a digest.
func Data() []byte { return slices.Clone(tradesFile) }
