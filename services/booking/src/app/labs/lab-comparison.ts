import type { Booking, Grant } from '../../domain/index.js';
import { FOREVER_MS } from '../../domain/index.js';
import type { RootState } from '../../domain/state/root-state.js';
import type { LabBench, LabReservation, LabView, Reservation } from '../../ports/lab-client.js';
import { inventoryIn } from './lab-inventory.js';
import { reservationOf } from './lab-steps.js';

/** The most benches that a reservation may have, and how far ahead it may end. */
const MOST_BENCHES = 16;
const FARTHEST_MS = 3650 * 86_400_000;
/** From so long before its start a booking is told that a bench of it is out of order. */
const SOON_MS = 3_600_000;

/** What is to be done so that a ledger and its lab say the same. */
export interface LabDifference {
  /** Benches have come or gone; and all that there are. */
  readonly inventory: boolean;
  readonly benches: readonly LabBench[];
  readonly free: readonly LabReservation[];
  readonly put: readonly Reservation[];
  /** Bookings that a lease was granted for, which the ledger does not know. */
  readonly used: readonly string[];
  /** Bookings with benches that cannot be used (or can again: none), and why. */
  readonly lost: readonly { readonly booking: Booking; readonly benches: readonly string[]; readonly why: string }[];
}

/**
 * Compares a lab with its ledger. The view is older than the state: whatever the lab has, the ledger had said before, so what
 * the state does not want was given up. What has a step under way is left to that.
 */
export function compareLab(state: RootState, view: LabView, nowMs: number): LabDifference {
  const wanted = new Map(wantedOf(state, nowMs).map((reservation) => [reservation.id, reservation]));
  const has = new Map(view.reservations.map((reservation) => [reservation.id, reservation]));
  const benches = new Map(view.benches.map((bench) => [bench.name, bench]));
  const known = inventoryIn(state);
  return {
    inventory: known.size !== benches.size || [...known].some((name) => !benches.has(name)),
    benches: view.benches,
    free: view.reservations.filter(({ id }) => !wanted.has(id) && !state.atLab.has(id)),
    put: [...wanted.values()].filter((reservation) => !isSame(reservation, has.get(reservation.id))),
    used: view.reservations.flatMap(({ id, used }) =>
      used && state.bookings.get(id)?.usedMs === undefined ? [id] : [],
    ),
    lost: state.reserved(nowMs).flatMap((booking) => lostOf(booking, benches, nowMs)),
  };
}

/** What the lab should have: bookings, and maintenance of benches, which is owned by operators. */
function wantedOf(state: RootState, nowMs: number): readonly Reservation[] {
  const booked = state
    .reserved(nowMs)
    .flatMap((booking) => (booking.lab === undefined ? [reservationOf(booking, booking.reserved ?? 0)] : []));
  const maintained = [...state.grants.values()].flatMap((grant) => maintenanceOf(grant, nowMs));
  return [...booked, ...maintained];
}

function maintenanceOf(grant: Grant, nowMs: number): readonly Reservation[] {
  const { id, version, kind, startMs, deletedMs } = grant;
  if (kind !== 'MAINTENANCE' || deletedMs !== undefined || grant.endMs <= nowMs) return [];
  const benches = Object.keys(grant.amounts).sort();
  const endMs = grant.endMs === FOREVER_MS ? startMs + FARTHEST_MS : grant.endMs;
  return Array.from({ length: Math.ceil(benches.length / MOST_BENCHES) }, (_, at): Reservation => ({
    id: at === 0 ? id : `${id}.${String(at)}`,
    version,
    benches: benches.slice(at * MOST_BENCHES, (at + 1) * MOST_BENCHES),
    owners: [],
    startMs,
    endMs,
  }));
}

function isSame(wanted: Reservation, has: LabReservation | undefined): boolean {
  if (has?.version !== wanted.version) return false;
  return (
    has.startMs === wanted.startMs &&
    has.endMs === wanted.endMs &&
    [...has.benches].sort().join() === wanted.benches.join()
  );
}

function lostOf(booking: Booking, benches: ReadonlyMap<string, LabBench>, nowMs: number): LabDifference['lost'] {
  const { startMs, benches: names } = reservationOf(booking, 0);
  const lost: string[] = [];
  const why: string[] = [];
  for (const name of names) {
    const bench = benches.get(name);
    if (bench === undefined) {
      lost.push(name);
      why.push(`bench '${name}' was removed`);
    } else if (!bench.ready && (startMs - nowMs <= SOON_MS || (bench.untilMs ?? 0) > startMs)) {
      lost.push(name);
      why.push(`bench '${name}' cannot be used${bench.why === '' ? '' : `: ${bench.why}`}`);
    }
  }
  if (lost.length === 0 && booking.benchLost !== true) return [];
  return [{ booking, benches: lost, why: why.join('; ') }];
}
