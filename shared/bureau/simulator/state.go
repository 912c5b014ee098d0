package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
)

// state is the state of the bureau. It changes only by events.
type state struct {
	events    int
	providers map[int64]*provider
	records   []*record
	waiting   []*record
	unissued  []*decision       // decisions that are in no file yet
	filings   map[int64]*filing // by the bureau's id of the subject
	resources []*resource
	unfiled   map[unfiledSite]bool // issued to a provider → handled
	verify    map[verifyTask]bool  // issued to a provider → answered
	bySubject map[string]int64     // kind and number of the certificate → subject
	byDomain  map[string]int64     // domain → subject
	byNumber  map[string]int64     // subject's number → subject
	byRecord  map[int64]int64      // the bureau's id of a site or an access entry → subject
	numbers   numberings
	checks    map[string]int // number and day → checks of its password
	files     int            // issued so far
	steering  Scenario
	tables    tables
	spent     map[int]int // rule → times used
}

// unfiledSite is an unfiled site that a provider has to handle.
type unfiledSite struct {
	provider int64
	domain   string
}

// verifyTask is a verification task that a provider has to answer.
type verifyTask struct {
	provider int64
	subject  int64 // the bureau's id
}

// provider is the state of an account.
type provider struct {
	Sequence int64 // of the last accepted upload
	Last     lastUpload
	Files    []*file // not acknowledged, oldest first
	Acked    map[string]bool
}

type lastUpload struct {
	Name   string
	Parcel wire.Parcel
}

// acceptedUpload is an accepted upload.
type acceptedUpload struct {
	Provider   int64     `json:"provider"`
	Sequence   int64     `json:"sequence"`
	Name       string    `json:"name"`
	Hash       string    `json:"hash"`
	Encryption int       `json:"encryption"`
	Records    []*record `json:"records"`
	Rules      []int     `json:"rules,omitempty"` // rules of the scenario that were used
	data       []byte    // the packed bytes, stored in a separate file
}

// A record is one uploaded record: a filing, an addition, a change, …
type record struct {
	ID        int       `json:"id"`
	Provider  int64     `json:"provider"`
	Sequence  int64     `json:"sequence"`
	Operation int64     `json:"operation"`
	Bs        string    `json:"bs,omitempty"`
	Received  time.Time `json:"received"`
	Due       time.Time `json:"due"`
	Action    Action    `json:"action"`
	// Codes are the results of the machine checks of the document.
	Codes []resultCode `json:"codes,omitempty"`

	New         *document.NewFiling      `json:"new,omitempty"`
	AddSite     *document.SiteAddition   `json:"addSite,omitempty"`
	AddAccess   *document.AccessAddition `json:"addAccess,omitempty"`
	Change      *document.Change         `json:"change,omitempty"`
	Cancel      *document.Cancellation   `json:"cancel,omitempty"`
	Resource    *resource                `json:"resource,omitempty"`
	Unfiled     string                   `json:"unfiled,omitempty"` // domain of an unfiled site that was handled
	Verified    *verifiedTask            `json:"verified,omitempty"`
	Attachments int                      `json:"attachments"`

	place    string                // in the upload
	places   []string              // of the other attachments of evidence on its own
	evidence []document.Attachment // of one owner, until it is checked
	handling int64                 // of an unfiled site, until it is checked

	Decision string   `json:"-"` // "" while undecided
	Numbers  []string `json:"-"` // of the sites, once filed
}

// verifiedTask is the answer to a verification task, without personal data. Ids are the bureau's.
type verifiedTask struct {
	Subject int64   `json:"subject"`
	Sites   []int64 `json:"sites"`
	Passed  bool    `json:"passed"`
}

// resultCode is a result code with details that are appended to its text.
type resultCode struct {
	Code   int64  `json:"code"`
	Detail string `json:"detail,omitempty"`
}

// decision is the decision about a record.
type decision struct {
	Record   int                    `json:"record"`
	Decision string                 `json:"decision"`
	Result   *document.RecordResult `json:"result,omitempty"`
	Opinion  *document.Opinion      `json:"opinion,omitempty"`
	Filed    *document.FiledData    `json:"filed,omitempty"`
	Gone     []document.Cancelled   `json:"gone,omitempty"`
	Filing   *filing                `json:"filing,omitempty"` // after the decision
	Numbers  numberings             `json:"numbers"`
	Twice    bool                   `json:"twice,omitempty"`

	Resource       *resource       `json:"resource,omitempty"` // after the decision
	ResourceResult *resourceResult `json:"resourceResult,omitempty"`
}

// A filing is a filed subject with its sites.
type filing struct {
	Data     document.FiledData `json:"data"`
	Password string             `json:"password,omitempty"` // MD5 of the filing password
	LastSite int                `json:"lastSite"`           // numbers of sites are never reused
	Gone     bool               `json:"gone,omitempty"`
}

// seededFiling is a filing from a scenario.
type seededFiling struct {
	Filing  *filing    `json:"filing"`
	Numbers numberings `json:"numbers"`
}

// numberings are the counters of ids and filing numbers.
type numberings struct {
	ID     int64          `json:"id"`
	Serial map[string]int `json:"serial"` // province and year → last serial
}

func newState(further tables) *state {
	all := maps.Clone(firstTables())
	maps.Copy(all, further)
	return &state{
		providers: map[int64]*provider{}, filings: map[int64]*filing{},
		bySubject: map[string]int64{}, byDomain: map[string]int64{},
		byNumber: map[string]int64{}, byRecord: map[int64]int64{},
		numbers: numberings{ID: 700000, Serial: map[string]int{}},
		checks:  map[string]int{}, spent: map[int]int{}, tables: all, unfiled: map[unfiledSite]bool{}, verify: map[verifyTask]bool{},
	}
}

func (s *state) provider(id int64) *provider {
	p, known := s.providers[id]
	if !known {
		p = &provider{Acked: map[string]bool{}}
		s.providers[id] = p
	}
	return p
}

func (s *state) apply(e event) error {
	s.events++
	switch {
	case e.Accepted != nil:
		s.accept(e.Accepted)
	case e.Decided != nil:
		return s.decide(e.Decided)
	case e.Issued != nil:
		p := s.provider(e.Issued.Provider)
		p.Files = append(p.Files, e.Issued.Files...)
		s.files += len(e.Issued.Files)
		for _, domain := range e.Issued.Unfiled {
			s.unfiled[unfiledSite{e.Issued.Provider, domain}] = false
		}
		for _, subject := range e.Issued.Verify {
			s.verify[verifyTask{e.Issued.Provider, subject}] = false
		}
		s.unissued = slices.DeleteFunc(s.unissued, func(d *decision) bool { return slices.Contains(e.Issued.Records, d.Record) })
	case e.Acked != nil:
		p := s.provider(e.Acked.Provider)
		p.Files = slices.DeleteFunc(p.Files, func(f *file) bool { return f.Name == e.Acked.Name })
		p.Acked[e.Acked.Name] = true
	case e.Checked != nil:
		s.checks[e.Checked.Number+" "+e.Checked.Day]++
	case e.Seeded != nil:
		s.numbers = e.Seeded.Numbers
		s.storeFiling(e.Seeded.Filing)
	case e.Steered != nil:
		s.applyScenario(*e.Steered, e.At)
	}
	return nil
}

func (s *state) accept(a *acceptedUpload) {
	p := s.provider(a.Provider)
	p.Sequence = a.Sequence
	p.Last = lastUpload{Name: a.Name, Parcel: wire.Parcel{Data: a.data, Hash: a.Hash, Encryption: a.Encryption}}
	for _, r := range a.Records {
		s.records = append(s.records, r)
		s.waiting = append(s.waiting, r)
	}
	for _, rule := range a.Rules {
		s.spent[rule]++
	}
}

func (s *state) decide(d *decision) error {
	if d.Record < 1 || d.Record > len(s.records) {
		return fmt.Errorf("a decision about record %d, which does not exist", d.Record)
	}
	r := s.records[d.Record-1]
	r.Decision = d.Decision
	s.waiting = slices.DeleteFunc(s.waiting, func(w *record) bool { return w == r })
	if d.Filed != nil {
		for _, site := range d.Filed.Sites {
			r.Numbers = append(r.Numbers, site.Number)
		}
	}
	if r.Unfiled != "" && d.Decision == decidedAsStored {
		s.unfiled[unfiledSite{r.Provider, r.Unfiled}] = true
	}
	if r.Verified != nil && d.Decision == decidedAsStored {
		s.verify[verifyTask{r.Provider, r.Verified.Subject}] = true
	}
	// The uploaded data are no longer needed; filed data are in the filing.
	r.New, r.AddSite, r.AddAccess, r.Change, r.Cancel, r.Resource = nil, nil, nil, nil, nil, nil
	s.unissued = append(s.unissued, d)
	s.numbers = d.Numbers
	if d.Filing != nil {
		s.storeFiling(d.Filing)
	}
	if d.Resource != nil {
		s.resources = slices.DeleteFunc(s.resources, func(old *resource) bool { return old.ID == d.Resource.ID })
		if !d.Resource.Gone {
			s.resources = append(s.resources, d.Resource)
		}
	}
	return nil
}

// storeFiling stores a filing in place of an earlier version.
func (s *state) storeFiling(f *filing) {
	id := f.Data.Subject.BureauID
	if old, known := s.filings[id]; known {
		k := old.keys()
		delete(s.bySubject, k.subject)
		delete(s.byNumber, k.number)
		for _, name := range k.domains {
			delete(s.byDomain, name)
		}
		for _, record := range k.records {
			delete(s.byRecord, record)
		}
	}
	s.filings[id] = f
	if f.Gone {
		return
	}
	k := f.keys()
	s.bySubject[k.subject] = id
	s.byNumber[k.number] = id
	for _, name := range k.domains {
		s.byDomain[name] = id
	}
	for _, record := range k.records {
		s.byRecord[record] = id
	}
}

// keys are the keys of a filing in the indexes.
type keys struct {
	subject, number string
	domains         []string
	records         []int64
}

func (f *filing) keys() keys {
	k := keys{
		subject: certificateKey(f.Data.Subject.Certificate.Kind, f.Data.Subject.Certificate.Number),
		number:  f.Data.Subject.Number,
	}
	for _, site := range f.Data.Sites {
		k.records = append(k.records, site.BureauID)
		for _, domain := range site.Domains {
			k.domains = append(k.domains, domain.Name)
		}
		for _, access := range site.Accesses {
			k.records = append(k.records, access.BureauID)
		}
	}
	return k
}

func certificateKey(kind int64, number string) string {
	return strconv.FormatInt(kind, 10) + " " + number
}

// nextID returns the next id.
func (n *numberings) nextID() int64 {
	n.ID++
	return n.ID
}

// clone returns a deep copy.
func (n numberings) clone() numberings { return numberings{ID: n.ID, Serial: maps.Clone(n.Serial)} }
