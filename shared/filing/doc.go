// Package filing is the application for an ICP filing (备案订单) and the decisions that move it.
//
// # Words
//
// An [Order] (备案订单) is one application: a [Subject] (主体, who files) with its [Leader] (主体负责人), one or more
// [Site]s (网站) each with a leader of its own (网站负责人), the [Product] that hosts them, the evidence, and what the
// provider's reviewer, the SMS check and the bureau (管局) said. The bureau's answer gives it a subject number and a
// number for each site.
//
// An order stands at a [Step] and has a [Status]. The steps are those of the founding page, in its order; the state
// machine in package workflow has a state of the same name for each. The status is the same fact in the words that
// the field uses.
//
// A [Decision] is something that somebody did: the applicant entered details, a reviewer returned the order, the
// bureau approved. [Order.Apply] is the only way an order changes. It is pure: it takes the order, the decision, who
// decided and when, and returns a [Change]: the new order, the [Entry] for the ledger, the locks to take or give back
// and what is to be sent. The store writes a change as one transaction; nothing is sent from inside it.
//
// # Two truths
//
// The order says where the application stands; the state machine says what happens next. The order leads: a decision
// moves it to its next step at once, and the machine follows by resuming. [Order.Outcome] tells a machine that waits
// at one state where to go, whatever has happened in between, so that a resume which is late, repeated or lost never
// makes the two disagree for good. See [Order.StepVisit].
//
// # Personal data
//
// Everything personal is in [Order.Private]. The store seals it; it is never part of the order's own JSON, of a
// ledger entry, of an outbox entry or of the machine's state.
package filing
