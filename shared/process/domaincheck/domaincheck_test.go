package domaincheck_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/process/domaincheck"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/fault"
)

var now = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

// A source answers by the function of a domain's first label, and counts how many domains it is asked about at once.
type source struct {
	answer func(ctx context.Context, label string) (domainfacts.Facts, error)

	mu              sync.Mutex
	asked, inFlight int
	most            int
}

func (s *source) Registration(ctx context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	s.mu.Lock()
	s.asked++
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	s.mu.Unlock()
	defer func() { s.mu.Lock(); s.inFlight--; s.mu.Unlock() }()
	label, _, _ := strings.Cut(string(q.Domain), ".")
	return s.answer(ctx, label)
}

type pages struct{ err error }

func (p pages) HasPage(context.Context, filing.Domain) (bool, error) { return p.err == nil, p.err }

type blacklist struct{ err error }

func (b blacklist) BlacklistedDomains(context.Context, []filing.Domain) ([]filing.Domain, error) {
	return []filing.Domain{"listed.cn"}, b.err
}

func finder(s *source) (*domaincheck.Finder, *strings.Builder) {
	var log strings.Builder
	return &domaincheck.Finder{Registrations: s, Pages: pages{}, Blacklist: blacklist{}, Now: func() time.Time { return now },
		Log: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

func order(domains ...filing.Domain) filing.Order {
	return filing.Order{Domains: domains, Private: filing.Private{Subject: filing.Subject{Name: "示例人"}}}
}

// TestFind: each fact comes from its source; a source that fails makes its fact unknown, and the log names no person.
func TestFind(t *testing.T) {
	f, log := finder(&source{answer: func(_ context.Context, label string) (domainfacts.Facts, error) {
		if label == "down" {
			return domainfacts.Facts{Source: domainfacts.RDAP}, errors.New("down")
		}
		return domainfacts.Facts{Source: domainfacts.Registrar, Holder: "示例人"}, nil
	}})
	got, err := f.Find(t.Context(), order("good.cn", "down.cn", "listed.cn"))
	if err != nil {
		t.Fatal(err)
	}
	good := domainfacts.Facts{Source: domainfacts.Registrar, Holder: "示例人", AskedAt: now, Page: domainfacts.Yes}
	listed := good
	listed.Blacklisted = true
	for d, want := range map[filing.Domain]domainfacts.Facts{"good.cn": good, "listed.cn": listed, "down.cn": {AskedAt: now, Page: domainfacts.Yes}} {
		if got[d] != want {
			t.Errorf("%s: %+v, want %+v", d, got[d], want)
		}
	}
	if !strings.Contains(log.String(), "down.cn") || strings.Contains(log.String(), "示例人") {
		t.Errorf("the log: %s", log)
	}
	f.Pages = pages{errors.New("no resolver")}
	if got, err := f.Find(t.Context(), order("good.cn")); err != nil || got["good.cn"].Page != domainfacts.Unknown || got["good.cn"].Source == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestWithoutSources: without a source everything is unknown.
func TestWithoutSources(t *testing.T) {
	f := domaincheck.Finder{Blacklist: blacklist{}, Now: func() time.Time { return now }}
	if got, err := f.Find(t.Context(), order("good.cn")); err != nil || got["good.cn"] != (domainfacts.Facts{AskedAt: now}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSlowSource: a source is asked about four domains at once, and not waited for when the caller's time is over.
func TestSlowSource(t *testing.T) {
	slow := &source{answer: func(ctx context.Context, _ string) (domainfacts.Facts, error) {
		<-ctx.Done()
		return domainfacts.Facts{}, ctx.Err()
	}}
	f, _ := finder(slow)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := f.Find(ctx, order("a.cn", "b.cn", "c.cn", "d.cn", "e.cn", "f.cn", "g.cn", "h.cn", "i.cn", "j.cn"))
	if fault.KindOf(err) != fault.Unavailable || slow.most > 4 || slow.asked != 10 {
		t.Errorf("%v; %d at once, %d in all", err, slow.most, slow.asked)
	}
}

func TestBlacklistFails(t *testing.T) {
	f, _ := finder(&source{answer: func(context.Context, string) (domainfacts.Facts, error) { return domainfacts.Facts{}, nil }})
	f.Blacklist = blacklist{errors.New("no table")}
	if _, err := f.Find(t.Context(), order("good.cn")); err == nil {
		t.Error("the blacklist was passed over")
	}
}

// TestFallback: only a domain of another registrar is looked up elsewhere.
func TestFallback(t *testing.T) {
	own := &source{answer: func(_ context.Context, label string) (domainfacts.Facts, error) {
		switch label {
		case "other":
			return domainfacts.Facts{}, domainfacts.ErrNotManaged
		case "down":
			return domainfacts.Facts{}, errors.New("down")
		}
		return domainfacts.Facts{Source: domainfacts.Registrar}, nil
	}}
	public := &source{answer: func(context.Context, string) (domainfacts.Facts, error) {
		return domainfacts.Facts{Source: domainfacts.RDAP}, nil
	}}
	f := domaincheck.Fallback{First: own, Then: public}
	for d, want := range map[filing.Domain]domainfacts.Source{"own.cn": domainfacts.Registrar, "other.cn": domainfacts.RDAP, "down.cn": ""} {
		if facts, err := f.Registration(t.Context(), domainfacts.Query{Domain: d}); facts.Source != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", d, facts.Source, err)
		}
	}
	if _, err := (domaincheck.Fallback{First: own}).Registration(t.Context(), domainfacts.Query{Domain: "other.cn"}); !errors.Is(err, domainfacts.ErrNotManaged) {
		t.Error(err)
	}
}
