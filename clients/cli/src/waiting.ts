import type { AcquireOptions, LeaseHandle } from '@berth/client';
import type { Context } from './context.js';
import { jsonDisplay, lineDisplay, terminalDisplay, type WaitDisplay } from './wait-display.js';

/** Waits for benches, showing the place in the queue on stderr in the way that fits. */
export async function acquireShowing(context: Context, options: AcquireOptions, wanted: string): Promise<LeaseHandle> {
  const display = displayFor(context, wanted);
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

function displayFor({ out }: Context, wanted: string): WaitDisplay {
  const write = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  if (out.config.output !== 'table') return jsonDisplay(write);
  if (out.config.quiet) return { queued: nothing, reconnecting: nothing, done: nothing };
  if (process.stderr.isTTY) return terminalDisplay(wanted, process.stderr);
  return lineDisplay(wanted, (line) => {
    write(`berth: ${line}`);
  });
}

function nothing(): void {
  return undefined;
}
