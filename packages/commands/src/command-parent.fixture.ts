// A process that runs a command, to be killed: `command-parent.fixture.ts OPTIONS` (JSON). Prints the process that it was to
// store; with `stores` false that never comes to an end.
import { USUAL_VARIABLES } from './command-environment.js';
import { runCommand } from './run-command.js';

export interface ParentOptions {
  readonly command: string;
  readonly timeoutMs: number;
  readonly stores: boolean;
}

const { command, timeoutMs, stores } = JSON.parse(process.argv[2] ?? '') as ParentOptions;
const idle = setInterval(() => undefined, 60_000);
await runCommand({
  command,
  variables: {},
  pass: USUAL_VARIABLES,
  timeoutMs,
  outputBytes: 1024,
  started: async (stored) => {
    process.stdout.write(`${JSON.stringify(stored)}\n`);
    if (!stores) await new Promise(() => undefined);
  },
});
clearInterval(idle);
