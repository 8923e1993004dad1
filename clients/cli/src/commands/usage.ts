import { durationToMs, type UsageRow } from '@berth/client';
import { clockText, type Column, spanText } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { parseList, parseSince, parseSome } from '../program/options.js';

const BY = ['kind', 'owner', 'bench'] as const;

const EXAMPLES = `
HOURS sums up how long things were allocated, USE is that by the length of the time: above 100 % several overlapped.

Examples:
  berth usage --by bench --since 30d
  berth usage --by owner --kind lease
  berth usage --by owner,bench --owner tony --since 2031-05-01`;

interface Flags {
  readonly by: (typeof BY)[number][];
  readonly since?: Date;
  readonly until?: Date;
  readonly kind?: string[];
  readonly owner?: string;
  readonly bench?: string;
}

/** `berth usage`: who used what, how often and for how long. */
export function define(command: Command): void {
  command
    .requiredOption('--by <what>', 'a row for each kind, owner or bench; several with commas', parseSome(BY))
    .option('--since <when>', 'from then on: a span such as 30d, or a date', parseSince)
    .option('--until <when>', 'up to then: a span before now, or a date', parseSince)
    .option('--kind <kinds>', 'only of these kinds', parseList)
    .option('--owner <name>', "only this owner's")
    .option('--bench <name>', 'only of this bench')
    .addHelpText('after', EXAMPLES)
    .action(({ by, since, until, kind, owner, bench }: Flags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const answer = await berth.allocations.getUsage({
          groupBy: by,
          ...(since && { from: since }),
          ...(until && { until }),
          ...(kind && { kinds: kind }),
          ...(owner !== undefined && { owner }),
          ...(bench !== undefined && { bench }),
        });
        await out.list(answer.rows, {
          columns: COLUMNS,
          view: rowView,
          id: (row) => by.map((what) => row[what]).join('\t'),
          empty: 'nothing was used in that time',
        });
        const now = new Date();
        const { from, until: end, completeFrom } = answer;
        if (from && end && answer.rows.length > 0) {
          out.note(
            `from ${clockText(from, now)} to ${clockText(end, now)} (${spanText(end.getTime() - from.getTime())})`,
          );
        }
        if (answer.leftOut > 0) {
          out.note(
            `${String(answer.leftOut)} rows of those used least are left out, as there are too many; ask for one --owner or --bench, or some --kind`,
          );
        }
        if (completeFrom) {
          out.note(
            `complete only from ${clockText(completeFrom, now)} on: the server does not keep all that ended before (tracker.retention.allocationsMs)`,
          );
        }
      }),
    );
}

const COLUMNS: readonly Column<UsageRow>[] = [
  { title: 'KIND', text: ({ kind }) => kind },
  { title: 'OWNER', text: ({ owner }) => owner },
  { title: 'BENCH', text: ({ bench }) => bench },
  { title: 'TIMES', text: ({ count }) => String(count) },
  { title: 'HOURS', text: ({ hours }) => hours.toFixed(2) },
  { title: 'USE', text: ({ utilisation }) => `${(100 * utilisation).toFixed(1)} %` },
  { title: 'LONGEST', text: ({ longest }) => (longest ? spanText(durationToMs(longest)) : '') },
];

function rowView({ kind, owner, bench, count, hours, utilisation, longest }: UsageRow) {
  return {
    kind: kind || undefined,
    owner: owner || undefined,
    bench: bench || undefined,
    count,
    hours,
    utilisation,
    longest: longest && `${String(durationToMs(longest) / 1000)}s`,
  };
}
