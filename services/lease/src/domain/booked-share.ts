import { isThere, needMsOf } from './booked-time.js';
import type { Bench, Demand, Waiting } from './entities.js';
import type { LabState } from './state.js';

/** What reservations leave of a demand's benches, as times until which they are clear; 0 = they are booked now. */
export interface BookedShare {
  /** The open bench that is clear for longest; undefined when none is open. */
  readonly roomiest: Bench | undefined;
  /** Of the benches that are lent, not held and not to be cleaned: the soonest; Infinity = there are none. */
  readonly soonestFreeMs: number;
  /** Of all that are lent: the latest; -Infinity = there are none. */
  readonly latestMs: number;
  /** When the first of the reservations of lent benches ends that have begun, or come next; Infinity = there are none. */
  readonly firstEndMs: number;
}

/** Derives what reservations leave of the benches of a demand that spends no booking. */
export function bookedShare(demand: Demand): BookedShare {
  let roomiest: Bench | undefined;
  let [soonestFreeMs, latestMs, firstEndMs] = [Infinity, -Infinity, Infinity];
  for (const bench of demand.benches) {
    if (!demand.isLent(bench)) continue;
    const { booked, clearMs, lease, cleaning, calendar } = bench;
    const untilMs = booked === undefined ? clearMs : 0;
    if (lease === undefined && cleaning === 0) soonestFreeMs = Math.min(soonestFreeMs, untilMs);
    if (demand.isOpen(bench) && untilMs > (roomiest?.clearMs ?? -Infinity)) roomiest = bench;
    latestMs = Math.max(latestMs, untilMs);
    firstEndMs = Math.min(firstEndMs, calendar[0]?.endMs ?? Infinity);
  }
  return { roomiest, soonestFreeMs, latestMs, firstEndMs };
}

/** How a request stands with reservations. */
export interface BookedStand {
  /** A bench that it may have now. */
  readonly open: Bench | undefined;
  /** What it needs and is not held is booked. */
  readonly isShutOut: boolean;
  /** When that ends at the soonest. */
  readonly endsMs: number;
  /** Until when this holds if nothing happens. */
  readonly untilMs: number;
}

/** How a request stands with reservations now; `share` is that of its demand. */
export function bookedStand(
  { reservations, rules }: LabState,
  { demand, spec }: Waiting,
  share: BookedShare,
  now: number,
): BookedStand {
  const { booking } = demand;
  if (booking !== '') {
    const own = reservations.get(booking);
    const open = [...demand.benches].find((bench) => demand.isOpen(bench) && isThere(bench, booking, 0, now));
    return { open, isShutOut: own?.started === false, endsMs: own?.startMs ?? Infinity, untilMs: Infinity };
  }
  const needMs = needMsOf(spec, rules);
  const { roomiest, soonestFreeMs, latestMs, firstEndMs } = share;
  const isLate = (clearMs: number): boolean => clearMs < now + needMs;
  let untilMs = Infinity;
  for (const clearMs of [roomiest?.clearMs ?? Infinity, soonestFreeMs, latestMs]) {
    if (!isLate(clearMs)) untilMs = Math.min(untilMs, clearMs - needMs + 1);
  }
  return {
    open: roomiest !== undefined && !isLate(roomiest.clearMs) ? roomiest : undefined,
    isShutOut: latestMs > -Infinity && (isLate(soonestFreeMs) || isLate(latestMs)),
    endsMs: firstEndMs,
    untilMs,
  };
}
