// Package asl interprets state machines in the Amazon States Language: the features that filing.asl.json uses.
//
// Call [Parse] with a definition, then [Machine.Start]:
//
//	machine, err := asl.Parse(definition)
//	x, step, err := machine.Start(asl.Origin{ID: arn, Input: input, Seed: seed}, now)
//	// store x and step.Events in one transaction, then invoke the functions in step.Invoke
//	step, err = machine.CompleteInvocation(x, step.Invoke[0].Task, result, now)
//
// Parse is strict. It rejects every state type, field, path, error name and resource that this package does not implement, and the
// error names the state and the field. A definition that Parse accepts has the same effect here as on AWS Step Functions.
//
// # What is implemented
//
//	machine   Comment StartAt States
//	Choice    Choices (Variable with StringEquals or BooleanEquals, Next), Default
//	Task      Resource lambda:invoke and lambda:invoke.waitForTaskToken, Parameters (FunctionName, Payload), TimeoutSeconds,
//	          ResultSelector, ResultPath, OutputPath, Retry, Catch, Next or End
//	Pass      Parameters, Next
//	Wait      Seconds, Next
//	Succeed
//
// Comment is allowed in every state. Paths are $ and names after it ($.a.b), and $$.Task.Token in the Parameters of a task that
// waits. Retry and Catch name errors of functions, States.Timeout and States.ALL.
//
// # Executions
//
// An [Execution] is plain data: the current state, or the result. Each event is one call
// ([Machine.CompleteInvocation], [Machine.FailInvocation], [Machine.SendTaskSuccess], [Machine.SendTaskFailure], [Machine.Tick],
// [Machine.Stop]). It moves the execution as far as possible and returns a [Step]: the new history events and the functions to invoke. The package does no input or output, starts no goroutine
// and reads no clock.
//
// That makes executions durable. A host stores the execution (it marshals to JSON) and the events of the step in one
// transaction, and only then invokes functions. After a crash it loads the execution, invokes what [Execution.Unfinished] returns,
// and calls Tick at the time [Execution.Wake]. A function whose result was stored is not invoked again; one that was running at the
// crash is.
// Task tokens and the jitter of retries are derived from the execution's seed and a counter, so a step that is repeated after a
// crash has the same result.
//
// Sources: the States Language specification (states-language.net) and the AWS Step Functions Developer Guide. Where they differ,
// the package does what AWS does.
package asl
