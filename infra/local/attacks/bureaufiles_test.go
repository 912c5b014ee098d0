package attacks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/exchange"
)

// plainAlarm is the alarm about a file without encryption.
const plainAlarm = `msg="the download of a file without encryption has stopped until the operator acts"`

// TestBureauFileInClear: somebody between the bureau and Beian offers a file without encryption. It is stored, and neither processed nor
// acknowledged, so that the bureau's own file arrives afterwards.
func TestBureauFileInClear(t *testing.T) {
	applicant, app, id := applicantAt(t, 480, filing.VerifySMS)
	if err := sys.Bureau.Apply(simulator.Scenario{Plain: 1}); err != nil {
		t.Fatal(err)
	}
	answerSMS(t, applicant, app, id)
	var file struct {
		Poison []struct {
			ID, Cause string
			Acked     bool
		}
	}
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		answer := send(t, admin, scenario.Request{Method: "GET", Path: "/bureau"}, 200)
		err := json.Unmarshal(answer.Body, &file)
		return len(file.Poison) > 0, err
	}); err != nil {
		t.Fatal(err)
	}
	poison := file.Poison[0]
	if poison.Acked || poison.Cause != "the bureau's file is not encrypted, although a key is agreed" || !strings.Contains(log.String(), plainAlarm) {
		t.Errorf("the operator reads %+v", poison)
	}
	answer := send(t, admin, scenario.Request{Method: "GET", Path: "/bureau/received/" + poison.ID}, 200)
	if strings.Contains(string(answer.Body), `"document"`) {
		t.Errorf("the file is shown as if it were the bureau's: %s", answer.Body)
	}
	send(t, admin, scenario.Request{Method: "POST", Path: "/bureau/received/" + poison.ID + "/replay"}, 409, string(exchange.CodePlain)+" ")
	if _, err := applicant.AwaitStep(t.Context(), id, filing.Done); err != nil {
		t.Error("the bureau's own file:", err)
	}
}
