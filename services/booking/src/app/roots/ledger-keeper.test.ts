import { inProcessLocks } from '@berth/storage';
import { fakeClock, onEachEngine, until } from '@berth/testkit';
import test from 'ava';
import type { TestBookings } from '../bookings.fixture.js';
import { bookingOf, DAY_MS, grantOf, HOUR_MS, openBookings, openStore, operator, user } from '../bookings.fixture.js';
import { ledgerWorker } from '../workers.js';

const FROM_MS = Date.UTC(2026, 0, 10);

/** Runs a keeper beside replicas until something holds, over seconds of their clock. */
async function keepUntil(
  { context, clock }: TestBookings,
  holds: () => Promise<boolean>,
  stepMs = 1000,
): Promise<void> {
  const keeper = ledgerWorker(() => context, { clock, locks: inProcessLocks(), went: () => undefined });
  keeper.start();
  await until(
    async () => {
      if (await holds()) return true;
      clock.advance(stepMs);
      return false;
    },
    { what: 'the keeper' },
  );
  await keeper.stop();
}

async function book({ uses }: TestBookings, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await uses.createBooking({ booking: bookingOf(1, FROM_MS, FROM_MS + HOUR_MS), force: false }, user('ann'));
  }
}

onEachEngine(test, (engine, title) => {
  test(title('a snapshot is saved after so many entries, and a start needs no entry before it'), async (t) => {
    const store = await openStore(t, engine);
    const clock = fakeClock();
    const a = await openBookings(t, store, { clock });
    await a.uses.createGrant(grantOf(100, FROM_MS, FROM_MS + DAY_MS), operator());
    await book(a, 30);
    const { ledgers } = a.context;
    await keepUntil(a, async () => (await ledgers.newestSnapshotSequence('default')) >= 30);
    await book(a, 3);
    // Entries go after a day; what the snapshot has and they had is the same.
    clock.advance(25 * HOUR_MS);
    await keepUntil(a, async () => (await ledgers.read('default', 0, 100)).length < 10, HOUR_MS);
    const fresh = await openBookings(t, store, { clock });
    const [was, is] = await Promise.all(
      [a, fresh].map(async ({ context }) => {
        const replica = await context.roots.of('default');
        return replica.read((state) => ({
          sequence: state.sequence,
          bookings: [...state.bookings.values()],
          left: state.timeline('default').pieces('cores', 0, FROM_MS + 2 * DAY_MS),
        }));
      }),
    );
    t.deepEqual(is, was);
    t.is(was?.bookings.length, 33);
  });

  test(title('what ended longer ago than is kept is not in the snapshot'), async (t) => {
    const store = await openStore(t, engine);
    const clock = fakeClock();
    const a = await openBookings(t, store, { clock });
    await a.uses.createGrant(grantOf(100, FROM_MS, FROM_MS + 1000 * DAY_MS), operator());
    await book(a, 12);
    clock.advance(500 * DAY_MS);
    const soon = bookingOf(1, clock.now() + HOUR_MS, clock.now() + 2 * HOUR_MS);
    const { booking } = await a.uses.createBooking({ booking: soon, force: false }, user('ann'));
    await keepUntil(a, async () => (await a.context.ledgers.newestSnapshotSequence('default')) > 0);
    const fresh = await openBookings(t, store, { clock });
    for (const { context } of [a, fresh]) {
      const replica = await context.roots.of('default');
      t.deepEqual(await replica.read(({ bookings }) => [...bookings.keys()]), [booking.id]);
    }
  });
});
