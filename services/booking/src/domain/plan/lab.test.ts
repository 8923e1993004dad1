import test from 'ava';
import type { Booking } from '../model/booking.js';
import { HOUR_MS, Root, wishes } from './root.fixture.js';

function lab(...benches: string[]): Root {
  const root = new Root('lab/default');
  root.give({ kind: 'inventory', benches });
  return root;
}

function settle(root: Root, { id }: Booking, refused?: string): Booking {
  const version = root.booking(id).lab?.version ?? 0;
  const refusal = refused === undefined ? {} : { refusal: { reason: 'BENCH_HELD', message: refused } };
  root.give({ kind: 'settle', id, version, ...refusal });
  return root.booking(id);
}

function named(...names: string[]) {
  return { benches: { names } };
}

function wished(count: number, ...benches: string[]) {
  const candidates = benches.map((bench, at) => ({ bench, weight: at === 0 ? 2 : 1 }));
  return { benches: { count, requirement: 'a', candidates } };
}

test('a bench can be booked from now on, although it was seen a moment after that was asked for', (t) => {
  const root = lab('b1');
  t.is(settle(root, root.booked(named('b1'), -0.01, 2)).state, 'BOOKED');
  root.give({ kind: 'inventory', benches: [] });
  root.pass(1);
  root.give({ kind: 'inventory', benches: ['b1'] });
  t.deepEqual([root.left('b1', 0.9), root.left('b1', 1)], [-1, 0], 'not while it was away');
});

test('a booking of benches is pending until the lab has it', (t) => {
  const root = lab('b1', 'b2');
  const booking = root.booked(named('b1'), 1, 2);
  t.like(booking, { state: 'PENDING', lab: { step: 'PUT', version: booking.version, to: 'BOOKED' } });
  t.is(root.refusal(root.book(named('b1', 'b2'), 1, 2)).reason, 'NO_CAPACITY');
  t.like(settle(root, booking), { state: 'BOOKED', reserved: booking.version });
  t.is(root.left('b1', 1), 0);
  // Again, or of another version: nothing changes.
  const { version } = root.booking(booking.id);
  root.give({ kind: 'settle', id: booking.id, version: booking.version });
  t.is(root.booking(booking.id).version, version);
});

test('what the lab refuses is cancelled with its reason, and free again', (t) => {
  const root = lab('b1');
  const booking = root.booked(named('b1'), 1, 2);
  t.like(settle(root, booking, 'bench b1 is held'), {
    state: 'CANCELLED',
    refusal: { reason: 'BENCH_HELD', message: 'bench b1 is held' },
  });
  t.is(root.left('b1', 1), 1);
});

test('of a change what it has and what it is to have both count until it is settled', (t) => {
  const root = lab('b1', 'b2');
  const booking = root.booked(named('b1'), 1, 3);
  settle(root, booking);
  const change = (bench: string, from: number, to: number) => {
    const { spans } = root.book(named(bench), from, to);
    return { kind: 'updateBookings', bookings: [{ id: booking.id, change: { spans } }] } as const;
  };
  root.give(change('b2', 2, 5));
  t.deepEqual([root.left('b1', 1), root.left('b2', 4), root.left('b1', 4)], [0, 0, 1]);
  t.is(root.refusal(change('b2', 2, 6)).reason, 'BOOKING_UNSETTLED');
  settle(root, booking, 'no');
  t.deepEqual([root.left('b1', 1), root.left('b2', 4)], [0, 1]);
  root.give(change('b1', 2, 5));
  t.is(root.left('b1', 2), 0, 'once, not twice');
  t.like(settle(root, booking), { state: 'BOOKED' });
  t.deepEqual([root.left('b1', 1), root.left('b1', 4)], [1, 0]);
});

test('what is freed counts until the lab gave it back', (t) => {
  const root = lab('b1');
  const booking = root.booked(named('b1'), 1, 3);
  settle(root, booking);
  root.give({ kind: 'cancelBooking', id: booking.id, scope: 'ONE', why: 'enough' });
  t.like(root.booking(booking.id), { state: 'BOOKED', lab: { step: 'FREE', to: 'CANCELLED' } });
  t.is(root.left('b1', 1), 0);
  t.like(settle(root, booking), { state: 'CANCELLED', reason: 'enough' });
  t.is(root.left('b1', 1), 1);
});

test('a no-show is released by the lab, which knows whether it was used', (t) => {
  const root = lab('b1', 'b2');
  const asked = { wishes: wishes('olga', { releaseAfterMs: HOUR_MS / 2 }) };
  const [one, other] = ['b1', 'b2'].map((bench) => settle(root, root.booked(named(bench), 1, 3, asked))) as [
    Booking,
    Booking,
  ];
  root.pass(1.5);
  t.like(root.booking(one.id).lab, { step: 'FREE', to: 'RELEASED', ifUnused: true });
  settle(root, one);
  settle(root, other, 'it is used');
  t.deepEqual([root.stateOf(one), root.stateOf(other)], ['RELEASED', 'ACTIVE']);
  t.is(root.booking(other.id).usedMs, root.now);
  root.pass(1);
  t.is(root.stateOf(other), 'ACTIVE');
});

test('of benches that meet a wish the best free one is taken: by weight, then bookings, then name', (t) => {
  const root = lab('b1', 'b2', 'b3');
  const bench = (booking: Booking): string => Object.keys(root.booking(booking.id).spans[0]?.amounts ?? {}).join();
  t.is(bench(root.booked(wished(1, 'b3', 'b1', 'b2'), 1, 2)), 'b3');
  t.is(bench(root.booked(wished(1, 'b3', 'b1', 'b2'), 1, 2)), 'b1');
  t.is(bench(root.booked(wished(1, 'b3', 'b1', 'b2'), 1, 2)), 'b2');
  t.is(root.refusal(root.book(wished(1, 'b3', 'b1', 'b2'), 1, 2)).reason, 'NO_CAPACITY');
  root.booked(wished(1, 'b3', 'b1', 'b2'), 4, 5);
  const others = [
    { bench: 'b2', weight: 1 },
    { bench: 'b3', weight: 1 },
  ];
  t.is(bench(root.booked({ benches: { count: 1, requirement: 'a', candidates: others } }, 7, 8)), 'b2');
  t.is(root.refusal(root.book(wished(4, 'b1', 'b2', 'b3', 'b9'), 7, 8)).reason, 'NO_SUCH_BENCH');
  t.is(root.refusal(root.book(named('b9'), 7, 8)).details.fields?.[0]?.field, 'booking.spans[0].benches.names[0]');
});

test('a lost bench is replaced where it was chosen by a wish, else the booking is DEGRADED', (t) => {
  const root = lab('b1', 'b2');
  const byWish = settle(root, root.booked(wished(1, 'b1', 'b2'), 1, 2));
  const byName = settle(root, root.booked(named('b1'), 3, 4));
  const lose = (booking: Booking, lost: string[]) => {
    const candidates = ['b1', 'b2'].map((bench) => ({ bench, weight: 1 }));
    root.give({ kind: 'benchLost', id: booking.id, lost, why: 'bench b1 is in maintenance', candidates });
  };
  lose(byWish, ['b1']);
  lose(byName, ['b1']);
  t.like(settle(root, byWish), { state: 'BOOKED', degraded: false });
  t.deepEqual(Object.keys(root.booking(byWish.id).spans[0]?.amounts ?? {}), ['b2']);
  t.deepEqual(
    root.entries.at(-1)?.notices.map(({ kind }) => kind),
    ['MOVED'],
  );
  t.like(root.booking(byName.id), { degraded: true, reason: 'bench b1 is in maintenance' });
  lose(byName, []);
  t.like(root.booking(byName.id), { degraded: false, reason: '' });
});

test('a bench that leaves the inventory leaves its bookings DEGRADED, and what waits gets one that comes', (t) => {
  const root = lab('b1');
  const booking = settle(root, root.booked(named('b1'), 1, 2));
  const waits = { wishes: wishes('olga', { whenFull: 'WAIT' }) } as const;
  const waiting = root.booked(wished(1, 'b1'), 1, 2, waits);
  t.is(waiting.state, 'PROVISIONAL');
  root.give({ kind: 'inventory', benches: ['b2'] });
  t.true(root.booking(booking.id).degraded);
  root.give({ kind: 'inventory', benches: ['b1', 'b2'] });
  t.false(root.booking(booking.id).degraded);
  root.give({ kind: 'cancelBooking', id: booking.id, scope: 'ONE', why: '' });
  settle(root, booking);
  t.like(root.booking(waiting.id), { state: 'PENDING', lab: { back: 'PROVISIONAL' } });
  t.like(settle(root, waiting, 'a lease holds it'), { state: 'PROVISIONAL', retryMs: root.now + 60_000 });
  root.pass(1 / 30);
  t.is(root.stateOf(waiting), 'PENDING');
  settle(root, waiting);
  t.is(root.stateOf(waiting), 'BOOKED');
});

test('two wishes of one booking get different benches', (t) => {
  const root = lab('b1', 'b2');
  const book = root.book({}, 1, 2);
  const spans = [0, 1].map(() => ({ ...root.book({}, 1, 2).spans[0], ...wished(1, 'b1', 'b2') })) as typeof book.spans;
  const booking = root.booking(root.give({ ...book, spans }).id);
  t.deepEqual(
    booking.spans.map(({ amounts }) => Object.keys(amounts).join()),
    ['b1', 'b2'],
  );
});

test('what the lab says of an older step does not settle a newer one', (t) => {
  const root = lab('b1');
  const booking = root.booked(named('b1'), 1, 2);
  root.give({ kind: 'cancelBooking', id: booking.id, scope: 'ONE', why: '' });
  // The put that was under way was taken; it is to be given back all the same.
  root.give({ kind: 'settle', id: booking.id, version: booking.version });
  t.like(root.booking(booking.id), { state: 'PENDING', lab: { step: 'FREE', to: 'CANCELLED' } });
  t.is(settle(root, booking).state, 'CANCELLED');
});
