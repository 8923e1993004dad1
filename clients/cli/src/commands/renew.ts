import { durationToMs } from '@berth/client';
import { leaseView, spanText } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { benchNames, findLease } from '../lease-reference.js';

/** `berth renew`: starts a TTL anew. */
export function define(command: Command): void {
  command
    .argument('<lease>', 'a lease id, or the name of a bench that is held')
    .addHelpText('after', '\nExamples:\n  berth renew resource1\n  berth renew ls-7k2m4x9d')
    .action((reference: string, _flags: object, self: Command) =>
      perform(self, async (context) => {
        const { berth, out } = context;
        const { id, fencingToken } = await findLease(context, reference);
        const { lease } = await berth.lease.renew({ leaseId: id, fencingToken });
        if (!lease) return;
        const left = lease.remaining ? ` for ${spanText(durationToMs(lease.remaining))}` : '';
        await out.one(leaseView(lease), `${benchNames(lease)} is yours${left}`, lease.id);
      }),
    );
}
