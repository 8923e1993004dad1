import type { Refusal } from '../domain/model/booking.js';

/** A bench of a lab, as Booking looks at it. */
export interface LabBench {
  readonly name: string;
  /** Whether it is lent. */
  readonly ready: boolean;
  /** Why it is not, and until when as far as that is said. */
  readonly why: string;
  readonly untilMs: number | undefined;
}

/** A bench that meets a requirement, and how well: the sum of the weights of the attributes asked for. */
export interface MatchingBench {
  readonly bench: string;
  readonly weight: number;
  readonly ready: boolean;
}

/** Benches that a booking has from start to end. */
export interface Reservation {
  /** The booking's id. */
  readonly id: string;
  readonly version: number;
  readonly benches: readonly string[];
  readonly owners: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
}

export interface LabReservation extends Reservation {
  /** Whether a lease was granted that spends it. */
  readonly used: boolean;
}

/** A lab as of one instant. */
export interface LabView {
  /** Those of its inventory: not those of pools, which come and go. */
  readonly benches: readonly LabBench[];
  /** Those that are not over. */
  readonly reservations: readonly LabReservation[];
}

/**
 * The lease service, as bookings use it. Its calls reject with STORE_UNAVAILABLE when that is away: then a call may have been
 * carried out. Each may be repeated.
 */
export interface LabClient {
  /** The lab as it is now; undefined when there is no such lab. */
  look(lab: string): Promise<LabView | undefined>;
  /** Yields whenever a bench or a reservation has changed, and at first; ends when the signal aborts, rejects when it breaks. */
  changes(lab: string, signal: AbortSignal): AsyncGenerator<void, void, undefined>;
  /** The benches of the inventory that meet a requirement (as JSON). Throws NO_SUCH_LAB, INVALID_FIELD. */
  matching(lab: string, requirement: unknown): Promise<readonly MatchingBench[]>;
  /**
   * Reserves benches, or changes a reservation; OK when it is so already. `force` takes them also from leases that may last
   * into it. `old`: the lab knows of a higher version. Resolves to why it is refused.
   */
  put(lab: string, reservation: Reservation, force: boolean): Promise<'taken' | 'old' | Refusal>;
  /** Frees benches; OK when nothing is reserved. False when it is used and `ifUnused`, or a higher version is there. */
  free(
    lab: string,
    reservation: { readonly id: string; readonly version: number; readonly endMs: number; readonly ifUnused: boolean },
  ): Promise<boolean>;
}
