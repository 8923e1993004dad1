import { type Lease, HoldMode } from '@berth/client';
import { type Column, enumWords, leaseView, sinceText, untilText } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { benchNames } from '../lease-reference.js';
import { allLeases } from '../program/paging.js';

interface Flags {
  readonly owner?: string;
  readonly bench?: string;
}

/** `berth ls`: who holds what. */
export function define(command: Command): void {
  command
    .option('--owner <name>', "only this owner's")
    .option('--bench <name>', 'only the lease that holds this bench')
    .addHelpText('after', '\nExamples:\n  berth ls\n  berth ls --owner tony\n  berth ls -q          # lease ids only')
    .action((flags: Flags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const leases = await allLeases(berth, flags);
        await out.list(leases, {
          columns: columns(new Date()),
          view: leaseView,
          id: ({ id }) => id,
          empty: 'nobody holds anything',
        });
      }),
    );
}

function columns(now: Date): Column<Lease>[] {
  return [
    { title: 'BENCH', text: (lease) => benchNames(lease) },
    { title: 'HOLDER', text: (lease) => lease.owner },
    { title: 'SINCE', text: (lease) => sinceText(lease.grantTime, now) },
    { title: 'ENDS', text: (lease) => untilText(lease.expireTime ?? lease.endTime, now) },
    { title: 'HOLD', text: (lease) => holdText(lease) },
    { title: 'LEASE', text: (lease) => lease.id },
    { title: 'FOR', text: (lease) => lease.description },
  ];
}

function holdText({ hold, detached }: Lease): string {
  const name = enumWords(HoldMode, hold);
  return detached ? `${name}, away` : name;
}
