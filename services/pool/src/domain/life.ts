import type { HookOutcome } from './hook-outcome.js';
import type { PoolOptions, PoolState } from './options/options.js';
import { allTags } from './options/options.js';
import type { GroupLeader, LeaseOfResource, Resource, ResourceHook, Running } from './resource.js';
import { marked } from './tells.js';

/** The gate of a command ends it within its time, and 5 s; the rest is for clocks of two machines that differ. */
const END_MS = 15_000;
/** So many failures of `cmd_delete` make a leak. */
const LEAK_AFTER = 3;

type Optional = { [K in keyof Resource]-?: undefined extends Resource[K] ? K : never }[keyof Resource];

/** A resource with these values; what is set to undefined is left out. */
function changed(
  resource: Resource,
  nowMs: number,
  values: Partial<Omit<Resource, Optional>> & { readonly [K in Optional]?: Resource[K] | undefined },
): Resource {
  const next = Object.entries({ ...resource, ...values, updateMs: nowMs }).filter(([, value]) => value !== undefined);
  return marked(Object.fromEntries(next) as unknown as Resource);
}

export interface NewResource {
  readonly options: PoolOptions;
  readonly number: number;
  readonly name: string;
  readonly idInPool: number;
  readonly counters: Readonly<Record<string, number>>;
  /** The run of `cmd_new`. */
  readonly run: string;
  readonly host: string;
}

/** A resource of which nothing is there yet but its row. */
export function newResource({ options, number, name, run, host, ...numbers }: NewResource, nowMs: number): Resource {
  const { idInPool, counters } = numbers;
  const liveCounters = Object.entries(counters).map(([counter, value]) => `${counter}/${value}`);
  const pool = options.name;
  return marked({
    id: String(number),
    number,
    name,
    pool,
    lab: options.lab,
    idInPool,
    counters,
    liveIdInPool: `${pool}/${idInPool}`,
    ...(liveCounters.length > 0 && { liveCounters }),
    liveName: name,
    state: 'STARTING',
    tags: allTags(options),
    data: '',
    sandbox: '',
    releases: 0,
    attempts: { new: 0, livecheck: 0, release: 0, delete: 0 },
    running: { hook: 'new', attempt: 0, run, host, sinceMs: nowMs, untilMs: nowMs },
    endReason: '',
    failedChecks: 0,
    failedDeletes: 0,
    lastError: '',
    createMs: nowMs,
    updateMs: nowMs,
    told: {},
    answered: [],
  });
}

/** A command is about to be run. */
export function begun(resource: Resource, hook: ResourceHook, run: string, host: string, nowMs: number): Resource {
  const running: Running = { hook, attempt: resource.attempts[hook], run, host, sinceMs: nowMs, untilMs: nowMs };
  return changed(resource, nowMs, hook === 'livecheck' ? { checking: running } : { running });
}

/** The processes of a command are known, and may begin. */
export function spawned(
  resource: Resource,
  run: string,
  process: GroupLeader,
  timeoutMs: number,
  nowMs: number,
): Resource {
  const { running, checking } = resource;
  const known = { process, untilMs: nowMs + timeoutMs + END_MS };
  return changed(resource, nowMs, {
    running: running?.run === run ? { ...running, ...known } : running,
    checking: checking?.run === run ? { ...checking, ...known } : checking,
  });
}

/** The command of this run, if it is still the one that the row knows of. */
export function runOf({ running, checking }: Resource, run: string): Running | undefined {
  return [running, checking].find((one) => one?.run === run);
}

/** A command has ended, with this outcome. */
export function afterHook(
  resource: Resource,
  hook: ResourceHook,
  outcome: HookOutcome,
  options: PoolOptions,
  nowMs: number,
) {
  const attempts = { ...resource.attempts, [hook]: resource.attempts[hook] + 1 };
  const idle = { ...resource, attempts };
  switch (hook) {
    case 'new':
      return afterNew(idle, outcome, nowMs);
    case 'release':
      return afterRelease(idle, outcome, nowMs);
    case 'delete':
      return afterDelete(idle, outcome, options.retry, nowMs);
    case 'livecheck':
      return afterCheck(idle, outcome, options.livecheckAttempts, nowMs);
  }
}

function afterNew(resource: Resource, { verdict, fault, data }: HookOutcome, nowMs: number): Resource {
  if (verdict === 'failed') return ended({ ...resource, lastError: fault }, fault, nowMs);
  const next = changed(resource, nowMs, { running: undefined, data });
  if (verdict === 'unsure') return toDeleting({ ...next, lastError: fault }, `cmd_new ${fault}`, nowMs);
  return changed(next, nowMs, { state: 'UP', upMs: nowMs, freeSinceMs: nowMs, supply: { askedMs: nowMs } });
}

function afterRelease(resource: Resource, { verdict, fault }: HookOutcome, nowMs: number): Resource {
  if (verdict === 'ok') return changed(resource, nowMs, { running: undefined, released: true });
  const doomed = doom(resource, `cmd_release ${fault}`, nowMs);
  return changed(doomed, nowMs, { running: undefined, lastError: fault });
}

function afterDelete(resource: Resource, { verdict, fault }: HookOutcome, retry: PoolOptions['retry'], nowMs: number) {
  if (verdict === 'ok') return ended(resource, resource.endReason, nowMs);
  const failedDeletes = resource.failedDeletes + 1;
  const isLeak = failedDeletes >= LEAK_AFTER;
  return changed(resource, nowMs, {
    running: undefined,
    failedDeletes,
    retryMs: nowMs + backoffMs(retry, failedDeletes),
    lastError: fault,
    state: isLeak ? 'DELETE_FAILED' : 'DELETING',
    leakMs: resource.leakMs ?? (isLeak ? nowMs : undefined),
  });
}

function afterCheck(resource: Resource, { verdict, fault }: HookOutcome, most: number, nowMs: number): Resource {
  const checked = changed(resource, nowMs, { checking: undefined, lastCheckMs: nowMs });
  if (verdict === 'ok') return changed(checked, nowMs, { failedChecks: 0 });
  const failedChecks = resource.failedChecks + 1;
  const failed = changed(checked, nowMs, { failedChecks, lastError: fault });
  return failedChecks < most
    ? failed
    : doom(failed, `cmd_livecheck failed ${failedChecks} times, the last time: ${fault}`, nowMs);
}

/** A check was given up: nothing is known by it. */
export function withoutCheck(resource: Resource, nowMs: number): Resource {
  return changed(resource, nowMs, { checking: undefined });
}

/**
 * What ran when the process that ran it died, runs no more: nobody knows how far it came. Of a resource that was being made or
 * released nobody knows what it is like, so it is deleted; unless it is seen that its release went well.
 */
export function recovered(resource: Resource, isReleased: boolean, nowMs: number): Resource {
  const hook = resource.running?.hook;
  const idle = changed(resource, nowMs, { running: undefined, checking: undefined });
  const why = 'its server stopped while';
  if (hook === 'new') return toDeleting(idle, `${why} it was made`, nowMs);
  if (hook !== 'release') return idle;
  // Its outcome is known, so the next run has another key.
  const attempts = { ...idle.attempts, release: idle.attempts.release + 1 };
  return isReleased ? changed(idle, nowMs, { released: true, attempts }) : doom(idle, `${why} it was released`, nowMs);
}

/** Its bench is there, free, since this revision. */
export function benchFree(resource: Resource, revision: number, nowMs: number): Resource {
  const supply = { askedMs: nowMs, ...resource.supply, revision };
  if (resource.state !== 'RELEASING') return changed(resource, nowMs, { supply });
  const freed = { released: undefined, lastLease: undefined, freeSinceMs: nowMs };
  return changed(resource, nowMs, { state: 'UP', supply, ...freed });
}

/** Somebody has it. */
export function leased(resource: Resource, lease: LeaseOfResource, nowMs: number): Resource {
  return changed(resource, nowMs, {
    state: 'UP',
    lease,
    lastLease: undefined,
    released: undefined,
    freeSinceMs: undefined,
    firstLeaseMs: resource.firstLeaseMs ?? nowMs,
    doom: resource.doom?.unused === true ? undefined : resource.doom,
  });
}

/** Its lease is over, or a lease that was never seen: then nobody knows its sandbox. */
export function leaseOver(resource: Resource, token: number, isReleased: boolean, nowMs: number): Resource {
  const unseen: LeaseOfResource = { id: '', fencingToken: token, sandbox: '', sinceMs: nowMs };
  const lastLease = resource.lease?.fencingToken === token ? resource.lease : unseen;
  return changed(resource, nowMs, {
    state: 'RELEASING',
    lease: undefined,
    lastLease,
    sandbox: lastLease.sandbox,
    releases: resource.releases + 1,
    firstLeaseMs: resource.firstLeaseMs ?? nowMs,
    freeSinceMs: undefined,
    released: isReleased ? true : undefined,
  });
}

/** It is to go at once, whoever has it. */
export function doom(resource: Resource, reason: string, nowMs: number): Resource {
  if (resource.doom !== undefined && resource.doom.unused !== true) return resource;
  return changed(resource, nowMs, { doom: { reason, timeMs: nowMs }, endReason: resource.endReason || reason });
}

/** It is to go if nobody has it or waits for it. */
export function doomUnused(resource: Resource, reason: string, nowMs: number): Resource {
  if (resource.doom !== undefined || resource.state !== 'UP' || resource.lease !== undefined) return resource;
  return changed(resource, nowMs, { doom: { reason, timeMs: nowMs, unused: true } });
}

/** Its bench is gone, or never was: it is to be deleted. */
export function toDeleting(resource: Resource, reason: string, nowMs: number): Resource {
  return changed(resource, nowMs, {
    state: 'DELETING',
    endReason: resource.endReason || reason,
    lease: undefined,
    lastLease: resource.lease ?? resource.lastLease,
    supply: undefined,
    freeSinceMs: undefined,
    released: undefined,
    retryMs: undefined,
  });
}

/** It is gone: its numbers are given up. */
function ended(resource: Resource, endReason: string, nowMs: number): Resource {
  return changed(resource, nowMs, {
    state: 'ENDED',
    endReason,
    endMs: nowMs,
    liveIdInPool: undefined,
    liveCounters: undefined,
    liveName: undefined,
    running: undefined,
    checking: undefined,
    retryMs: undefined,
    lease: undefined,
    lastLease: undefined,
    supply: undefined,
  });
}

/** An operator says that it is gone. */
export function forgotten(resource: Resource, reason: string, nowMs: number): Resource {
  return { forgotten: true, ...ended(resource, reason, nowMs) };
}

/** An operator wants its deletion tried again now. */
export function retriedNow(resource: Resource, nowMs: number): Resource {
  return changed(resource, nowMs, { retryMs: undefined });
}

/** Whether it may be lent again after its lease: within its sandbox, and while the rules for its reuse allow. */
export function mayReuse(resource: Resource, options: PoolOptions, state: PoolState, nowMs: number): boolean {
  const { doom: doomed, sandbox, releases, firstLeaseMs = nowMs } = resource;
  if (doomed !== undefined || sandbox === '' || options.reuseOpportunityMs === 0) return false;
  if (state === 'DRAINING' || state === 'EVACUATING') return false;
  if (options.reuseMaxCount > 0 && releases > options.reuseMaxCount) return false;
  return options.reuseMaxMs === 0 || nowMs < firstLeaseMs + options.reuseMaxMs;
}

/** The pause after so many failures in a row. */
export function backoffMs({ initialMs, maxMs, factor }: PoolOptions['retry'], failures: number): number {
  return Math.min(maxMs, initialMs * factor ** (failures - 1));
}
