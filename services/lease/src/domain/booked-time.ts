import type { Bench, Reservation } from './entities.js';
import type { LabRules, RequestSpec } from './model.js';

/** When a bench must be clear for a reservation of it. */
export function clearMsFor({ startMs, leadsMs }: Reservation, bench: string): number {
  return startMs - (leadsMs[bench] ?? 0);
}

/** Until when a bench may be leased to those who spend `booking` ('' = no booking); Infinity = as long as they like. */
export function limitMs({ booked, clearMs, spec }: Bench, booking: string): number {
  if (booked === undefined) return clearMs;
  return Math.min(clearMs, booked.id === booking ? booked.endMs : clearMsFor(booked, spec.name));
}

/** When a lease ends at the latest, as its own end and the reservations of its benches demand. */
export function endMsOf(benches: readonly Bench[], booking: string, ownEndMs: number | undefined): number | undefined {
  let soonestMs = ownEndMs ?? Infinity;
  for (const bench of benches) soonestMs = Math.min(soonestMs, limitMs(bench, booking));
  return soonestMs === Infinity ? undefined : soonestMs;
}

/** For how long a request needs a bench to be free of reservations. */
export function needMsOf({ maxDurationMs }: RequestSpec, { openEndedMs }: LabRules): number {
  return maxDurationMs ?? openEndedMs;
}

/**
 * Whether reservations leave a bench to a request (rule 15): to one that spends a booking in its time, whatever
 * there is left of it; to others when none begins before they are done.
 */
export function isThere(bench: Bench, booking: string, needMs: number, now: number): boolean {
  if (booking !== '') return bench.booked?.id === booking && limitMs(bench, booking) > now;
  return bench.booked === undefined && bench.clearMs >= now + needMs;
}

/** Who has booked a bench, for people. */
export function ownersText({ owners }: Pick<Reservation, 'owners'>): string {
  return owners.length === 0 ? 'operators' : owners.join(', ');
}

/** Who has booked a bench, and when, for people. */
export function bookedText(reservation: Reservation): string {
  const { startMs, endMs } = reservation;
  return `booked by ${ownersText(reservation)} from ${isoOf(startMs)} until ${isoOf(endMs)}`;
}

/** A time for people and programs. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
