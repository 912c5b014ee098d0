package journeys_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/late"
	"beian/shared/web"
)

// TestStuckOrders checks that an operator finds an order whose execution was stopped, and one whose execution does not follow it, that one request
// repairs each, and that both go on to their filing's next steps.
func TestStuckOrders(t *testing.T) {
	ctx := t.Context()
	stopped, behind := journeyAt(t, 10300, filing.VerifyProduct), journeyAt(t, 10301, filing.VerifyProduct)
	stopped.awaitWaiting(filing.VerifyProduct)
	behind.awaitWaiting(filing.VerifyProduct)
	_, err := sfn.NewFromConfig(sys.Parts.AWS).StopExecution(ctx, &sfn.StopExecutionInput{
		ExecutionArn: aws.String(fmt.Sprintf("arn:aws:states:%s:%s:execution:%s:%s-1", system.Region, system.Account, system.MachineName, stopped.id))})
	stopped.must(err)
	behind.must(sys.Parts.Store().SaveTaskToken(ctx, behind.id, decide.WaitingTask{Step: filing.VerifyType, StepVisit: 1}))
	sys.Clock.Advance(late.Grace * 2)

	for _, j := range []*journey{stopped, behind} {
		item := j.awaitLate("execution")
		if item.Action == nil || item.Action.Name != late.Restart || item.Step != filing.VerifyProduct || item.Cause.Chinese == "" {
			t.Fatalf("%+v", item)
		}
		var done operator.Repaired
		for _, want := range []bool{true, false} { // a repetition does nothing
			j.asAdmin("POST", "/late/"+item.ID+"/repair", &done)
			if done.Done != want {
				t.Errorf("repaired: %t, want %t", done.Done, want)
			}
		}
		j.listServer(j.app.Server)
		j.must(j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID))
		var m operator.OrderMachine
		j.must(scenario.Poll(ctx, func() (bool, error) {
			j.asAdmin("GET", "/orders/"+string(j.id)+"/machine", &m)
			return m.Execution.State == string(filing.CollectDetails), nil
		}))
		last := m.Path[len(m.Path)-1]
		if m.Execution.Attempt != 2 || m.Execution.Status != late.Running || m.Execution.State != "CollectDetails" || m.Source != "history" || last.State != "CollectDetails" || last.Words.English == "" {
			t.Errorf("%+v", m)
		}
		entries, err := sys.Parts.Store().Ledger(ctx, j.id)
		j.must(err)
		if !slices.ContainsFunc(entries, func(e filing.Entry) bool {
			return e.Decision == "record-repair" && string(e.By.Account) == admin.Account()
		}) {
			t.Error("the ledger does not have the repair")
		}
	}
}

// asAdmin sends a request of the administrator.
func (j *journey) asAdmin(method, path string, out any) {
	j.t.Helper()
	answer, err := client.Send(j.t.Context(), admin, scenario.Request{Method: method, Path: path})
	j.must(err)
	if answer.Status != http.StatusOK {
		j.t.Fatalf("%s %s: %d %s", method, path, answer.Status, answer.Body)
	}
	j.must(json.Unmarshal(answer.Body, out))
}

// awaitLate waits until the order is late by a clock.
func (j *journey) awaitLate(clock late.ClockName) (found operator.LateItem) {
	j.t.Helper()
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
		var page web.Page[operator.LateItem]
		j.asAdmin("GET", "/late", &page)
		i := slices.IndexFunc(page.Items, func(i operator.LateItem) bool { return i.Order == j.id && i.Clock == clock })
		if i >= 0 {
			found = page.Items[i]
		}
		return i >= 0, nil
	}))
	return found
}
