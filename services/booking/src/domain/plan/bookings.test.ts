import type { Reason } from '@berth/kernel';
import test from 'ava';
import { entitlementsOf } from '../queries.js';
import { HOUR_MS, NOON, Root, UMA, span, wishes } from './root.fixture.js';

test('a booking that does not fit is refused with where, what, how much, who, and what would fit', (t) => {
  const root = new Root();
  root.grant({ cores: 10 });
  const first = root.booked({ amounts: { cores: 8 } }, 1, 5);
  const refused = root.refusal(root.book({ amounts: { cores: 4 } }, 0, 6));
  t.is(refused.reason, 'NO_CAPACITY');
  t.is(refused.kind, 'exhausted');
  t.deepEqual(refused.details.metadata, {
    cluster: 'default',
    from: '2030-01-01T13:00:00.000Z',
    until: '2030-01-01T17:00:00.000Z',
    amount: 'cores',
    shortfall: '2',
    blockers: first.id,
    next_start: '2030-01-01T17:00:00.000Z',
    fits_now: 'cores=2',
  });
  t.is(root.left('cores', 2), 2);
});

test('back to back is no conflict', (t) => {
  const root = new Root();
  root.grant({ cores: 1 });
  root.booked({ amounts: { cores: 1 } }, 1, 2);
  root.booked({ amounts: { cores: 1 } }, 2, 3);
  t.is(root.refusal(root.book({ amounts: { cores: 1 } }, 1, 3)).reason, 'NO_CAPACITY');
});

test('shares follow the size, and never exceed it', (t) => {
  const root = new Root();
  root.grant({ cores: 100 });
  root.give(root.child('default/lab', 'default', { cores: 10 }, 0, 48));
  const shares = [2000, 500, 7000].map((share) => root.booked({ cluster: 'default/lab', share }, 0, 48));
  const refused = root.refusal(root.book({ cluster: 'default/lab', share: 1000 }, 0, 48));
  t.like(refused.details.metadata, { amount: '%', shortfall: '500', cluster: 'default/lab' });
  const resize = {
    kind: 'resizeCluster',
    name: 'default/lab',
    ...span(24, 48),
    amounts: { cores: 20 },
    parts: [],
    force: false,
  } as const;
  root.give(resize);
  const entitled = shares.map((booking) =>
    entitlementsOf(root.state, booking, 0).map(({ amounts }) => amounts['cores']),
  );
  t.deepEqual(entitled, [
    [2, 4],
    [0, 1],
    [7, 14],
  ]);
  t.is(root.left('cores', 30), 80);
  t.is(root.left('cores', 30, 'default/lab'), 1);
});

test('a share and what is booked beside it are at most the whole, rounded up', (t) => {
  const root = new Root();
  root.grant({ cores: 10 });
  root.booked({ share: 2500 }, 0, 4);
  const refused = root.refusal(root.book({ amounts: { cores: 8 } }, 0, 4));
  t.is(refused.details.metadata?.['shortfall'], '1');
  root.booked({ amounts: { cores: 7 } }, 0, 4);
  t.is(root.refusal(root.book({ share: 600 }, 0, 4)).reason, 'NO_CAPACITY');
  root.booked({ share: 500 }, 0, 4);
  t.is(root.left('cores', 1), 0);
});

test('a share of a new cluster makes both or neither', (t) => {
  const root = new Root();
  root.grant({ cores: 10 });
  const newCluster = (cores: number) =>
    ({ name: `default/x${String(cores)}`, parent: 'default', amounts: { cores }, bookingId: root.id('bk') }) as const;
  const about = { description: '', owner: 'olga', kind: '', units: {}, timeZone: 'UTC', labels: {} };
  const ask = (cores: number) => root.book({ share: 2000 }, 1, 5, { newCluster: { ...about, ...newCluster(cores) } });
  t.is(root.refusal(ask(11)).reason, 'NO_CAPACITY');
  t.false(root.state.clusters.has('default/x11'));
  const done = root.give(ask(10));
  t.is(root.state.clusters.get('default/x10')?.exclusiveBooking, done.id);
  t.is(root.left('cores', 2), 0);
  t.is(root.refusal(root.book({ cluster: 'default/x10', share: 100 }, 1, 5)).reason, 'CLUSTER_EXCLUSIVE');
  root.give({ kind: 'cancelBooking', id: done.id, scope: 'ONE', why: '' });
  t.is(root.left('cores', 2), 10);
  t.is(root.state.clusters.get('default/x10')?.deletedMs, root.now);
});

test('several spans are booked together or not at all', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  root.booked({ amounts: { cores: 3 } }, 5, 6);
  const two = (cores: number) => {
    const spans = [1, 5].map((from) => ({ ...span(from, from + 1), amounts: { cores } }));
    return { ...root.book({}, 0, 1), spans };
  };
  t.is(root.refusal(two(2)).reason, 'NO_CAPACITY');
  t.is(root.left('cores', 1), 4);
  root.give(two(1));
  t.deepEqual([root.left('cores', 1), root.left('cores', 5), root.left('cores', 3)], [3, 0, 4]);
});

test('a change is checked whole, and one that takes no more is accepted where less than nothing is left', (t) => {
  const root = new Root();
  const grant = root.grant({ cores: 4 });
  const booking = root.booked({ amounts: { cores: 4 } }, 1, 9);
  root.give({ kind: 'updateGrant', id: grant, change: { amounts: { cores: 1 } }, force: true });
  t.true(root.booking(booking.id).degraded);
  const update = (from: number, to: number, cores: number) =>
    ({
      kind: 'updateBookings',
      bookings: [{ id: booking.id, change: { spans: [{ ...span(from, to), amounts: { cores } }] } }],
    }) as const;
  t.is(root.refusal(update(1, 10, 4)).reason, 'NO_CAPACITY');
  t.is(root.refusal(update(0, 8, 3)).reason, 'NO_CAPACITY');
  root.give(update(2, 8, 3));
  t.true(root.booking(booking.id).degraded);
  root.give(update(2, 8, 1));
  t.false(root.booking(booking.id).degraded);
});

test('what has begun keeps its start, and what it had until now', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  const booking = root.booked({ amounts: { cores: 2 } }, 1, 9);
  root.pass(3);
  const update = (from: number, to: number, cores: number) =>
    ({
      kind: 'updateBookings',
      bookings: [{ id: booking.id, change: { spans: [{ ...span(from, to), amounts: { cores } }] } }],
    }) as const;
  t.is(root.refusal(update(2, 9, 2)).reason, 'START_FIXED');
  t.is(root.refusal(update(1, 3, 2)).reason, 'INVALID_RANGE');
  root.give(update(1, 7, 3));
  t.deepEqual([root.left('cores', 2), root.left('cores', 4), root.left('cores', 8)], [2, 1, 4]);
  root.pass(5);
  t.is(root.refusal(update(1, 12, 3)).reason, 'BOOKING_OVER');
});

test('cancelling what has begun frees the rest, and what was used stays', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  const booking = root.booked({ amounts: { cores: 2 } }, 1, 9);
  root.pass(3);
  t.is(root.stateOf(booking), 'ACTIVE');
  root.give({ kind: 'cancelBooking', id: booking.id, scope: 'ONE', why: '' });
  t.deepEqual([root.left('cores', 2), root.left('cores', 4)], [2, 4]);
  t.is(root.stateOf(booking), 'CANCELLED');
  // Again is no error.
  root.give({ kind: 'cancelBooking', id: booking.id, scope: 'ONE', why: '' });
});

test('users change their own only, and only what they saw', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  const booking = root.booked({ amounts: { cores: 2 } }, 1, 9);
  const cancel = { kind: 'cancelBooking', id: booking.id, scope: 'ONE', why: '' } as const;
  t.is(root.refusal({ ...cancel, by: UMA }).reason, 'PERMISSION_DENIED');
  t.is(root.refusal({ ...cancel, etag: 'zz' }).reason, 'STALE_ETAG');
  t.is(root.refusal({ ...cancel, id: 'bk-none' }).reason, 'NO_SUCH_BOOKING');
  t.is(
    root.refusal(root.book({ amounts: { cores: 1 } }, 1, 2, { by: UMA, wishes: wishes('olga') })).reason,
    'PERMISSION_DENIED',
  );
});

test('a role books so long, so far ahead and holds so many', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  const limits = { longestMs: 4 * HOUR_MS, farthestMs: 10 * HOUR_MS, holds: 1 };
  const book = (from: number, to: number, holdMs?: number) =>
    root.book({ amounts: { cores: 1 } }, from, to, { limits, ...(holdMs !== undefined && { holdMs }) });
  t.like(root.refusal(book(0, 5)), { reason: 'BOOKING_LIMIT', details: { metadata: { limit: 'longest' } } });
  t.like(root.refusal(book(8, 11)), { reason: 'BOOKING_LIMIT', details: { metadata: { limit: 'farthest' } } });
  root.give(book(1, 2, HOUR_MS));
  t.like(root.refusal(book(1, 2, HOUR_MS)), { reason: 'BOOKING_LIMIT', details: { metadata: { limit: 'holds' } } });
  root.give(book(1, 2));
});

test('templates have versions that never change, and a booking keeps what it was made with', (t) => {
  const root = new Root();
  root.grant({ cores: 10, memory: 20 });
  const create = (cores: number) =>
    root.give({ kind: 'createTemplate', name: 'tiny', amounts: { cores, memory: 2 }, description: '' });
  t.is(create(1).id, 'tiny@1');
  const template = { name: 'tiny', version: 1, count: 3, amounts: { cores: 1, memory: 2 } };
  const booking = root.booked({ template }, 1, 2);
  t.deepEqual(booking.spans[0]?.amounts, { cores: 3, memory: 6 });
  t.is(create(4).id, 'tiny@2');
  root.give({ kind: 'hideTemplate', name: 'tiny' });
  t.deepEqual(root.booking(booking.id).spans[0], {
    cluster: 'default',
    ...span(1, 2),
    amounts: { cores: 3, memory: 6 },
    template: { name: 'tiny', version: 1, count: 3 },
  });
});

test('wrong input is refused by the path of its field, and nothing changes', (t) => {
  const root = new Root();
  root.grant({ cores: 10 });
  const cases: [Parameters<Root['book']>[0], number, number, Reason, string][] = [
    [{ amounts: { cores: 1 } }, 2, 2, 'INVALID_RANGE', 'booking.spans[0].range'],
    [{ amounts: { core: 1 } }, 1, 2, 'UNKNOWN_AMOUNT', 'booking.spans[0].amounts[core]'],
    [{ amounts: { cores: -1 } }, 1, 2, 'INVALID_FIELD', 'booking.spans[0].amounts[cores]'],
    [{ amounts: { cores: 1.5 } }, 1, 2, 'INVALID_FIELD', 'booking.spans[0].amounts[cores]'],
    [{ amounts: { cores: 0 } }, 1, 2, 'INVALID_FIELD', 'booking.spans[0].amounts'],
    [{ share: 0 }, 1, 2, 'INVALID_FIELD', 'booking.spans[0].share'],
    [{ share: 10_001 }, 1, 2, 'INVALID_FIELD', 'booking.spans[0].share'],
    [{ share: 0.5 }, 1, 2, 'INVALID_FIELD', 'booking.spans[0].share'],
    [{ share: 1, amounts: { cores: 1 } }, 1, 2, 'INVALID_FIELD', 'booking.spans[0]'],
    [{ cluster: 'default/none', share: 1 }, 1, 2, 'NO_SUCH_CLUSTER', 'booking.spans[0].cluster'],
    [{ benches: { names: ['b1'] } }, 1, 2, 'INVALID_FIELD', 'booking.spans[0].benches'],
  ];
  for (const [what, from, to, reason, field] of cases) {
    const refused = root.refusal(root.book(what, from, to));
    t.is(refused.reason, reason, JSON.stringify(what));
    t.is(refused.details.fields?.[0]?.field, field, JSON.stringify(what));
  }
  t.true(root.refusal(root.book({ amounts: { core: 1 } }, 1, 2)).message.includes("did you mean 'cores'"));
  const past = root.book({ amounts: { cores: 1 } }, -2, 2, { by: UMA });
  t.is(root.refusal(past).reason, 'START_IN_PAST');
  root.give(root.book({ amounts: { cores: 1 } }, -2, 2));
});

test('an entry has about 1,000 rows; what does not fit waits for the next one', (t) => {
  const root = new Root();
  root.grant({ cores: 2000 });
  const commands = Array.from({ length: 1200 }, () => root.book({ amounts: { cores: 1 } }, 1, 2));
  t.is(root.plan(commands).length, 1000);
  t.is(root.left('cores', 1), 1000);
  t.is(root.entries.at(-1)?.atMs, NOON);
});
