import { BerthError } from '@berth/kernel';
import type { Allocation, ItemOutcome, PlanItem } from '../domain/index.js';
import { collectedBy } from '../domain/index.js';
import type { HeldLock, Stored } from '../ports/collections.js';
import type { CommandLine, CommandResult } from '../ports/command-runner.js';
import type { Collector, TrackerContext } from './tracker-context.js';

export type Outcome = Pick<ItemOutcome, 'outcome' | 'message'>;

const NO_COLLECTOR: Collector = { releaseWithoutCommand: false, timeoutMs: 60_000 };

/**
 * One item of a plan that is being applied, by whoever holds the lock on collecting.
 *
 * The lock alone keeps nobody from writing: a process may be paused for longer than the lock lasts, and go on. Say that A
 * has read an item at etag e and found that it qualifies, and is paused. B takes the lock over. Whatever B, or the owner
 * through B, does about the item (marks it, deletes it, extends it so that its mark is gone) gives it an etag f. Then A goes
 * on: its write names e, so it is stale, and nothing was done. Where nobody wrote the allocation meanwhile, A's knowledge of
 * its leaks may be old all the same, so it asks for the lock before each write. For a command that deletes see `deleteItem`.
 */
export class Collecting {
  readonly collector: Collector;

  constructor(
    readonly context: TrackerContext,
    readonly planId: string,
    readonly item: PlanItem,
    private readonly lock: HeldLock,
  ) {
    this.collector = context.settings.collect.kinds.get(item.kind) ?? NO_COLLECTOR;
  }

  /** Whether the lock is certainly held, also after a pause. */
  holdsLock(): boolean {
    return this.lock.isHeld();
  }

  /** Throws COLLECTION_RUNS when the lock is lost. */
  requireLock(): void {
    if (!this.holdsLock()) throw lockLost(this.planId);
  }

  /** Writes the allocation if nobody has since it was read. Throws COLLECTION_RUNS when the lock is lost. */
  async replaced({ revision }: Stored<Allocation>, next: Allocation): Promise<Outcome> {
    return (await this.written(revision, next)) === undefined ? changed() : { outcome: 'DONE', message: '' };
  }

  /** Writes the next state; answers its new revision, or undefined when another writer was faster. */
  async written(revision: string, next: Allocation): Promise<string | undefined> {
    this.requireLock();
    const result = await this.context.collections.allocations.replace(collectedBy(next, this.planId), revision);
    return result.outcome === 'replaced' ? result.revision : undefined;
  }

  /** Runs a command; it is stopped when the lock is lost meanwhile. */
  run(command: CommandLine, environment: Readonly<Record<string, string>>): Promise<CommandResult> {
    return this.context.runner.run(command, environment, this.collector.timeoutMs, this.lock.signal);
  }
}

export function changed(): Outcome {
  return { outcome: 'SKIPPED_CHANGED', message: 'it changed since the plan was made' };
}

export function unqualified(message: string): Outcome {
  return { outcome: 'SKIPPED_NOT_QUALIFIED', message };
}

/** What commands get to know. The key is the same each time that this is tried for one mark, and never used for another. */
export function environmentOf(
  { id, kind, owner, externalId = '', collection }: Allocation,
  { rule, action }: PlanItem,
): Readonly<Record<string, string>> {
  return {
    BERTH_ALLOCATION_ID: id,
    BERTH_ALLOCATION_KIND: kind,
    BERTH_ALLOCATION_OWNER: owner,
    BERTH_ALLOCATION_EXTERNAL_ID: externalId,
    BERTH_ALLOCATION_RULE: rule,
    BERTH_IDEMPOTENCY_KEY: `${id}-${collection?.markMs ?? 0}-${action.toLowerCase()}`,
  };
}

export function collectionRuns(planId: string): BerthError {
  return new BerthError('COLLECTION_RUNS', `a plan is being applied right now; repeat '${planId}' once that is done.`, {
    retryAfterMs: 5000,
    resource: { type: 'berth.dev/CollectionPlan', name: planId },
  });
}

function lockLost(planId: string): BerthError {
  return new BerthError(
    'COLLECTION_RUNS',
    `'${planId}' was being applied by a process that lost its lock (it was paused, or Redis did not answer), so another may be collecting; repeat it to go on where it stopped.`,
    { retryAfterMs: 5000, resource: { type: 'berth.dev/CollectionPlan', name: planId } },
  );
}
