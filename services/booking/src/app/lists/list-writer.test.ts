import { fakeClock, onEachEngine } from '@berth/testkit';
import test from 'ava';
import { snapshotOf } from '../../domain/index.js';
import type { BookingDocument, Collection, Stored } from '../../ports/collections.js';
import type { BookingFilter } from '../booking-app.js';
import type { TestBookings } from '../bookings.fixture.js';
import { bookingOf, DAY_MS, grantOf, HOUR_MS, openBookings, openStore, operator, user } from '../bookings.fixture.js';
import { ListWriter } from './list-writer.js';
import { markEnded, sweepLists } from './list-sweep.js';

const FROM_MS = Date.UTC(2026, 0, 10);
const ALL: BookingFilter = { ids: [], cluster: '', owner: '', seriesId: '', states: [], bench: '' };
const signal = new AbortController().signal;

async function book({ uses }: TestBookings, owner: string, startMs: number): Promise<string> {
  const { booking } = await uses.createBooking(
    { booking: bookingOf(1, startMs, startMs + HOUR_MS), force: false },
    user(owner),
  );
  return booking.id;
}

/** The ids of a list, read in pages of `limit`. */
async function listed({ uses }: TestBookings, filter: BookingFilter = ALL, limit = 100): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await uses.listBookings(filter, { limit, after });
    ids.push(...page.documents.map(({ id }) => id));
    if (page.next === undefined) return ids;
    after = page.next;
  }
}

onEachEngine(test, (engine, title) => {
  test(title('a list has what was acknowledged through any replica, by start, in pages'), async (t) => {
    const store = await openStore(t, engine);
    const clock = fakeClock();
    const [a, b] = [await openBookings(t, store, { clock }), await openBookings(t, store, { clock })];
    await a.uses.createGrant(grantOf(10, FROM_MS, FROM_MS + DAY_MS), operator());
    const later = await book(a, 'ann', FROM_MS + 5 * HOUR_MS);
    const first = await book(b, 'bob', FROM_MS);
    const second = await book(a, 'ann', FROM_MS + HOUR_MS);
    t.deepEqual(await listed(b), [first, second, later]);
    t.deepEqual(await listed(a, ALL, 1), [first, second, later]);
    t.deepEqual(await listed(b, { ...ALL, ids: [later, first, 'bk-none'] }), [first, later]);
    t.deepEqual(await listed(b, { ...ALL, owner: 'ann' }), [second, later]);
    t.deepEqual(await listed(a, { ...ALL, cluster: 'default' }), [first, second, later]);
    const range = { start: { atMs: FROM_MS }, end: { atMs: FROM_MS + 90 * 60_000 }, zone: '', path: 'range' };
    t.deepEqual(await listed(a, { ...ALL, range }), [first, second]);
    await b.uses.cancelBooking({ id: second, etag: '', reason: '', scope: 'one' }, user('ann'));
    t.deepEqual(await listed(a), [first, later]);
    t.deepEqual(await listed(a, { ...ALL, states: ['CANCELLED'] }), [second]);
  });

  test(title('many that write behind one ledger leave the last version of each booking'), async (t) => {
    const store = await openStore(t, engine);
    const clock = fakeClock();
    const a = await openBookings(t, store, { clock });
    await a.uses.createGrant(grantOf(100, FROM_MS, FROM_MS + DAY_MS), operator());
    const ids = await Promise.all(Array.from({ length: 20 }, () => book(a, 'ann', FROM_MS)));
    const replica = await a.context.roots.of('default');
    const writers = Array.from({ length: 4 }, () => new ListWriter(a.context.lists, a.context.ledgers));
    const writing = Promise.all(writers.map((writer) => writer.catchUp(replica)));
    await Promise.all(
      ids.map((id) =>
        a.uses.updateBooking({ id, etag: '', patch: { priority: 7 }, scope: 'one', force: false }, user('ann')),
      ),
    );
    await Promise.all(writers.map((writer) => writer.catchUp(replica)));
    await writing;
    const { documents } = await a.context.lists.bookings.find({ limit: 100 });
    t.deepEqual(documents.map(({ value }) => value.id).sort(), [...ids].sort());
    for (const { value } of documents) t.is(value.booking.priority, 7);
    const position = await a.context.lists.positions.get('default');
    t.is(position?.value.sequence, await replica.read(({ sequence }) => sequence));
  });

  test(title('a document is never replaced by one of an earlier entry'), async (t) => {
    const a = await openBookings(t, await openStore(t, engine));
    await a.uses.createGrant(grantOf(10, FROM_MS, FROM_MS + DAY_MS), operator());
    const id = await book(a, 'ann', FROM_MS);
    const { lists, ledgers, roots } = a.context;
    const replica = await roots.of('default');
    // While the late writer has read what is there, and not written yet, the booking changes, and another one writes that.
    let isFirst = true;
    const getMany = async (ids: readonly string[]): Promise<readonly Stored<BookingDocument>[]> => {
      const found = await lists.bookings.getMany(ids);
      if (!isFirst) return found;
      isFirst = false;
      const change = { id, etag: '', patch: { priority: 7 }, scope: 'one', force: false } as const;
      await a.uses.updateBooking(change, user('ann'));
      await new ListWriter(lists, ledgers).catchUp(replica);
      return found;
    };
    const bookings: Collection<BookingDocument> = Object.assign(Object.create(lists.bookings) as object, {
      getMany,
      insert: (documents: readonly BookingDocument[]) => lists.bookings.insert(documents),
      replaceMany: (...args: Parameters<typeof lists.bookings.replaceMany>) => lists.bookings.replaceMany(...args),
    }) as Collection<BookingDocument>;
    await new ListWriter({ bookings, positions: lists.positions }, ledgers).catchUp(replica);
    t.false(isFirst);
    t.is((await lists.bookings.get(id))?.value.booking.priority, 7);
  });

  test(title('a position whose entries are gone is caught up from the state'), async (t) => {
    const store = await openStore(t, engine);
    const a = await openBookings(t, store);
    await a.uses.createGrant(grantOf(10, FROM_MS, FROM_MS + DAY_MS), operator());
    const id = await book(a, 'ann', FROM_MS);
    const replica = await a.context.roots.of('default');
    const { place, items } = await replica.read((state) => ({
      place: { sequence: state.sequence, mark: replica.mark },
      items: [...snapshotOf(state, 0)],
    }));
    await a.context.ledgers.saveSnapshot('default', place, items, a.clock.now());
    t.true((await a.context.ledgers.trim('default', a.clock.now() + 1, signal)) > 0);
    t.deepEqual(await listed(a), [id]);
  });

  test(
    title('what has ended leaves the list of what is not over, and stays in the others until it is swept'),
    async (t) => {
      const store = await openStore(t, engine);
      const a = await openBookings(t, store);
      await a.uses.createGrant(grantOf(10, FROM_MS, FROM_MS + DAY_MS), operator());
      const id = await book(a, 'ann', FROM_MS);
      t.deepEqual(await listed(a), [id]);
      a.clock.advance(FROM_MS + 2 * HOUR_MS - a.clock.now());
      t.deepEqual(await listed(a), []);
      await markEnded(a.context.lists, a.clock.now(), signal);
      t.is(await a.context.lists.bookings.count({ keys: 'live all' }), 0);
      t.deepEqual(await listed(a, { ...ALL, states: ['ENDED'] }), [id]);
      const replica = await a.context.roots.of('default');
      t.is(await sweepLists(a.context.lists, replica, signal), 0);
      await replica.read((state) => {
        state.forget(a.clock.now());
      });
      t.is(await sweepLists(a.context.lists, replica, signal), 1);
      t.deepEqual(await listed(a, { ...ALL, states: ['ENDED'] }), []);
    },
  );
});
