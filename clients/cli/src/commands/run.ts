import { type LeaseHandle, LeaseLostError } from '@berth/client';
import { writeLine } from '@berth/views';
import type { Command } from 'commander';
import { writeBenchFiles } from '../bench-files.js';
import { assertRunnable, type RunningCommand, startCommand } from '../processes/child-process.js';
import { type Context, perform } from '../program/context.js';
import { EXIT } from '../program/exit-code.js';
import { passedOn } from '../program/passed-on.js';
import { forwardSignals } from '../processes/forward-signals.js';
import { benchNames } from '../lease-reference.js';
import { addRequestOptions, parseSpan, type RequestFlags, requestOf } from '../program/options.js';
import { outerVariables, runEnvironment } from '../processes/run-environment.js';
import { UsageError } from '../program/usage-error.js';
import { acquireShowing } from '../output/waiting.js';

const HELP = `
The command finds BERTH_BENCH, BERTH_LEASE_ID, BERTH_FENCING_TOKEN, BERTH_BENCH_JSON and a variable for each property:
BERTH_DUT_SOCKET is \`socket\` of the entity \`dut\`, BERTH_X is the bench's own \`x\`. With several benches BERTH_BENCHES names
all, and BERTH_2_BENCH, BERTH_2_DUT_SOCKET … belong to the second. BERTH_ADDRESS, BERTH_LAB and the files for token and TLS
are those of this call.
BERTH_VARIABLES names all that belong to the lease; a \`berth run\` within the command takes them away first. A bench that is
too large for BERTH_BENCH_JSON is in the file that BERTH_BENCH_FILE names instead; a note says so.

The bench is given back when the command ends, whichever way, also when this process is killed with SIGKILL; all that the
command started gets SIGTERM then, and SIGKILL after 10 s, as it does when the lease is lost. What the command left running
in the background is not stopped when it ends by itself. Everything that Berth says goes to stderr; stdout is the command's own.

Exit code: the command's own, 128 + n when signal n ended it; 64, 69, 75, 77, 130 when it was not started; 75 when the
lease was lost and the command did not notice.

Examples:
  berth run --bench resource1 -- ./flash.sh image.bin
  berth run --query 'location=office1&attributes=[a]&entity_properties=[[c],[e]]' -- env
  berth run --attr a,b --wait 10m --priority 80 --desc 'release test' -- make test
  berth run --attr a --count 2 --max 2h -- sh -c 'echo "$BERTH_DUT_SOCKET $BERTH_2_DUT_SOCKET"'`;

interface Flags extends RequestFlags {
  readonly grace?: number;
}

/** `berth run`: a command with a lease around it. */
export function define(command: Command): void {
  addRequestOptions(command)
    .usage('[options] -- command [args...]')
    .argument('[command...]', 'the command, after --')
    .option('--grace <span>', 'keep place and lease this long over a broken connection', parseSpan)
    .addHelpText('after', HELP)
    .action((words: string[], flags: Flags, self: Command) =>
      perform(self, async (context) => {
        const [file, ...args] = words;
        if (file === undefined)
          throw new UsageError(
            'no command to run was given',
            'put it after --, as in `berth run --bench NAME -- make test`',
          );
        assertRunnable(file);
        const grace = flags.grace === undefined ? {} : { reconnectGrace: flags.grace };
        const lease = await acquireShowing(context, { ...requestOf(flags), ...grace }, flags);
        try {
          return await runWith(lease, [file, ...args], context);
        } finally {
          await lease.release();
        }
      }),
    );
}

async function runWith(lease: LeaseHandle, words: [string, ...string[]], context: Context): Promise<number> {
  context.interrupted.throwIfAborted();
  lease.signal.throwIfAborted();
  tellGranted(lease, context);
  const { variables, files, notes } = runEnvironment(lease.lease);
  const fileNotes = Object.keys(files).map((name) => `a bench is too large for a variable: it is in the file ${name}`);
  for (const note of [...notes, ...fileNotes]) context.out.note(`berth: ${note}`);
  const written = writeBenchFiles(files);
  try {
    const env = environment({ ...variables, ...written.variables }, context);
    const command = await startCommand(words, { env, mark: 'BERTH_LEASE_ID', file: written.folder });
    return await follow(command, lease, context);
  } finally {
    written.remove();
  }
}

/** This process's environment with a lease's variables in place of an outer one's. */
function environment(variables: Readonly<Record<string, string>>, { config }: Context): NodeJS.ProcessEnv {
  const outer = new Set(outerVariables(process.env));
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.has(name))),
    ...variables,
    ...passedOn(config),
  };
}

/** Passes signals on until the command has ended, and ends it when the lease is lost. */
async function follow(command: RunningCommand, lease: LeaseHandle, context: Context): Promise<number> {
  const stopForwarding = forwardSignals(command, context.interrupted);
  const lost = (): void => {
    tellLost(lease.signal.reason, context);
    command.end();
  };
  if (lease.signal.aborted) lost();
  else lease.signal.addEventListener('abort', lost, { once: true });
  try {
    const code = (await command.exited) ?? EXIT.KILLED;
    return lease.signal.aborted && code === EXIT.OK ? EXIT.TRY_LATER : code;
  } finally {
    lease.signal.removeEventListener('abort', lost);
    stopForwarding();
  }
}

function tellGranted(lease: LeaseHandle, { out }: Context): void {
  const { id, fencingToken } = lease;
  const bench = benchNames(lease.lease);
  if (out.config.output === 'table') out.note(`berth: got ${bench} (lease ${id}, token ${fencingToken})`);
  else process.stderr.write(`${JSON.stringify({ event: 'granted', bench, lease: id, fencingToken })}\n`);
}

function tellLost(reason: unknown, { out }: Context): void {
  const { why, actor, message } =
    reason instanceof LeaseLostError ? reason : { why: 'UNKNOWN', actor: '', message: String(reason) };
  const text = `berth: ${message}; the command is told to stop (SIGTERM, SIGKILL after 10 s)`;
  if (out.config.output === 'table') writeLine(process.stderr, text);
  else process.stderr.write(`${JSON.stringify({ event: 'lost', why, actor, message })}\n`);
}
