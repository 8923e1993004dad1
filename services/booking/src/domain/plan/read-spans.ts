import { BerthError, invalidField } from '@berth/kernel';
import type { By } from '@berth/kernel';
import type { Span } from '../model/booking.js';
import { extentOf } from '../model/booking.js';
import type { BookingLimits, SpanAsk } from '../model/commands.js';
import type { Cluster } from '../model/cluster.js';
import { UNIT } from '../model/cluster.js';
import { mapAmounts } from '../state/pieces.js';
import { labOf } from '../model/names.js';
import type { RootState } from '../state/root-state.js';
import type { Amounts } from '../timeline/rows.js';
import type { Others } from './choose-benches.js';
import { chooseBenches } from './choose-benches.js';
import { readSomeAmounts, requireKnown } from './read-amounts.js';
import { noSuchCluster, refusedField } from './refusals.js';

/** How long ago a start may lie that a caller meant to be now. */
export const START_GRACE_MS = 60_000;

/** Of how many spans a booking may be. */
const MOST_SPANS = 100;

/** For whom spans are read. */
export interface SpansFor {
  readonly by: By;
  /** The booking's id: it may use the cluster that was made for it. */
  readonly booking: string;
  /** The cluster of spans that name none. */
  readonly newCluster?: string | undefined;
  /** The spans that it has: their starts may lie in the past, and their amounts are known. */
  readonly own?: readonly Span[];
}

/** The spans of a booking. Throws what is wrong with them, by the path of the field. */
export function readSpans(
  state: RootState,
  asks: readonly SpanAsk[],
  nowMs: number,
  context: SpansFor,
): readonly Span[] {
  const path = 'booking.spans';
  if (asks.length === 0) throw invalidField(path, 'is empty; a booking has at least one span.');
  if (asks.length > MOST_SPANS)
    throw invalidField(path, `has ${String(asks.length)}; a booking has at most ${String(MOST_SPANS)}.`);
  const spans: Span[] = [];
  for (const [at, ask] of asks.entries())
    spans.push(readSpan(state, ask, nowMs, { ...context, earlier: spans }, `${path}[${String(at)}]`));
  return spans;
}

interface Reading extends SpansFor {
  /** The spans before it. */
  readonly earlier: readonly Span[];
}

function readSpan(state: RootState, ask: SpanAsk, nowMs: number, context: Reading, path: string): Span {
  const { startMs, endMs } = ask;
  requireRange(startMs, endMs, `${path}.range`);
  const own = context.own ?? [];
  if (!own.some((span) => span.startMs === startMs))
    requireStart(state, startMs, nowMs, context.by, `${path}.range.start`);
  const name = ask.cluster ?? context.newCluster ?? state.root;
  const cluster = openCluster(state, name, `${path}.cluster`);
  if (cluster.exclusiveBooking !== undefined && cluster.exclusiveBooking !== context.booking) {
    const only = `cluster '${name}' was made for booking '${cluster.exclusiveBooking}' only`;
    throw refusedField('CLUSTER_EXCLUSIVE', `${path}.cluster`, only);
  }
  const what = readWhat(state, ask, name, { own, earlier: context.earlier }, path);
  return { cluster: name, startMs, endMs, ...what };
}

type What = Pick<Span, 'amounts' | 'share' | 'template' | 'wish'>;

function readWhat(state: RootState, ask: SpanAsk, cluster: string, others: Others, path: string): What {
  const given = [ask.amounts, ask.share, ask.template, ask.benches].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw invalidField(path, 'says not exactly one of amounts, share, template and benches; give one of them.');
  }
  if ((ask.benches === undefined) !== (labOf(cluster) === undefined)) {
    const one =
      ask.benches === undefined ? `'${cluster}' stands for a lab: book benches there` : 'benches are booked of a lab';
    throw invalidField(`${path}.benches`, `${one}.`);
  }
  if (ask.benches !== undefined) {
    const { startMs, endMs } = ask;
    return chooseBenches(state, ask.benches, { cluster, startMs, endMs }, others, `${path}.benches`);
  }
  if (ask.share !== undefined) return { amounts: {}, share: readShare(ask.share, `${path}.share`) };
  if (ask.template !== undefined) return readTemplate(state, ask.template, cluster, others.own, path);
  const amounts = readSomeAmounts(ask.amounts ?? {}, `${path}.amounts`);
  requireKnown(state, cluster, amounts, `${path}.amounts`, others.own);
  return { amounts };
}

function readShare(share: number, path: string): number {
  if (Number.isInteger(share) && share >= 1 && share <= UNIT) return share;
  throw invalidField(path, `is ${String(share / 100)} %; it must be from 0.01 % to 100 %, and no finer than 0.01 %.`);
}

function readTemplate(
  state: RootState,
  template: NonNullable<SpanAsk['template']>,
  cluster: string,
  own: readonly Span[],
  path: string,
): What {
  const { name, version, count, amounts: one } = template;
  if (!Number.isSafeInteger(count) || count < 1) throw invalidField(`${path}.template_count`, 'is below 1.');
  const amounts: Amounts = readSomeAmounts(
    mapAmounts(one, (amount) => amount * count),
    `${path}.template`,
  );
  requireKnown(state, cluster, amounts, `${path}.template`, own);
  return { amounts, template: { name, version, count } };
}

/** Throws INVALID_RANGE unless the end is after the start. */
export function requireRange(startMs: number, endMs: number, path: string): void {
  if (Number.isFinite(startMs) && Number.isFinite(endMs) && startMs < endMs) return;
  throw refusedField('INVALID_RANGE', path, 'its end is not after its start');
}

/** Throws START_IN_PAST for a start that is over, or for operators one that lies before all that is kept. */
export function requireStart(state: RootState, startMs: number, nowMs: number, by: By, path: string): void {
  if (startMs >= nowMs - START_GRACE_MS) return;
  if (by.operator && startMs >= state.keptFromMs) return;
  const why = by.operator ? 'lies before all that is kept' : 'lies in the past: only operators may book there';
  throw refusedField('START_IN_PAST', path, why);
}

/** A cluster that was not deleted. Throws NO_SUCH_CLUSTER. */
export function openCluster(state: RootState, name: string, path?: string): Cluster {
  const cluster = state.clusters.get(name);
  if (cluster === undefined || cluster.deletedMs !== undefined) throw noSuchCluster(name, path);
  return cluster;
}

/** Throws BOOKING_LIMIT when spans go beyond what a role may book. */
export function requireWithin(spans: readonly Span[], nowMs: number, limits: BookingLimits = {}): void {
  const { longestMs, farthestMs } = limits;
  const { startMs, endMs } = extentOf({ spans });
  if (longestMs !== undefined && endMs - startMs > longestMs)
    throw overLimit('longest', longestMs, 'lasts longer than');
  if (farthestMs !== undefined && endMs - nowMs > farthestMs)
    throw overLimit('farthest', farthestMs, 'ends later than');
}

function overLimit(limit: string, limitMs: number, does: string): BerthError {
  const span = `${String(Math.floor(limitMs / 3_600_000))} h`;
  const from = limit === 'farthest' ? ' from now' : '';
  return new BerthError('BOOKING_LIMIT', `the booking ${does} ${span}${from}, which is your limit; ask an operator.`, {
    quota: [{ subject: limit, description: `at most ${span}${from}` }],
    metadata: { limit, limit_ms: String(limitMs) },
  });
}
