// Package simulator is a simulated provincial communications bureau (通信管理局): the server side of the ministry's enterprise-system
// interface V3.0, with the HTTP, SOAP and packed documents of a real one. Start with [New], serve [Bureau.Handler], and control
// it with a [Scenario].
//
//	b, err := simulator.New(simulator.Config{Accounts: accounts, Now: time.Now, ReviewDelay: time.Hour, Folder: folder})
//	http.ListenAndServe("127.0.0.1:8081", b.Handler())
//
// It stores uploads, filings with their numbers, and files to download. It checks calls in the order of MIIT-IF30 15.3, accepts
// uploads, and decides about their records later by its clock: machine checks first, then a review that approves unless the
// scenario says otherwise. IP and domain filings have no review. One Bureau can represent several provinces; the subject's address decides which one assigns the number.
//
// A change is written to the journal before its call is answered, so a killed process loses nothing. The package has no address,
// account or data of a real bureau.
package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"beian/shared/bureau/wire"
	"beian/shared/rules/gbk"
)

// An Account is a provider's account at the bureau.
type Account struct {
	ProviderID     int64          `json:"providerId"`
	User           string         `json:"user"`
	Password       string         `json:"password"`
	Key            string         `json:"key"`
	IV             string         `json:"iv"`
	Plain          bool           `json:"plain,omitempty"`       // downloads are not encrypted
	Barred         bool           `json:"barred,omitempty"`      // no permission to report: 19
	AllowedFrom    []netip.Prefix `json:"allowedFrom,omitempty"` // source addresses; none means all
	Provinces      []string       `json:"provinces,omitempty"`   // where it may file, two digits each; none means all
	IPRanges       []netip.Prefix `json:"ipRanges,omitempty"`    // reported in IP filing (1063); none means no check
	CallsPerMinute int            `json:"callsPerMinute,omitempty"`
	// Characters are those that the bureau reads in this provider's uploads.
	Characters gbk.Repertoire `json:"characters,omitempty"`
}

func (a *Account) codec(limit int64) wire.Codec {
	c := wire.Codec{Key: a.Key, IV: a.IV, Encryption: wire.AESEncryption, AcceptPlain: true, Limit: limit}
	if a.Plain {
		c.Encryption = wire.PlainEncryption
	}
	return c
}

// Hours are a daily period in Beijing time, "09:00" to "17:30".
type Hours struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// A Config is the configuration of a [Bureau].
type Config struct {
	Accounts []Account
	// Now is the bureau's clock.
	Now func() time.Time
	// Folder is where the journal is; "" keeps everything in memory.
	Folder string
	// ReviewDelay is the time between an upload and the decision, unless a rule changes it.
	ReviewDelay time.Duration
	// Letters is part of the names of downloaded files, like a province's abbreviation; "" means "sim".
	Letters string
	// QueueLimit is the maximum number of undecided uploads of a provider (15); 0 means 1000.
	QueueLimit int
	// ChecksPerDay is the maximum number of password checks for a filing per day (22); 0 means 5.
	ChecksPerDay int
	// MaxDocument is the largest document, uncompressed (18); 0 means wire.MaxDocument.
	MaxDocument int64
	// MaxRequest is the largest request body; 0 means 100 MB.
	MaxRequest int64
	// RecordsPerFile is the maximum number of records in a result file; 0 means 100.
	RecordsPerFile int
	// Tables are further code tables, by element of the interface, such as the divisions (Qy_dms). Entries are sorted by ID.
	Tables map[string][]Code
	// Scenario is applied at the first start, not if there is a journal.
	Scenario *Scenario
}

// A Bureau is a running simulator. It is safe for concurrent use.
type Bureau struct {
	config   Config
	accounts map[int64]*Account
	journal  *journal

	mu    sync.Mutex
	state *state
	// Pending faults are not in the journal: they end with the process.
	corrupt, plain, lostAnswers, unavailable int
	refusesUploads                           bool
	calls                                    map[int64]callCount
}

type callCount struct {
	minute time.Time
	count  int
}

// New starts a bureau. If the folder has a journal, the bureau continues from it.
func New(config Config) (*Bureau, error) {
	if config.Now == nil {
		return nil, errors.New("bureau simulator: Now must be given")
	}
	config.Letters = cmp.Or(config.Letters, "sim")
	config.QueueLimit = cmp.Or(config.QueueLimit, 1000)
	config.ChecksPerDay = cmp.Or(config.ChecksPerDay, 5)
	config.RecordsPerFile = cmp.Or(config.RecordsPerFile, 100)
	config.MaxRequest = cmp.Or(config.MaxRequest, 100<<20)
	config.MaxDocument = cmp.Or(config.MaxDocument, wire.MaxDocument)
	b := &Bureau{config: config, accounts: map[int64]*Account{}, state: newState(config.Tables), calls: map[int64]callCount{}}
	for _, account := range config.Accounts {
		if err := account.codec(0).Check(); err != nil {
			return nil, fmt.Errorf("bureau simulator: account %d: %w", account.ProviderID, err)
		}
		if _, twice := b.accounts[account.ProviderID]; twice || account.ProviderID <= 0 {
			return nil, fmt.Errorf("bureau simulator: account %d is repeated or not positive", account.ProviderID)
		}
		b.accounts[account.ProviderID] = &account
	}
	var err error
	if b.journal, err = openJournal(config.Folder, b.state); err != nil {
		return nil, fmt.Errorf("bureau simulator: %w", err)
	}
	if config.Scenario != nil && b.state.events == 0 {
		if err := b.Apply(*config.Scenario); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// Close closes the journal. The bureau must not be used afterwards.
func (b *Bureau) Close() error { return b.journal.close() }

// record writes an event to the journal and applies it. The caller holds b.mu.
func (b *Bureau) record(e event) error {
	e.At = b.config.Now()
	if err := b.journal.append(e); err != nil {
		return err
	}
	return b.state.apply(e)
}
