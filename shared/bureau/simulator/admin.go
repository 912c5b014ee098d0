package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// A Record is an uploaded record in the admin API, without personal data.
type Record struct {
	ID          int       `json:"id"`
	Provider    int64     `json:"provider"`
	Sequence    int64     `json:"sequence"`
	Operation   int64     `json:"operation"`
	Mark        string    `json:"mark"` // Bs: the record's id in results
	Received    time.Time `json:"received"`
	Due         time.Time `json:"due"`
	Silent      bool      `json:"silent,omitempty"`
	Attachments int       `json:"attachments"`
	Codes       []int64   `json:"codes,omitempty"`    // of the machine checks
	Decision    string    `json:"decision,omitempty"` // "" while undecided
	Numbers     []string  `json:"numbers,omitempty"`  // of the sites, once filed
}

// Status is the state of the bureau in the admin API.
type Status struct {
	Maintenance bool            `json:"maintenance"`
	Waiting     int             `json:"waiting"`   // records without a decision
	Filed       int             `json:"filed"`     // subjects
	Sequences   map[int64]int64 `json:"sequences"` // of each provider's last upload
	Downloads   map[int64]int   `json:"downloads"` // files that each provider has not acknowledged
	Rules       []Rule          `json:"rules"`
}

// Records returns the uploaded records after the record with the id after, oldest first; at most limit, 0 for all.
func (b *Bureau) Records(after, limit int) ([]Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.decideDue(); err != nil {
		return nil, err
	}
	all := b.state.records
	rest := all[min(max(after, 0), len(all)):]
	if limit > 0 {
		rest = rest[:min(limit, len(rest))]
	}
	shown := make([]Record, 0, len(rest))
	for _, r := range rest {
		one := Record{
			ID: r.ID, Provider: r.Provider, Sequence: r.Sequence, Operation: r.Operation, Mark: r.Bs, Received: r.Received,
			Due: r.Due, Silent: r.Action.Silent, Attachments: r.Attachments, Decision: r.Decision, Numbers: r.Numbers,
		}
		for _, f := range r.Codes {
			one.Codes = append(one.Codes, f.Code)
		}
		shown = append(shown, one)
	}
	return shown, nil
}

// Status returns the state of the bureau.
func (b *Bureau) Status() (Status, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.decideDue(); err != nil {
		return Status{}, err
	}
	on := b.state.steering.Maintenance
	s := Status{
		Maintenance: on != nil && *on, Waiting: len(b.state.waiting), Filed: len(b.state.byNumber),
		Sequences: map[int64]int64{}, Downloads: map[int64]int{}, Rules: b.state.steering.Rules,
	}
	for id, p := range b.state.providers {
		s.Sequences[id], s.Downloads[id] = p.Sequence, len(p.Files)
	}
	return s, nil
}

const maxScenario = 8 << 20

// AdminHandler serves the admin API:
//
//	POST /scenario                     applies a [Scenario]
//	GET  /records?after=0&limit=100    the uploaded records ([Record])
//	GET  /status                       the state of the bureau ([Status])
//
// It has no authentication: serve it on the loopback only.
func (b *Bureau) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /scenario", b.serveScenario)
	mux.HandleFunc("GET /records", func(w http.ResponseWriter, r *http.Request) {
		after, _ := strconv.Atoi(r.FormValue("after"))
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		records, err := b.Records(after, limit)
		writeJSON(w, map[string]any{"records": records}, err)
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		status, err := b.Status()
		writeJSON(w, status, err)
	})
	return mux
}

func (b *Bureau) serveScenario(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxScenario))
	if err != nil {
		http.Error(w, "scenario too large or cut short", http.StatusRequestEntityTooLarge)
		return
	}
	s, err := ParseScenario(text)
	if err == nil {
		err = b.Apply(s)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, v any, err error) {
	if err != nil {
		http.Error(w, "the bureau's journal cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}
