import { clockText, leakColumns, leakView, RULE_NAMES, type RuleName, RULES, spanText } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { parseSome, parseUntil } from '../program/options.js';
import { allLeaks } from '../program/paging.js';

const HELP = `
L1 an intent past its deadline · L2 its group failed · L3 past its expected end · L4 the lease, booking or ticket that it
belongs to is gone · L5 at the provider, unknown here · L6 here, missing at the provider · L7 its deletion failed, or was
interrupted

Examples:
  berth leaks
  berth leaks --rule L1,L3 --owner ci
  berth leaks ack L1-al-7k2m4x9d --until 2d --why 'tony looks after it'`;

interface Flags {
  readonly rule?: RuleName[];
  readonly kind?: string;
  readonly owner?: string;
  readonly all?: boolean;
}

/** `berth leaks`: what seems to have leaked. */
export function define(command: Command): void {
  command
    .option('--rule <rules>', 'only by these rules: L1 … L7', parseSome(RULE_NAMES))
    .option('--kind <kind>', 'only of this kind')
    .option('--owner <name>', "only this owner's")
    .option('--all', 'also those that somebody has acknowledged')
    .addHelpText('after', HELP)
    .action(({ rule, kind, owner, all = false }: Flags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const now = new Date();
        const { leaks, sweep } = await allLeaks(berth, {
          ...(rule && { rules: rule.map((name) => RULES[name]) }),
          ...(kind !== undefined && { kind }),
          ...(owner !== undefined && { owner }),
          includeAcknowledged: all,
        });
        await out.list(leaks, {
          columns: leakColumns(now),
          view: leakView,
          id: ({ id }) => id,
          empty: sweep
            ? `nothing seems to have leaked${all ? '' : ' that nobody looks after'}`
            : 'nobody has looked yet',
        });
        if (sweep) out.note(`looked for ${spanText(now.getTime() - sweep.getTime())} ago`);
      }),
    );
  command
    .command('ack <leak>')
    .description('take a leak on: it is not proposed for collection until then')
    .requiredOption('--until <when>', 'a span such as 2d, or a date such as 2031-05-09', parseUntil)
    .requiredOption('--why <text>', 'why')
    .action((leakId: string, { until, why }: { until: Date; why: string }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { leak } = await berth.allocations.acknowledgeLeak({ leakId, until, reason: why });
        if (leak)
          await out.one(leakView(leak), `${leakId} is acknowledged until ${clockText(until, new Date())}`, leakId);
      }),
    );
}
