import type { Booking } from '../model/booking.js';
import { extentOf, isFirm, isWaiting } from '../model/booking.js';

/** When the next notice about a boundary is told; undefined = never again. */
function noticeMs(booking: Booking, boundaryMs: number, before: number, told: number | undefined) {
  if (told === boundaryMs) return undefined;
  const atMs = boundaryMs - before;
  // Whoever made it later than that knows.
  return atMs > booking.createdMs ? atMs : undefined;
}

/** When a notice of its start is told. */
export function startNoticeMs(booking: Booking): number | undefined {
  if (booking.notifyBeforeStartMs === undefined) return undefined;
  return noticeMs(booking, extentOf(booking).startMs, booking.notifyBeforeStartMs, booking.noticedStartMs);
}

/** When a notice of its end is told. */
export function endNoticeMs(booking: Booking): number | undefined {
  if (booking.notifyBeforeEndMs === undefined) return undefined;
  return noticeMs(booking, extentOf(booking).endMs, booking.notifyBeforeEndMs, booking.noticedEndMs);
}

/** When it is released unless it is used; undefined = never. What was made after its start is never released. */
export function releaseMs(booking: Booking): number | undefined {
  const { releaseAfterMs, usedMs, createdMs } = booking;
  if (releaseAfterMs === undefined || usedMs !== undefined) return undefined;
  const { startMs, endMs } = extentOf(booking);
  if (createdMs > startMs) return undefined;
  const atMs = startMs + releaseAfterMs;
  return atMs < endMs ? atMs : undefined;
}

/** When time changes a booking next; undefined = never. */
export function dueMs(booking: Booking): number | undefined {
  const { state, lab } = booking;
  let due = isFirm(booking) ? (booking.belowUntilMs ?? Infinity) : Infinity;
  if (isWaiting(booking)) {
    due = Math.min(due, extentOf(booking).startMs, booking.retryMs ?? Infinity);
    if (state === 'PROVISIONAL') due = Math.min(due, booking.resolveByMs ?? Infinity);
  } else if (state === 'HELD') {
    if (lab?.step !== 'FREE') due = Math.min(due, booking.holdUntilMs ?? Infinity);
  } else if (state === 'BOOKED') {
    if (lab === undefined) due = Math.min(due, releaseMs(booking) ?? Infinity);
    due = Math.min(due, startNoticeMs(booking) ?? Infinity, endNoticeMs(booking) ?? Infinity);
  }
  return due === Infinity ? undefined : due;
}
