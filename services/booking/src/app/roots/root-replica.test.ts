import { BerthError } from '@berth/kernel';
import type { DocumentEngine } from '@berth/testkit';
import { fakeClock, onEachEngine, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { snapshotOf } from '../../domain/index.js';
import type { Ledgers } from '../../ports/ledger.js';
import type { BookingsOptions, TestBookings } from '../bookings.fixture.js';
import { bookingOf, DAY_MS, grantOf, HOUR_MS, openBookings, openStore, operator, user } from '../bookings.fixture.js';
import { hooked } from './flaky-ledgers.fixture.js';

/** How often confirm and expiry of a hold race. */
const RACES = Number(process.env['BERTH_RUNS'] ?? 20);
const FROM_MS = Date.UTC(2026, 0, 10);
const UNTIL_MS = FROM_MS + DAY_MS;

/** Replicas on one store, with `cores` granted over the day. */
async function replicas(
  t: ExecutionContext,
  engine: DocumentEngine,
  cores: number,
  ...options: readonly BookingsOptions[]
): Promise<readonly TestBookings[]> {
  const store = await openStore(t, engine);
  const clock = fakeClock();
  const opened: TestBookings[] = [];
  for (const one of options) opened.push(await openBookings(t, store, { clock, ...one }));
  await opened[0]?.uses.createGrant(grantOf(cores, FROM_MS, UNTIL_MS), operator());
  return opened;
}

/** One of them, in turns. */
function replicaAt(all: readonly TestBookings[], at: number): TestBookings {
  const one = all[at % all.length];
  if (one === undefined) throw new Error('there are no replicas');
  return one;
}

function refusal(t: ExecutionContext, call: Promise<unknown>): Promise<BerthError> {
  return t.throwsAsync(call, { instanceOf: BerthError });
}

async function coresLeft({ context }: TestBookings): Promise<number> {
  const replica = await context.roots.of('default');
  return replica.read((state) => state.timeline('default').worst('cores', FROM_MS, UNTIL_MS) / 10_000);
}

async function entriesOf({ context }: TestBookings): Promise<number> {
  return (await context.ledgers.read('default', 0, 10_000)).length;
}

onEachEngine(test, (engine, title) => {
  test(
    title('of parallel creates for the last unit through three replicas one wins, the others learn why'),
    async (t) => {
      const three = await replicas(t, engine, 1, {}, {}, {});
      const results = await Promise.allSettled(
        Array.from({ length: 60 }, (_, at) => {
          return replicaAt(three, at).uses.createBooking(
            { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false },
            user(`user${String(at)}`),
          );
        }),
      );
      const won = results.filter(({ status }) => status === 'fulfilled');
      t.is(won.length, 1);
      for (const result of results) {
        if (result.status === 'fulfilled') continue;
        const { reason, details } = result.reason as BerthError;
        t.is(reason, 'NO_CAPACITY');
        t.like(details.metadata, { amount: 'cores', shortfall: '1', from: new Date(FROM_MS).toISOString() });
      }
      for (const one of three) t.is(await coresLeft(one), 0);
    },
  );

  test(title('calls that arrive together are one entry'), async (t) => {
    const [one] = (await replicas(t, engine, 100, {})) as [TestBookings];
    const before = await entriesOf(one);
    const booking = bookingOf(1, FROM_MS, UNTIL_MS);
    await Promise.all(Array.from({ length: 50 }, () => one.uses.createBooking({ booking, force: false }, user('ann'))));
    const entries = (await entriesOf(one)) - before;
    t.true(entries <= 3, `${String(entries)} entries`);
    t.is(await coresLeft(one), 50);
  });

  test(title('a call through another replica sees what was acknowledged, also before it refuses'), async (t) => {
    const [a, b] = (await replicas(t, engine, 1, {}, {})) as [TestBookings, TestBookings];
    const input = { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false };
    for (let round = 0; round < 5; round += 1) {
      const { booking } = await a.uses.createBooking(input, user('ann'));
      t.is((await b.uses.getBooking(booking.id)).state, 'BOOKED');
      t.is((await refusal(t, b.uses.createBooking(input, user('bob')))).reason, 'NO_CAPACITY');
      await a.uses.cancelBooking({ id: booking.id, etag: '', reason: '', scope: 'one' }, user('ann'));
      const again = await b.uses.createBooking(input, user('bob'));
      await b.uses.cancelBooking({ id: again.booking.id, etag: '', reason: '', scope: 'one' }, user('bob'));
    }
  });

  test(
    title('many calls with one request id book once, and are answered alike; another payload is refused'),
    async (t) => {
      const three = await replicas(t, engine, 100, {}, {}, {});
      const input = { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false };
      const made = await Promise.all(
        Array.from({ length: 60 }, (_, at) => replicaAt(three, at).uses.createBooking(input, user('ann', 'r1'))),
      );
      for (const answer of made) t.deepEqual(answer, made[0]);
      t.is(await coresLeft(replicaAt(three, 0)), 99);
      const other = { by: user('ann').by, role: 'user', key: { id: 'r1', fingerprint: 'other' } };
      t.is((await refusal(t, replicaAt(three, 1).uses.createBooking(input, other))).reason, 'REQUEST_ID_REUSED');
    },
  );

  test(title('an append without an answer is found by the repeat, and done once'), async (t) => {
    let fail = false;
    const seen = (ledgers: Ledgers): Ledgers =>
      hooked(ledgers, {
        append: async (...args) => {
          const mark = await ledgers.append(...args);
          if (fail) throw new BerthError('STORE_UNAVAILABLE', 'the answer got lost');
          return mark;
        },
      });
    const [one] = (await replicas(t, engine, 10, { seen })) as [TestBookings];
    const input = { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false };
    fail = true;
    t.is((await refusal(t, one.uses.createBooking(input, user('ann', 'r1')))).reason, 'STORE_UNAVAILABLE');
    fail = false;
    t.is(await coresLeft(one), 9, 'it was done');
    const { booking } = await one.uses.createBooking(input, user('ann', 'r1'));
    t.is(booking.state, 'BOOKED');
    t.is(await coresLeft(one), 9, 'once');
  });

  test(title('an append that comes late finds another entry at its place'), async (t) => {
    const late: (() => Promise<unknown>)[] = [];
    let hold = false;
    const seen = (ledgers: Ledgers): Ledgers =>
      hooked(ledgers, {
        append: (...args) => {
          if (!hold) return ledgers.append(...args);
          late.push(() => ledgers.append(...args));
          return Promise.reject(new BerthError('STORE_UNAVAILABLE', 'no answer in time'));
        },
      });
    const [a, b] = (await replicas(t, engine, 1, { seen }, {})) as [TestBookings, TestBookings];
    const input = { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false };
    hold = true;
    t.is((await refusal(t, a.uses.createBooking(input, user('ann', 'r1')))).reason, 'STORE_UNAVAILABLE');
    hold = false;
    await b.uses.createBooking(input, user('bob'));
    await late[0]?.();
    t.is(await coresLeft(a), 0);
    t.is((await refusal(t, a.uses.createBooking(input, user('ann', 'r1')))).reason, 'NO_CAPACITY');
  });

  test(title('what time brings is one entry, whichever replica proposes it'), async (t) => {
    const [a, b, c] = (await replicas(t, engine, 1, {}, {}, {})) as [TestBookings, TestBookings, TestBookings];
    const { id } = await a.uses.createHold({ booking: bookingOf(1, FROM_MS, UNTIL_MS), ttlMs: 5000 }, user('ann'));
    // Each reads it, so that each knows when it is over.
    for (const one of [b, c]) t.is((await one.uses.getBooking(id)).state, 'HELD');
    const before = await entriesOf(a);
    a.clock.advance(5001);
    await until(async () => (await entriesOf(a)) > before, { what: 'the hold to expire' });
    for (const one of [a, b, c]) t.is((await one.uses.getBooking(id)).state, 'EXPIRED');
    t.is((await entriesOf(a)) - before, 1);
    t.is((await refusal(t, b.uses.confirmHold({ id, etag: '' }, user('ann')))).reason, 'HOLD_EXPIRED');
    t.is(await coresLeft(c), 1);
  });

  test(title('confirm and expiry of a hold race: one transition'), async (t) => {
    const [a, b] = (await replicas(t, engine, 1, {}, {})) as [TestBookings, TestBookings];
    for (let round = 0; round < RACES; round += 1) {
      const { id } = await a.uses.createHold({ booking: bookingOf(1, FROM_MS, UNTIL_MS), ttlMs: 5000 }, user('ann'));
      await b.uses.getBooking(id);
      a.clock.advance(round % 2 === 0 ? 4999 : 5000);
      const confirming = b.uses.confirmHold({ id, etag: '' }, user('ann')).then(
        () => true,
        () => false,
      );
      a.clock.advance(2);
      const confirmed = await confirming;
      const { state } = await a.uses.getBooking(id);
      t.is(state, confirmed ? 'BOOKED' : 'EXPIRED');
      t.is((await b.uses.getBooking(id)).state, state);
      if (confirmed) await a.uses.cancelBooking({ id, etag: '', reason: '', scope: 'one' }, user('ann'));
    }
  });

  test(title('a replica whose entries were trimmed loads the newest snapshot'), async (t) => {
    const [a, b] = (await replicas(t, engine, 100, {}, {})) as [TestBookings, TestBookings];
    const input = { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false };
    for (let at = 0; at < 5; at += 1) await a.uses.createBooking(input, user('ann'));
    const replica = await a.context.roots.of('default');
    const { place, items } = await replica.read((state) => ({
      place: { sequence: state.sequence, mark: replica.mark },
      items: [...snapshotOf(state, 0)],
    }));
    await a.context.ledgers.saveSnapshot('default', place, items, a.clock.now());
    await a.uses.createBooking(input, user('ann'));
    a.clock.advance(48 * HOUR_MS);
    t.true((await a.context.ledgers.trim('default', a.clock.now(), new AbortController().signal)) > 0);
    t.is(await coresLeft(b), 94, 'b had read nothing of it');
    const fresh = await openBookings(t, a.store, { clock: a.clock });
    t.is(await coresLeft(fresh), 94);
    await b.uses.createBooking(input, user('bob'));
    t.is(await coresLeft(a), 93);
  });

  test(title('a replica that has read what the store has lost loads again'), async (t) => {
    const store = await openStore(t, engine);
    const clock = fakeClock();
    const a = await openBookings(t, store, { clock });
    const b = await openBookings(t, store, { clock });
    await a.uses.createGrant(grantOf(5, FROM_MS, UNTIL_MS), operator());
    const input = { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false };
    await a.uses.createBooking(input, user('ann'));
    t.is(await coresLeft(b), 4);
    // The store is put back to before the booking; b finds another entry at its place.
    const entries = await store.collection({ name: 'booking_entries', indexes: [] });
    const last = (await entries.find({ orderBy: { field: 'id', descending: true }, limit: 1 })).documents[0];
    await entries.remove(last?.value.id ?? '');
    const c = await openBookings(t, store, { clock });
    await c.uses.createBooking({ booking: bookingOf(2, FROM_MS, UNTIL_MS), force: false }, user('cid'));
    await c.uses.createBooking(input, user('cid'));
    t.is(await coresLeft(b), 2);
    t.is(await coresLeft(c), 2);
  });

  test(title('an entry that the store has lost is left out, and what came after it counts'), async (t) => {
    const [a] = (await replicas(t, engine, 10, {})) as [TestBookings];
    const input = { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false };
    for (let at = 0; at < 3; at += 1) await a.uses.createBooking(input, user('ann'));
    const entries = await a.store.collection({ name: 'booking_entries', indexes: [] });
    const ids = (await entries.find({ limit: 10 })).documents.map(({ value }) => value.id);
    await entries.remove(ids[2] ?? '');
    const fresh = await openBookings(t, a.store, { clock: a.clock });
    t.is(await coresLeft(fresh), 8);
    await fresh.uses.createBooking(input, user('bob'));
    t.is(await coresLeft(fresh), 7);
  });

  test(title('validate_only says what would be, and stores nothing'), async (t) => {
    const [one] = (await replicas(t, engine, 1, {})) as [TestBookings];
    const before = await entriesOf(one);
    const input = { booking: bookingOf(1, FROM_MS, UNTIL_MS), force: false };
    const { booking } = await one.uses.createBooking(input, { validateOnly: true, ...user('ann') });
    t.is(booking.state, 'BOOKED');
    const large = { booking: bookingOf(2, FROM_MS, UNTIL_MS), force: false };
    const refused = one.uses.createBooking(large, { validateOnly: true, ...user('ann') });
    t.is((await refusal(t, refused)).reason, 'NO_CAPACITY');
    t.is(await entriesOf(one), before);
    t.is(await coresLeft(one), 1);
  });
});
