import type { AcquireOptions, LeaseHandle } from '@berth/client';
import { writeLine } from '@berth/views';
import type { Context } from '../program/context.js';
import { type RequestFlags, wantedText } from '../program/options.js';
import { jsonDisplay, lineDisplay, type Reminder, terminalDisplay, type WaitDisplay } from './wait-display.js';

/** Continuous integration ends jobs after some minutes of silence: GitLab, Travis and others after ten, some after five. */
const REMIND_MS = 3 * 60_000;
/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits for benches, showing the place in the queue on stderr in the way that fits. */
export async function acquireShowing(
  context: Context,
  options: AcquireOptions,
  flags: RequestFlags,
): Promise<LeaseHandle> {
  const display = displayFor(context, wantedText(flags), { afterMs: flags.remind ?? REMIND_MS, after });
  try {
    return await context.berth.acquire({
      ...options,
      signal: context.interrupted,
      onQueued: display.queued,
      onReconnecting: ({ message }) => {
        display.reconnecting(message);
      },
      onWarning: ({ message }) => {
        display.done();
        context.out.note(`berth: ${message}`);
      },
    });
  } finally {
    display.done();
  }
}

function displayFor({ out }: Context, wanted: string, reminder: Reminder): WaitDisplay {
  if (out.config.output !== 'table') {
    return jsonDisplay((line) => process.stderr.write(`${line}\n`), reminder);
  }
  if (out.config.quiet) return { queued: nothing, reconnecting: nothing, done: nothing };
  if (process.stderr.isTTY) return terminalDisplay(wanted, process.stderr);
  const write = (line: string): void => {
    writeLine(process.stderr, `berth: ${line}`);
  };
  return lineDisplay(wanted, write, reminder);
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS));
  return () => {
    clearTimeout(timer);
  };
}

function nothing(): void {
  return undefined;
}
