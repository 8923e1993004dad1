import { allTags } from './options/options.js';
import { isDegraded } from './pool-document.js';
import type { PoolOffer } from './supply.js';
import type { World, WorldPool } from './world.js';
import { isLeaving, stateOf } from './world.js';

/** The longest reason that an offer may have. */
const MAX_REASON = 1000;

/** What a pool offers to those who wait. */
export function offerOf(pool: WorldPool, { resources }: World): PoolOffer {
  const { options, document } = pool;
  let [live, starting] = [0, 0];
  for (const { pool: its, state } of resources.values()) {
    if (its === options.name) live += 1;
    if (its === options.name && state === 'STARTING') starting += 1;
  }
  const blockedReason = whyBlocked(pool).slice(0, MAX_REASON);
  return {
    pool: options.name,
    attributes: allTags(options).map(({ name, priority }) => ({ name, weight: priority })),
    capacity: options.max,
    onDemand: options.tagsOnDemand.map(({ name }) => name),
    available: blockedReason === '' ? Math.max(0, options.max - live) : 0,
    starting,
    ...(document.startMs !== undefined && { makeMs: document.startMs }),
    concurrency: options.maxStarting,
    blockedReason,
  };
}

function whyBlocked(pool: WorldPool): string {
  const { options, document, removed } = pool;
  const by = document.override === undefined ? '' : ` by ${document.override.actor.name}: ${document.override.reason}`;
  if (removed) return `pool '${options.name}' is no longer in the file of pools`;
  if (isLeaving(pool)) return `pool '${options.name}' is being drained${by}`;
  if (stateOf(pool) === 'PAUSED') return `pool '${options.name}' is paused${by}`;
  if (isDegraded(document)) return `pool '${options.name}' fails to make resources: ${document.lastError}`;
  return '';
}
