import type { Booking } from '../model/booking.js';
import { extentOf, isFirm, isWaiting } from '../model/booking.js';

/** When the next notice about a boundary is told; undefined = never again. */
function noticeMs(booking: Booking, boundaryMs: number, before: number | undefined, told: number | undefined) {
  if (before === undefined || told === boundaryMs) return undefined;
  const atMs = boundaryMs - before;
  // Whoever made it later than that knows.
  return atMs > booking.createdMs ? atMs : undefined;
}

/** When a notice of its start is told. */
export function startNoticeMs(booking: Booking): number | undefined {
  return noticeMs(booking, extentOf(booking).startMs, booking.notifyBeforeStartMs, booking.noticedStartMs);
}

/** When a notice of its end is told. */
export function endNoticeMs(booking: Booking): number | undefined {
  return noticeMs(booking, extentOf(booking).endMs, booking.notifyBeforeEndMs, booking.noticedEndMs);
}

/** When it is released unless it is used; undefined = never. What was made after its start is never released. */
export function releaseMs(booking: Booking): number | undefined {
  const { releaseAfterMs, usedMs, createdMs } = booking;
  const { startMs, endMs } = extentOf(booking);
  if (releaseAfterMs === undefined || usedMs !== undefined || createdMs > startMs) return undefined;
  const atMs = startMs + releaseAfterMs;
  return atMs < endMs ? atMs : undefined;
}

/** When time changes a booking next; undefined = never. */
export function dueMs(booking: Booking): number | undefined {
  const due: (number | undefined)[] = [];
  if (isFirm(booking)) due.push(booking.belowUntilMs);
  if (isWaiting(booking)) {
    due.push(extentOf(booking).startMs, booking.retryMs);
    if (booking.state === 'PROVISIONAL') due.push(booking.resolveByMs);
  } else if (booking.state === 'HELD') {
    if (booking.lab?.step !== 'FREE') due.push(booking.holdUntilMs);
  } else if (booking.state === 'BOOKED') {
    if (booking.lab === undefined) due.push(releaseMs(booking));
    due.push(startNoticeMs(booking), endNoticeMs(booking));
  }
  const times = due.filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}
