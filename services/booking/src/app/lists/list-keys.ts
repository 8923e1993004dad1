import type { Booking } from '../../domain/index.js';
import { extentOf, isFirm, isWaiting, labOf } from '../../domain/index.js';
import type { BookingDocument } from '../../ports/collections.js';

/** What a list asks for; empty texts are not asked. */
export interface KeyParts {
  readonly cluster: string;
  readonly owner: string;
  readonly series: string;
  /** `lab/name`. */
  readonly bench: string;
}

/** The prefix of keys of bookings that are not over. */
const LIVE = 'live ';

/** The key that finds the fewest bookings of those that a list asks for; what else is asked is for the reader to check. */
export function keyOf({ cluster, owner, series, bench }: KeyParts, live: boolean): string {
  const prefix = live ? LIVE : '';
  if (series !== '') return `${prefix}series ${series}`;
  if (bench !== '') return `${prefix}bench ${bench}`;
  if (owner !== '') return `${prefix}owner ${owner}`;
  if (cluster !== '') return `${prefix}cluster ${cluster}`;
  return `${prefix}all`;
}

/** `lab/name` of each bench that a booking has. */
export function benchesOf({ spans }: Pick<Booking, 'spans'>): readonly string[] {
  const benches = spans.flatMap(({ cluster, amounts }) => {
    const lab = labOf(cluster);
    return lab === undefined ? [] : Object.keys(amounts).map((name) => `${lab}/${name}`);
  });
  return [...new Set(benches)];
}

/** The document of a booking as of an entry. */
export function documentOf(booking: Booking, root: string, sequence: number): BookingDocument {
  const isLive = isFirm(booking) || isWaiting(booking);
  const { startMs, endMs } = extentOf(booking);
  const document = { id: booking.id, root, sequence, startMs, endMs, booking };
  const keys = keysOf(booking);
  if (!isLive) return { keys, ...document };
  return { keys: [...keys, ...keys.map((key) => LIVE + key)], liveUntilMs: endMs, ...document };
}

/** The document of a booking that is over by now, although no entry said so. */
export function ended({ liveUntilMs: _, ...document }: BookingDocument): BookingDocument {
  const { keys: _1, ...rest } = document;
  return { keys: keysOf(document.booking), ...rest };
}

function keysOf(booking: Booking): readonly string[] {
  const { owner, series, spans } = booking;
  const clusters = new Set(spans.map(({ cluster }) => cluster));
  return [
    'all',
    `owner ${owner}`,
    ...[...clusters].map((cluster) => `cluster ${cluster}`),
    ...benchesOf(booking).map((bench) => `bench ${bench}`),
    ...(series === undefined ? [] : [`series ${series}`]),
  ];
}
