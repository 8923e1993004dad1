import type { By } from '@berth/kernel';
import { BerthError, invalidField } from '@berth/kernel';
import { allowanceOf } from '../allowance.js';
import { benchBooked, benchHeld } from '../booked-errors.js';
import { clearMsFor, isoOf, ownersText } from '../booked-time.js';
import { canonical } from '../canonical.js';
import type { Draft } from '../draft.js';
import { endLease } from '../end-lease.js';
import type { Bench, Lease, Reservation } from '../entities.js';
import type { RequestSpec, ReservationSpec } from '../model.js';
import { clearBenches, dropReservation, leasesOf, waitersOf } from '../settle.js';
import type { LabState } from '../state.js';
import { beingRemoved, benchNamed } from './inventory.js';

/** For how long the deletion of a reservation is remembered that was not there, unless its end is told. */
const REMEMBERED_MS = 86_400_000;

/** What became of a call about a reservation; `reservation` as it is now, if it is there. */
export interface Reserved {
  readonly done: boolean;
  readonly reservation: Reservation | undefined;
}

/**
 * Reserves benches for a booking, or moves its reservation; `done` when it is as asked then. What has a version that is known
 * already, or is lower, changes nothing. Throws INVALID_FIELD, NO_SUCH_BENCH, BENCH_UNAVAILABLE, BENCH_BOOKED and BENCH_HELD.
 */
export function planPutReservation(draft: Draft, wanted: ReservationSpec, force: boolean, by: By): Reserved {
  // What is due comes first, and is granted also when this changes nothing.
  draft.schedule();
  const { state, now } = draft;
  const { id, version, benches, endMs } = wanted;
  const known = state.reservations.get(id);
  if (known !== undefined && known.version >= version) return { done: isAsAsked(known, wanted), reservation: known };
  if (known === undefined && goneVersion(draft, id) >= version) return { done: false, reservation: undefined };
  if (endMs <= now) throw invalidField('reservation.end_time', `is ${isoOf(endMs)}, which is over; give a later end`);
  const leadsMs: Record<string, number> = {};
  for (const name of benches) {
    const bench = state.benches.get(name);
    if (!force) assertThere(state, name);
    assertUnbooked(state, name, wanted);
    const leadMs = bench === undefined ? 0 : leadMsOf(state, bench);
    if (leadMs > 0) leadsMs[name] = leadMs;
    if (bench !== undefined && !force) assertInTime(draft, bench, wanted, wanted.startMs - leadMs);
  }
  leaveOutside(draft, wanted, force, by);
  const leads = Object.keys(leadsMs).length > 0 ? { leadsMs } : {};
  draft.emit({ type: 'ReservationPut', ...wanted, ...leads, actor: by.actor, atMs: now });
  const reservation = state.reservations.get(id);
  // One that has begun may have got another bench, by force.
  if (reservation?.started === true) clearBenches(draft, reservation);
  draft.schedule();
  return { done: true, reservation };
}

/** How a reservation is deleted. */
export interface Deletion {
  readonly id: string;
  readonly version: number;
  /** Only when no lease was granted that spends it. */
  readonly ifUnused: boolean;
  /** Until when the deletion of one that is not known is remembered. */
  readonly endMs?: number;
}

/** Takes a reservation away; `done` when there is none then, so that what has no higher version never comes back. */
export function planDeleteReservation(draft: Draft, { id, version, ifUnused, endMs }: Deletion, by: By): Reserved {
  // What is due comes first, and is granted also when this changes nothing.
  draft.schedule();
  const { state, now } = draft;
  const { actor } = by;
  const known = state.reservations.get(id);
  if (known !== undefined && (known.version > version || (ifUnused && known.used))) {
    return { done: false, reservation: known };
  }
  if (known !== undefined) dropReservation(draft, known, { reason: 'DELETED', actor, version });
  else if (goneVersion(draft, id) < version) {
    const untilMs = Math.max(endMs ?? now + REMEMBERED_MS, state.reservations.gone(id)?.untilMs ?? 0);
    draft.emit({ type: 'ReservationGone', id, reason: 'DELETED', version, untilMs, actor, atMs: now });
  }
  draft.schedule();
  return { done: true, reservation: undefined };
}

/** Throws NO_SUCH_BOOKING and PERMISSION_DENIED when a request may not spend the booking that it names. */
export function assertMaySpend({ state, now }: Draft, spec: RequestSpec): void {
  const { booking = '' } = spec;
  const reservation = state.reservations.get(booking);
  const resource = { type: 'berth.dev/Booking', name: booking };
  if (reservation === undefined || reservation.endMs <= now) {
    throw new BerthError(
      'NO_SUCH_BOOKING',
      `the lab has no benches booked as '${booking}': it is over, was cancelled, or never was. List what is: berth book ls.`,
      { resource },
    );
  }
  if (maySpend(reservation, spec)) return;
  const owner = ownersText(reservation);
  throw new BerthError(
    'PERMISSION_DENIED',
    `${spec.owner} may not spend booking '${booking}' of ${owner}: bookings are for their owners. Ask ${owner}, or an operator.`,
    { metadata: { owner, caller: spec.owner }, resource: { ...resource, owner } },
  );
}

/** The version of a reservation that was deleted and may still be put late; 0 = there is none. */
function goneVersion({ state, now }: Draft, id: string): number {
  const gone = state.reservations.gone(id);
  return gone !== undefined && gone.untilMs > now ? gone.version : 0;
}

function maySpend({ owners }: Pick<ReservationSpec, 'owners'>, { owner, asOperator }: RequestSpec): boolean {
  return asOperator === true || owners.includes(owner);
}

function isAsAsked({ benches, owners, startMs, endMs }: Reservation, wanted: ReservationSpec): boolean {
  const asked = [wanted.benches, wanted.owners, wanted.startMs, wanted.endMs];
  return canonical([benches, owners, startMs, endMs]) === canonical(asked);
}

/** How long what is on a bench must end before a reservation, so that the bench can be cleaned. */
function leadMsOf({ offers }: LabState, { spec, origin }: Bench): number {
  if (spec.recycle !== 'CLEAN' || !origin.startsWith('pool/')) return 0;
  return offers.get(origin.slice('pool/'.length))?.makeTimeMs ?? 0;
}

function assertThere(state: LabState, name: string): void {
  const bench = benchNamed(state, name);
  if (bench.retired) throw beingRemoved(bench);
}

/** Two reservations of one bench never overlap (rule 14). */
function assertUnbooked({ reservations }: LabState, name: string, { id, startMs, endMs }: ReservationSpec): void {
  const other = reservations
    .calendarOf(name)
    .find((one) => one.id !== id && one.startMs < endMs && startMs < one.endMs);
  if (other === undefined) return;
  throw benchBooked(name, other, `booking '${id}' can not have it in that time. Take another time, or another bench.`);
}

/** Leases keep what they were promised, and who waits is not passed without notice (rule 14). */
function assertInTime({ state, now }: Draft, bench: Bench, { id }: ReservationSpec, clearMs: number): void {
  const isSoon = clearMs - now < state.rules.bookingNoticeMs;
  const before = bench.calendar.find((one) => one.id === id);
  if (before !== undefined && clearMs >= clearMsFor(before, bench.spec.name)) return;
  const { lease } = bench;
  // One that ends before changes nothing for it.
  if (lease !== undefined && lease.spec.booking !== id && clearMs < (lease.endMs ?? Infinity)) {
    if (lease.ownEndMs === undefined ? isSoon : lease.ownEndMs > clearMs) throw heldUntil(bench, lease, id);
  }
  if (isSoon) assertUnwanted(state, bench, id);
}

function heldUntil({ spec: { name } }: Bench, { owner, ownEndMs }: Lease, id: string): BerthError {
  const promised =
    ownEndMs === undefined ? 'has no end, and must be warned in time' : `was promised until ${isoOf(ownEndMs)}`;
  const description = `it is held by ${owner}, whose lease ${promised}`;
  return benchHeld({ bench: name, owner, untilMs: ownEndMs, description, next: LATER }, id);
}

function assertUnwanted(state: LabState, { demands, spec: { name } }: Bench, id: string): void {
  const allowance = allowanceOf(state);
  const waiting = [...demands]
    .filter(({ booking }) => booking === '')
    .flatMap(({ queue, aside }) => [...queue, ...aside])
    .filter((request) => allowance?.shortOf(request) === undefined);
  const [first] = waiting;
  if (first === undefined) return;
  const { owner } = first.spec;
  const description = `${String(waiting.length)} request(s) wait for it, one by ${owner}, and the booking would begin too soon`;
  throw benchHeld({ bench: name, owner, untilMs: undefined, description, next: LATER }, id);
}

const LATER = 'Begin later, take another bench, or ask an operator to force it.';

/** What the booking has of what it shall not have any more: leases outside of it, and waiters who are no owners now. */
function leaveOutside(draft: Draft, wanted: ReservationSpec, force: boolean, by: By): void {
  const { id, benches, startMs } = wanted;
  const { actor } = by;
  for (const lease of leasesOf(draft, id)) {
    const outside = lease.benches.find(({ spec }) => startMs > draft.now || !benches.includes(spec.name));
    if (outside === undefined) continue;
    const { name } = outside.spec;
    const description = `${lease.owner} holds it for this booking`;
    const next = 'Release it first, or ask an operator to force it.';
    if (!force) throw benchHeld({ bench: name, owner: lease.owner, untilMs: lease.endMs, description, next }, id);
    endLease(draft, lease, 'BOOKING_OVER', actor, `booking '${id}' was moved by ${actor.name}`);
  }
  for (const { spec } of waitersOf(draft, id)) {
    if (maySpend(wanted, spec)) continue;
    const message = `booking '${id}' is not of ${spec.owner} any more`;
    const { requestId } = spec;
    draft.emit({ type: 'RequestGone', requestId, reason: 'BOOKING_OVER', actor, message, atMs: draft.now });
  }
}
