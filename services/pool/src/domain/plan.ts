import type { Coming, DealPool } from './deal.js';
import { deal } from './deal.js';
import { leaseOver, mayReuse } from './life.js';
import { isDegraded } from './pool-document.js';
import { isPausing, notAhead } from './pool-starts.js';
import type { Resource } from './resource.js';
import { ResourceSteps, Steps } from './resource-steps.js';
import type { Demand, LabBenches, PoolBench } from './supply.js';
import type { Step, World, WorldPool } from './world.js';
import { isLeaving, stateOf } from './world.js';

export interface Plan {
  readonly steps: readonly Step[];
  /** Pools that start a resource now, in this order. */
  readonly starts: readonly string[];
  /** When there is more to do, if nothing changes; Infinity = never. */
  readonly againMs: number;
}

/** What is to be done now about everything. Carried out in part, or late, it does no harm: the next plan goes on. */
export function plan(world: World, nowMs: number): Plan {
  const steps = new Steps();
  const each = new ResourceSteps(world, nowMs, steps);
  for (const resource of world.resources.values()) {
    const pool = world.pools.get(resource.pool);
    if (pool !== undefined) each.plan(resource, pool);
  }
  for (const stray of strays(world, nowMs)) steps.add(stray);
  const starts = [...world.labs].flatMap(([lab, { demand, benches }]) => {
    if (demand === undefined || benches === undefined) return [];
    const dealt = startsOf(world, lab, { demand, benches }, nowMs);
    steps.againMs = Math.min(steps.againMs, dealt.againMs);
    return dealt.starts;
  });
  return { steps: steps.list, starts, againMs: steps.againMs };
}

/** Benches of pools of which no resource has anything to lend. */
function* strays({ labs, resources, pools }: World, nowMs: number): Generator<Step> {
  for (const [lab, { benches, callsFromMs }] of labs) {
    if (benches === undefined || callsFromMs > nowMs) continue;
    const owners = new Set<string>();
    for (const { lab: its, name, supply } of resources.values())
      if (its === lab && supply !== undefined) owners.add(name);
    for (const { name, pool } of benches.benches.values()) {
      if (pools.has(pool) && !owners.has(name)) yield { do: 'removeStray', lab, name };
    }
  }
}

/** What is known of a lab of which all is known. */
interface Seen {
  readonly demand: Demand;
  readonly benches: LabBenches;
}

function startsOf(world: World, lab: string, seen: Seen, nowMs: number) {
  const { demand } = seen;
  const resources = [...world.resources.values()].filter((resource) => resource.lab === lab);
  const coming = resources.flatMap((resource) => comingOf(resource, world.pools.get(resource.pool), seen, nowMs));
  const news = new Set(coming.map(({ number }) => number));
  const pools: DealPool[] = [];
  let againMs = Infinity;
  for (const pool of world.pools.values()) {
    if (pool.options.lab !== lab) continue;
    const dealt = dealPool(pool, world, news, demand, nowMs);
    pools.push(dealt);
    if (dealt.notBeforeMs > nowMs && dealt.room === 0) againMs = Math.min(againMs, dealt.notBeforeMs);
  }
  const dealt = deal(pools, coming, demand.lacks, nowMs);
  return { starts: dealt.starts, againMs: Math.min(againMs, dealt.againMs) };
}

/** A resource that the demand does not take into account yet, if it will be free for somebody. */
function comingOf(
  resource: Resource,
  pool: WorldPool | undefined,
  { demand: { revision }, benches }: Seen,
  nowMs: number,
): readonly Coming[] {
  const { number, state, supply, doom, failedChecks, firstLeaseMs } = resource;
  if (pool === undefined || isLeaving(pool) || doom !== undefined) return [];
  const tags = new Set(resource.tags.map(({ name }) => name));
  const fresh = { number, pool: resource.pool, tags, isNew: true };
  if (state === 'STARTING') return [fresh];
  const kept = ({ sandbox }: Resource): Coming => ({ ...fresh, isNew: false, sandbox });
  const released = state === 'RELEASING' ? resource : afterLease(resource, benches, nowMs);
  if (released !== undefined) return mayReuse(released, pool.options, stateOf(pool), nowMs) ? [kept(released)] : [];
  if (state !== 'UP' || failedChecks > 0) return [];
  // One that is leased by now was free, or given to a request, after that revision: the demand shows what it has met.
  if (supply?.revision !== undefined && supply.revision <= revision) return [];
  return firstLeaseMs === undefined || resource.lease !== undefined
    ? [{ ...fresh, isNew: firstLeaseMs === undefined }]
    : [kept(resource)];
}

/** As one will be whose lease is over while its row does not say so: that is noted when its `cmd_release` is about to begin. */
function afterLease(resource: Resource, { revision, benches }: LabBenches, nowMs: number): Resource | undefined {
  const { state, name, supply } = resource;
  const { lease, cleaningToken = 0 } = benches.get(name) ?? {};
  const isKnown = state === 'UP' && revision >= (supply?.revision ?? Infinity);
  return isKnown && lease === undefined && cleaningToken > 0
    ? leaseOver(resource, cleaningToken, false, nowMs)
    : undefined;
}

const NEW_BENCH: Pick<PoolBench, 'condition' | 'lease'> = { condition: 'READY' };

function dealPool(pool: WorldPool, world: World, news: ReadonlySet<number>, demand: Demand, nowMs: number): DealPool {
  const { options, document } = pool;
  const { max, maxStarting, startDelayMs, maxPrealloc } = options;
  const benches = world.labs.get(options.lab)?.benches;
  let rows = 0;
  let starting = 0;
  let ready = 0;
  for (const resource of world.resources.values()) {
    const { number, state, name, firstLeaseMs, failedChecks, doom, supply } = resource;
    if (resource.pool !== options.name) continue;
    rows += 1;
    if (state === 'STARTING') starting += 1;
    // A list that is older than the bench tells nothing of it.
    const bench = benches && benches.revision >= (supply?.revision ?? 0) ? benches.benches.get(name) : NEW_BENCH;
    const isReady = bench?.lease === undefined && bench?.condition === 'READY' && !demand.claimed.has(name);
    const isAhead = state === 'UP' && firstLeaseMs === undefined && failedChecks === 0 && doom === undefined;
    if (isAhead && isReady && !news.has(number)) ready += 1;
  }
  const pauses = isPausing(document);
  const retryMs = pauses ? Math.min(document.retryMs ?? 0, nowMs + options.retry.maxMs) : 0;
  const started = notAhead(document.lastStartMs, nowMs);
  const notBeforeMs = Math.max(retryMs, started === undefined ? 0 : started + startDelayMs);
  const probes = !isDegraded(document) || nowMs >= retryMs;
  const room = Math.min(max - rows, (pauses ? Math.min(1, maxStarting) : maxStarting) - starting);
  const onDemand = new Set(options.tagsOnDemand.map(({ name }) => name));
  const isOpen = stateOf(pool) === 'ACTIVE' && probes;
  return {
    name: options.name,
    onDemand,
    room: isOpen ? Math.max(0, room) : 0,
    notBeforeMs,
    startDelayMs,
    maxPrealloc,
    ready,
  };
}
