import type { By } from '@berth/kernel';
import { BerthError, didYouMean, staleEtag, SYSTEM } from '@berth/kernel';
import { sameAnnounced } from '../announced.js';
import { benchBooked } from '../booked-errors.js';
import type { Draft } from '../draft.js';
import { endLease } from '../end-lease.js';
import type { Bench } from '../entities.js';
import { feasibleWithout } from '../feasible.js';
import { describeRequirement } from '../matching.js';
import type { Announced, BenchSpec, ConditionState, Offer } from '../model.js';
import { schedule } from '../schedule.js';
import { sameSpec } from '../same-spec.js';
import type { LabState } from '../state.js';
import { markFree } from './mark-free.js';

/** The bench, when it is there and its etag is the one that the caller saw. */
export function benchNamed(state: LabState, name: string, etag = ''): Bench {
  const bench = state.benches.get(name);
  if (bench === undefined) {
    const near = didYouMean(name, [...state.benches.keys()]);
    throw new BerthError('NO_SUCH_BENCH', `there is no bench '${name}'${near} List what there is: berth bench ls.`, {
      resource: { type: 'berth.dev/Bench', name },
    });
  }
  if (etag === '' || etag === etagOf(bench)) return bench;
  throw staleEtag(`bench '${name}'`, etag, etagOf(bench), { type: 'berth.dev/Bench', name });
}

export function etagOf(bench: Bench): string {
  return bench.revision.toString(36);
}

/** Adds a bench. Whoever waits for one like it gets it. */
export function planCreateBench(draft: Draft, spec: BenchSpec, origin: string): void {
  const { state } = draft;
  if (state.benches.has(spec.name)) {
    throw new BerthError(
      'BENCH_EXISTS',
      `there is a bench '${spec.name}' already; change it (berth bench update), or take another name.`,
      { resource: { type: 'berth.dev/Bench', name: spec.name } },
    );
  }
  draft.emit({ type: 'BenchPut', spec, origin, atMs: draft.now });
  draft.schedule();
}

/**
 * Changes a bench's description; a present lease keeps it. What is announced of the parts in `settled` ends: the owner has
 * said what they are.
 */
export function planUpdateBench(
  draft: Draft,
  name: string,
  etag: string,
  change: (spec: BenchSpec) => BenchSpec,
  settled: readonly (keyof Announced)[] = [],
): void {
  const bench = benchNamed(draft.state, name, etag);
  const ended = Object.fromEntries(settled.map((part) => [part, {}]));
  putBench(draft, bench, change(bench.base), { ...bench.announced, ...ended });
}

/**
 * Announces what a service on a bench says of it. It is laid over the description, so that an inventory that is applied does
 * not take it back; the parts that are not in `said` stay as they are. A present lease keeps what it was granted with.
 */
export function planAnnounce(
  draft: Draft,
  name: string,
  etag: string,
  said: (bench: Bench) => Partial<Announced>,
): void {
  const bench = benchNamed(draft.state, name, etag);
  putBench(draft, bench, bench.base, { ...bench.announced, ...said(bench) });
}

function putBench(draft: Draft, bench: Bench, spec: BenchSpec, announced: Announced): void {
  if (bench.retired) throw beingRemoved(bench);
  const isNews = !sameAnnounced(announced, bench.announced);
  if (!isNews && sameSpec(spec, bench.base)) return;
  const { origin } = bench;
  draft.emit({ type: 'BenchPut', spec, origin, ...(isNews && { announced }), atMs: draft.now });
  draft.schedule();
}

/** BENCH_UNAVAILABLE: a bench goes when its present lease ends. */
export function beingRemoved({ spec, lease }: Bench): BerthError {
  const description = `it goes when its present lease (${lease?.owner ?? ''}) ends`;
  return new BerthError(
    'BENCH_UNAVAILABLE',
    `bench '${spec.name}' is being removed: ${description}. To keep it, apply an inventory that names it.`,
    { preconditions: [{ type: 'RETIRED', subject: spec.name, description }] },
  );
}

/** How benches are removed. */
export interface Removal {
  /** At once: leases end, and requests that nothing else could serve leave the queue. */
  readonly force: boolean;
  /** Refused when it is leased, or kept for a request. */
  readonly onlyIdle?: boolean;
  /** Told to those whose lease or request ends. */
  readonly reason?: string;
}

/** Removes a bench; false when it goes after its present lease. */
export function planDeleteBench(draft: Draft, name: string, etag: string, how: Removal, by: By): boolean {
  const bench = benchNamed(draft.state, name, etag);
  if (how.onlyIdle === true) assertIdle(draft, bench);
  removeBenches(draft, [bench], how, by);
  draft.schedule();
  return !draft.state.benches.has(name);
}

/** Throws BENCH_IN_USE for a bench that is leased, or kept for a waiting request. */
function assertIdle({ state, now }: Draft, bench: Bench): void {
  const { name } = bench.spec;
  const { lease } = bench;
  const claimedBy = schedule(state, now).claims.get(bench)?.spec;
  const owner = lease?.owner ?? claimedBy?.owner;
  if (owner === undefined) return;
  const kept = `it is kept for request '${claimedBy?.requestId ?? ''}' of ${owner}`;
  const description = lease === undefined ? kept : `it is held by ${owner}`;
  throw new BerthError(
    'BENCH_IN_USE',
    `bench '${name}' is not deleted: ${description}, and only_idle is set. Take another one, or leave only_idle out.`,
    {
      resource: { type: 'berth.dev/Bench', name, owner },
      preconditions: [{ type: 'IN_USE', subject: name, description }],
    },
  );
}

export interface Applied {
  readonly created: string[];
  readonly updated: string[];
  readonly removed: string[];
  readonly unchanged: string[];
}

export interface Apply {
  readonly specs: readonly BenchSpec[];
  readonly prune: boolean;
  readonly force: boolean;
  /** True when the store has lost the benches: each may have had a lease, and those that ask for it are cleaned first. */
  readonly afterLoss?: boolean;
}

/** Makes the inventory be as a list says: all of it, or (with an error) nothing. */
export function planApplyInventory(draft: Draft, { specs, prune, force, afterLoss }: Apply, by: By): Applied {
  const { state } = draft;
  const created: string[] = [];
  const updated: string[] = [];
  const unchanged: string[] = [];
  for (const spec of specs) {
    const bench = state.benches.get(spec.name);
    if (bench !== undefined && bench.origin !== 'inventory') throw ofPool(bench);
    if (bench !== undefined && !bench.retired && sameSpec(spec, bench.base)) {
      unchanged.push(spec.name);
      continue;
    }
    (bench === undefined ? created : updated).push(spec.name);
    draft.emit({ type: 'BenchPut', spec, origin: 'inventory', atMs: draft.now });
  }
  const named = new Set(specs.map((spec) => spec.name));
  const surplus = [...state.benches.values()].filter(
    (bench) => prune && bench.origin === 'inventory' && !bench.retired && !named.has(bench.spec.name),
  );
  removeBenches(draft, surplus, { force }, by);
  if (afterLoss === true) markFree(draft);
  draft.schedule();
  return { created, updated, removed: surplus.map((bench) => bench.spec.name).sort(), unchanged };
}

function ofPool(bench: Bench): BerthError {
  return new BerthError(
    'BENCH_EXISTS',
    `bench '${bench.spec.name}' comes from ${bench.origin}, not from the inventory; take another name for yours.`,
    { resource: { type: 'berth.dev/Bench', name: bench.spec.name, owner: bench.origin } },
  );
}

/** Puts a bench into another condition. A present lease goes on to its end. */
export function planSetCondition(
  draft: Draft,
  name: string,
  etag: string,
  to: { readonly state: ConditionState; readonly reason: string; readonly untilMs?: number },
  by: By,
): void {
  benchNamed(draft.state, name, etag);
  draft.emit({ type: 'BenchConditionSet', name, condition: { actor: by.actor, sinceMs: draft.now, ...to } });
  draft.schedule();
}

/** Says what a pool could make. Who waits for that claims what else it needs from now on. */
export function planPutOffer(draft: Draft, offer: Offer): Offer {
  const put = { ...offer, updatedMs: draft.now };
  draft.emit({ type: 'OfferPut', offer: put });
  draft.schedule();
  return put;
}

/** Takes an offer back. Who could be met by nothing else gives back what it claimed. */
export function planRemoveOffer(draft: Draft, pool: string): void {
  if (draft.state.offers.has(pool)) draft.emit({ type: 'OfferRemoved', pool });
  draft.schedule();
}

/**
 * Removes benches, those that are leased after their lease (with `force`: at once, and the lease ends). Refused when a
 * waiting request has nothing else to wait for; with `force` such requests leave the queue. Benches of a pool are not
 * missed: it may make others, and those who wait for them stay. Reserved ones are removed with `force` only.
 */
function removeBenches(draft: Draft, benches: readonly Bench[], { force, reason = '' }: Removal, by: By): void {
  const { state } = draft;
  if (!force) assertUnreserved(benches);
  const gone = new Set(benches);
  const missed = benches.filter(({ origin }) => origin === 'inventory');
  const demands = new Set(missed.flatMap((bench) => [...bench.demands]));
  const why = reason === '' ? '' : `: ${reason}`;
  // Who spends a booking waits on: the booking may get another bench.
  const stranded = [...demands].filter(
    (demand) => demand.booking === '' && demand.waiting > 0 && !feasibleWithout(state, demand, gone),
  );
  const [first] = stranded;
  if (first !== undefined && !force) {
    const count = stranded.reduce((sum, demand) => sum + demand.waiting, 0);
    const owner = (first.queue.first() ?? first.aside.first())?.spec.owner ?? '';
    const subject = benches.map((bench) => bench.spec.name).join(', ');
    const wanted = first.requirements.map(describeRequirement).join(' and ');
    const description = `${String(count)} waiting request(s) could be served by nothing else, the first by ${owner} for ${wanted}`;
    throw new BerthError(
      'BENCH_WANTED',
      `'${subject}' can not be removed: ${description}. Cancel them (berth cancel), or force it, which ends them.`,
      { preconditions: [{ type: 'WANTED', subject, description }] },
    );
  }
  for (const demand of stranded) {
    for (const { spec } of [...demand.queue, ...demand.aside]) {
      const message = `${by.actor.name} removed the last bench that could serve it${why}`;
      const { requestId } = spec;
      draft.emit({
        type: 'RequestGone',
        requestId,
        reason: 'UNSATISFIABLE',
        actor: by.actor,
        message,
        atMs: draft.now,
      });
    }
  }
  for (const bench of benches) removeBench(draft, bench, force, why, by);
}

/** Throws BENCH_BOOKED when one of the benches is reserved: bookings count on them. */
function assertUnreserved(benches: readonly Bench[]): void {
  for (const { spec, calendar } of benches) {
    const [next] = calendar;
    if (next !== undefined) throw benchBooked(spec.name, next, 'it is not removed. Cancel the booking, or force it.');
  }
}

function removeBench(draft: Draft, bench: Bench, force: boolean, why: string, by: By): void {
  const { name } = bench.spec;
  if (bench.lease === undefined) draft.emit({ type: 'BenchRemoved', name });
  else if (!bench.retired) draft.emit({ type: 'BenchRetired', name, actor: by.actor });
  // Ending the lease takes the retired bench with it.
  if (force && bench.lease !== undefined) {
    endLease(draft, bench.lease, 'BENCH_REMOVED', SYSTEM, `${by.actor.name} removed '${name}' by force${why}`);
  }
}
