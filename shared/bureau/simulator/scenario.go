package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
)

// A Scenario steers a bureau. It is a JSON document, read strictly, as a file or through the admin API; what it does
// not name stays as it is.
type Scenario struct {
	// Maintenance turns maintenance on (901, 902) or off.
	Maintenance *bool `json:"maintenance,omitempty"`
	// Hours limit uploads to a daily span (20); a span from "" to "" lifts the limit.
	Hours *Hours `json:"hours,omitempty"`
	// Rules say what becomes of records that are uploaded from now on; the first that matches is taken.
	Rules []Rule `json:"rules,omitempty"`
	// Release decides silent or delayed records now.
	Release []Match `json:"release,omitempty"`
	// Filed puts subjects on file, as if filed earlier.
	Filed []Seed `json:"filed,omitempty"`
	// Blacklist adds certificate numbers of subjects, and domains.
	Blacklist Blacklist `json:"blacklist,omitzero"`
	// Issue hands a provider files of any content: notices, unfiled sites, audits, blacklists, code tables.
	Issue []Issue `json:"issue,omitempty"`
	// Verify hands out verification tasks for subjects with these numbers.
	Verify []Verify `json:"verify,omitempty"`

	// The next calls to go wrong. These end with the process.
	Corrupt     int `json:"corrupt,omitempty"`     // downloads whose content does not fit its hash
	LostAnswers int `json:"lostAnswers,omitempty"` // uploads that are taken, but whose answer never arrives
	Unavailable int `json:"unavailable,omitempty"` // calls answered with HTTP status 503
}

// A Rule is taken for records that it matches.
type Rule struct {
	Match Match `json:"match"`
	// Times is how often it is taken before the rule is used up; 0 means always.
	Times int    `json:"times,omitempty"`
	Then  Action `json:"then"`
}

// A Match holds for a record that has everything it names; empty, it holds for every record.
type Match struct {
	Domain    string `json:"domain,omitempty"`    // of one of the sites
	Subject   string `json:"subject,omitempty"`   // name or certificate number
	Operation int64  `json:"operation,omitempty"` // document.NewFilingOperation …
}

// A Decision of the review.
type Decision string

// Decisions. SMSTimeout returns the record because nobody confirmed the ministry's SMS in time.
const (
	Approve    Decision = "approve"
	Refuse     Decision = "refuse"
	SMSTimeout Decision = "sms-timeout"
)

// An Action is what becomes of a record.
type Action struct {
	Decision Decision `json:"decision,omitempty"` // "" approves
	Codes    []int64  `json:"codes,omitempty"`    // result codes of a refusal; none means 1002
	Opinion  string   `json:"opinion,omitempty"`  // the reviewer's words
	Delay    Duration `json:"delay,omitempty"`    // until the decision; 0 means the bureau's
	Silent   bool     `json:"silent,omitempty"`   // no decision until released
	Twice    bool     `json:"twice,omitempty"`    // the same results in a second file
}

// A Duration is written like "90s" or "48h".
type Duration time.Duration

// MarshalText writes it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads it.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err == nil && parsed < 0 {
		err = errors.New("a delay cannot be negative")
	}
	*d = Duration(parsed)
	return err
}

// Blacklist are subjects and domains that may not file (1064, 1065).
type Blacklist struct {
	Subjects []string `json:"subjects,omitempty"` // certificate numbers
	Domains  []string `json:"domains,omitempty"`
}

// An Issue is a file for a provider.
type Issue struct {
	Provider int64                 `json:"provider"`
	ICP      *document.ICPDownload `json:"icp,omitempty"`
	Codes    *document.CodeTables  `json:"codes,omitempty"`
	// Text, if there is any, is the file as it is: something that is no document, for example.
	Text string `json:"text,omitempty"`
}

// Verify is a task about a subject on file.
type Verify struct {
	Provider int64  `json:"provider"`
	Number   string `json:"number"`
}

// A Seed is a subject on file.
type Seed struct {
	Name              string     `json:"name"`
	Nature            int64      `json:"nature"`
	CertificateKind   int64      `json:"certificateKind"`
	CertificateNumber string     `json:"certificateNumber"`
	Division          int64      `json:"division"`           // county or city, GB/T 2260
	Number            string     `json:"number,omitempty"`   // the next free one of the province, if not given
	Password          string     `json:"password,omitempty"` // filing password
	Provider          int64      `json:"provider,omitempty"` // who connects the sites; somebody else if not given
	Sites             []SeedSite `json:"sites"`
}

// A SeedSite is a site on file.
type SeedSite struct {
	Name    string   `json:"name"`
	Domains []string `json:"domains"`
}

// ParseScenario reads a scenario; unknown keys are refused.
func ParseScenario(text []byte) (Scenario, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var s Scenario
	if err := d.Decode(&s); err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	if err := d.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return Scenario{}, errors.New("scenario: something follows it")
	}
	return s, s.check()
}

func (s *Scenario) check() error {
	for i, rule := range s.Rules {
		switch rule.Then.Decision {
		case "", Approve, Refuse, SMSTimeout:
		default:
			return fmt.Errorf("scenario: rule %d: no such decision", i+1)
		}
		if _, err := wire.AppendGBK(nil, rule.Then.Opinion); err != nil || len([]rune(rule.Then.Opinion)) > 1024 {
			return fmt.Errorf("scenario: rule %d: the opinion must be at most 1024 characters of GBK", i+1)
		}
		for _, code := range rule.Then.Codes {
			if _, known := result.Lookup(code); !known {
				return fmt.Errorf("scenario: rule %d: %d is no result code", i+1, code)
			}
		}
	}
	for i, seed := range s.Filed {
		if provinces[seed.Division/10000] == "" || seed.Name == "" || seed.CertificateNumber == "" || len(seed.Sites) == 0 {
			return fmt.Errorf("scenario: filed %d: name, certificate number, division and sites must be given", i+1)
		}
		for _, site := range seed.Sites {
			if len(site.Domains) == 0 {
				return fmt.Errorf("scenario: filed %d: a site without domains", i+1)
			}
		}
	}
	if h := s.Hours; h != nil && (h.From != "" || h.To != "") {
		for _, clock := range []string{h.From, h.To} {
			if _, err := time.Parse("15:04", clock); err != nil {
				return errors.New("scenario: hours must be written like 09:00")
			}
		}
	}
	return nil
}

// Apply steers the bureau from now on.
func (b *Bureau) Apply(s Scenario) error {
	if err := s.check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.corrupt += s.Corrupt
	b.lostAnswers += s.LostAnswers
	b.unavailable += s.Unavailable
	for _, seed := range s.Filed {
		if err := b.seed(seed); err != nil {
			return err
		}
	}
	for _, issue := range s.Issue {
		d := document.Download{Version: document.Version, ICP: issue.ICP, Codes: issue.Codes}
		hand := func() error { return b.issue(issue.Provider, nil, &d) }
		if issue.Text != "" {
			hand = func() error { return b.hand(issue.Provider, nil, []byte(issue.Text)) }
		}
		if err := hand(); err != nil {
			return fmt.Errorf("scenario: issue: %w", err)
		}
	}
	for _, verify := range s.Verify {
		if err := b.task(verify); err != nil {
			return err
		}
	}
	s.Corrupt, s.LostAnswers, s.Unavailable, s.Filed, s.Issue, s.Verify = 0, 0, 0, nil, nil, nil
	return b.record(event{Steered: &s})
}

// steer keeps what lasts of a scenario.
func (s *state) steer(scenario Scenario, at time.Time) {
	if scenario.Maintenance != nil {
		s.steering.Maintenance = scenario.Maintenance
	}
	if scenario.Hours != nil {
		s.steering.Hours = scenario.Hours
	}
	s.steering.Rules = append(s.steering.Rules, scenario.Rules...)
	s.steering.Blacklist.Subjects = append(s.steering.Blacklist.Subjects, scenario.Blacklist.Subjects...)
	s.steering.Blacklist.Domains = append(s.steering.Blacklist.Domains, scenario.Blacklist.Domains...)
	for _, match := range scenario.Release {
		for _, r := range s.waiting {
			if match.holds(r, s) {
				r.Action.Silent, r.Due = false, at
			}
		}
	}
}

// rule returns the first rule for a record that is not used up, counting also what this upload uses.
func (s *state) rule(r *record, using []int) (int, bool) {
	for i, rule := range s.steering.Rules {
		used := s.spent[i]
		for _, u := range using {
			if u == i {
				used++
			}
		}
		if (rule.Times == 0 || used < rule.Times) && rule.Match.holds(r, s) {
			return i, true
		}
	}
	return 0, false
}

func (m Match) holds(r *record, s *state) bool {
	if m.Operation != 0 && m.Operation != r.Operation {
		return false
	}
	if m.Domain != "" && !slices.Contains(r.domains(s), strings.ToLower(m.Domain)) {
		return false
	}
	name, number := r.subject(s)
	return m.Subject == "" || m.Subject == name || m.Subject == number
}
