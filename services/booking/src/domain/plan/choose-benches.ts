import { BerthError, didYouMean, invalidField } from '@berth/kernel';
import type { Booking, Span } from '../model/booking.js';
import { isFirm } from '../model/booking.js';
import type { SpanAsk } from '../model/commands.js';
import { FOREVER_MS, UNIT } from '../model/cluster.js';
import type { BenchCandidate } from '../model/booking.js';
import type { RootState } from '../state/root-state.js';
import type { Interval } from '../time/interval.js';
import { overlap } from '../time/interval.js';
import { amountsOf, knows } from './read-amounts.js';

/** Spans of the same booking: those that it has, and those that were read before. */
export interface Others {
  readonly own: readonly Span[];
  readonly earlier: readonly Span[];
}

type BenchAsk = NonNullable<SpanAsk['benches']>;
type Where = Interval & { readonly cluster: string };

/**
 * The benches of a span: by name, or the best of the candidates that are free over all of it; where too few are, the best of
 * the others too, so that it is seen what is in the way. What earlier spans
 * of the booking have is not free either.
 */
export function chooseBenches(
  state: RootState,
  ask: BenchAsk,
  where: Where,
  { own, earlier }: Others,
  path: string,
): Pick<Span, 'amounts' | 'wish'> {
  const has = (bench: string): boolean =>
    knows(state, where.cluster, bench) || benchesOf({ spans: own }).includes(bench);
  if ('names' in ask) {
    if (ask.names.length === 0) throw invalidField(`${path}.names`, 'is empty; name a bench, or say what it must be.');
    for (const [at, name] of ask.names.entries()) {
      if (!has(name)) throw noSuchBench(state, name, `${path}.names[${String(at)}]`, where.cluster);
    }
    return { amounts: one(ask.names) };
  }
  const { count, requirement } = ask;
  const candidates = ask.candidates.filter(({ bench }) => has(bench));
  if (candidates.length < count) {
    const description = `only ${String(candidates.length)} of ${String(count)} benches of '${where.cluster}' are like this`;
    throw new BerthError('NO_SUCH_BENCH', `${path}: ${description}; look at what there is: berth bench ls.`, {
      fields: [{ field: path, description }],
    });
  }
  return { amounts: one(best(state, candidates, count, where, earlier)), wish: { count, requirement, candidates } };
}

/** The spans with other benches where a wish leaves a choice, as they are free now. */
export function chooseAgain(state: RootState, spans: readonly Span[]): readonly Span[] {
  const chosen: Span[] = [];
  for (const span of spans) {
    const { wish } = span;
    if (wish?.candidates === undefined) chosen.push(span);
    else chosen.push({ ...span, amounts: one(best(state, wish.candidates, wish.count, span, chosen)) });
  }
  return chosen;
}

/** The best benches: free ones, then of the highest weight, then with the fewest bookings to come, then by name. */
function best(
  state: RootState,
  candidates: readonly BenchCandidate[],
  count: number,
  where: Where,
  earlier: readonly Span[],
): string[] {
  const { cluster, startMs, endMs } = where;
  const timeline = state.timeline(cluster);
  const booked = bookingsByBench(state, cluster);
  const own = new Set(earlier.flatMap((span) => (overlap(span, where) ? Object.keys(span.amounts) : [])));
  const ranked = candidates.map(({ bench, weight }) => ({
    bench,
    weight,
    free: !own.has(bench) && timeline.worst(bench, startMs, endMs) >= UNIT,
    booked: booked.get(bench) ?? 0,
  }));
  ranked.sort(
    (a, b) =>
      Number(b.free) - Number(a.free) || b.weight - a.weight || a.booked - b.booked || (a.bench < b.bench ? -1 : 1),
  );
  return ranked.slice(0, count).map(({ bench }) => bench);
}

/** How many firm bookings to come each bench of a lab has. */
function bookingsByBench(state: RootState, cluster: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of state.book(cluster).bookings.overlapping({ startMs: state.atMs, endMs: FOREVER_MS })) {
    const booking = state.bookings.get(id);
    if (booking === undefined || !isFirm(booking)) continue;
    for (const bench of benchesOf(booking)) counts.set(bench, (counts.get(bench) ?? 0) + 1);
  }
  return counts;
}

/** The names of the benches of a booking, each once. */
export function benchesOf({ spans }: Pick<Booking, 'spans'>): readonly string[] {
  return [...new Set(spans.flatMap(({ amounts }) => Object.keys(amounts)))];
}

function one(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 1]));
}

function noSuchBench(state: RootState, name: string, path: string, cluster: string): BerthError {
  const description = `'${cluster}' has no bench '${name}'${didYouMean(name, amountsOf(state, cluster))}`;
  return new BerthError('NO_SUCH_BENCH', `${path}: ${description}`, {
    fields: [{ field: path, description }],
    resource: { type: 'berth.dev/Bench', name },
  });
}
