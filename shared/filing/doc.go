// Package filing is the application for an ICP filing (备案订单) and the decisions that change it.
//
// Start with [Open], which creates an [Order], and [Order.Apply], which is the only way to change one:
//
//	change, err := order.Apply(filing.Confirm{Digest: digest}, actor, now)
//
// Apply is pure. It takes the order, the [Decision], who decided and when, and returns a [Change]: the new order, the [Entry]
// for the ledger, the locks to acquire or release, and the messages to send. Package decide stores a change in one transaction.
//
// # Terms
//
// An [Order] (备案订单) is one application: a [Subject] (主体) with its [Leader] (主体负责人), one or more sites ([Site], 网站), each
// with a leader (网站负责人), the [Product] that hosts them, the evidence, and the results of the provider's review, the SMS
// check and the bureau (管局). The bureau's approval gives the subject and each site a number.
//
// An order has a [Step] and a [Status]. Each step but Done is a state of the state machine in package workflow. The status is what
// bureaus and providers call the state of an application.
//
// # Order and state machine
//
// The order says where the application stands; the state machine says what happens next. A decision moves the order to its next
// step at once, and the machine follows when its task is completed. [Order.Outcome] computes the result of the task from the order's
// current state alone, so that order and machine do not diverge if a completion is late, repeated or lost. See [Order.StepVisit].
//
// # Personal data
//
// Personal data, and every text that a person writes, is in [Order.Private]. The store encrypts Private; it is never part of the
// order's own JSON, of a ledger or outbox entry, or of the machine's state.
package filing
