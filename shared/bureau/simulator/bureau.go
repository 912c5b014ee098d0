// Package bureausim is a provincial communications bureau (通信管理局) to talk to: the server side of the ministry's
// enterprise-system interface V3.0, over the same HTTP, SOAP and sealed documents as a real one.
//
// It keeps state: what was uploaded, what is filed under which number, which files wait to be downloaded. It checks calls
// in the order of MIIT-IF30, 15.3, takes uploads, and decides about their records later, on its own clock: machine checks
// first, then a review that approves unless a scenario says otherwise (see [Scenario]). One Bureau may stand for several
// provinces; the subject's address says which one numbers the filing.
//
// Everything it answers for is in a journal before it answers, so killing the process loses nothing. No real bureau's
// address, account or data is in here.
package simulator

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"beian/shared/bureau/wire"
)

// An Account is a provider as the bureau knows it.
type Account struct {
	ProviderID     int64          `json:"providerId"`
	User           string         `json:"user"`
	Password       string         `json:"password"`
	Key            string         `json:"key"`
	IV             string         `json:"iv"`
	Plain          bool           `json:"plain,omitempty"`       // downloads without encryption
	Barred         bool           `json:"barred,omitempty"`      // reporting not opened: 19
	AllowedFrom    []netip.Prefix `json:"allowedFrom,omitempty"` // source addresses; none means any
	Provinces      []string       `json:"provinces,omitempty"`   // two digits each; where it may file, none means anywhere
	IPRanges       []netip.Prefix `json:"ipRanges,omitempty"`    // reported in IP filing; none means not compared (1063)
	CallsPerMinute int            `json:"callsPerMinute,omitempty"`
}

func (a *Account) codec(limit int64) wire.Codec {
	c := wire.Codec{Key: a.Key, IV: a.IV, Encryption: wire.AESEncryption, Limit: limit}
	if a.Plain {
		c.Encryption = wire.PlainEncryption
	}
	return c
}

// Hours are a daily span in Beijing time, "09:00" to "17:30".
type Hours struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// A Config is a bureau's.
type Config struct {
	Accounts []Account
	// Now is the bureau's clock.
	Now func() time.Time
	// Folder keeps the journal; "" keeps everything in memory.
	Folder string
	// ReviewDelay is the time between an upload and the decision, unless a rule says otherwise.
	ReviewDelay time.Duration
	// Letters stand in the names of downloaded files, as the province's do; "" means "sim".
	Letters string
	// QueueLimit is how many undecided uploads one provider may have (15); 0 means 1000.
	QueueLimit int
	// ChecksPerDay is how often the password of one filing may be checked in a day (22); 0 means 5.
	ChecksPerDay int
	// MaxDocument is the largest document, uncompressed (18); 0 means wire.MaxDocument.
	MaxDocument int64
	// MaxRequest is the largest request body; 0 means 100 MB.
	MaxRequest int64
	// RecordsPerFile is how many records one result file tells of at most; 0 means 100.
	RecordsPerFile int
	// Scenario steers from the start. It is applied once: a bureau that finds a journal has had it.
	Scenario *Scenario
}

// A Bureau is one running simulator.
type Bureau struct {
	config   Config
	accounts map[int64]*Account
	journal  *journal

	mu    sync.Mutex
	state *state
	// Faults to come are not in the journal: they end with the process.
	corrupt, lostAnswers, unavailable int
	calls                             map[int64]callCount
}

type callCount struct {
	minute time.Time
	count  int
}

// New starts a bureau, going on from its journal if there is one.
func New(config Config) (*Bureau, error) {
	if config.Now == nil {
		return nil, errors.New("bureausim: Now must be given")
	}
	if config.Letters == "" {
		config.Letters = "sim"
	}
	config.QueueLimit = orElse(config.QueueLimit, 1000)
	config.ChecksPerDay = orElse(config.ChecksPerDay, 5)
	config.RecordsPerFile = orElse(config.RecordsPerFile, 100)
	config.MaxRequest = orElse(config.MaxRequest, 100<<20)
	config.MaxDocument = orElse(config.MaxDocument, wire.MaxDocument)
	b := &Bureau{config: config, accounts: map[int64]*Account{}, state: newState(), calls: map[int64]callCount{}}
	for _, account := range config.Accounts {
		if err := account.codec(0).Check(); err != nil {
			return nil, fmt.Errorf("bureausim: account %d: %w", account.ProviderID, err)
		}
		if _, twice := b.accounts[account.ProviderID]; twice || account.ProviderID <= 0 {
			return nil, fmt.Errorf("bureausim: account %d is there twice or not positive", account.ProviderID)
		}
		b.accounts[account.ProviderID] = &account
	}
	var err error
	if b.journal, err = openJournal(config.Folder, b.state); err != nil {
		return nil, fmt.Errorf("bureausim: %w", err)
	}
	if config.Scenario != nil && b.state.events == 0 {
		if err := b.Apply(*config.Scenario); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// Close ends the journal. The bureau must not be called any more.
func (b *Bureau) Close() error { return b.journal.close() }

func orElse[N int | int64](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}

// record writes an event to the journal and applies it; the lock is held.
func (b *Bureau) record(e event) error {
	e.At = b.config.Now()
	if err := b.journal.append(e); err != nil {
		return err
	}
	return b.state.apply(e)
}
