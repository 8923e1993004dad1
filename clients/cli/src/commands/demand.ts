import type { Berth, Lack } from '@berth/client';
import { type Column, requirementText, sinceText } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';

const HELP = `
What requests lack beyond the benches that are kept for them, the best request's first; only what an offer of a pool could
make.

Examples:
  berth demand
  berth demand -o json`;

/** `berth demand`: what waiting requests lack. */
export function define(command: Command): void {
  command.addHelpText('after', HELP).action((_flags: object, self: Command) =>
    perform(self, async ({ berth, out }) => {
      const { lacks, claimedBenches } = await demandOf(berth);
      await out.list(lacks, {
        columns: columns(new Date()),
        view: lackView,
        id: ({ requirement }) => (requirement ? requirementText(requirement) : ''),
        empty: 'nobody lacks anything that a pool could make',
      });
      if (claimedBenches.length > 0) out.note(`kept for those who wait: ${claimedBenches.join(' ')}`);
    }),
  );
}

/** What is lacking now. The stream goes on; it is left after its first message. */
async function demandOf({ lease }: Berth) {
  for await (const demand of lease.watchDemand({})) return demand;
  throw new Error('the server ended the call without an answer');
}

function columns(now: Date): readonly Column<Lack>[] {
  return [
    { title: 'COUNT', text: ({ count }) => String(count) },
    { title: 'WANTED', text: ({ requirement }) => (requirement ? requirementText(requirement) : '') },
    { title: 'AFFINITY', text: ({ affinity }) => affinity },
    { title: 'SINCE', text: ({ waitingSince }) => sinceText(waitingSince, now) },
    { title: 'POOLS', text: ({ offers }) => offers.map(poolText).join(' ') },
  ];
}

function poolText({ pool, weight }: Lack['offers'][number]): string {
  return weight === 0 ? pool : `${pool}=${String(weight)}`;
}

function lackView({ requirement, affinity, count, waitingSince, offers }: Lack) {
  return {
    wanted: requirement && requirementText(requirement),
    affinity: affinity || undefined,
    count,
    waitingSince,
    offers: offers.map(({ pool, weight }) => ({ pool, weight })),
  };
}
