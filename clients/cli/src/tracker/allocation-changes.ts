import { type Allocation, toDuration } from '@berth/client';
import { untilText } from '@berth/views';
import type { Command } from 'commander';
import { type Context, perform } from '../program/context.js';
import { exitCodeOf, tell as describe } from '../program/errors.js';
import { EXIT } from '../program/exit-code.js';
import { parsePair, parseSpan, parseUntil } from '../program/options.js';
import { UsageError } from '../program/usage-error.js';
import { allocationColumns, stateText } from './allocation-text.js';
import { allocationView } from './allocation-view.js';
import { addIntentOptions, type IntentFlags, intentOf } from './intent-options.js';

interface DoneFlags {
  readonly externalId?: string;
  readonly end?: Date;
  readonly attr?: Record<string, string>;
}

interface ReleaseFlags {
  readonly reason?: string;
  readonly owner?: string;
  readonly kind?: string;
  readonly externalId?: string;
}

/** The commands of `berth alloc` that change an allocation. */
export function defineAllocationChanges(command: Command): void {
  addIntentOptions(command.command('intent').description('say what you are about to allocate'))
    .option('--request-id <id>', 'the same id again gives the same allocation')
    .option('--dry-run', 'check everything, register nothing')
    .action((flags: IntentFlags & { requestId?: string; dryRun?: boolean }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { requestId, dryRun = false } = flags;
        const request = { ...intentOf(flags), validateOnly: dryRun, ...(requestId !== undefined && { requestId }) };
        const { allocation } = await berth.allocations.registerIntent(request);
        if (!allocation) return;
        const { id, kind, owner, deadline } = allocation;
        const until = untilText(deadline, new Date());
        const text = dryRun
          ? `this would register a ${kind} of ${owner}`
          : `registered ${id}: a ${kind} of ${owner}; its outcome is expected by ${until}`;
        await out.one(allocationView(allocation), text, dryRun ? '' : id);
      }),
    );
  command
    .command('done <id>')
    .description('say that it exists now')
    .option('--external-id <name>', 'its name at the provider')
    .option('--end <when>', 'when it is expected to be given back: a span such as 2h, or a date', parseUntil)
    .option('--attr <key=value>', 'a further fact; repeatable', parsePair)
    .action((id: string, { externalId, end, attr }: DoneFlags, self: Command) =>
      perform(self, async (context) => {
        const said = {
          ...(externalId !== undefined && { externalId }),
          ...(end && { expectedEnd: end }),
          ...(attr && { attributes: attr }),
        };
        await tell(context, (await context.berth.allocations.confirmAllocation({ id, ...said })).allocation);
      }),
    );
  command
    .command('fail <id>')
    .description('say that it was not made')
    .requiredOption('--reason <text>', 'why')
    .action((id: string, { reason }: { reason: string }, self: Command) =>
      perform(self, async (context) => {
        await tell(context, (await context.berth.allocations.failAllocation({ id, reason })).allocation);
      }),
    );
  command
    .command('release [id...]')
    .description('say that it was given back')
    .option('--reason <text>', 'why')
    .option('--owner <name>', 'instead of an id: the one of this owner …')
    .option('--kind <kind>', '… of this kind …')
    .option('--external-id <name>', '… with this name at the provider')
    .action((ids: string[], flags: ReleaseFlags, self: Command) =>
      perform(self, (context) => release(context, ids, flags)),
    );
  command
    .command('fail-release <id>')
    .description('say that it could not be deleted: it is listed as leak L7 until it is gone')
    .requiredOption('--reason <text>', 'what deleting it failed with')
    .action((id: string, { reason }: { reason: string }, self: Command) =>
      perform(self, async (context) => {
        await tell(context, (await context.berth.allocations.failRelease({ id, reason })).allocation);
      }),
    );
  command
    .command('extend')
    .description('move the deadline of an intent, or the expected end of what is allocated, to this long from now')
    .argument('<id>')
    .argument('<span>', 'such as 2h', parseSpan)
    .action((id: string, span: number, _flags: object, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { allocation } = await berth.allocations.extend({ id, duration: toDuration(span) });
        if (!allocation) return;
        const until = untilText(allocation.expectedEnd ?? allocation.deadline, new Date());
        await out.one(allocationView(allocation), `${id} is expected to last until ${until}`, id);
      }),
    );
  command
    .command('protect <id>')
    .description('have it never collected, whatever the rules say')
    .option('--off', 'take the protection back')
    .option('--reason <text>', 'why; kept in its history')
    .action((id: string, { off = false, reason = '' }: { off?: boolean; reason?: string }, self: Command) =>
      perform(self, async ({ berth, out }) => {
        const { allocation } = await berth.allocations.setProtection({ id, protected: !off, reason });
        if (allocation) await out.one(allocationView(allocation), `${id} is ${off ? 'not ' : ''}protected`, id);
      }),
    );
}

async function release(context: Context, ids: readonly string[], flags: ReleaseFlags): Promise<number> {
  const { owner, kind, externalId, reason = '' } = flags;
  const { allocations } = context.berth;
  const named = owner !== undefined || kind !== undefined || externalId !== undefined;
  if (ids.length > 0 && named) {
    throw new UsageError('both ids and attributes were given', 'give ids, or --owner, --kind and --external-id');
  }
  if (ids.length > 1) return releaseEach(context, ids, reason);
  const [id] = ids;
  if (id !== undefined) {
    await tell(context, (await allocations.confirmRelease({ id, reason })).allocation);
    return EXIT.OK;
  }
  if (owner === undefined || kind === undefined || externalId === undefined) {
    throw new UsageError('nothing to release was named', 'give ids, or --owner, --kind and --external-id together');
  }
  if (reason !== '') {
    throw new UsageError('--reason goes with ids only', 'leave it out, or look the id up with `berth alloc ls`');
  }
  await tell(context, (await allocations.releaseByAttributes({ owner, kind, externalId })).allocation);
  return EXIT.OK;
}

/** Releases all that can be; the others are told, and the first one's exit code is the answer. */
async function releaseEach({ berth, out, config }: Context, ids: readonly string[], reason: string): Promise<number> {
  const released: Allocation[] = [];
  let exitCode: number = EXIT.OK;
  for (const id of ids) {
    try {
      const { allocation } = await berth.allocations.confirmRelease({ id, reason });
      if (allocation) released.push(allocation);
    } catch (error) {
      process.stderr.write(`${describe(error, config).text}\n`);
      if (exitCode === EXIT.OK) exitCode = exitCodeOf(error);
    }
  }
  await out.list(released, {
    columns: allocationColumns(new Date()),
    view: allocationView,
    id: ({ id }) => id,
    empty: 'nothing was released',
  });
  return exitCode;
}

async function tell({ out }: Context, allocation: Allocation | undefined): Promise<void> {
  if (!allocation) return;
  const { id, kind, owner } = allocation;
  await out.one(allocationView(allocation), `${id} (${kind} of ${owner}) is ${stateText(allocation)}`, id);
}
