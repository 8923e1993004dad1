import type { LabRules, RequestSpec, Requirement } from '../src/domain/model.js';
import type { NaiveLease, NaiveReservation, NaiveState } from './naive-state.js';

/** What a request asks for: without requirements all benches of the booking that it spends. */
export function requirementsOf({ reservations }: NaiveState, spec: RequestSpec): readonly Requirement[] {
  if (spec.requirements.length > 0) return spec.requirements;
  const benches = reservations.find(({ id }) => id === spec.booking)?.benches ?? [];
  return benches.map((bench) => ({ bench, location: '', attributes: [], entities: [], pool: '', labels: {} }));
}

/** Whether a bench could ever serve a request: one that spends a booking gets the booking's benches only. */
export function isInBooking({ reservations }: NaiveState, bench: string, { booking }: RequestSpec): boolean {
  return booking === undefined || reservations.some(({ id, benches }) => id === booking && benches.includes(bench));
}

/** Whether reservations leave a bench to a request, for as long as it may take. */
export function isLeftFor(state: NaiveState, bench: string, spec: RequestSpec, rules: LabRules, now: number): boolean {
  const { booking, maxDurationMs = rules.openEndedMs } = spec;
  const untilMs = limitOf(state, bench, booking);
  if (booking === undefined) return !isTaken(state, bench) && now + maxDurationMs <= untilMs;
  return (
    state.reservations.some((one) => one.id === booking && one.started && one.benches.includes(bench)) && now < untilMs
  );
}

function isTaken({ reservations }: NaiveState, bench: string): boolean {
  return reservations.some(({ started, benches }) => started && benches.includes(bench));
}

/** Until when a bench may be held by those who spend a booking, or none. */
function limitOf({ reservations }: NaiveState, bench: string, booking: string | undefined): number {
  const limits = reservations
    .filter(({ benches }) => benches.includes(bench))
    .map((one) => (one.id === booking ? one.endMs : clearMs(one, bench)));
  return Math.min(Infinity, ...limits);
}

/** When a bench must be clear for a reservation. */
export function clearMs({ startMs, leadsMs }: NaiveReservation, bench: string): number {
  return startMs - (leadsMs[bench] ?? 0);
}

/** When the reservations of its benches end a lease; Infinity = never. */
export function bookedEndOf(state: NaiveState, { benches, spec }: NaiveLease): number {
  return Math.min(Infinity, ...benches.map((bench) => limitOf(state, bench, spec.booking)));
}

/** When a lease ends at the latest; undefined = nobody knows. */
export function endOf(state: NaiveState, lease: NaiveLease): number | undefined {
  const endMs = Math.min(lease.ownEndMs ?? Infinity, bookedEndOf(state, lease));
  return endMs === Infinity ? undefined : endMs;
}
