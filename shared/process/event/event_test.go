package event_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/process/event"
	"beian/shared/process/event/eventtest"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

const origin = "https://portal.example"

// TestAnOrderTellsItsEvents: after its opening, an order that is approved has two events, and its filing one, in the order of its decisions.
func TestAnOrderTellsItsEvents(t *testing.T) {
	app := filingtest.EnterpriseBeijing()
	w := filingtest.Open(t, app, filingtest.December2019)
	var types []event.Type
	var last int
	w.Store = func(c filing.Change) filing.Order {
		events := event.OfChange(c)
		if c.Register != nil {
			events = append(events, event.OfRegister(*c.Register))
		}
		for _, e := range events {
			body := e.CloudEvent(origin)
			eventtest.Check(t, body)
			checkNothingPersonal(t, app, body)
			if e.Type != event.RegisterChanged && e.Sequence <= last {
				t.Errorf("%s has the sequence %d after %d", e.Type, e.Sequence, last)
			}
			if approved := e.Type == event.OrderApproved || e.Type == event.RegisterChanged; strings.Contains(string(body), "beijing-example.com") != approved {
				t.Errorf("%s: %s", e.Type, body)
			}
			types, last = append(types, e.Type), e.Sequence
		}
		return c.Order
	}
	w.AdvanceTo(filing.Done)
	if want := []event.Type{event.OrderTransmitted, event.OrderApproved, event.RegisterChanged}; !slices.Equal(types, want) {
		t.Errorf("%v, want %v", types, want)
	}
}

// checkNothingPersonal: an event has no name, certificate number, phone or email address.
func checkNothingPersonal(t *testing.T, app filingtest.Application, body []byte) {
	t.Helper()
	leader := app.Subject.Leader
	for _, secret := range []string{app.Subject.Name.Reveal(), leader.Name.Reveal(), leader.Mobile.Reveal(), app.Contact.Mobile.Reveal(), app.Opening.Certificate.Number.Reveal()} {
		if secret != "" && strings.Contains(string(body), secret) {
			t.Errorf("an event has personal data")
		}
	}
}

// TestEachFlowIsAnEvent: what is counted of decisions becomes events of the right type, with who refused and why.
func TestEachFlowIsAnEvent(t *testing.T) {
	w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	for flow, want := range map[filing.FlowEvent]event.Type{
		filing.FlowOpened: event.OrderOpened, filing.FlowReturned: event.OrderReturned, filing.FlowSent: event.OrderTransmitted,
		filing.FlowApproved: event.OrderApproved, filing.FlowRefused: event.OrderRefused, filing.FlowRejected: event.OrderRefused, filing.FlowPassed: "",
	} {
		c := filing.Change{Order: w.Order, Entry: filing.Entry{Seq: 7, At: w.At}, Flow: &filing.Flow{Events: []filing.FlowEvent{flow}, Refuser: filing.RefusedByReviewer,
			Codes: []finding.Code{"site-name-digits", "reviewer"}}}
		events := event.OfChange(c)
		if want == "" {
			if len(events) > 0 {
				t.Errorf("%s: %v", flow, events)
			}
			continue
		}
		if len(events) != 1 || events[0].Type != want {
			t.Fatalf("%s: %v", flow, events)
		}
		e := eventtest.Check(t, events[0].CloudEvent(origin))
		var data event.Order
		if err := json.Unmarshal(e.Data(), &data); err != nil {
			t.Fatal(err)
		}
		refused := want == event.OrderReturned || want == event.OrderRefused
		if e.Extensions()["sequence"] != "000007" || e.Subject() != "/orders/01EXAMPLE" || (data.By == filing.RefusedByReviewer) != refused || (len(data.Codes) == 2) != refused {
			t.Errorf("%s: %s", flow, e)
		}
	}
	if events := event.OfChange(filing.Change{Order: w.Order}); len(events) > 0 {
		t.Errorf("a decision that nothing follows from: %v", events)
	}
}

// TestLargeFilingsStayLimited: the event of a filing with hundreds of sites is cut, and says so.
func TestLargeFilingsStayLimited(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	for len(f.Sites) < 300 {
		f.Sites = append(f.Sites, f.Sites[0])
	}
	body := event.OfRegister(register.Change{After: f, Entry: register.Entry{Source: register.Source{Kind: register.FromImport}}}).CloudEvent(origin)
	eventtest.Check(t, body)
	if len(body) > 10<<10 || !strings.Contains(string(body), `"more":true`) {
		t.Errorf("%d bytes", len(body))
	}
}

func TestFindingsAndDuties(t *testing.T) {
	site, err := number.ParseFiling("京ICP备12345678号-1")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 28, 16, 30, 0, 0, time.UTC) // the next day in Shanghai
	f := event.Finding{ID: "www.example.com footer-missing 2026-11-28", Filing: "01EXAMPLE", Code: "footer-missing", Site: site, Host: "www.example.com", At: at}
	d := event.Duty{Key: "annual-review", Kind: "annual-review", Filing: "01EXAMPLE", Due: "2026-12-06", At: at}
	over := d
	over.Due = "2026-11-27"
	ids := map[string]bool{}
	for _, e := range []event.Event{f.Opened(), f.Closed(), d.Near(), over.Over()} {
		got := eventtest.Check(t, e.CloudEvent(origin))
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`).MatchString(got.ID()) || ids[got.ID()] {
			t.Errorf("id %s", got.ID())
		}
		ids[got.ID()] = true
	}
	if data := string(d.Near().Data) + string(over.Over().Data); !strings.Contains(data, `"days":7}`) || !strings.Contains(data, `"days":-2}`) {
		t.Errorf("%s", data)
	}
	again := f
	if again.Opened().ID != f.Opened().ID || f.Opened().ID == (event.Finding{ID: "www-example.com footer-missing 2026-11-28"}).Opened().ID {
		t.Error("the id does not name the finding")
	}
}

func TestEveryTypeHasASchema(t *testing.T) {
	for _, kind := range event.Types {
		if text, ok := event.Schema(kind); !ok || !json.Valid(text) || strings.Count(string(text), "additionalProperties") == 0 {
			t.Errorf("%s: %s", kind, text)
		}
	}
	if _, ok := event.Schema("beian.order.unknown"); ok {
		t.Error("an unknown type has a schema")
	}
}
