package journeys_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/event"
	"beian/shared/process/event/eventtest"
)

// A portal is a receiver of events on this machine.
type portal struct {
	t      *testing.T
	mu     sync.Mutex
	secret string
	got    map[string][]string // ids of events by subject, each once
	types  map[string]string   // by id
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	wh, err := standardwebhooks.NewWebhook(p.secret)
	if err != nil || wh.Verify(body, r.Header) != nil {
		p.t.Errorf("the request cannot be verified: %v", err)
	}
	e := eventtest.Check(p.t, body)
	if _, repeated := p.types[e.ID()]; !repeated {
		p.got[e.Subject()] = append(p.got[e.Subject()], e.ID())
	}
	p.types[e.ID()] = e.Type()
}

// typesOf returns the types of the events about a subject, in order of arrival.
func (p *portal) typesOf(subject string) (types []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range p.got[subject] {
		types = append(types, p.types[id])
	}
	return types
}

// sendAs sends a request with a body of the administrator and decodes the response.
func (j *journey) sendAs(method, path string, body, out any) {
	j.t.Helper()
	text, err := json.Marshal(body)
	j.must(err)
	answer, err := client.Send(j.t.Context(), admin, scenario.Request{Method: method, Path: path, Body: text})
	j.must(err)
	if answer.Status/100 != 2 {
		j.t.Fatalf("%s %s: %d %s", method, path, answer.Status, answer.Body)
	}
	if out != nil {
		j.must(json.Unmarshal(answer.Body, out))
	}
}

// TestEvents: an endpoint that an operator adds gets the events of a filing from its opening to its approval, in order, each valid; what it lost is sent again.
func TestEvents(t *testing.T) {
	j := newJourney(t, 770)
	p := &portal{t: t, got: map[string][]string{}, types: map[string]string{}}
	server := httptest.NewServer(p)
	var added operator.Webhook
	j.sendAs("POST", "/webhooks", map[string]any{"url": server.URL + "/events", "types": []event.Type{}, "description": "portal of a test"}, &added)
	path := "/webhooks/" + added.ID
	p.mu.Lock()
	p.secret = added.Secret
	p.mu.Unlock()
	defer server.Close()
	defer j.sendAs("DELETE", path, nil, nil)

	j.advanceTo(filing.VerifySMS)
	j.replySMS()
	j.awaitApproved()
	subject := "/orders/" + string(j.id)
	want := []string{"beian.order.opened", "beian.order.transmitted", "beian.order.approved"}
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		return len(p.typesOf(subject)) >= len(want) && len(p.typesOf("/filings/"+string(j.id))) > 0, nil
	}))
	if got := p.typesOf(subject); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := p.typesOf("/filings/" + string(j.id)); !slices.Contains(got, "beian.register.changed") {
		t.Errorf("%v", got)
	}

	// The portal lost its data and asks for all events since the opening.
	p.mu.Lock()
	p.types, p.got = map[string]string{}, map[string][]string{}
	p.mu.Unlock()
	var replay struct{ Replayed int }
	j.sendAs("POST", path+"/replays", map[string]any{"since": day, "delivered": true}, &replay)
	if replay.Replayed < len(want) {
		t.Errorf("%d events are replayed", replay.Replayed)
	}
	j.must(scenario.Poll(t.Context(), func() (bool, error) { return len(p.typesOf(subject)) >= len(want), nil }))
	if got := p.typesOf(subject); !slices.Equal(got, want) {
		t.Errorf("replayed: %v, want %v", got, want)
	}
}
