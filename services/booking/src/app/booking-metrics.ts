import type { ByLabel, Counter, Metrics } from '@berth/kernel';
import { BerthError } from '@berth/kernel';

/** The reasons of most refusals; the others are counted together. */
const REASONS = [
  'NO_CAPACITY',
  'CLUSTER_LIMIT',
  'BOOKING_LIMIT',
  'BENCH_BOOKED',
  'CLUSTER_EXCLUSIVE',
  'other',
] as const;

type Counted = (typeof REASONS)[number];

/** What the booking service counts. */
export class BookingMetrics {
  readonly #admitted: Counter;
  readonly #refused: ByLabel<Counted, Counter>;

  constructor(metrics: Metrics) {
    this.#admitted = metrics.counter(
      'berth_bookings_admitted_total',
      'Bookings, holds and occurrences of series that were admitted.',
    );
    const reason = { name: 'reason', values: REASONS };
    this.#refused = metrics.counters(
      'berth_bookings_refused_total',
      'Calls that were to book and were refused, by reason.',
      reason,
    );
  }

  /** Does something that books, and counts what came of it; `made` says how many bookings. */
  async count<T>(book: () => Promise<T>, made: (answer: T) => number): Promise<T> {
    try {
      const answer = await book();
      this.#admitted.add(made(answer));
      return answer;
    } catch (error) {
      if (error instanceof BerthError && error.kind !== 'unavailable') this.#refused[countedAs(error.reason)].add();
      throw error;
    }
  }
}

function countedAs(reason: string): Counted {
  return REASONS.find((known) => known === reason) ?? 'other';
}
