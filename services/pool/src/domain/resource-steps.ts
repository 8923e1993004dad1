import * as life from './life.js';
import type { PoolOptions } from './options/options.js';
import type { Resource } from './resource.js';
import type { PoolBench } from './supply.js';
import type { DeleteHow, Step, World, WorldLab, WorldPool } from './world.js';
import { isLeaving, stateOf } from './world.js';

/** As whom pools change conditions: they lift only what they have set. */
export const POOL_USER = 'berth-pool';

/** Collects the steps of a plan, and when there may be more. */
export class Steps {
  readonly list: Step[] = [];
  againMs = Infinity;

  add(step: Step): void {
    this.list.push(step);
  }

  /** Something is due then, if it is not now. */
  isDue(atMs: number, nowMs: number): boolean {
    if (atMs <= nowMs) return true;
    this.againMs = Math.min(this.againMs, atMs);
    return false;
  }
}

/** The reason for which most resources go. */
const OVER = 'its lease is over';

/** How a bench is removed, and why. */
interface Removal {
  readonly how: DeleteHow;
  readonly reason: string;
}

/** What is to be done about one resource now: at most one thing about its state, and a livecheck. */
export class ResourceSteps {
  constructor(
    private readonly world: World,
    private readonly nowMs: number,
    private readonly steps: Steps,
  ) {}

  plan(resource: Resource, pool: WorldPool): void {
    if (this.#recover(resource)) return;
    this.#abort(resource);
    switch (resource.state) {
      case 'UP':
        if (!this.world.busy.has(resource.number)) this.#up(resource, pool);
        this.#check(resource, pool);
        return;
      case 'RELEASING':
        if (!this.world.busy.has(resource.number) && resource.running === undefined) this.#releasing(resource, pool);
        return;
      case 'DELETING':
      case 'DELETE_FAILED':
        if (resource.running === undefined && resource.checking === undefined) this.#deleting(resource);
        return;
      case 'STARTING':
      case 'ENDED':
    }
  }

  /** Looks for what an earlier process ran; true while that may still run. */
  #recover(resource: Resource): boolean {
    const { number, running, checking, state } = resource;
    const { flying, host, labs } = this.world;
    const lost = [running, checking].filter((run) => run !== undefined && !flying.has(run.run));
    if (lost.length === 0 && !(state === 'STARTING' && running === undefined)) return false;
    const isOver = lost.every(
      (run) => run?.process === undefined || run.host === host || this.steps.isDue(run.untilMs, this.nowMs),
    );
    if (!isOver || this.world.busy.has(number)) return true;
    const isReleasing = lost.some((run) => run?.hook === 'release');
    const benches = labs.get(resource.lab)?.benches;
    // The bench tells what became of it: looked at once it is known.
    if (isReleasing && benches === undefined) return true;
    const released = isReleasing && isCleaned(resource, benches?.benches.get(resource.name));
    this.steps.add({ do: 'recover', number, released });
    return true;
  }

  /** Ends what nobody needs the outcome of. */
  #abort({ number, state, doom, running, checking }: Resource): void {
    if (state === 'STARTING' && doom !== undefined && running !== undefined) {
      this.steps.add({ do: 'abort', number, run: running.run });
    }
    if (state !== 'UP' && checking !== undefined) this.steps.add({ do: 'abort', number, run: checking.run });
  }

  #deleting({ number, retryMs = 0 }: Resource): void {
    if (this.steps.isDue(retryMs, this.nowMs)) this.steps.add({ do: 'run', number, hook: 'delete' });
  }

  #up(resource: Resource, pool: WorldPool): void {
    const { number, supply, name, doom } = resource;
    const lab = this.world.labs.get(resource.lab);
    const reason = doom?.reason ?? whyLeaving(pool);
    if (supply === undefined) {
      this.#change(life.toDeleting(resource, reason ?? 'it has no bench', this.nowMs));
      return;
    }
    const isForced = (doom !== undefined && doom.unused !== true) || stateOf(pool) === 'EVACUATING';
    if (reason !== undefined && (isForced || supply.revision === undefined)) {
      this.#deleteBench(resource, lab, 'force', reason);
      return;
    }
    if (supply.revision === undefined) {
      if (this.#canCall(lab)) this.steps.add({ do: 'createBench', number });
      return;
    }
    if (lab?.benches === undefined || lab.benches.revision < supply.revision) return;
    const bench = lab.benches.benches.get(name);
    if (bench === undefined) this.#note(life.toDeleting(resource, 'its bench was removed', this.nowMs));
    else if (!this.#follow(resource, bench, pool, lab) && bench.lease === undefined)
      this.#free(resource, bench, pool, lab);
  }

  /** Takes over what became of its lease; false when it is as it was. */
  #follow(resource: Resource, { lease, cleaningToken: token }: PoolBench, pool: WorldPool, lab: WorldLab): boolean {
    const { nowMs } = this;
    if (lease !== undefined) {
      if (lease.id === resource.lease?.id && lease.fencingToken === resource.lease.fencingToken) return false;
      this.#note(life.leased(resource, lease, nowMs));
    } else if (token > 0) {
      this.#over(resource, token, pool, lab);
    } else if (resource.lease !== undefined) {
      this.#change(life.doom(resource, 'its lease is gone, and nobody knows how it was used', nowMs));
    } else return false;
    return true;
  }

  /** Its lease is over. */
  #over(resource: Resource, token: number, pool: WorldPool, lab: WorldLab): void {
    const { number } = resource;
    if (pool.options.commands.release !== undefined) {
      this.steps.add({ do: 'run', number, hook: 'release', token });
      return;
    }
    const next = life.leaseOver(resource, token, true, this.nowMs);
    if (life.mayReuse(next, pool.options, stateOf(pool), this.nowMs)) this.#change(next);
    else this.#deleteBench(resource, lab, 'drain', whyLeaving(pool) ?? OVER, token);
  }

  /** What becomes of one that is free. */
  #free(resource: Resource, bench: PoolBench, pool: WorldPool, lab: WorldLab): void {
    const { number, failedChecks, lastError } = resource;
    const why = whyLeaving(pool);
    if (why !== undefined) {
      this.#deleteBench(resource, lab, 'drain', why);
      return;
    }
    if (resource.doom !== undefined) {
      const isDue = this.steps.isDue(this.world.keptUntilMs.get(number) ?? 0, this.nowMs);
      if (isDue) this.#deleteBench(resource, lab, 'idle', resource.doom.reason);
      return;
    }
    const surplus = this.#surplus(resource, pool, lab);
    if (surplus !== undefined) {
      this.#deleteBench(resource, lab, surplus.how, surplus.reason);
    } else if (failedChecks > 0 && bench.condition === 'READY') {
      const reason = `cmd_livecheck failed: ${lastError}`;
      if (this.#canCall(lab)) this.steps.add({ do: 'quarantine', number, etag: bench.etag, reason });
    } else if (failedChecks === 0 && bench.condition === 'QUARANTINED' && bench.conditionBy === POOL_USER) {
      if (this.#canCall(lab)) this.steps.add({ do: 'quarantine', number, etag: bench.etag, reason: undefined });
    }
  }

  /** How and why a free one is removed that is no longer kept; undefined while it is kept. */
  #surplus(resource: Resource, pool: WorldPool, { demand }: WorldLab): Removal | undefined {
    const { steps, nowMs } = this;
    const { options } = pool;
    const { number, firstLeaseMs, freeSinceMs = nowMs, supply, name } = resource;
    if (firstLeaseMs !== undefined) return this.#used(resource, options, firstLeaseMs, freeSinceMs);
    if (!steps.isDue(this.world.keptUntilMs.get(number) ?? 0, nowMs)) return undefined;
    if (options.tagsOnDemand.length === 0 || demand === undefined || supply?.revision === undefined) return undefined;
    if (demand.revision < supply.revision || demand.claimed.has(name)) return undefined;
    const wantedMs = Math.max(freeSinceMs, this.world.claimedMs.get(number) ?? 0);
    return steps.isDue(wantedMs + options.idleGraceMs, nowMs) ? { how: 'idle', reason: 'nobody wants it' } : undefined;
  }

  /**
   * The same of one that was leased and waits for its sandbox. A request of several benches may claim it, and wait for another
   * one that is not made as long as this one is there: so after a second term its claim does not keep it.
   */
  #used({ number }: Resource, options: PoolOptions, firstLeaseMs: number, freeSinceMs: number): Removal | undefined {
    const { steps, nowMs } = this;
    const oldMs = options.reuseMaxMs === 0 ? Infinity : firstLeaseMs + options.reuseMaxMs;
    const untilMs = Math.min(freeSinceMs + options.reuseOpportunityMs, oldMs);
    const reason = 'its sandbox did not want it again in time';
    if (!steps.isDue(untilMs, nowMs)) return undefined;
    if (steps.isDue(untilMs + options.reuseOpportunityMs, nowMs)) return { how: 'drain', reason };
    return steps.isDue(this.world.keptUntilMs.get(number) ?? 0, nowMs) ? { how: 'idle', reason } : undefined;
  }

  #releasing(resource: Resource, pool: WorldPool): void {
    const { nowMs } = this;
    const { number, doom, supply, released, lastLease, sandbox, name } = resource;
    const lab = this.world.labs.get(resource.lab);
    if (doom !== undefined) {
      this.#deleteBench(resource, lab, 'force', doom.reason);
      return;
    }
    if (released !== true) {
      this.steps.add({ do: 'run', number, hook: 'release' });
      return;
    }
    if (lab?.benches === undefined || lab.benches.revision < (supply?.revision ?? 0)) return;
    const bench = lab.benches.benches.get(name);
    if (bench === undefined) this.#note(life.toDeleting(resource, 'its bench was removed', nowMs));
    else if (bench.lease !== undefined) this.#note(life.leased(resource, bench.lease, nowMs));
    else if (bench.cleaningToken === 0) this.#note(life.benchFree(resource, lab.benches.revision, nowMs));
    else if (bench.cleaningToken > (lastLease?.fencingToken ?? 0)) {
      const isReleased = pool.options.commands.release === undefined;
      this.#change(life.leaseOver(resource, bench.cleaningToken, isReleased, nowMs));
    } else if (!life.mayReuse(resource, pool.options, stateOf(pool), nowMs)) {
      this.#deleteBench(resource, lab, 'drain', whyLeaving(pool) ?? OVER);
    } else if (this.#canCall(lab)) {
      this.steps.add({ do: 'finishCleaning', number, token: bench.cleaningToken, affinity: sandbox });
    }
  }

  /** Livechecks are made of all that are UP, leased or not. */
  #check({ number, checking, doom, upMs = 0, lastCheckMs = upMs }: Resource, { options }: WorldPool): void {
    if (options.commands.livecheck === undefined || checking !== undefined || doom !== undefined) return;
    const dueMs = Math.min(lastCheckMs, this.nowMs) + options.livecheckPeriodMs;
    if (this.steps.isDue(dueMs, this.nowMs)) this.steps.add({ do: 'run', number, hook: 'livecheck' });
  }

  #change(next: Resource): void {
    this.steps.add({ do: 'change', number: next.number, next });
  }

  /** What the bench shows: the next process sees it there as well. */
  #note(next: Resource): void {
    this.steps.add({ do: 'note', number: next.number, next });
  }

  #deleteBench({ number }: Resource, lab: WorldLab | undefined, how: DeleteHow, reason: string, token?: number): void {
    if (!this.#canCall(lab)) return;
    this.steps.add({ do: 'deleteBench', number, how, reason, ...(token !== undefined && { token }) });
  }

  #canCall(lab: WorldLab | undefined): lab is WorldLab {
    return lab !== undefined && this.steps.isDue(lab.callsFromMs, this.nowMs);
  }
}

/**
 * Whether the cleaning after the last lease is over: then its `cmd_release` went well, since only after that it is said. (Or an
 * operator has said it, who is believed.)
 */
function isCleaned({ lastLease }: Resource, bench: PoolBench | undefined): boolean {
  if (bench === undefined || lastLease === undefined) return false;
  const { cleaningToken: token, lease } = bench;
  return (lease?.fencingToken ?? token) > lastLease.fencingToken || (lease === undefined && token === 0);
}

/** The reason for which a pool gets rid of what it has; undefined when it does not. */
function whyLeaving(pool: WorldPool): string | undefined {
  if (!isLeaving(pool)) return undefined;
  const { override } = pool.document;
  const verb = stateOf(pool) === 'EVACUATING' ? 'is being evacuated' : 'is being drained';
  if (override !== undefined) return `its pool ${verb} by ${override.actor.name}: ${override.reason}`;
  return pool.removed ? 'its pool is no longer in the file of pools' : `its pool ${verb}`;
}
