import { writeLine } from '@berth/views';
import type { Command } from 'commander';
import { constants } from 'node:os';
import { assertRunnable, startCommand } from '../processes/child-process.js';
import { type Context, perform } from '../program/context.js';
import { exitCodeOf, tell } from '../program/errors.js';
import { EXIT } from '../program/exit-code.js';
import { passedOn } from '../program/passed-on.js';
import { forwardSignals } from '../processes/forward-signals.js';
import { UsageError } from '../program/usage-error.js';
import { addIntentOptions, type IntentFlags, intentOf } from './intent-options.js';

const HELP = `
The command finds BERTH_ALLOCATION_ID, and the settings of this call (BERTH_ADDRESS …), so that it may say more itself:
\`berth alloc done "$BERTH_ALLOCATION_ID" --external-id i-0abc\`. When it ends with 0, what it allocates counts as allocated;
with any other code, or killed, as failed. When this process, or the one between it and the command, is killed with SIGKILL,
nobody can say how it ended: the intent stays, and \`berth leaks\` lists it after its deadline. The command gets SIGTERM then, and SIGKILL after 10 s.

Exit code: the command's own, 128 + n when signal n ended it; 1, 64, 69, 77 when it was not started, or ended with 0 and
that could not be recorded.

Examples:
  berth alloc run --kind vm --owner ci --timeout 10m -- ./make-vm.sh
  berth alloc run --kind volume --label job=17 -- sh -c 'lvcreate -L 1G -n "$BERTH_ALLOCATION_ID" vg0'`;

/** `berth alloc run`: a command with an intent around it. */
export function defineAllocRun(command: Command): void {
  addIntentOptions(
    command.command('run').description('register an intent, run the command that allocates, record how it ended'),
  )
    .usage('[options] -- command [args...]')
    .argument('[command...]', 'the command, after --')
    .addHelpText('after', HELP)
    .action((words: string[], flags: IntentFlags, self: Command) =>
      perform(self, async (context) => {
        const [file, ...args] = words;
        if (file === undefined) {
          throw new UsageError(
            'no command to run was given',
            'put it after --, as in `berth alloc run --kind vm -- ./make-vm.sh`',
          );
        }
        assertRunnable(file);
        const { allocation } = await context.berth.allocations.registerIntent(intentOf(flags));
        const id = allocation?.id ?? '';
        context.out.note(`berth: registered ${id}: a ${flags.kind} of ${allocation?.owner ?? ''}`);
        return runWith(id, [file, ...args], context);
      }),
    );
}

async function runWith(id: string, words: [string, ...string[]], context: Context): Promise<number> {
  const env = { ...process.env, BERTH_ALLOCATION_ID: id, ...passedOn(context.config) };
  let code: number | undefined;
  try {
    context.interrupted.throwIfAborted();
    const command = await startCommand(words, { env, mark: 'BERTH_ALLOCATION_ID' });
    const stopForwarding = forwardSignals(command, context.interrupted);
    code = await command.exited.finally(stopForwarding);
  } catch (error) {
    // It never ran, so there is nothing that could be left over.
    await record(id, 'it was not started', context);
    throw error;
  }
  if (code === undefined) {
    writeLine(
      process.stderr,
      `berth: the command's parent was killed, so nobody saw how it ended; ${id} stays an intent`,
    );
    return EXIT.KILLED;
  }
  const recorded = await record(id, code === 0 ? undefined : endText(code), context);
  return code === 0 ? recorded : code;
}

/** Says how it ended; answers 0, or the exit code for why that could not be said. */
async function record(id: string, failure: string | undefined, { berth, config, out }: Context): Promise<number> {
  try {
    if (failure === undefined) await berth.allocations.confirmAllocation({ id });
    else await berth.allocations.failAllocation({ id, reason: failure });
    out.note(`berth: recorded ${id} as ${failure === undefined ? 'allocated' : `failed (${failure})`}`);
    return EXIT.OK;
  } catch (error) {
    const verb = failure === undefined ? 'done' : 'fail';
    const told = tell(error, config).text;
    writeLine(process.stderr, `${told}\n  so ${id} is not recorded as ${verb}: say it with \`berth alloc ${verb}\``);
    return exitCodeOf(error);
  }
}

function endText(code: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => 128 + number === code)?.[0];
  return signal === undefined ? `exit code ${String(code)}` : `killed by ${signal}`;
}
