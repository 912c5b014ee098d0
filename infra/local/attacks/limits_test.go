package attacks_test

import (
	"encoding/json"
	"maps"
	"strconv"
	"sync"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/process/limits"
)

// openingRequest returns the request to open an order for an application.
func openingRequest(t *testing.T, app scenario.Application, key string) scenario.Request {
	t.Helper()
	body := map[string]any{"language": app.Language, "contact": app.Contact}
	maps.Copy(body, app.Open)
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	q := scenario.Request{Method: "POST", Path: "/orders", Header: map[string]string{"Content-Type": "application/json"}, Body: text}
	if key != "" {
		q.Header["Idempotency-Key"] = key
	}
	return q
}

// TestManyOpenings: of 300 parallel openings of one account, those up to the limit succeed. A repeated request gets its earlier answer, and
// other accounts open orders as before.
func TestManyOpenings(t *testing.T) {
	attacker, err := client.Login(t.Context(), scenario.Invented(1000).Login)
	if err != nil {
		t.Fatal(err)
	}
	first := openingRequest(t, scenario.Invented(1000), "first")
	opened := send(t, attacker, first, 201)
	var mu sync.Mutex
	var all sync.WaitGroup
	statuses := map[int]int{}
	for i := 1; i < 300; i++ {
		all.Go(func() {
			answer, err := client.Send(t.Context(), attacker, openingRequest(t, scenario.Invented(1000+i), ""))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.Status]++
			wait, err := strconv.Atoi(answer.Header.Get("Retry-After"))
			if answer.Status == 429 && (err != nil || wait < 60 || wait > 86400 || answer.Problem().Detail == "") {
				t.Errorf("refused until %q: %s", answer.Header.Get("Retry-After"), answer.Body)
			}
		})
	}
	all.Wait()
	limit := limits.Defaults[limits.Open].Max[limits.Account]
	if statuses[201] != limit-1 || statuses[429] != 300-limit {
		t.Errorf("300 openings were answered %v", statuses)
	}
	again := send(t, attacker, first, 201)
	if again.Header.Get("Location") != opened.Header.Get("Location") {
		t.Errorf("the repeated request opened %s, not %s", again.Header.Get("Location"), opened.Header.Get("Location"))
	}
	honest, err := client.Login(t.Context(), scenario.Invented(200).Login)
	if err != nil {
		t.Fatal(err)
	}
	send(t, honest, openingRequest(t, scenario.Invented(200), ""), 201)
}
