import type { Booking } from '../model/booking.js';
import { extentOf, isOver, isWaiting } from '../model/booking.js';
import { FOREVER_MS } from '../model/cluster.js';
import type { Draft } from './draft.js';
import { nextVersion } from './place.js';

/** How a booking ends before its time. */
export interface Freeing {
  readonly to: 'CANCELLED' | 'RELEASED' | 'EXPIRED';
  readonly why: string;
  /** Only if nobody used it, as the lab decides. */
  readonly ifUnused?: boolean;
}

/**
 * Frees what is left of a booking, with the cluster that it is or that was made for it. What a lab has reserved is given back
 * there first, so until that is settled it stays as it is, with a step.
 */
export function freeBooking(draft: Draft, booking: Booking, freeing: Freeing): void {
  const { to, why, ifUnused } = freeing;
  if (booking.lab?.step === 'FREE' && booking.lab.ifUnused !== true) return;
  if (booking.reserved !== undefined || booking.lab !== undefined) {
    const version = nextVersion(draft, booking.id);
    const back = booking.state === 'PENDING' ? (booking.lab?.to ?? 'BOOKED') : booking.state;
    // What the lab may have taken already of a change counts until then, too.
    const spans = booking.lab?.spans;
    const facts = { ...(spans && { spans }), ...(ifUnused && { ifUnused }), ...(why !== '' && { why }) };
    draft.putBooking({ ...booking, lab: { step: 'FREE', version, to, back, ...facts } });
    return;
  }
  putFreed(draft, booking, freeing);
}

/** Puts a booking as it is when it was freed; nothing of it is reserved at a lab any more. */
export function putFreed(draft: Draft, booking: Booking, { to, why }: Freeing): void {
  const { lab: _1, reserved: _2, shortfall: _3, retryMs: _4, belowUntilMs: _5, benchLost: _6, ...rest } = booking;
  // What waited never had anything, so nothing of it stays, not even what lies before now.
  const freedMs = isWaiting(booking) ? Math.min(draft.nowMs, extentOf(booking).startMs) : draft.nowMs;
  draft.putBooking({ ...rest, state: to, degraded: false, reason: why, freedMs });
  if (booking.child !== undefined) closeCluster(draft, booking.child, why);
  if (booking.newCluster === undefined) return;
  const made = draft.state.bookings.get(draft.state.clusters.get(booking.newCluster)?.booking ?? '');
  if (made !== undefined && !isOver(made, draft.nowMs)) freeBooking(draft, made, { to: 'CANCELLED', why });
}

/** Deletes a cluster and cancels what is to come in it. */
export function closeCluster(draft: Draft, name: string, why: string): void {
  const cluster = draft.state.clusters.get(name);
  if (cluster === undefined || cluster.deletedMs !== undefined) return;
  // First what is in it, so that nothing in it ever stands on less than it has.
  for (const inside of toCome(draft, name)) {
    freeBooking(draft, inside, { to: 'CANCELLED', why: `cluster '${name}' is gone${why === '' ? '' : `: ${why}`}` });
    draft.notice('CANCELLED', inside.id, `cluster '${name}' is gone.`);
  }
  draft.putCluster({ ...cluster, deletedMs: draft.nowMs });
}

/** The bookings on a cluster of which something is to come, in order of creation. */
export function toCome({ state, nowMs }: Draft, cluster: string): readonly Booking[] {
  const found: Booking[] = [];
  for (const id of state.book(cluster).bookings.overlapping({ startMs: nowMs, endMs: FOREVER_MS })) {
    const booking = state.bookings.get(id);
    if (booking !== undefined && !isOver(booking, nowMs)) found.push(booking);
  }
  return found.sort((a, b) => a.order - b.order);
}
