import { orderedId } from '@berth/kernel';
import type { Booking, Shortfall } from '../../domain/model/booking.js';
import type { CancelBooking, CreateSeries } from '../../domain/model/commands.js';
import { expandSeries } from '../../domain/series/expand-series.js';
import { readSeries } from '../../domain/series/read-series.js';
import type { BookingContext } from '../booking-context.js';
import type { BookingInput, Call, RecurrenceInput } from '../inputs.js';
import { throwRefusal } from '../labs/lab-steps.js';
import { resolveSpans, rootOfSpans } from '../resolve/resolve-spans.js';
import { zoneOf } from '../resolve/resolve-times.js';
import type { RootReplica } from '../roots/root-replica.js';
import { limitsOf, wishesOf } from './booking-wishes.js';
import { carryOut } from './carry-out.js';

const PATH = 'recurrence';

export interface CreateSeriesInput {
  readonly booking: BookingInput;
  readonly recurrence: RecurrenceInput;
  readonly bestEffort: boolean;
  readonly force: boolean;
}

export interface CreatedSeries {
  readonly seriesId: string;
  readonly bookings: readonly Booking[];
  readonly conflicts: readonly Shortfall[];
}

/** Books by a rule: all of it, or with `bestEffort` what fits. */
export async function createSeries(
  context: BookingContext,
  { booking, recurrence, bestEffort, force }: CreateSeriesInput,
  call: Call,
): Promise<CreatedSeries> {
  const replica = await rootOfSpans(context, booking.spans);
  const make = async (): Promise<CreateSeries> => {
    const { settings, clock, calendar } = context;
    const { by, key } = call;
    const { asks, ofBenches } = await resolveSpans(context, replica, booking.spans);
    const [span] = booking.spans;
    const [ask] = asks;
    if (span === undefined || ask === undefined) throw new Error('a series has a span');
    const zone = await zoneOf(context, replica, ask.cluster ?? replica.root, span.range.zone, span.range.path);
    const { start, end, path } = span.range;
    const series = readSeries(calendar, { start, end, zone, path }, recurrence, PATH);
    const nowMs = clock.now();
    const occurrences = expandSeries(calendar, series, PATH).map(({ startMs, endMs }) => ({
      id: orderedId('bk', nowMs),
      spans: asks.map(({ startMs: _1, endMs: _2, ...what }) => ({ startMs, endMs, ...what })),
    }));
    return {
      kind: 'createSeries',
      id: orderedId('sr', nowMs),
      wishes: wishesOf(booking, by, ofBenches, settings),
      rule: { zone, ...recurrence },
      occurrences,
      bestEffort,
      by,
      key,
      ...limitsOf(call, settings),
      ...(force && { force }),
    };
  };
  const { done, bookings } = await carryOut(context, replica, make, call, () => undefined);
  if (!bestEffort) await allOrNone(context, replica, bookings, call);
  return {
    seriesId: done.id,
    bookings: bookings.filter((made) => made.refusal === undefined),
    conflicts: done.conflicts ?? [],
  };
}

/**
 * The ledger has all of a series; a lab may have refused the benches of one. Then the others are given back, and the call is
 * refused as the lab refused. When this process dies in between, a repeat of the call goes on here.
 */
async function allOrNone(
  context: BookingContext,
  replica: RootReplica,
  bookings: readonly Booking[],
  { by }: Call,
): Promise<void> {
  const refused = bookings.find(({ lab, refusal }) => lab === undefined && refusal !== undefined);
  if (refused === undefined) return;
  const why = `the lab refused '${refused.id}' of the same series`;
  for (const { id, state } of bookings) {
    if (state !== 'BOOKED' && state !== 'PENDING') continue;
    const key = { id: '', fingerprint: '' };
    const cancel: CancelBooking = { kind: 'cancelBooking', id, scope: 'ONE', why, by, key };
    await carryOut(
      context,
      replica,
      () => cancel,
      { key },
      () => undefined,
    );
  }
  throwRefusal(refused);
}
