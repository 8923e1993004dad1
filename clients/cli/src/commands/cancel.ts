import type { Command } from 'commander';
import { perform } from '../program/context.js';

/** `berth cancel`: takes requests out of the queue. */
export function define(command: Command): void {
  command
    .argument('<request...>', 'request ids; see `berth queue`')
    .option('--reason <text>', 'why; the one who waits is told')
    .addHelpText('after', '\nExamples:\n  berth cancel ci-4711\n  berth cancel $(berth queue -q --owner tony)')
    .action((requests: string[], { reason }: { reason?: string }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        for (const targetRequestId of requests) {
          await berth.lease.cancelRequest({ targetRequestId, ...(reason !== undefined && { reason }) });
          await out.one({ request: targetRequestId, cancelled: true }, `${targetRequestId} does not wait any more`);
        }
      }),
    );
}
