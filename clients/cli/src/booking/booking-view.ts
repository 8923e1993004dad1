import {
  type Booking,
  type BookingSpan,
  BookingState,
  type Conflict,
  durationToMs,
  type Interval,
  type Shortfall,
} from '@berth/client';
import { clockText, type Column, enumWords, spanText, untilText } from '@berth/views';
import { amountsText } from './amount-options.js';
import { shareText } from './share.js';

/** The state of a booking in words: `booked, degraded`. */
export function bookingStateText({ state, degraded }: Booking): string {
  return degraded ? `${enumWords(BookingState, state)}, degraded` : enumWords(BookingState, state);
}

/** What a span takes: `8 cores`, `20 % (2 cores)`, `3 × small@1`, `resource1`. */
function spanWhat({ share, template, templateVersion, templateCount, benches, taken }: BookingSpan): string {
  if (benches !== undefined) return benches.assigned.join(', ') || 'benches';
  const amounts = amountsText(taken);
  if (share !== 0) return `${shareText(share)}${amounts === '' ? '' : ` (${amounts})`}`;
  if (template !== '') return `${String(templateCount)} × ${template}@${String(templateVersion)}`;
  return amounts;
}

/** What a booking takes, span by span, each thing once. */
export function bookingWhat({ spans }: Booking): string {
  return [...new Set(spans.map(spanWhat))].join('; ');
}

function clustersOf({ spans }: Booking): string {
  return [...new Set(spans.map(({ cluster }) => cluster))].join(', ');
}

/** An interval for people: `2020-01-01 00:00 – 2020-01-12 00:00`. */
export function intervalText(interval: Interval | undefined, now: Date): string {
  const [from, until] = [interval?.startTime, interval?.endTime].map((at) =>
    at === undefined ? '' : clockText(at, now),
  );
  return until === '' ? `${from ?? ''} –` : `${from ?? ''} – ${until ?? ''}`;
}

/** Why something does not fit, for people; empty when nothing is in its way. */
export function shortfallText(shortfall: Shortfall | undefined, now: Date): string {
  if (shortfall === undefined) return '';
  const { cluster, interval, amount, shortfall: lacks, blockers, nextStart } = shortfall;
  const what = amount === '%' ? shareText(lacks) : `${String(lacks)} ${amount}`;
  return [
    `${what} too little on ${cluster}, ${intervalText(interval, now)}`,
    ...(blockers.length > 0 ? [`booked by ${blockers.join(', ')}`] : []),
    ...(nextStart ? [`fits from ${clockText(nextStart, now)}`] : []),
  ].join('; ');
}

/** The columns of a list of bookings. */
export function bookingColumns(now: Date): readonly Column<Booking>[] {
  return [
    { title: 'BOOKING', text: ({ id }) => id },
    { title: 'STATE', text: bookingStateText },
    { title: 'OWNER', text: ({ owner }) => owner },
    { title: 'CLUSTER', text: clustersOf },
    { title: 'WHAT', text: bookingWhat },
    { title: 'WHEN', text: ({ interval }) => intervalText(interval, now) },
    { title: 'FOR', text: ({ description, madeForCluster }) => description || madeForCluster },
  ];
}

/** A booking as facts for people. */
export function bookingFacts(booking: Booking, now: Date): readonly (readonly [string, string])[] {
  const { spans, interval, holdExpireTime, useTime, seriesId, occurrence, releaseAfter, actor } = booking;
  return [
    ['booking', booking.id],
    ['state', [bookingStateText(booking), booking.reason].filter((text) => text !== '').join(': ')],
    ['owner', booking.owner],
    ['for', booking.description],
    ['when', intervalText(interval, now)],
    [
      'takes',
      spans.map((span) => `${spanWhat(span)} of ${span.cluster}, ${intervalText(span.interval, now)}`).join('\n'),
    ],
    ['lacks', shortfallText(booking.shortfall, now)],
    ['held', holdExpireTime ? untilText(holdExpireTime, now) : ''],
    ['made for', booking.madeForCluster],
    ['series', seriesId === '' ? '' : `${seriesId}, number ${String(occurrence)}`],
    [
      'released',
      releaseAfter && durationToMs(releaseAfter) > 0
        ? `${spanText(durationToMs(releaseAfter))} after its start if nobody uses it`
        : '',
    ],
    ['used', useTime ? clockText(useTime, now) : ''],
    ['priority', booking.priority === undefined ? '' : String(booking.priority)],
    ['made', booking.createTime ? `${clockText(booking.createTime, now)} by ${actor?.name ?? ''}` : ''],
  ];
}

function spanView({ cluster, interval, share, template, templateVersion, templateCount, benches, taken }: BookingSpan) {
  return {
    cluster,
    start: interval?.startTime,
    end: interval?.endTime,
    amounts: taken,
    share: share === 0 ? undefined : share / 10_000,
    template: template === '' ? undefined : { name: template, version: templateVersion, count: templateCount },
    benches: benches?.assigned,
  };
}

function shortfallView(shortfall: Shortfall) {
  const { interval, ...rest } = shortfall;
  return { ...rest, start: interval?.startTime, end: interval?.endTime };
}

/** A booking as `-o json` and `-o yaml` show it. */
export function bookingView(booking: Booking) {
  const { id, spans, interval, owner, description, labels, priority, state, degraded, reason, shortfall } = booking;
  return {
    id,
    state: enumWords(BookingState, state),
    degraded: degraded || undefined,
    reason: reason || undefined,
    owner,
    description: description || undefined,
    labels,
    priority,
    start: interval?.startTime,
    end: interval?.endTime,
    spans: spans.map(spanView),
    shortfall: shortfall && shortfallView(shortfall),
    holdExpireTime: booking.holdExpireTime,
    cluster: booking.madeForCluster || undefined,
    series: booking.seriesId || undefined,
    occurrence: booking.occurrence || undefined,
    useTime: booking.useTime,
    createTime: booking.createTime,
    updateTime: booking.updateTime,
    endTime: booking.endTime,
    etag: booking.etag,
  };
}

/** The columns of a list of conflicts. */
export function conflictColumns(now: Date): readonly Column<Conflict>[] {
  const of = (text: (booking: Booking) => string) => (conflict: Conflict) =>
    conflict.booking ? text(conflict.booking) : '';
  return [
    ...bookingColumns(now)
      .filter(({ title }) => title !== 'FOR')
      .map(({ title, text }) => ({ title, text: of(text) })),
    { title: 'LACKS', text: ({ booking, shortfall }) => shortfallText(shortfall, now) || (booking?.reason ?? '') },
  ];
}

/** A conflict as `-o json` and `-o yaml` show it. */
export function conflictView({ booking, shortfall }: Conflict) {
  return { booking: booking && bookingView(booking), shortfall: shortfall && shortfallView(shortfall) };
}
