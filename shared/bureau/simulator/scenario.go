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
	"beian/shared/rules/gbk"
)

// A Scenario controls a bureau. It is a JSON document from a file or the admin API; unknown keys are errors, and missing keys change
// nothing.
type Scenario struct {
	// Maintenance turns maintenance on (901, 902) or off.
	Maintenance *bool `json:"maintenance,omitempty"`
	// Hours limit uploads to a daily period (20); "" to "" removes the limit.
	Hours *Hours `json:"hours,omitempty"`
	// Rules decide about records uploaded from now on; the first match applies.
	Rules []Rule `json:"rules,omitempty"`
	// Release decides matching silent or delayed records now.
	Release []Match `json:"release,omitempty"`
	// Filed adds filed subjects.
	Filed []Seed `json:"filed,omitempty"`
	// Hosted adds an access of another provider to filed sites.
	Hosted []Hosting `json:"hosted,omitempty"`
	// Blacklist adds certificate numbers and domains.
	Blacklist Blacklist `json:"blacklist,omitzero"`
	// Issue issues files of any content to a provider: notices, unfiled sites, audits, blacklists, code tables, results of IP and
	// domain filings, full copies. They change nothing at the bureau.
	Issue []Issue `json:"issue,omitempty"`
	// Copies sends providers a full copy (SJTB) of the filings in which they have an access.
	Copies []int64 `json:"copies,omitempty"`
	// Codes change and publish code tables.
	Codes []TableChange `json:"codes,omitempty"`
	// Verify issues verification tasks for subjects with these numbers.
	Verify []Verify `json:"verify,omitempty"`
	// Cancel cancels filed subjects or sites as the bureau does without a request, and reports it to a provider (ZXSJ).
	Cancel []Cancel `json:"cancel,omitempty"`

	// Numbers of the next calls that fail. They end with the process.
	Corrupt     int `json:"corrupt,omitempty"`     // downloads with a wrong hash
	Plain       int `json:"plain,omitempty"`       // downloads without encryption
	LostAnswers int `json:"lostAnswers,omitempty"` // accepted uploads without an answer
	Unavailable int `json:"unavailable,omitempty"` // calls answered with HTTP status 503
}

// A Rule applies to records that it matches.
type Rule struct {
	Match Match `json:"match"`
	// Times is how many times the rule applies; 0 means always.
	Times int    `json:"times,omitempty"`
	Then  Action `json:"then"`
}

// A Match matches records with all its fields; an empty one matches every record.
type Match struct {
	Domain    string `json:"domain,omitempty"`    // of one of the sites
	Subject   string `json:"subject,omitempty"`   // name or certificate number
	Operation int64  `json:"operation,omitempty"` // document.NewFilingOperation …
}

// A Decision of the review.
type Decision string

// Decisions. SMSTimeout returns the record because the ministry's SMS was not answered in time.
const (
	Approve    Decision = "approve"
	Refuse     Decision = "refuse"
	SMSTimeout Decision = "sms-timeout"
)

// An Action is the decision about a record.
type Action struct {
	Decision Decision `json:"decision,omitempty"` // "" approves
	Codes    []int64  `json:"codes,omitempty"`    // result codes of a refusal; none means 1002
	Opinion  string   `json:"opinion,omitempty"`  // the reviewer's words
	Delay    Duration `json:"delay,omitempty"`    // until the decision; 0 means the bureau's
	Silent   bool     `json:"silent,omitempty"`   // no decision until released
	Twice    bool     `json:"twice,omitempty"`    // the same results in a second file
}

// A Duration is a duration in text form, such as "90s" or "48h".
type Duration time.Duration

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err == nil && parsed < 0 {
		err = errors.New("a delay must not be negative")
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
	Provider int64                    `json:"provider"`
	ICP      *document.ICPDownload    `json:"icp,omitempty"`
	Codes    *document.CodeTables     `json:"codes,omitempty"`
	IP       *document.IPDownload     `json:"ip,omitempty"`
	Domains  *document.DomainDownload `json:"domains,omitempty"`
	Sync     *document.Sync           `json:"sync,omitempty"`
	// Text, if not empty, is the content of the file, for example something that is no document.
	Text string `json:"text,omitempty"`
	// Content, if not empty, is the content of the file in bytes (base64 in JSON), for example a document with a malformed byte.
	Content []byte `json:"content,omitempty"`
}

// Verify is a verification task about a filed subject.
type Verify struct {
	Provider int64  `json:"provider"`
	Number   string `json:"number"`
}

// Cancel is the cancellation of a filed subject, or of the site if the number is that of a site.
type Cancel struct {
	Provider int64  `json:"provider"`
	Number   string `json:"number"`
}

// A Seed is a filed subject, or further sites of the subject that has the seed's number.
type Seed struct {
	Name              string     `json:"name"`
	Nature            int64      `json:"nature"`
	CertificateKind   int64      `json:"certificateKind"`
	CertificateNumber string     `json:"certificateNumber"`
	Division          int64      `json:"division"`           // county or city, GB/T 2260
	Number            string     `json:"number,omitempty"`   // "" means the province's next number
	Password          string     `json:"password,omitempty"` // filing password
	Provider          int64      `json:"provider,omitempty"` // the access provider; 0 means another provider
	Address           string     `json:"address,omitempty"`  // for correspondence and of the certificate; "" means an invented one
	Investor          string     `json:"investor,omitempty"`
	Leader            SeedLeader `json:"leader,omitzero"` // of the subject and the sites
	Sites             []SeedSite `json:"sites"`
}

// A SeedLeader is the leader of a filed subject and its sites. The zero value means an invented one.
type SeedLeader struct {
	Name              string `json:"name"`
	Mobile            string `json:"mobile"`
	Email             string `json:"email"`
	CertificateKind   int64  `json:"certificateKind,omitempty"`
	CertificateNumber string `json:"certificateNumber,omitempty"`
}

// A Hosting is an access of another provider.
type Hosting struct {
	Site string `json:"site"` // number
}

// A SeedSite is a filed site.
type SeedSite struct {
	Name    string   `json:"name"`
	Domains []string `json:"domains"`
}

// ParseScenario parses a scenario; unknown keys are errors.
func ParseScenario(text []byte) (Scenario, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var s Scenario
	if err := d.Decode(&s); err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	if err := d.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return Scenario{}, errors.New("scenario: more than one JSON value")
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
		if _, found := gbk.GBK.Check(rule.Then.Opinion); found || len([]rune(rule.Then.Opinion)) > 1024 {
			return fmt.Errorf("scenario: rule %d: the opinion must have at most 1024 characters of GBK", i+1)
		}
		for _, code := range rule.Then.Codes {
			if _, known := result.Lookup(code); !known {
				return fmt.Errorf("scenario: rule %d: %d is not a result code", i+1, code)
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

// Apply applies a scenario.
func (b *Bureau) Apply(s Scenario) error {
	if err := s.check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.corrupt += s.Corrupt
	b.plain += s.Plain
	b.lostAnswers += s.LostAnswers
	b.unavailable += s.Unavailable
	for _, seed := range s.Filed {
		if err := b.addFiled(seed); err != nil {
			return err
		}
	}
	for _, h := range s.Hosted {
		if err := b.addHosting(h); err != nil {
			return err
		}
	}
	for _, issue := range s.Issue {
		d := document.Download{Version: document.Version, ICP: issue.ICP, Codes: issue.Codes, IP: issue.IP, Domains: issue.Domains, Sync: issue.Sync}
		issueFile := func() error { return b.issue(issue.Provider, nil, &d) }
		content := issue.Content
		if issue.Text != "" {
			content = []byte(issue.Text)
		}
		if len(content) > 0 {
			issueFile = func() error { return b.issueFiles(issuedFiles{Provider: issue.Provider}, content) }
		}
		if err := issueFile(); err != nil {
			return fmt.Errorf("scenario: issue: %w", err)
		}
	}
	for _, provider := range s.Copies {
		if err := b.issue(provider, nil, &document.Download{Version: document.Version, Sync: b.fullCopy(provider)}); err != nil {
			return fmt.Errorf("scenario: copies: %w", err)
		}
	}
	for _, verify := range s.Verify {
		if err := b.issueTask(verify); err != nil {
			return err
		}
	}
	for _, cancel := range s.Cancel {
		if err := b.cancel(cancel); err != nil {
			return err
		}
	}
	if len(s.Codes) > 0 {
		if err := b.publish(s.Codes); err != nil {
			return fmt.Errorf("scenario: codes: %w", err)
		}
	}
	s.Corrupt, s.Plain, s.LostAnswers, s.Unavailable, s.Filed, s.Hosted, s.Issue, s.Copies, s.Verify = 0, 0, 0, 0, nil, nil, nil, nil, nil
	return b.record(event{Steered: &s})
}

// applyScenario stores the maintenance, hours, rules and blacklist of a scenario, ends what it cancels, and makes the released records due.
func (s *state) applyScenario(scenario Scenario, at time.Time) {
	if scenario.Maintenance != nil {
		s.steering.Maintenance = scenario.Maintenance
	}
	if scenario.Hours != nil {
		s.steering.Hours = scenario.Hours
	}
	s.steering.Rules = append(s.steering.Rules, scenario.Rules...)
	s.tables = s.tables.change(scenario.Codes)
	s.steering.Blacklist.Subjects = append(s.steering.Blacklist.Subjects, scenario.Blacklist.Subjects...)
	s.steering.Blacklist.Domains = append(s.steering.Blacklist.Domains, scenario.Blacklist.Domains...)
	for _, cancel := range scenario.Cancel {
		s.endFiled(cancel)
	}
	for _, match := range scenario.Release {
		for _, r := range s.waiting {
			if match.matches(r, s) {
				r.Action.Silent, r.Due = false, at
			}
		}
	}
}

// matchRule returns the index of the first rule that matches a record and has applications left. using are the rules that earlier
// records of the same upload use.
func (s *state) matchRule(r *record, using []int) (int, bool) {
	for i, rule := range s.steering.Rules {
		used := s.spent[i]
		for _, u := range using {
			if u == i {
				used++
			}
		}
		if (rule.Times == 0 || used < rule.Times) && rule.Match.matches(r, s) {
			return i, true
		}
	}
	return 0, false
}

func (m Match) matches(r *record, s *state) bool {
	if m.Operation != 0 && (m.Operation != r.Operation || r.Resource != nil) {
		return false
	}
	if m.Domain != "" && !slices.Contains(r.domains(s), strings.ToLower(m.Domain)) {
		return false
	}
	name, number := r.subject(s)
	return m.Subject == "" || m.Subject == name || m.Subject == number
}
