import type {
  FindFitsRequest,
  GetAvailabilityRequest,
  SimulateRequest,
} from '@berth/proto/berth/booking/v1/availability';
import type { Booking } from '@berth/proto/berth/booking/v1/booking';
import { BookingState as StateMessage } from '@berth/proto/berth/booking/v1/booking';
import type {
  ListBookingsRequest,
  ListConflictsRequest,
  WatchRequest,
} from '@berth/proto/berth/booking/v1/booking_service';
import type { ListGrantsRequest, ListSizesRequest } from '@berth/proto/berth/booking/v1/capacity_service';
import type { Faults } from '@berth/server';
import { DAY_MS, lineFault, MAX_NAME, nameFault, parseDuration, parseTime } from '@berth/server';
import type { BookingFilter, ConflictFilter, SimulationInput, WatchInput } from '../app/booking-app.js';
import type { AvailabilityInput, BookingInput, GridInput, RangeInput } from '../app/inputs.js';
import type { BookingState } from '../domain/model/booking.js';
import { idFault } from './calls.js';
import { parseBooking } from './parse-booking.js';
import { parseGrant } from './parse-capacity.js';
import {
  checkCluster,
  checkNumber,
  clusterNameFault,
  parseCalendar,
  parseEnum,
  parseOptionalRange,
  parseRange,
} from './parse-values.js';

const MOST_TEMPLATES = 100;
const MOST_AMOUNTS = 1000;
const MOST_FITS = 100;
const MOST_SIMULATED = 10_000;
const MOST_OWNERS = 1000;
const MOST_IDS = 1000;
const TEMPLATE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,62})(?:@([1-9][0-9]{0,6}))?$/;
const DURATION_LIMITS = { minMs: 1, maxMs: 3 * 366 * DAY_MS };
const DEFAULT_CLUSTER = 'default';

const STATES: Readonly<Record<BookingState, StateMessage>> = {
  HELD: StateMessage.HELD,
  PENDING: StateMessage.PENDING,
  PROVISIONAL: StateMessage.PROVISIONAL,
  BOOKED: StateMessage.BOOKED,
  ACTIVE: StateMessage.ACTIVE,
  ENDED: StateMessage.ENDED,
  RELEASED: StateMessage.RELEASED,
  CANCELLED: StateMessage.CANCELLED,
  EXPIRED: StateMessage.EXPIRED,
  UNRESOLVED: StateMessage.UNRESOLVED,
};

/** What of a cluster's availability is asked for. `path` stands before the names of fields. */
export function parseAvailability(
  request: GetAvailabilityRequest,
  path: string,
  faults: Faults,
): AvailabilityInput | undefined {
  const { cluster, amounts, templates, levels } = request;
  checkCluster(cluster, `${path}cluster`, faults);
  const range = parseRange(request.range, `${path}range`, faults);
  const grid = parseCalendar(request.calendar, `${path}calendar`, faults);
  if (amounts.length > MOST_AMOUNTS)
    faults.add(`${path}amounts`, `has ${amounts.length} names; at most ${MOST_AMOUNTS}`);
  for (const [i, name] of amounts.slice(0, MOST_AMOUNTS).entries())
    faults.check(`${path}amounts[${i}]`, nameFault(name));
  if (templates.length > MOST_TEMPLATES)
    faults.add(`${path}templates`, `has ${templates.length} templates; at most ${MOST_TEMPLATES}`);
  const named = templates.slice(0, MOST_TEMPLATES).flatMap((text, i) => {
    const [, name, version = '0'] = TEMPLATE.exec(text) ?? [];
    if (name !== undefined) return [{ name, version: Number(version) }];
    faults.add(`${path}templates[${i}]`, `is "${text.slice(0, 80)}"; write a template's name, or name@version`);
    return [];
  });
  return range && { cluster: cluster || DEFAULT_CLUSTER, range, grid, amounts, templates: named, levels };
}

/** What should fit, how long, and in which window. Its span's own range is ignored. */
export function parseFindFits(
  { booking, duration, window, count }: FindFitsRequest,
  faults: Faults,
):
  | { readonly booking: BookingInput; readonly durationMs: number; readonly window: RangeInput; readonly count: number }
  | undefined {
  const range = parseRange(window, 'window', faults);
  if (duration === undefined) faults.add('duration', 'is required: how long it is to last');
  const durationMs = parseDuration(duration, 'duration', DURATION_LIMITS, faults);
  checkNumber(count, MOST_FITS, 'count', faults);
  const spans = booking?.spans ?? [];
  if (spans.length > 1) faults.add('booking.spans', `has ${spans.length} spans; exactly one is allowed here`);
  const asked: Booking | undefined = booking && {
    ...booking,
    spans: spans.map((span) => ({ ...span, range: window })),
  };
  const input = parseBooking(asked, 'booking', faults);
  return input && range && durationMs !== undefined
    ? { booking: input, durationMs, window: range, count: count || 1 }
    : undefined;
}

/** What should be as if it were there, and what is asked then. */
export function parseSimulation(request: SimulateRequest, faults: Faults): SimulationInput {
  const { grants, bookings, without, availability } = request;
  for (const [field, { length }] of Object.entries({ grants, bookings, without }))
    if (length > MOST_SIMULATED) faults.add(field, `has ${length} entries; at most ${MOST_SIMULATED} are allowed`);
  return {
    grants: grants.flatMap((grant, i) => parseGrant(grant, 'capacity', `grants[${i}]`, faults) ?? []),
    bookings: bookings.flatMap((booking, i) => parseBooking(booking, `bookings[${i}]`, faults) ?? []),
    without,
    availability: availability && parseAvailability(availability, 'availability.', faults),
  };
}

/** Which bookings to list. */
export function parseBookingFilter(request: ListBookingsRequest, faults: Faults): BookingFilter {
  const { cluster, owner, seriesId, bench, ids } = request;
  checkCluster(cluster, 'cluster', faults);
  faults.check('owner', lineFault(owner, MAX_NAME));
  faults.check('series_id', lineFault(seriesId, MAX_NAME));
  if (bench !== '') faults.check('bench', nameFault(bench));
  if (ids.length > MOST_IDS) faults.add('ids', `has ${ids.length} ids; at most ${MOST_IDS}`);
  for (const [i, id] of ids.slice(0, MOST_IDS).entries()) faults.require(`ids[${i}]`, id, idFault);
  return {
    cluster,
    owner,
    seriesId,
    bench,
    ids,
    states: request.states.flatMap((state, i) => parseEnum(state, STATES, `states[${i}]`, faults) ?? []),
    range: parseOptionalRange(request.range, 'range', faults),
  };
}

/** Which conflicts to list. */
export function parseConflictFilter(request: ListConflictsRequest, faults: Faults): ConflictFilter {
  const { cluster, owner } = request;
  checkCluster(cluster, 'cluster', faults);
  faults.check('owner', lineFault(owner, MAX_NAME));
  return { cluster, owner, range: parseOptionalRange(request.range, 'range', faults) };
}

/** What to watch. */
export function parseWatch(request: WatchRequest, faults: Faults): WatchInput {
  const { availability, noticesOf, fromRevision, fromTime } = request;
  if (noticesOf.length > MOST_OWNERS)
    faults.add('notices_of', `has ${noticesOf.length} owners; at most ${MOST_OWNERS}, or "*" for all`);
  for (const [i, owner] of noticesOf.slice(0, MOST_OWNERS).entries())
    faults.require(`notices_of[${i}]`, owner, (text) => lineFault(text, MAX_NAME));
  if (availability === undefined && noticesOf.length === 0)
    faults.add('availability', 'is missing, and no notices are asked for: there is nothing to watch');
  checkNumber(fromRevision, Number.MAX_SAFE_INTEGER, 'from_revision', faults);
  return {
    availability: availability && parseAvailability(availability, 'availability.', faults),
    noticesOf,
    fromRevision: fromRevision || undefined,
    fromMs: parseTime(fromTime, 'from_time', faults),
  };
}

/** Which grants to list. */
export function parseGrantFilter(
  request: ListGrantsRequest,
  faults: Faults,
): { readonly cluster: string; readonly range: RangeInput | undefined; readonly deleted: boolean } {
  checkCluster(request.cluster, 'cluster', faults);
  return {
    cluster: request.cluster,
    range: parseOptionalRange(request.range, 'range', faults),
    deleted: request.showDeleted,
  };
}

/** Which sizes to list: periods, or blocks when there is a grid. */
export function parseSizes(
  request: ListSizesRequest,
  faults: Faults,
): { readonly name: string; readonly range: RangeInput | undefined; readonly grid: GridInput | undefined } {
  const { cluster, calendar } = request;
  faults.require('cluster', cluster, clusterNameFault);
  if (calendar !== undefined && request.range === undefined) faults.add('range', 'is required with a calendar');
  return {
    name: cluster,
    range: parseOptionalRange(request.range, 'range', faults),
    grid: calendar && parseCalendar(calendar, 'calendar', faults),
  };
}
