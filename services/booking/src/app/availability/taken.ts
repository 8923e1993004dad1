import type { Amounts } from '../../domain/timeline/rows.js';
import type { Booking } from '../../domain/index.js';
import { takenAt } from '../../domain/index.js';
import type { BookingContext } from '../booking-context.js';

/** What each span of bookings takes now, or at its start if that is to come: of a share the floor of share × size. */
export function takenBy(
  { roots, clock }: BookingContext,
  bookings: readonly Booking[],
): Promise<readonly (readonly Amounts[])[]> {
  return Promise.all(
    bookings.map(async (booking) => {
      const { spans } = booking;
      // Only what a share takes depends on anything else.
      const shared = spans.find(({ share }) => share !== undefined);
      const replica = shared && (await roots.find(shared.cluster));
      if (replica === undefined) return spans.map(({ amounts }) => amounts);
      const nowMs = clock.now();
      return replica.read((state) => spans.map((_, at) => takenAt(state, booking, at, nowMs)));
    }),
  );
}
