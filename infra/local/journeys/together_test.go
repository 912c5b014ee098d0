package journeys_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// callInParallel calls do n times in parallel and returns the errors.
func callInParallel(n int, do func(i int) error) []error {
	came := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { came[i] = do(i) })
	}
	all.Wait()
	return came
}

// oneSucceeded checks that one call succeeded and the others got a conflict with these findings. It returns the index.
func oneSucceeded(t *testing.T, came []error, want ...string) int {
	t.Helper()
	winner := -1
	for i, err := range came {
		switch {
		case err != nil:
			wantProblem(t, err, 409, want...)
		case winner >= 0:
			t.Fatalf("both %d and %d succeeded", winner, i)
		default:
			winner = i
		}
	}
	if winner < 0 {
		t.Fatal("no call succeeded")
	}
	return winner
}

// TestConcurrentOrders checks that only one of several parallel orders for a subject or domain is opened. The others get a finding.
func TestConcurrentOrders(t *testing.T) {
	const n = 6
	for name, tc := range map[string]struct {
		first int
		share func(app, with scenario.Application)
		want  string
	}{
		"one subject": {800, func(app, with scenario.Application) { app.Open["certificate"] = with.Open["certificate"] }, "subject-has-open-order /certificate/number"},
		"one domain":  {810, func(app, with scenario.Application) { app.Open["domains"] = with.Open["domains"] }, "domain-has-open-order /domains"},
	} {
		t.Run(name, func(t *testing.T) {
			all := make([]*journey, n)
			for i := range all {
				app := scenario.Invented(tc.first + i)
				tc.share(app, scenario.Invented(tc.first))
				all[i] = startJourney(t, app)
			}
			orders := make([]scenario.Order, n)
			i := oneSucceeded(t, callInParallel(n, func(i int) (err error) {
				orders[i], err = all[i].applicant.OpenOrder(t.Context(), all[i].app)
				return err
			}), tc.want)
			j := all[i]
			j.id = orders[i].ID
			j.awaitStep(filing.VerifyProduct, filing.TypeVerified)
			// After the first order is abandoned, another can be opened.
			j.must(j.applicant.Abandon(t.Context(), j.id))
			j.awaitStep(filing.Done, filing.Abandoned)
			next := all[(i+1)%n]
			o, err := next.applicant.OpenOrder(t.Context(), next.app)
			next.must(err)
			next.id = o.ID
			next.awaitStep(filing.VerifyProduct, filing.TypeVerified)
			next.must(next.applicant.Abandon(t.Context(), next.id))
		})
	}
}

// TestConcurrentLastSlot checks that one of several parallel applications gets the last slot of a server.
func TestConcurrentLastSlot(t *testing.T) {
	const n = 5
	all := make([]*journey, n)
	for i := range all {
		all[i] = journeyAt(t, 820+i, filing.VerifyProduct)
	}
	small := scenario.Server{ID: "ecs-small-820", Placement: "11", Mode: 5, IPs: []string{"8.130.1.4"}, Quota: 1}
	all[0].listServer(small)
	all[0].must(admin.IssueServiceCode(t.Context(), "CODE-820-SHARED", small.ID, ""))
	came := callInParallel(n, func(i int) error {
		return all[i].applicant.Call(t.Context(), "PUT", fmt.Sprintf("/orders/%s/product", all[i].id), map[string]any{"serviceCode": "CODE-820-SHARED"}, nil)
	})
	taken := 0
	for _, err := range came {
		if err == nil {
			taken++
		}
	}
	if used, err := admin.UsedSlots(t.Context(), small.ID); taken != 1 || err != nil || used != 1 {
		t.Errorf("%d applications got the slot, %d slots are used: %v", taken, used, came)
	}
	for _, j := range all {
		j.must(j.applicant.Abandon(t.Context(), j.id))
	}
}

// TestConcurrentRepeats checks that parallel requests with one idempotency key have one effect and the same response.
func TestConcurrentRepeats(t *testing.T) {
	j := newJourney(t, 830)
	ctx := t.Context()
	open := scenario.Request{Method: "POST", Path: "/orders", Body: jsonBody(t, j.opening(nil)), Header: map[string]string{"Idempotency-Key": "open-830"}}
	answers := make([]scenario.Answer, 8)
	for _, err := range callInParallel(len(answers), func(i int) (err error) { answers[i], err = client.Send(ctx, j.applicant, open); return err }) {
		j.must(err)
	}
	for _, a := range answers {
		if a.Status != 201 || a.Header.Get("Location") != answers[0].Header.Get("Location") {
			t.Fatalf("status %d %s, %s", a.Status, a.Header.Get("Location"), a.Body)
		}
	}
	var list struct{ Items []scenario.Order }
	j.must(j.applicant.Call(ctx, "GET", "/orders", nil, &list))
	if len(list.Items) != 1 {
		t.Fatalf("%d orders", len(list.Items))
	}
	j.id = list.Items[0].ID
	open.Body = jsonBody(t, j.opening(map[string]any{"language": "en"}))
	j.send(open, 422, "idempotency-key-reused ")
	j.awaitStep(filing.VerifyProduct, filing.TypeVerified)

	product := scenario.Request{Method: "PUT", Path: fmt.Sprintf("/orders/%s/product", j.id), Body: jsonBody(t, map[string]any{"server": j.app.Server.ID}),
		Header: map[string]string{"Idempotency-Key": "product-830"}}
	for range 3 {
		j.send(product, 200)
	}
	product.Body = jsonBody(t, map[string]any{"server": "another"})
	j.send(product, 422, "idempotency-key-reused ")
	j.wantLedger(opened, []string{"choose-product"})
	j.must(j.applicant.Abandon(ctx, j.id))
}

// TestOutdatedVersion checks that a decision on an outdated version is rejected.
func TestOutdatedVersion(t *testing.T) {
	j := journeyAt(t, 831, filing.VerifyProduct)
	path := fmt.Sprintf("/orders/%s", j.id)
	seen := j.send(scenario.Request{Method: "GET", Path: path}, 200).Header.Get("ETag")
	choose := scenario.Request{Method: "PUT", Path: path + "/product", Body: jsonBody(t, map[string]any{"server": j.app.Server.ID}), Header: map[string]string{"If-Match": seen}}
	after := j.send(choose, 200).Header.Get("ETag")
	if after == seen {
		t.Fatal("a decision does not change the ETag")
	}
	enter := scenario.Request{Method: "PUT", Path: path + "/details", Body: jsonBody(t, j.app.Details), Header: map[string]string{"If-Match": seen}}
	j.send(enter, 412)
	if j.order().Step != filing.CollectDetails {
		t.Error("a stale decision succeeded")
	}
	enter.Header["If-Match"] = after
	j.send(enter, 200)
	j.must(j.applicant.UploadMissing(t.Context(), j.id, scenario.SamplePicture("paper", 5)))
	// Of parallel requests with the same tag one succeeds.
	tag := j.send(scenario.Request{Method: "GET", Path: path}, 200).Header.Get("ETag")
	statuses := make([]int, 6)
	for _, err := range callInParallel(len(statuses), func(i int) error {
		a, err := client.Send(t.Context(), j.applicant, scenario.Request{Method: "POST", Path: path + "/challenges", Body: []byte(`{"site":0}`), Header: map[string]string{"If-Match": tag}})
		statuses[i] = a.Status
		return err
	}) {
		j.must(err)
	}
	slices.Sort(statuses)
	if !slices.Equal(statuses, []int{201, 412, 412, 412, 412, 412}) {
		t.Errorf("statuses %v", statuses)
	}
	j.must(j.applicant.Abandon(t.Context(), j.id))
}

// TestPermissions checks that orders of other accounts are not found, that roles are enforced, and that steps keep their order.
func TestPermissions(t *testing.T) {
	j := journeyAt(t, 832, filing.CollectDetails)
	stranger := newJourney(t, 833)
	ctx := t.Context()
	nothing := filing.ID("01JCZK3V7M8N9P0Q1R2S3T4V5W")
	acts := map[string]func(context.Context, *scenario.User, filing.ID) error{
		"read": func(ctx context.Context, p *scenario.User, id filing.ID) error {
			_, err := p.Order(ctx, id)
			return err
		},
		"choose": func(ctx context.Context, p *scenario.User, id filing.ID) error {
			return p.ChooseServer(ctx, id, j.app.Server.ID)
		},
		"enter": func(ctx context.Context, p *scenario.User, id filing.ID) error {
			return p.EnterDetails(ctx, id, j.app.Details)
		},
		"papers": func(ctx context.Context, p *scenario.User, id filing.ID) error {
			_, err := p.MissingPapers(ctx, id)
			return err
		},
		"prove":   func(ctx context.Context, p *scenario.User, id filing.ID) error { return p.PassLiveness(ctx, id, 0) },
		"confirm": func(ctx context.Context, p *scenario.User, id filing.ID) error { return p.Confirm(ctx, id) },
		"mail": func(ctx context.Context, p *scenario.User, id filing.ID) error {
			return p.MailOriginals(ctx, id, "a", "b")
		},
		"answer": func(ctx context.Context, p *scenario.User, id filing.ID) error {
			return p.AnswerSMS(ctx, id, "18800000000", "1", "2")
		},
		"resend":   func(ctx context.Context, p *scenario.User, id filing.ID) error { return p.ResendSMS(ctx, id, 0) },
		"withdraw": func(ctx context.Context, p *scenario.User, id filing.ID) error { return p.Withdraw(ctx, id) },
		"abandon":  func(ctx context.Context, p *scenario.User, id filing.ID) error { return p.Abandon(ctx, id) },
		"resubmit": func(ctx context.Context, p *scenario.User, id filing.ID) error { return p.Resubmit(ctx, id) },
	}
	for name, act := range acts {
		there, nowhere := act(ctx, stranger.applicant, j.id), act(ctx, stranger.applicant, nothing)
		wantProblem(t, there, 404)
		if there.Error() != nowhere.Error() {
			t.Errorf("%s: %v, but for an order that does not exist: %v", name, there, nowhere)
		}
	}
	for _, name := range []string{"prove", "mail", "answer", "resend", "withdraw", "resubmit"} {
		wantProblem(t, acts[name](ctx, j.applicant, j.id), 409, "step-out-of-order ")
	}
	wantProblem(t, reviewer.Claim(ctx, j.id), 409, "step-out-of-order ")
	for name, err := range map[string]error{
		"an applicant claims":         j.applicant.Claim(ctx, j.id),
		"an applicant passes":         j.applicant.Review(ctx, j.id, "pass"),
		"an applicant lists a server": j.applicant.ListServer(ctx, j.app.Server, j.applicant.Account(), day, day.AddDate(1, 0, 0)),
		"an applicant reads a ledger": func() error { _, err := j.applicant.Ledger(ctx, j.id); return err }(),
		"a reviewer lists a server":   reviewer.ListServer(ctx, j.app.Server, j.applicant.Account(), day, day.AddDate(1, 0, 0)),
		"a reviewer gives details":    reviewer.EnterDetails(ctx, j.id, j.app.Details),
		"an operator passes":          admin.Review(ctx, j.id, "pass"),
		"an operator abandons":        admin.Abandon(ctx, j.id),
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, err, 403) })
	}
	if o := j.order(); o.Step != filing.CollectDetails {
		t.Errorf("at %s after the forbidden actions", o.Step)
	}
	j.wantLedger(opened, []string{"choose-product"})
	j.must(j.applicant.Abandon(ctx, j.id))
}
