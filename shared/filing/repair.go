package filing

import "time"

// RecordRepair records that staff repaired what kept the order from going on, such as an execution that failed. It changes nothing else, and is
// possible at any time, also for a closed order.
type RecordRepair struct {
	Action string // what was done, in the words of package late
	What   string // on what: a kind of outbox entry, or the status of the execution
}

func (RecordRepair) Name() string { return "record-repair" }

func (d RecordRepair) apply(c *Change, by Actor, _ time.Time) error {
	if !by.Staff() {
		return errOutOfOrder()
	}
	c.setFact("action", d.Action)
	c.setFact("what", d.What)
	return nil
}
