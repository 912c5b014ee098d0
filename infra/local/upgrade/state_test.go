package upgrade_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// A state is what a folder of testdata has: what is beside the archive of package dump.
type state struct {
	// At is the time of the system's clock when it stopped.
	At time.Time `json:"at"`
	// Accounts are the accounts of all logins; see system.Config.Accounts.
	Accounts map[string]string `json:"accounts"`
	Orders   []order           `json:"orders"`
}

// An order waits in the state.
type order struct {
	ID     filing.ID     `json:"id"`
	Kind   filing.Type   `json:"kind"` // as which it ends
	Step   filing.Step   `json:"step"`
	Status filing.Status `json:"status"`
	// Event is what has happened to the order besides, and what happens next; "" if it is the usual.
	Event event  `json:"event,omitempty"`
	Login string `json:"login"` // of the applicant
	// Server and Details are what the applicant will enter, Certificate is the number by which the bureau's simulator finds the subject.
	Server      string           `json:"server"`
	Details     scenario.Details `json:"details"`
	Certificate string           `json:"certificate"`
	// Open is what the applicant corrects at VerifyType.
	Open map[string]any `json:"open,omitempty"`
}

// name is the name of the order's test.
func (o order) name() string {
	name := string(o.Kind) + "/" + string(o.Step)
	if o.Event != "" {
		name += "/" + string(o.Event)
	}
	return name
}

// An event is what has happened to an order.
type event string

// Events. A function of an interrupted order fails, so that its execution is between two attempts.
const (
	returned    event = "returned"    // by the reviewer
	refused     event = "refused"     // by the bureau
	resubmitted event = "resubmitted" // after a refusal: its second execution runs
	appealed    event = "appealed"    // after the reviewer's rejection
	withdrawn   event = "withdrawn"   // interrupted
	abandoned   event = "abandoned"   // interrupted
	rejected    event = "rejected"    // interrupted
)

// Files of a folder of testdata.
const (
	archiveFile = "state.tar.zst"
	ordersFile  = "orders.json"
	// definitionFile has the definition with which the version's executions began; infra/stack tests that its functions are still deployed.
	definitionFile = "filing.asl.json"
)

func readState(folder string) (s state, err error) {
	text, err := os.ReadFile(filepath.Join(folder, ordersFile))
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}
