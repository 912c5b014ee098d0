package dynamo_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/event"
	"beian/shared/process/subscription"
	"beian/shared/rules/fault"
)

// eventEndpoints: the endpoints are one version after the other, and their secrets are not stored in clear.
func eventEndpoints(t *testing.T, d *fixture) {
	if l, err := d.Endpoints(t.Context()); err != nil || len(l.List) != 0 || l.Version != 0 {
		t.Fatal(l, err)
	}
	one := subscription.Endpoint{ID: "01ENDPOINT", URL: "https://portal.example", Types: []event.Type{event.OrderOpened}, Version: 1, Secret: "whsec_one", Previous: "whsec_zero"}
	list := subscription.Endpoints{List: []subscription.Endpoint{one}, Version: 1}
	if err := d.PutEndpoints(t.Context(), list, subscription.Change{At: d.now(), What: subscription.Added, Endpoint: one.ID, URL: one.URL, By: "admin-1"}); err != nil {
		t.Fatal(err)
	}
	if err := d.PutEndpoints(t.Context(), list, subscription.Change{At: d.now(), What: subscription.Added, Endpoint: one.ID, URL: one.URL, By: "admin-1"}); fault.KindOf(err) != fault.Stale {
		t.Errorf("a version was overwritten: %v", err)
	}
	list.Version = 2
	if err := d.PutEndpoints(t.Context(), list, subscription.Change{At: d.now(), What: subscription.Added, Endpoint: one.ID, URL: one.URL, By: "admin-1"}); err != nil {
		t.Fatal(err)
	}
	got, err := d.Endpoints(t.Context())
	if err != nil || got.Version != 2 || len(got.List) != 1 || got.List[0].Secret != "whsec_one" || got.List[0].Previous != "whsec_zero" || got.List[0].URL != one.URL {
		t.Errorf("%+v, %v", got, err)
	}
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "WEBHOOKS"}, "sk": &types.AttributeValueMemberS{Value: "CHANGE#0000000001"}}
	changed := func(want ...bool) {
		t.Helper()
		changes, next, err := d.Changes(t.Context(), "", 10)
		if err != nil || next != "" || len(changes) != len(want) {
			t.Fatal(changes, next, err)
		}
		for i, c := range changes {
			if c.Verified != want[i] || c.Verified && (c.By != "admin-1" || c.What != subscription.Added || c.URL != one.URL || !c.At.Equal(d.now())) {
				t.Errorf("%d: %+v", i, c)
			}
		}
	}
	changed(true, true)
	row, err := d.Client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(d.Table), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	row.Item["sk"] = &types.AttributeValueMemberS{Value: "CHANGE#0000000003"} // of another version
	if _, err := d.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(d.Table), Item: row.Item}); err != nil {
		t.Fatal(err)
	}
	changed(false, true, true)
	out, err := d.Client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(d.Table),
		Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "WEBHOOKS"}, "sk": &types.AttributeValueMemberS{Value: "ENDPOINTS"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range out.Item {
		if b, is := value.(*types.AttributeValueMemberB); is && bytes.Contains(b.Value, []byte("whsec")) {
			t.Errorf("%s has a secret in clear", name)
		}
	}
}

// eventsOfChanges: a change stores its events with it if an endpoint gets them, and nothing otherwise.
func eventsOfChanges(t *testing.T, d *fixture) {
	d.walkTo(1, filing.VerifyType)
	if n := len(d.entries(decide.SendEvents)); n != 0 {
		t.Fatalf("%d entries without an endpoint", n)
	}
	put := func(version int, disabled bool, kinds ...event.Type) {
		t.Helper()
		e := subscription.Endpoint{ID: "01ENDPOINT", URL: "https://portal.example", Types: kinds, Disabled: disabled}
		if err := d.PutEndpoints(t.Context(), subscription.Endpoints{List: []subscription.Endpoint{e}, Version: version}, subscription.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	put(1, false, event.DutyOver)
	d.walkTo(2, filing.VerifyType)
	put(2, true)
	d.walkTo(3, filing.VerifyType)
	if n := len(d.entries(decide.SendEvents)); n != 0 {
		t.Fatalf("%d entries for other types", n)
	}
	put(3, false)
	d.walkTo(4, filing.Done)
	var kinds []event.Type
	for _, entry := range d.entries(decide.SendEvents) {
		for _, e := range entry.Events {
			kinds = append(kinds, e.Type)
		}
	}
	if got := fmt.Sprint(kinds); len(kinds) != 4 || kinds[0] != event.OrderOpened || kinds[1] != event.OrderTransmitted {
		t.Errorf("%s", got)
	}
}

// eventDeliveries: a delivery is stored once, is due when its attempt is, and is listed as dead until it is replayed.
func eventDeliveries(t *testing.T, d *fixture) {
	begin := d.now()
	var all []subscription.Delivery
	for i := range 5 {
		one := subscription.NewDelivery("01ENDPOINT", event.Event{ID: fmt.Sprint("e-", i), Type: event.DutyNear, Time: begin.Add(time.Duration(i) * time.Hour), Data: []byte("{}")}, begin)
		if err := d.PutDelivery(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		if err := d.PutDelivery(t.Context(), one); fault.KindOf(err) != fault.Stale {
			t.Errorf("a delivery was stored twice: %v", err)
		}
		all = append(all, one)
	}
	due := func(at time.Time, endpoint string) int {
		t.Helper()
		found, err := d.DueDeliveries(t.Context(), endpoint, at, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if before, after, other := due(begin, "01ENDPOINT"), due(begin.Add(subscription.Lease), "01ENDPOINT"), due(begin.Add(time.Hour), "01OTHER"); before != 0 || after != 5 || other != 0 {
		t.Errorf("%d due before the lease ends, %d then, %d of another endpoint", before, after, other)
	}
	for i, one := range all[:3] {
		one.Version++
		one = one.After(subscription.Result{Status: []int{204, 410, 410}[i]}, begin, 0)
		if err := d.PutDelivery(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		all[i] = one
	}
	page, next, err := d.DeadDeliveries(t.Context(), "01ENDPOINT", "", 1)
	if err != nil || len(page) != 1 || page[0].Event.ID != "e-1" || next != page[0].ID() {
		t.Fatal(page, next, err)
	}
	page, next, err = d.DeadDeliveries(t.Context(), "01ENDPOINT", next, 2)
	if err != nil || len(page) != 1 || page[0].Event.ID != "e-2" || next != "" {
		t.Fatal(page, next, err)
	}
	page, _, err = d.Deliveries(t.Context(), "01ENDPOINT", subscription.Since(begin.Add(2*time.Hour)), 10)
	if err != nil || len(page) != 3 || page[0].Event.ID != "e-2" || page[0].State != subscription.Dead {
		t.Fatal(page, err)
	}
	again := page[0].Replayed(begin)
	again.Version++
	if err := d.PutDelivery(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if page, _, err = d.DeadDeliveries(t.Context(), "01ENDPOINT", "", 10); err != nil || len(page) != 1 {
		t.Error(page, err)
	}
	if n := due(begin, "01ENDPOINT"); n != 1 {
		t.Errorf("%d due after a replay", n)
	}
	if got, err := d.Delivery(t.Context(), "01ENDPOINT", again.ID()); err != nil || got.State != subscription.Pending || got.Attempts != 0 {
		t.Error(got, err)
	}
	if _, err := d.Delivery(t.Context(), "01ENDPOINT", "unknown"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if _, _, err := d.Deliveries(t.Context(), "01ENDPOINT", "foreign", 10); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}

	// A row that cannot be read does not stop the others.
	before := due(begin.Add(subscription.Lease), "01ENDPOINT")
	d.breakRow("WEBHOOK#01ENDPOINT", all[4].ID())
	found, err := d.DueDeliveries(t.Context(), "01ENDPOINT", begin.Add(subscription.Lease), 10)
	if err == nil || len(found) != before-1 {
		t.Errorf("%d of %d deliveries beside one that cannot be read, %v", len(found), before, err)
	}
}
