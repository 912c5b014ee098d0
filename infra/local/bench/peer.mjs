// Runs executions with aws-local-stepfunctions, in memory, and prints how long they took. Input: a JSON object with definition, input,
// result (of each function), executions and inFlight.
import { StateMachine } from 'aws-local-stepfunctions';

// The package needs it, and Node 20 does not have it.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((a, b) => { resolve = a; reject = b; });
  return { promise, resolve, reject };
};

let text = '';
for await (const part of process.stdin) text += part;
const asked = JSON.parse(text);
const machine = new StateMachine(asked.definition, {});
const taskResourceLocalHandlers = {};
for (const [name, state] of Object.entries(asked.definition.States)) {
  if (state.Type === 'Task') taskResourceLocalHandlers[name] = async () => asked.result;
}

async function run(executions) {
  let begun = 0;
  const line = async () => {
    while (begun++ < executions) await machine.run(asked.input, { overrides: { taskResourceLocalHandlers } }).result;
  };
  await Promise.all(Array.from({ length: asked.inFlight }, line));
}

await run(asked.executions / 10); // until the code is compiled
const started = process.hrtime.bigint();
const before = process.cpuUsage();
await run(asked.executions);
const used = process.cpuUsage(before);
console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - started) / 1e9, cpu: (used.user + used.system) / 1e6 }));
