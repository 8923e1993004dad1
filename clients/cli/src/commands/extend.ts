import { toDuration } from '@berth/client';
import { leaseView, untilText } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { benchNames, findLease } from '../lease-reference.js';
import { parseSpan } from '../program/options.js';

/** `berth extend`: moves the end of a lease. */
export function define(command: Command): void {
  command
    .argument('<lease>', 'a lease id, or the name of a bench that is held')
    .argument('<span>', 'the lease ends at the latest this long from now', parseSpan)
    .addHelpText('after', '\nExamples:\n  berth extend resource1 2h\n  berth extend ls-7k2m4x9d 30m')
    .action((reference: string, span: number, _flags: object, self: Command) =>
      perform(self, async (context) => {
        const { berth, out } = context;
        const { id, fencingToken } = await findLease(context, reference);
        const { lease } = await berth.lease.extend({ leaseId: id, fencingToken, duration: toDuration(span) });
        if (!lease) return;
        await out.one(
          leaseView(lease),
          `${benchNames(lease)} ends at the latest at ${untilText(lease.endTime, new Date())}`,
          lease.id,
        );
      }),
    );
}
