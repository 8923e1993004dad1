import { queueColumns, requestView } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { allRequests } from '../program/paging.js';

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
          columns: queueColumns(new Date()),
          view: requestView,
          id: ({ requestId }) => requestId,
          empty: 'nobody waits',
        });
      }),
    );
}
