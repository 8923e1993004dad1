import { ResourceState } from '@berth/client';
import type { Command } from 'commander';
import { perform } from '../program/context.js';
import { allResources } from '../program/paging.js';
import { resourceLine, resourceView } from '../pool/resource-view.js';

const HELP = `
Examples:
  berth resource-list
  berth resource-list --up
  berth resource-list --pool vms -q     # numbers only`;

interface Flags {
  readonly up?: boolean;
  readonly pool?: string;
}

/** `berth resource-list`: what pools have made and not deleted yet. */
export function define(command: Command): void {
  command
    .option('--up', 'only those that are up')
    .option('--pool <name>', 'only of this pool')
    .addHelpText('after', HELP)
    .action(({ up = false, pool }: Flags, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const filter = { ...(up && { states: [ResourceState.UP] }), ...(pool !== undefined && { pool }) };
        const resources = await allResources(berth, filter);
        // A name that no pool has is told, with the one that was meant.
        if (resources.length === 0 && pool !== undefined) await berth.pools.getPool({ name: pool });
        await out.lines(resources, {
          text: resourceLine,
          view: resourceView,
          id: ({ number }) => String(number),
          empty: 'there are no resources',
        });
      }),
    );
}
