import type { Booking, Shortfall } from '../../domain/index.js';
import { conflictsOf, extentOf, isOver, stateAt } from '../../domain/index.js';
import { rootOf } from '../../domain/model/names.js';
import type { Interval } from '../../domain/time/interval.js';
import { overlap } from '../../domain/time/interval.js';
import { readInterval } from '../../domain/time/when.js';
import type { BookingFilter, ConflictFilter, FoundPage } from '../booking-app.js';
import type { BookingContext } from '../booking-context.js';
import type { PageInput, RangeInput } from '../inputs.js';
import { intervalOf } from '../resolve/resolve-times.js';
import type { RootReplica } from '../roots/root-replica.js';
import { benchesOf, keyOf } from './list-keys.js';

const DEFAULT_LAB = 'default';
const TIME_DIGITS = 16;

/**
 * Bookings by start, then id. What the ledgers have and the documents lack is written first, so whatever was acknowledged
 * is in the list. A page may have fewer than it could, although there are more.
 */
export async function listBookings(
  context: BookingContext,
  filter: BookingFilter,
  { limit, after }: PageInput,
): Promise<FoundPage<Booking>> {
  const { lists, listWriter, clock } = context;
  const { cluster, owner, seriesId, states, ids } = filter;
  const bench = filter.bench === '' || filter.bench.includes('/') ? filter.bench : `${DEFAULT_LAB}/${filter.bench}`;
  const interval = await rangeOf(context, filter.range, cluster);
  // Another page is of the documents as they are: what a replica writes now does not matter to it.
  if (after === undefined) {
    const replicas = await replicasOf(context, cluster);
    await Promise.all(replicas.map((replica) => listWriter.catchUp(replica)));
  }
  const nowMs = clock.now();
  const live = states.length === 0;
  const { documents, next } =
    ids.length > 0
      ? { documents: await lists.bookings.getMany(ids), next: undefined }
      : await lists.bookings.find({
          where: {
            keys: keyOf({ cluster, owner, series: seriesId, bench }, live),
            ...(interval && { startMs: { until: interval.endMs } }),
          },
          orderBy: { field: 'startMs' },
          limit,
          ...(after !== undefined && { after }),
        });
  const isAsked = (booking: Booking): boolean =>
    (live ? !isOver(booking, nowMs) : states.includes(stateAt(booking, nowMs))) &&
    (cluster === '' || booking.spans.some((span) => span.cluster === cluster)) &&
    (owner === '' || booking.owner === owner) &&
    (seriesId === '' || booking.series === seriesId) &&
    (bench === '' || benchesOf(booking).includes(bench)) &&
    (interval === undefined || overlap(extentOf(booking), interval));
  const found = documents.map(({ value }) => value.booking).filter(isAsked);
  if (ids.length > 0) found.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return { documents: found, next };
}

/** Bookings that wait or are degraded, by start, with what is in their way. */
export async function listConflicts(
  context: BookingContext,
  filter: ConflictFilter,
  { limit, after }: PageInput,
): Promise<FoundPage<{ readonly booking: Booking; readonly shortfall: Shortfall | undefined }>> {
  const { cluster, owner, range } = filter;
  const interval = await rangeOf(context, range, cluster);
  const replicas = await replicasOf(context, cluster);
  const nowMs = context.clock.now();
  const all = await Promise.all(replicas.map((replica) => replica.read((state) => conflictsOf(state, nowMs))));
  const isIn = (name: string): boolean => name === cluster || name.startsWith(`${cluster}/`);
  const left = all
    .flat()
    .filter(
      ({ booking }) =>
        (cluster === '' || booking.spans.some((span) => isIn(span.cluster))) &&
        (owner === '' || booking.owner === owner) &&
        (interval === undefined || overlap(extentOf(booking), interval)),
    )
    .map(({ booking, shortfall }) => ({ key: placeOf(booking), conflict: { booking, shortfall } }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = left.slice(0, limit);
  return {
    documents: page.map(({ conflict }) => conflict),
    next: left.length > limit ? page.at(-1)?.key : undefined,
  };
}

function placeOf(booking: Booking): string {
  return `${String(extentOf(booking).startMs).padStart(TIME_DIGITS, '0')} ${booking.id}`;
}

/** The roots that a list is of: that of the cluster, or all. */
async function replicasOf({ roots }: BookingContext, cluster: string): Promise<readonly RootReplica[]> {
  if (cluster !== '') return [await roots.of(cluster, 'cluster')];
  await roots.refresh();
  return roots.all;
}

/** The instants of a range; without a cluster dates are of UTC. */
async function rangeOf(
  context: BookingContext,
  range: RangeInput | undefined,
  cluster: string,
): Promise<Interval | undefined> {
  if (range === undefined) return undefined;
  if (cluster === '') return readInterval(context.calendar, range, range.zone === '' ? 'UTC' : range.zone, range.path);
  return intervalOf(context, await context.roots.of(rootOf(cluster), 'cluster'), cluster, range);
}
