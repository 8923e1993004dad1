import { inChunks } from '@berth/documents';
import type { Clock } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { PoolOptions } from '../domain/options/options.js';
import type { Resource } from '../domain/resource.js';
import type { Stranger } from '../domain/sweep.js';
import { isOwnName, namesIn, planSweep } from '../domain/sweep.js';
import type { Collection, Stored } from '../ports/collections.js';
import type { SweepDocument } from '../ports/sweep-collection.js';
import type { TrackerClient } from '../ports/tracker-client.js';
import type { HookContext } from './run-hook.js';
import { deleteStranger, runList } from './run-hook.js';

export interface SweepContext extends HookContext {
  readonly clock: Clock;
  readonly resources: Collection<Resource>;
  readonly sweeps: Collection<SweepDocument>;
  /** Told what a list shows; absent = nobody wants to know. */
  readonly tracker?: Pick<TrackerClient, 'reportSeen'> | undefined;
}

export interface SweepOptions {
  /** Tells what would be deleted; deletes nothing, and the list does not count as seen. */
  readonly validateOnly: boolean;
  readonly signal: AbortSignal;
  /** Asked right before each deletion; absent = yes. */
  readonly mayDelete?: () => boolean;
}

/** What a sweep has found and done. */
export interface Swept {
  /** How many names the list has. */
  readonly listed: number;
  /** The oldest first; `fault` is the way in which the deletion failed. */
  readonly strangers: readonly (Stranger & { readonly fault?: string })[];
}

const DELETE_AT_ONCE = 10;

/**
 * Runs `cmd_list` of a pool, and has deleted what qualifies (see planSweep). Throws POOL_CANNOT_LIST when the pool does not have
 * that command, and LIST_FAILED when it fails or prints too much: then nothing is concluded.
 */
export async function sweepPool(context: SweepContext, pool: PoolOptions, options: SweepOptions): Promise<Swept> {
  const { sweeps, clock, logger } = context;
  const listed = namesIn(await listOf(context, pool, options.signal));
  const live = await liveAmong(context, listed);
  const stored = await sweeps.get(pool.name);
  const nowMs = clock.now();
  const { strangers, firstSeen } = planSweep(pool, listed, live, stored?.value.firstSeen ?? {}, nowMs);
  if (options.validateOnly) return { listed: listed.length, strangers };
  await note(context, stored, { id: pool.name, firstSeen, sweptMs: nowMs });
  await report(context, pool, listed);
  const faults = new Map<string, string>();
  const due = strangers.filter(({ verdict }) => verdict === 'DELETED');
  for (let at = 0; at < due.length; at += DELETE_AT_ONCE) {
    const deletions = due.slice(at, at + DELETE_AT_ONCE).map(async ({ name }) => {
      const fault = await deletionOf(context, pool, name, options);
      if (fault !== '') faults.set(name, fault);
      logger.warn(
        { pool: pool.name, name, ...(fault !== '' && { fault }) },
        'a stranger in the list of a pool was deleted',
      );
    });
    await Promise.all(deletions);
  }
  const told = strangers.map((stranger) => {
    const fault = faults.get(stranger.name);
    return fault === undefined ? stranger : { fault, ...stranger };
  });
  return { listed: listed.length, strangers: told };
}

async function listOf(context: SweepContext, pool: PoolOptions, signal: AbortSignal): Promise<string> {
  if (pool.commands.list === undefined) {
    const message = `pool '${pool.name}' has no cmd_list; add one to its options to look for what was forgotten`;
    throw new BerthError('POOL_CANNOT_LIST', message, { resource: { type: 'pool', name: pool.name } });
  }
  try {
    return await runList(context, pool, signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `pool '${pool.name}': ${why}. Nothing is concluded from it; see what the command prints when you run it`;
    throw new BerthError('LIST_FAILED', message, { resource: { type: 'pool', name: pool.name } });
  }
}

async function liveAmong({ resources }: SweepContext, names: readonly string[]): Promise<ReadonlySet<string>> {
  const live = new Set<string>();
  for (const chunk of inChunks(names)) {
    const { documents } = await resources.find({ where: { liveName: { in: chunk } }, limit: chunk.length });
    for (const { value } of documents) live.add(value.name);
  }
  return live;
}

/** Of two sweeps at the same time one is noted: what the other has seen is seen again by the next. */
async function note(
  { sweeps }: SweepContext,
  before: Stored<SweepDocument> | undefined,
  document: SweepDocument,
): Promise<void> {
  if (before === undefined) await sweeps.insert([document]);
  else await sweeps.replace(document, before.revision);
}

async function report({ tracker, logger }: SweepContext, pool: PoolOptions, listed: readonly string[]): Promise<void> {
  const own = listed.filter((name) => isOwnName(pool, name));
  await tracker?.reportSeen(pool.name, own).catch((error: unknown) => {
    logger.warn({ err: error, pool: pool.name }, 'the tracker is not told what the list of a pool shows; the next is');
  });
}

/** The way in which a deletion failed; '' when it did not. */
async function deletionOf(
  context: SweepContext,
  options: PoolOptions,
  name: string,
  { signal, mayDelete = () => true }: SweepOptions,
): Promise<string> {
  if (signal.aborted || !mayDelete()) return 'was not started';
  const { verdict, fault } = await deleteStranger(context, { options, name, signal });
  return verdict === 'ok' ? '' : fault;
}
