import { BerthError, Grain, toTimeRange } from '@berth/client';
import type { ExecutionContext } from 'ava';
import type { LabUnderTest } from './lab-under-test.js';

const DAY_MS = 86_400_000;

/** Capacity is granted and booked, more than there is is refused, and what is left is told by day. */
export async function bookings(t: ExecutionContext, lab: LabUnderTest): Promise<void> {
  const [ann, op] = [lab.connect('ann'), lab.connect('op')];
  const first = (Math.floor(Date.now() / DAY_MS) + 2) * DAY_MS;
  const days = (count: number) => toTimeRange(new Date(first), new Date(first + count * DAY_MS));
  await op.capacity.createGrant({ grant: { range: days(3), amounts: { cores: 10 } } });
  const { booking } = await ann.bookings.createBooking({
    booking: { spans: [{ range: days(1), amounts: { cores: 8 } }] },
  });
  t.is(booking?.owner, 'ann');
  const full = await t.throwsAsync(
    ann.bookings.createBooking({ booking: { spans: [{ range: days(2), amounts: { cores: 3 } }] } }),
    { instanceOf: BerthError },
  );
  t.is(full.reason, 'NO_CAPACITY');
  const { blocks } = await ann.bookings.getAvailability({
    range: days(3),
    calendar: { grain: Grain.DAY },
    amounts: ['cores'],
  });
  t.deepEqual(
    blocks.map(({ amounts }) => amounts[0]?.firm?.worst),
    [2, 10, 10],
  );
  await ann.bookings.cancelBooking({ id: booking?.id ?? '' });
}
