import type { Actor } from '@berth/kernel';
import { SYSTEM } from '@berth/kernel';
import { endInTime, endLease } from './end-lease.js';
import type { Lease, Reservation, Waiting } from './entities.js';
import type { Plan } from './plan.js';

/** Does what the starts and ends of reservations demand by now, in their order. The caller schedules afterwards. */
export function settle(plan: Plan): void {
  const { reservations } = plan.state;
  for (let next = reservations.next; next !== undefined && next.score <= plan.now; next = reservations.next) {
    if (next.started) dropReservation(plan, next, { reason: 'OVER', actor: SYSTEM, version: next.version });
    else start(plan, next);
  }
}

/** What was there ends; from now on its benches are open to nobody else. */
function start(plan: Plan, reservation: Reservation): void {
  clearBenches(plan, reservation);
  plan.emit({ type: 'ReservationStarted', id: reservation.id, atMs: plan.now });
}

/** Ends the leases of others on the benches of a reservation whose time has come. The caller schedules afterwards. */
export function clearBenches(plan: Plan, { id, benches }: Reservation): void {
  for (const name of benches) {
    const lease = plan.state.benches.get(name)?.lease;
    if (lease !== undefined && lease.spec.booking !== id) endInTime(plan, lease);
  }
}

/** How a reservation goes. */
export interface Drop {
  readonly reason: 'OVER' | 'DELETED';
  readonly actor: Actor;
  readonly version: number;
}

/** Takes a reservation away, and with it its leases and the requests that wait to spend it. The caller schedules. */
export function dropReservation(plan: Plan, { id, latestMs }: Reservation, { reason, actor, version }: Drop): void {
  const { now: atMs } = plan;
  const message = reason === 'OVER' ? `booking '${id}' is over` : `booking '${id}' was cancelled by ${actor.name}`;
  for (const { spec } of waitersOf(plan, id)) {
    const { requestId } = spec;
    plan.emit({ type: 'RequestGone', requestId, reason: 'BOOKING_OVER', actor, message, atMs });
  }
  for (const lease of leasesOf(plan, id)) endLease(plan, lease, 'BOOKING_OVER', actor, message);
  plan.emit({ type: 'ReservationGone', id, reason, version, untilMs: latestMs, actor, atMs });
}

/** The requests that wait to spend a booking. */
export function waitersOf({ state }: Pick<Plan, 'state'>, booking: string): readonly Waiting[] {
  return [...state.demands.spending(booking)].flatMap(({ queue, aside }) => [...queue, ...aside]);
}

/** The leases that spend a booking: all are on its benches. */
export function leasesOf({ state }: Pick<Plan, 'state'>, booking: string): readonly Lease[] {
  const benches = state.reservations.get(booking)?.benches ?? [];
  const leases = benches.flatMap((name) => state.benches.get(name)?.lease ?? []);
  return [...new Set(leases)].filter(({ spec }) => spec.booking === booking);
}
