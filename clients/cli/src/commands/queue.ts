import type { QueuedRequest } from '@berth/client';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { allRequests } from '../program/paging.js';
import type { Column } from '../output/table.js';
import { sinceText, untilText } from '../output/time-text.js';
import { requestView, requirementText, waitReasonText } from '../output/views.js';

interface Flags {
  readonly owner?: string;
  readonly bench?: string;
}

const EXAMPLES = `
Examples:
  berth queue
  berth queue --bench resource1
  berth queue -q            # request ids, for berth cancel and berth priority`;

/** `berth queue`: who waits. */
export function define(command: Command): void {
  command
    .option('--owner <name>', "only this owner's")
    .option('--bench <name>', 'only those that this bench could serve')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        await out.list(await allRequests(berth, flags), {
          columns: columns(new Date()),
          view: requestView,
          id: ({ requestId }) => requestId,
          empty: 'nobody waits',
        });
      }),
    );
}

/** The columns of a list of waiting requests. */
export function columns(now: Date): Column<QueuedRequest>[] {
  return [
    { title: 'PLACE', text: ({ position }) => String(position) },
    { title: 'WHO', text: ({ owner, detached }) => (detached ? `${owner} (away)` : owner) },
    { title: 'WANTS', text: ({ requirements }) => requirements.map(requirementText).join(' + ') },
    { title: 'PRIORITY', text: ({ priority }) => String(priority) },
    { title: 'SINCE', text: ({ arrivalTime }) => sinceText(arrivalTime, now) },
    { title: 'GIVES UP', text: ({ waitUntil }) => untilText(waitUntil, now) },
    { title: 'WHY', text: ({ reason }) => waitReasonText(reason) },
    { title: 'REQUEST', text: ({ requestId }) => requestId },
    { title: 'FOR', text: ({ description }) => description },
  ];
}
