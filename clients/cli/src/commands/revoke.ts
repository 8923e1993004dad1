import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { benchNames, findLease } from '../lease-reference.js';

/** `berth revoke`: ends somebody's lease. */
export function define(command: Command): void {
  command
    .argument('<lease>', 'a lease id, or the name of a bench that is held')
    .requiredOption('--reason <text>', 'why; the holder is told')
    .addHelpText('after', "\nExamples:\n  berth revoke resource1 --reason 'the relay burns'")
    .action((reference: string, { reason }: { reason: string }, self: Command) =>
      perform(self, async (context) => {
        const { berth, out } = context;
        const lease = await findLease(context, reference);
        const { revoked } = await berth.lease.revoke({ leaseId: lease.id, reason });
        const what = `${benchNames(lease)} (${lease.id})`;
        await out.one(
          { lease: lease.id, revoked },
          revoked ? `revoked ${what} of ${lease.owner}` : `${what} had ended before`,
        );
      }),
    );
}
