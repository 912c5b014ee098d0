// Package asl runs state machines written in the Amazon States Language, in its JSONPath dialect.
//
// [Parse] turns a definition into a [Machine]. It is strict: a field, state type or path that this package does not
// implement is refused at load, with the names of the state and the field, so that a definition which parses is one
// that runs here as it runs on AWS Step Functions.
//
// A machine is a set of transitions, not a process. [Machine.Start] makes an [Execution]: a plain tree of values that
// says where every branch stands. Each happening is one call ([Machine.Return], [Machine.Break], [Machine.Succeed],
// [Machine.Fail], [Machine.Heartbeat], [Machine.Tick], [Machine.Stop]) which moves the execution as far as it can go
// and answers with a [Step]: the history events that came of it and the functions to invoke next. The package does no
// input or output, starts no goroutine and reads no clock.
//
// That makes executions durable. A host stores the execution (it marshals to JSON) and the step's events in one
// transaction, and only then invokes what the step asks for. After a crash it loads the execution, invokes what
// [Execution.Unfinished] lists, and calls Tick when [Execution.Wake] comes. A function whose return was stored is never
// invoked again; one that was in flight is. Everything random (task tokens, States.UUID, retry jitter) is drawn from
// the execution's seed and a counter, so a step that is repeated after a crash comes out the same.
//
// Not implemented, and refused: JSONata and variables, integrations other than Lambda, filter expressions in paths,
// distributed Map with its readers, batchers and tolerated failures, and MaxConcurrencyPath. States.Timeout in a Retry
// or Catch includes missed heartbeats, and a Parallel or Map fails with the error of its branch, for which
// States.BranchFailed stands as well.
//
// Sources: the States Language specification (states-language.net) and the AWS Step Functions Developer Guide. Where
// the two differ, AWS is followed.
package asl
