import type {
  BenchSpec,
  ConditionState,
  HoldMode,
  LabRules,
  Offer,
  RequestSpec,
  Requirement,
} from '../src/domain/model.js';
import type { Picture } from './lab-command.js';
import type { Thing } from './naive-rules.js';
import { canServe, compareLists, reluctance } from './naive-rules.js';

export interface NaiveBench {
  spec: BenchSpec;
  origin: string;
  condition: ConditionState;
  retired: boolean;
  /** Its last lease is over, and nobody gets it before it was cleaned. */
  cleaning: boolean;
  lastUsed: number;
}

export interface NaiveRequest {
  spec: RequestSpec;
  priority: number;
  arrivalMs: number;
  order: number;
  session: string;
  detachedUntilMs: number | undefined;
  keptUntilMs: number | undefined;
  aside: boolean;
}

export interface NaiveLease {
  spec: RequestSpec;
  owner: string;
  benches: string[];
  specs: BenchSpec[];
  grantedMs: number;
  hold: HoldMode;
  ttlMs: number | undefined;
  session: string;
  detachedUntilMs: number | undefined;
  endMs: number | undefined;
  transferredFrom: string;
}

export interface NaiveState {
  benches: NaiveBench[];
  offers: Offer[];
  queue: NaiveRequest[];
  leases: NaiveLease[];
  /** Free benches that are kept for a request, by its id. */
  claims: Map<string, string>;
  tick: number;
}

/** The queue, best first. */
export function ranked({ queue }: NaiveState, { priorityPointMs }: LabRules): NaiveRequest[] {
  return queue.toSorted((a, b) => {
    if (priorityPointMs === 'strict' && a.priority !== b.priority) return b.priority - a.priority;
    const point = priorityPointMs === 'strict' ? 0 : priorityPointMs;
    const score = (one: NaiveRequest): number => one.arrivalMs - one.priority * point;
    return score(a) - score(b) || a.order - b.order;
  });
}

export function holderOf({ leases }: NaiveState, bench: string): NaiveLease | undefined {
  return leases.find((lease) => lease.benches.includes(bench));
}

/** A lease is over, or may have been lost: a bench that asks for it is to be cleaned before it is lent again. */
export function markUsed(bench: NaiveBench): void {
  if (bench.spec.recycle === 'CLEAN') bench.cleaning = true;
}

/** The benches that could serve a request, whatever their condition and holder. */
export function candidates({ benches }: NaiveState, { requirements, affinity }: RequestSpec): string[] {
  return requirements.flatMap((requirement) => named(benches, requirement, affinity));
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
  const benches = state.benches.filter(passes);
  const sources = spec.requirements.map((requirement) => [
    ...named(benches, requirement, spec.affinity),
    ...state.offers
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
): string[] {
  const others = state.queue.filter((other) => other.spec.requestId !== spec.requestId);
  return state.benches
    .filter((bench) => canServe(requirement, ofBench(bench), spec.affinity) && isLent(bench, spec) && !bench.cleaning)
    .filter(({ spec: { name } }) => holderOf(state, name) === undefined && !taken.includes(name))
    .map((bench) => {
      const wanted = others.filter((other) => candidates(state, other.spec).includes(bench.spec.name)).length;
      return { name: bench.spec.name, cost: reluctance(requirement, ofBench(bench), wanted, bench.lastUsed) };
    })
    .sort((a, b) => compareLists(a.cost, b.cost) || (a.name < b.name ? -1 : 1))
    .map((choice) => choice.name);
}

export function pictureOf(state: NaiveState, rules: LabRules): Picture {
  const queue = ranked(state, rules);
  return {
    queue: queue.map(({ spec, order: _order, ...request }, i) => {
      const mine = candidates(state, spec);
      const rivals = queue.slice(0, i).filter(
        // Two that want the same compete even while there is nothing to compete for.
        (other) => sameWish(other.spec, spec) || candidates(state, other.spec).some((name) => mine.includes(name)),
      );
      const position = rivals.length + 1;
      return { requestId: spec.requestId, ...request, position };
    }),
    leases: state.leases
      .map(({ spec, ...lease }) => ({ requestId: spec.requestId, ...lease }))
      .sort((a, b) => (a.requestId < b.requestId ? -1 : 1)),
    benches: state.benches
      .map(({ spec, origin, condition, retired, cleaning }) => {
        const heldFor = holderOf(state, spec.name)?.spec.requestId;
        return { spec, origin, condition, retired, cleaning, heldFor, claimedFor: state.claims.get(spec.name) };
      })
      .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
    offers: state.offers.map((offer) => offer.pool).sort(),
  };
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

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function sameWish(a: RequestSpec, b: RequestSpec): boolean {
  return same([a.requirements, a.affinity, a.allowMaintenance], [b.requirements, b.affinity, b.allowMaintenance]);
}
