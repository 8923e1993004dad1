import type {
  BenchSelection,
  Booking as BookingMessage,
  Shortfall as ShortfallMessage,
  Span as SpanMessage,
} from '@berth/proto/berth/booking/v1/booking';
import { BookingState, WhenFull } from '@berth/proto/berth/booking/v1/booking';
import { Requirement } from '@berth/proto/berth/lease/v1/bench';
import { dateOf, durationOf } from '@berth/server';
import type { Booking, Shortfall, Span } from '../domain/model/booking.js';
import { extentOf, isOver, stateAt } from '../domain/model/booking.js';
import { labOf, rootOf } from '../domain/model/names.js';
import { etagOf } from '../domain/plan/refusals.js';
import { actorNamed, amountsOf, intervalOf, rangeOf } from './values-to-proto.js';

type Amounts = Readonly<Record<string, number>>;

/** A booking as it stands at an instant; `taken` is what its spans take, in their order. */
export function bookingOf(booking: Booking, taken: readonly Amounts[], nowMs: number): BookingMessage {
  const extent = extentOf(booking);
  const { state, spans, shortfall, holdUntilMs, freedMs, version } = booking;
  return {
    id: booking.id,
    spans: spans.map((span, i) => spanOf(span, taken[i] ?? span.amounts)),
    root: rootOf(spans[0]?.cluster ?? ''),
    interval: intervalOf(extent),
    owner: booking.owner,
    description: booking.description,
    labels: { ...booking.labels },
    priority: booking.priority,
    whenFull: booking.whenFull === 'WAIT' ? WhenFull.WAIT : WhenFull.UNSPECIFIED,
    resolveBy: dateOf(booking.resolveByMs),
    releaseAfter: durationOf(booking.releaseAfterMs),
    notifyBeforeStart: durationOf(booking.notifyBeforeStartMs),
    notifyBeforeEnd: durationOf(booking.notifyBeforeEndMs),
    state: BookingState[stateAt(booking, nowMs)],
    degraded: booking.degraded,
    reason: booking.reason,
    shortfall: shortfall && shortfallOf(shortfall),
    holdExpireTime: state === 'HELD' ? dateOf(holdUntilMs) : undefined,
    madeForCluster: booking.child ?? '',
    seriesId: booking.series ?? '',
    occurrence: booking.occurrence ?? 0,
    useTime: dateOf(booking.usedMs),
    actor: actorNamed(booking.actor),
    createTime: new Date(booking.createdMs),
    updateTime: new Date(booking.updatedMs),
    endTime: isOver(booking, nowMs) ? new Date(freedMs ?? extent.endMs) : undefined,
    version,
    etag: etagOf({ version }),
  };
}

function spanOf(span: Span, taken: Amounts): SpanMessage {
  const { cluster, amounts, share = 0, template } = span;
  const benches = benchesOf(span);
  const byAmounts = share === 0 && template === undefined && benches === undefined;
  return {
    cluster,
    range: rangeOf(span),
    interval: intervalOf(span),
    amounts: byAmounts ? amountsOf(amounts) : {},
    share,
    template: template?.name ?? '',
    templateVersion: template?.version ?? 0,
    templateCount: template?.count ?? 0,
    benches,
    taken: amountsOf(taken),
  };
}

/** The benches of a span as they were asked for, and those that it has; undefined when it has none. */
function benchesOf({ cluster, amounts, wish }: Span): BenchSelection | undefined {
  const lab = labOf(cluster);
  if (lab === undefined) return undefined;
  const assigned = Object.keys(amounts).sort();
  const requirements = wish === undefined ? [] : [Requirement.fromPartial(wish.requirement as object)];
  return { lab, names: wish === undefined ? assigned : [], requirements, assigned };
}

/** Why something does not fit. */
export function shortfallOf(shortfall: Shortfall): ShortfallMessage {
  return {
    cluster: shortfall.cluster,
    interval: intervalOf(shortfall),
    amount: shortfall.amount,
    shortfall: shortfall.shortfall,
    blockers: [...shortfall.blockers],
    nextStart: dateOf(shortfall.nextStartMs),
    fitsNow: amountsOf(shortfall.fitsNow ?? {}),
  };
}
