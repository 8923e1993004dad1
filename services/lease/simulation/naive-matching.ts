import type { LabRules, Offer, RequestSpec, Requirement } from '../src/domain/model.js';
import { isInBooking, isLeftFor, requirementsOf } from './naive-bookings.js';
import type { Thing } from './naive-rules.js';
import { canServe, compareLists, reluctance } from './naive-rules.js';
import type { NaiveBench, NaiveState } from './naive-state.js';
import { holderOf } from './naive-state.js';

/** The benches that could serve a request, whatever their condition and holder. */
export function candidates(state: NaiveState, spec: RequestSpec): string[] {
  const found = requirementsOf(state, spec).flatMap((requirement) => named(state.benches, requirement, spec.affinity));
  return found.filter((bench) => isInBooking(state, bench, spec));
}

/** Whether a bench is lent to a request at all, held or not. */
export function isLent(bench: NaiveBench, spec: RequestSpec): boolean {
  return (
    !bench.retired && (bench.condition === 'READY' || (bench.condition === 'MAINTENANCE' && spec.allowMaintenance))
  );
}

/** Whether something is made for a requirement: an offer on demand makes it only for those that ask for it. */
export function isMadeFor({ onDemand = [] }: Offer, { attributes }: Requirement): boolean {
  return onDemand.length === 0 || onDemand.some((name) => attributes.includes(name));
}

/**
 * Whether a request could be met one day: each requirement by another bench that passes, or by an offer that counts; and what
 * comes from one pool, benches and offer together, is no more than the pool has or can have.
 */
export function canBeMet(
  state: NaiveState,
  spec: RequestSpec,
  passes: (bench: NaiveBench) => boolean,
  counts: (offer: Offer, requirement: Requirement) => boolean = () => true,
): boolean {
  const benches = state.benches.filter((bench) => passes(bench) && isInBooking(state, bench.spec.name, spec));
  // No pool makes what a booking has.
  const offers = spec.booking === undefined ? state.offers : [];
  const sources = requirementsOf(state, spec).map((requirement) => [
    ...named(benches, requirement, spec.affinity),
    ...offers
      .filter((offer) => canServe(requirement, ofOffer(offer), spec.affinity) && counts(offer, requirement))
      .map(sourceOf),
  ]);
  return hasWay(state, sources, []);
}

/** Tries every source for the first requirement, and what is left for the others. */
function hasWay(state: NaiveState, sources: readonly (readonly string[])[], taken: readonly string[]): boolean {
  const [mine, ...others] = sources;
  if (mine === undefined) return state.offers.every((offer) => isWithinCapacity(state, offer, taken));
  const isOffer = (source: string): boolean => state.offers.some((offer) => sourceOf(offer) === source);
  return mine.some(
    (source) => (isOffer(source) || !taken.includes(source)) && hasWay(state, others, [...taken, source]),
  );
}

function isWithinCapacity({ benches }: NaiveState, offer: Offer, taken: readonly string[]): boolean {
  if (offer.capacity === undefined) return true;
  const present = benches.filter(({ origin, retired }) => origin === `pool/${offer.pool}` && !retired);
  const names = present.map(({ spec }) => spec.name);
  const used = taken.filter((source) => source === sourceOf(offer) || names.includes(source)).length;
  return used <= Math.max(offer.capacity, present.length);
}

/** No bench has such a name. */
function sourceOf({ pool }: Offer): string {
  return `offer of ${pool}`;
}

/** Free benches for a requirement of a request, the best first, without those that are taken. */
export function preferred(
  state: NaiveState,
  requirement: Requirement,
  spec: RequestSpec,
  taken: readonly string[],
  rules: LabRules,
  now: number,
): string[] {
  const others = state.queue.filter((other) => other.spec.requestId !== spec.requestId);
  return state.benches
    .filter((bench) => canServe(requirement, ofBench(bench), spec.affinity) && isLent(bench, spec) && !bench.cleaning)
    .filter(({ spec: { name } }) => holderOf(state, name) === undefined && !taken.includes(name))
    .filter(({ spec: { name } }) => isInBooking(state, name, spec) && isLeftFor(state, name, spec, rules, now))
    .map((bench) => {
      const wanted = others.filter((other) => candidates(state, other.spec).includes(bench.spec.name)).length;
      return { name: bench.spec.name, cost: reluctance(requirement, ofBench(bench), wanted, bench.lastUsed) };
    })
    .sort((a, b) => compareLists(a.cost, b.cost) || (a.name < b.name ? -1 : 1))
    .map((choice) => choice.name);
}

function named(benches: readonly NaiveBench[], requirement: Requirement, affinity: string): string[] {
  return benches.filter((bench) => canServe(requirement, ofBench(bench), affinity)).map((bench) => bench.spec.name);
}

function ofBench({ spec, origin }: NaiveBench): Thing {
  return { ...spec, origin };
}

function ofOffer(offer: Offer): Thing {
  return { ...offer, name: '', affinity: '', origin: `pool/${offer.pool}` };
}
