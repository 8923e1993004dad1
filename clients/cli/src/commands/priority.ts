import { requestView } from '@berth/views';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { parseWhole } from '../program/options.js';

/** `berth priority`: moves a waiting request. */
export function define(command: Command): void {
  command
    .argument('<request>', 'request id; see `berth queue`')
    .argument('<priority>', '0 to 100, higher first', parseWhole)
    .addHelpText('after', '\nExamples:\n  berth priority ci-4711 90')
    .action((targetRequestId: string, priority: number, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { request } = await berth.lease.setPriority({ targetRequestId, priority });
        const text = request
          ? `${targetRequestId} has priority ${priority} and place ${request.position} now`
          : `${targetRequestId} has what it waited for`;
        await out.one(
          request ? requestView(request) : { requestId: targetRequestId, granted: true },
          text,
          targetRequestId,
        );
      }),
    );
}
