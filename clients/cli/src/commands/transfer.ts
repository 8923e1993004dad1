import { HoldMode, toDuration } from '@berth/client';
import { leaseView } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { benchNames, findLease } from '../lease-reference.js';
import { parseSpan } from '../program/options.js';

const EXAMPLES = `
The new owner gets a new lease id and fencing token; nobody who waits can slip in between.

Examples:
  berth transfer resource1 ann --reason 'night shift'
  berth transfer resource1 ann --ttl 8h`;

/** `berth transfer`: gives a lease to another owner. */
export function define(command: Command): void {
  command
    .argument('<lease>', 'a lease id, or the name of a bench that is held')
    .argument('<owner>', 'the new owner')
    .option('--reason <text>', 'why; the old holder is told')
    .option(
      '--ttl <span>',
      'the new owner must renew within this; without it the lease lasts until it is released',
      parseSpan,
    )
    .addHelpText('after', EXAMPLES)
    .action((reference: string, newOwner: string, flags: { reason?: string; ttl?: number }, self: Command) =>
      perform(self, async (context) => {
        const { berth, out } = context;
        const old = await findLease(context, reference);
        const { lease } = await berth.lease.transfer({
          leaseId: old.id,
          newOwner,
          ...(flags.reason !== undefined && { reason: flags.reason }),
          hold: flags.ttl === undefined ? HoldMode.MANUAL : HoldMode.TTL,
          ...(flags.ttl !== undefined && { ttl: toDuration(flags.ttl) }),
        });
        if (!lease) return;
        await out.one(leaseView(lease), `${benchNames(lease)} is ${newOwner}'s now (${lease.id})`, lease.id);
      }),
    );
}
