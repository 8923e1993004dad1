import type { Allocation } from '@berth/client';
import { clockText, type Column, spanText } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { tellMore } from '../output/limited-list.js';
import { parseLimit, parseSince } from '../program/options.js';
import { newestAllocations } from '../program/paging.js';
import { allocationView } from '../tracker/allocation-view.js';

const EXAMPLES = `
Leases as the tracker keeps them, the newest first: also those that have ended. A lease of several benches is a line for
each.

Examples:
  berth history
  berth history --bench resource1
  berth history --owner tony --since 30d
  berth history --bench resource1 -o json --limit 0`;

interface Flags {
  readonly bench?: string;
  readonly owner?: string;
  readonly since?: Date;
  readonly limit: number;
}

/** `berth history`: who had what, when, for how long. */
export function define(command: Command): void {
  command
    .option('--bench <name>', 'of this bench')
    .option('--owner <name>', 'of this owner')
    .option('--since <when>', 'granted since: a span such as 30d, or a date', parseSince)
    .option('--limit <n>', 'at most so many; 0 = all', parseLimit, 100)
    .addHelpText('after', EXAMPLES)
    .action(({ bench, owner, since, limit }: Flags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const filter = {
          kinds: ['lease'],
          ...(bench !== undefined && { labels: { bench } }),
          ...(owner !== undefined && { owners: [owner] }),
          ...(since && { createdFrom: since }),
        };
        const { items, more } = await newestAllocations(berth, filter, limit);
        await out.list(items, {
          columns: columns(new Date()),
          view: allocationView,
          id: ({ id }) => id,
          empty: 'there were no such leases',
        });
        tellMore(out, more);
      }),
    );
}

function columns(now: Date): Column<Allocation>[] {
  return [
    { title: 'BENCH', text: ({ attributes }) => attributes['bench'] ?? '' },
    { title: 'OWNER', text: ({ owner }) => owner },
    { title: 'FROM', text: ({ allocateTime }) => (allocateTime ? clockText(allocateTime, now) : '') },
    { title: 'UNTIL', text: ({ endTime }) => (endTime ? clockText(endTime, now) : 'now') },
    { title: 'TOOK', text: (allocation) => tookText(allocation, now) },
    { title: 'ENDED', text: ({ history }) => history.at(-1)?.reason ?? '' },
    { title: 'LEASE', text: ({ attributes }) => attributes['lease'] ?? '' },
    { title: 'FOR', text: ({ attributes }) => attributes['description'] ?? '' },
  ];
}

function tookText({ allocateTime, endTime }: Allocation, now: Date): string {
  return allocateTime ? spanText((endTime ?? now).getTime() - allocateTime.getTime()) : '';
}
