import { type Allocation, AllocationState } from '@berth/client';
import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { newestAllocations } from '../program/paging.js';
import { parseLimit, parseList, parsePair, parseSince, parseSome } from '../program/options.js';
import { tellMore } from '../output/limited-list.js';
import { defineAllocationChanges } from '../tracker/allocation-changes.js';
import { defineAllocRun } from '../tracker/alloc-run.js';
import { allocationColumns, allocationText } from '../tracker/allocation-text.js';
import { allocationView } from '../tracker/allocation-view.js';

const EXAMPLES = `
Say what you are about to allocate before you do (intent), then how it ended (done, fail), and when it is given back
(release) or could not be deleted (fail-release). If you die in between, the intent is still there, and \`berth leaks\`
lists it.

Examples:
  id=$(berth alloc intent -q --kind vm --owner ci --timeout 10m)
  berth alloc done "$id" --external-id i-0abc
  berth alloc release "$id"
  berth alloc fail-release "$id" --reason 'the host does not answer'
  berth alloc run --kind vm --owner ci --timeout 10m -- ./make-vm.sh
  berth alloc ls --kind vm --state allocated`;

const STATES = {
  intent: AllocationState.INTENT,
  allocated: AllocationState.ALLOCATED,
  released: AllocationState.RELEASED,
  failed: AllocationState.FAILED,
} as const;

type StateName = keyof typeof STATES;
const STATE_NAMES = Object.keys(STATES) as StateName[];

interface ListFlags {
  readonly kind?: string[];
  readonly owner?: string[];
  readonly state?: StateName[];
  readonly group?: string;
  readonly externalId?: string;
  readonly application?: string;
  readonly label?: Record<string, string>;
  readonly since?: Date;
  readonly limit: number;
}

/** `berth alloc`: what was allocated, by whom, and how it ended. */
export function define(command: Command): void {
  command.addHelpText('after', EXAMPLES);
  defineAllocationChanges(command);
  defineAllocRun(command);
  command
    .command('ls')
    .description('list allocations, the newest first')
    .option('--kind <kinds>', 'only of these kinds', parseList)
    .option('--owner <names>', "only these owners'", parseList)
    .option('--state <states>', `only in these states: ${STATE_NAMES.join(', ')}`, parseSome(STATE_NAMES))
    .option('--group <id>', 'only of this group')
    .option('--external-id <name>', 'only with this name at the provider')
    .option('--application <name>', 'only of this application')
    .option('--label <key=value>', 'only with this label; repeatable', parsePair)
    .option('--since <when>', 'only registered since: a span such as 7d, or a date', parseSince)
    .option('--limit <n>', 'at most so many; 0 = all', parseLimit, 100)
    .action((flags: ListFlags, self: Command) => perform(self, (context) => list(context, flags)));
  command
    .command('show <id>')
    .description('show everything of one allocation, with its history')
    .action((id: string, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { allocation } = await berth.allocations.getAllocation({ id });
        if (allocation) await out.one(allocationView(allocation), allocationText(allocation, new Date()), id);
      }),
    );
}

async function list({ berth, out }: Context, flags: ListFlags): Promise<void> {
  const { kind, owner, state, group, externalId, application, label, since, limit } = flags;
  const filter = {
    ...(kind && { kinds: kind }),
    ...(owner && { owners: owner }),
    ...(state && { states: state.map((name) => STATES[name]) }),
    ...(group !== undefined && { group }),
    ...(externalId !== undefined && { externalId }),
    ...(application !== undefined && { application }),
    ...(label && { labels: label }),
    ...(since && { createdFrom: since }),
  };
  const { items, more } = await newestAllocations(berth, filter, limit);
  await out.list<Allocation>(items, {
    columns: allocationColumns(new Date()),
    view: allocationView,
    id: ({ id }) => id,
    empty: 'there are no such allocations',
  });
  tellMore(out, more);
}
