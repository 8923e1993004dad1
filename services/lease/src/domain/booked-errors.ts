import { BerthError } from '@berth/kernel';
import { bookedText, clearMsFor, isoOf, ownersText } from './booked-time.js';
import type { Bench, Lease, Reservation } from './entities.js';

/** BENCH_BOOKED: a reservation of a bench is in the way. `outcome` says what is refused, and what to do next. */
export function benchBooked(bench: string, reservation: Reservation, outcome: string): BerthError {
  const description = `bench '${bench}' is ${bookedText(reservation)} (booking '${reservation.id}')`;
  const { id: booking, startMs, endMs } = reservation;
  const owner = ownersText(reservation);
  return new BerthError('BENCH_BOOKED', `${description}: ${outcome}`, {
    resource: { type: 'berth.dev/Bench', name: bench, owner },
    preconditions: [{ type: 'BOOKED', subject: bench, description }],
    metadata: { bench, booking, owner, from: isoOf(startMs), until: isoOf(endMs) },
  });
}

/** BENCH_BOOKED: a lease cannot last until `endMs`. */
export function bookedBefore({ spec: { name }, calendar }: Bench, lease: Lease, endMs: number): BerthError {
  const own = calendar.find(({ id }) => id === lease.spec.booking);
  const others = calendar.filter((one) => one !== own && clearMsFor(one, name) < endMs);
  const [first] = others.sort((a, b) => clearMsFor(a, name) - clearMsFor(b, name));
  if (own !== undefined && own.endMs <= (first === undefined ? Infinity : clearMsFor(first, name))) {
    const until = isoOf(own.endMs);
    return benchBooked(
      name,
      own,
      `lease '${lease.id}' spends this booking and ends with it at ${until}. Extend the booking.`,
    );
  }
  if (first === undefined) throw new Error(`bench '${name}' is not booked before ${isoOf(endMs)}`);
  const until = isoOf(clearMsFor(first, name));
  return benchBooked(
    name,
    first,
    `lease '${lease.id}' can be extended until ${until} at most. Ask for less, or another bench.`,
  );
}

/** What of a bench is in the way of a reservation. */
export interface InTheWay {
  readonly bench: string;
  /** Who holds the bench, or waits for it. */
  readonly owner: string;
  /** Until when; undefined = nobody knows. */
  readonly untilMs: number | undefined;
  readonly description: string;
  readonly next: string;
}

/** BENCH_HELD: a lease, or who waits, is in the way of a reservation. */
export function benchHeld({ bench, owner, untilMs, description, next }: InTheWay, id: string): BerthError {
  return new BerthError('BENCH_HELD', `booking '${id}' can not have bench '${bench}': ${description}. ${next}`, {
    resource: { type: 'berth.dev/Bench', name: bench, owner },
    preconditions: [{ type: 'HELD', subject: bench, description }],
    metadata: { bench, booking: id, owner, ...(untilMs !== undefined && { until: isoOf(untilMs) }) },
  });
}
