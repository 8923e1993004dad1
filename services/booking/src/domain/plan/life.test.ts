import test from 'ava';
import type { Booking } from '../model/booking.js';
import { conflictsOf } from '../queries.js';
import { dumpRoot } from '../../../simulation/dump-root.js';
import { planEntry, simulate } from './plan-entry.js';
import { HOUR_MS, OLGA, Root, UMA, span, wishes } from './root.fixture.js';

const WAIT = wishes('olga', { whenFull: 'WAIT' });

test('a hold counts as used, and is confirmed or expires, never both', (t) => {
  for (let round = 0; round < 1000; round += 1) {
    const root = new Root();
    root.grant({ cores: 1 });
    const hold = root.booked({ amounts: { cores: 1 } }, 1, 2, { holdMs: HOUR_MS / 60 });
    t.is(hold.state, 'HELD');
    // Before its end, at it, or after it; the expiry alone, or in the same entry.
    const late = round % 4 > 1;
    root.now += late ? HOUR_MS / 60 + (round % 2) : HOUR_MS / 60 - 1 - (round % 2);
    const confirm = { kind: 'confirmHold', id: hold.id } as const;
    if (round % 3 === 0) root.plan([]);
    if (late) t.is(root.refused(confirm).reason, 'HOLD_EXPIRED');
    else root.give(confirm);
    root.pass(0.5);
    t.is(root.stateOf(hold), late ? 'EXPIRED' : 'BOOKED');
    t.is(root.left('cores', 1), late ? 1 : 0);
    const states = root.entries
      .flatMap(({ changes }) => changes)
      .flatMap((change) => (change.kind === 'booking' ? change.booking.state : []));
    t.deepEqual(states, ['HELD', late ? 'EXPIRED' : 'BOOKED']);
  }
});

test('what waits is made firm by priority, then creation, in the entry that gives the room', (t) => {
  const root = new Root();
  root.grant({ cores: 1 });
  const holder = root.booked({ amounts: { cores: 1 } }, 1, 2);
  const waiting = Array.from({ length: 50 }, (_, at) =>
    root.booked({ amounts: { cores: 1 } }, 1, 2, { wishes: { ...WAIT, priority: at % 5 === 3 ? 60 : 50 } }),
  );
  t.deepEqual([...new Set(waiting.map(({ state }) => state))], ['PROVISIONAL']);
  t.deepEqual(waiting[0]?.shortfall?.blockers, [holder.id]);
  t.is(root.left('cores', 1), 0);
  const [, created] = root.plan([
    { kind: 'cancelBooking', id: holder.id, scope: 'ONE', why: '' },
    root.book({ amounts: { cores: 1 } }, 1, 2),
  ]);
  t.is(created !== undefined && 'refused' in created ? created.refused.reason : '', 'NO_CAPACITY');
  const firm = (): string[] => waiting.filter((one) => root.stateOf(one) === 'BOOKED').map(({ id }) => id);
  t.deepEqual(firm(), [waiting[3]?.id]);
  t.deepEqual(
    root.entries.at(-1)?.notices.map(({ kind, booking }) => [kind, booking]),
    [['PROMOTED', waiting[3]?.id]],
  );
  root.grant({ cores: 10 });
  t.deepEqual(firm().length, 11);
  t.true(firm().includes(waiting[0]?.id ?? ''));
  t.false(firm().includes(waiting[49]?.id ?? ''));
});

test('what fits is made firm although something that was there before it does not', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  const holder = root.booked({ amounts: { cores: 4 } }, 1, 2);
  const [large, small] = [5, 1].map((cores) => root.booked({ amounts: { cores } }, 1, 2, { wishes: WAIT }));
  root.give({
    kind: 'updateBookings',
    bookings: [{ id: holder.id, change: { spans: [{ ...span(1, 2), amounts: { cores: 3 } }] } }],
  });
  t.deepEqual(
    [large, small].map((one) => one && root.stateOf(one)),
    ['PROVISIONAL', 'BOOKED'],
  );
});

test('what waits is told UNRESOLVED, is still tried, and is cancelled at its start', (t) => {
  const root = new Root();
  root.grant({ cores: 1 });
  const holder = root.booked({ amounts: { cores: 1 } }, 4, 9);
  const resolveByMs = root.now + 2 * HOUR_MS;
  const one = root.booked({ amounts: { cores: 1 } }, 5, 6, { wishes: { ...WAIT, resolveByMs } });
  const other = root.booked({ amounts: { cores: 1 } }, 5, 6, { wishes: WAIT });
  root.pass(1.99);
  t.is(root.stateOf(one), 'PROVISIONAL');
  root.pass(0.01);
  t.is(root.stateOf(one), 'UNRESOLVED');
  t.like(root.booking(one.id).shortfall, { amount: 'cores', shortfall: 1, blockers: [holder.id] });
  t.deepEqual(
    root.entries.at(-1)?.notices.map(({ kind }) => kind),
    ['UNRESOLVED'],
  );
  t.deepEqual(
    conflictsOf(root.state, root.now).map(({ booking }) => booking.id),
    [one.id, other.id],
  );
  root.give({ kind: 'cancelBooking', id: holder.id, scope: 'ONE', why: '' });
  t.is(root.stateOf(one), 'BOOKED');
  root.pass(3);
  t.is(root.stateOf(one), 'ACTIVE');
  t.is(root.stateOf(other), 'CANCELLED');
});

test('what is taken away makes exactly those DEGRADED that lie over an instant below 0, while it lasts', (t) => {
  const root = new Root();
  root.grant({ cores: 4 });
  const before = root.booked({ amounts: { cores: 4 } }, 1, 2);
  const over = [1, 3].map((cores) => root.booked({ amounts: { cores } }, 2, 6));
  const after = root.booked({ amounts: { cores: 4 } }, 6, 7);
  const flags = (): boolean[] => [before, ...over, after].map(({ id }) => root.booking(id).degraded);
  const id = root.grant({ cores: 2 }, { kind: 'MAINTENANCE', ...span(2, 4) });
  t.deepEqual(flags(), [false, true, true, false]);
  t.is(root.left('cores', 3), -2);
  t.is(conflictsOf(root.state, root.now).length, 2);
  root.give({ kind: 'updateGrant', id, change: { ...span(3, 4) }, force: false });
  t.deepEqual(flags(), [false, true, true, false]);
  root.pass(4);
  t.deepEqual(flags(), [false, false, false, false], 'it is over');
  t.deepEqual(
    root.entries.at(-1)?.notices.map(({ kind }) => kind),
    ['RESTORED', 'RESTORED'],
  );
});

test('a share is DEGRADED also when it gets something of an amount only where that is below 0', (t) => {
  const root = new Root();
  root.grant({ cores: 1 }, span(0, 1));
  root.grant({ cores: 1 }, { kind: 'MAINTENANCE', ...span(0, 4) });
  const share = root.booked({ share: 10_000 }, 2, 3);
  t.false(share.degraded, 'all of nothing');
  // The grant gives 1 and the share takes 1: as much is left as before.
  root.grant({ cores: 1 }, span(1, 4));
  t.true(root.booking(share.id).degraded);
});

test('a grant shrinks as far as firm bookings allow', (t) => {
  const root = new Root();
  const id = root.grant({ cores: 4 });
  root.booked({ amounts: { cores: 3 } }, 1, 2);
  const shrink = (cores: number) =>
    ({ kind: 'updateGrant', id, change: { amounts: { cores } }, force: false }) as const;
  t.is(root.refusal(shrink(2)).details.metadata?.['shortfall'], '1');
  root.give(shrink(3));
  t.is(root.refusal({ kind: 'deleteGrant', id, force: false }).reason, 'NO_CAPACITY');
  root.give({ kind: 'deleteGrant', id, force: true });
  t.is(root.left('cores', 1), -3);
});

test('what nobody uses is released, but for what was checked in or made after its start', (t) => {
  const root = new Root();
  root.grant({ cores: 9 });
  const releaseAfterMs = HOUR_MS / 2;
  const asked = { wishes: wishes('olga', { releaseAfterMs }) };
  const [unused, used] = [1, 1].map(() => root.booked({ amounts: { cores: 1 } }, 1, 4, asked)) as [Booking, Booking];
  t.is(root.refusal({ kind: 'checkIn', id: used.id }).reason, 'NOT_ACTIVE');
  root.pass(1.25);
  root.give({ kind: 'checkIn', id: used.id });
  const late = root.booked({ amounts: { cores: 1 } }, 1, 4, asked);
  root.pass(1);
  t.deepEqual(
    [unused, used, late].map((one) => root.stateOf(one)),
    ['RELEASED', 'ACTIVE', 'ACTIVE'],
  );
  t.deepEqual([root.left('cores', 2), root.left('cores', 3)], [6, 7]);
});

test('notices come before a start and an end, and move with them', (t) => {
  const root = new Root();
  root.grant({ cores: 9 });
  const asked = { wishes: wishes('olga', { notifyBeforeStartMs: HOUR_MS, notifyBeforeEndMs: HOUR_MS }) };
  const booking = root.booked({ amounts: { cores: 1 } }, 3, 6, asked);
  const told = (): string[] => root.entries.flatMap(({ notices }) => notices.map(({ kind }) => kind));
  root.pass(1.9);
  t.deepEqual(told(), []);
  root.pass(0.1);
  t.deepEqual(told(), ['STARTS']);
  t.is(root.booking(booking.id).version, booking.version, 'a notice is no change');
  root.pass(3);
  t.deepEqual(told(), ['STARTS', 'ENDS']);
  const spans = [{ ...span(3, 8), amounts: { cores: 1 } }];
  root.give({ kind: 'updateBookings', bookings: [{ id: booking.id, change: { spans } }] });
  root.pass(2);
  t.deepEqual(told(), ['STARTS', 'ENDS', 'ENDS']);
});

test('a series is booked whole with every conflict told, or as far as it fits', (t) => {
  const root = new Root();
  root.grant({ cores: 1 });
  root.booked({ amounts: { cores: 1 } }, 24, 25);
  root.booked({ amounts: { cores: 1 } }, 72, 73);
  const series = (bestEffort: boolean) => {
    const occurrences = [0, 1, 2, 3].map((day) => ({
      id: root.id('bk'),
      spans: [{ ...span(24 * day + 0.5, 24 * day + 2), amounts: { cores: 1 } }],
    }));
    return {
      kind: 'createSeries',
      id: root.id('se'),
      wishes: wishes('olga'),
      rule: 'FREQ=DAILY;COUNT=4',
      occurrences,
      bestEffort,
    } as const;
  };
  const refused = root.refusal(series(false));
  t.is(refused.reason, 'NO_CAPACITY');
  t.is(refused.details.metadata?.['conflict_times'], '2030-01-02T12:30:00.000Z,2030-01-04T12:30:00.000Z');
  const done = root.give(series(true));
  t.is(done.bookings.length, 2);
  t.deepEqual(
    done.conflicts?.map(({ startMs }) => new Date(startMs).toISOString().slice(0, 10)),
    ['2030-01-02', '2030-01-04'],
  );
  const [first = '', second = ''] = done.bookings;
  root.give({ kind: 'cancelBooking', id: first, scope: 'FOLLOWING', why: '' });
  t.deepEqual([root.stateOf({ id: first }), root.stateOf({ id: second })], ['CANCELLED', 'CANCELLED']);
});

test('occurrences that overlap each other are refused', (t) => {
  const root = new Root();
  root.grant({ cores: 9 });
  const occurrences = [0, 1].map((hour) => ({
    id: root.id('bk'),
    spans: [{ ...span(hour + 1, hour + 3), amounts: { cores: 1 } }],
  }));
  const series = { kind: 'createSeries', id: 'se', wishes: wishes('olga'), rule: '', bestEffort: true } as const;
  t.is(root.refusal({ ...series, occurrences }).reason, 'INVALID_SERIES');
  t.is(root.refusal({ ...series, occurrences: [] }).reason, 'INVALID_SERIES');
});

test('a simulation answers as if, and leaves nothing', (t) => {
  const root = new Root();
  root.grant({ cores: 1 });
  const before = dumpRoot(root.state);
  const asks = [root.book({ amounts: { cores: 1 } }, 1, 2), root.book({ amounts: { cores: 1 } }, 1, 2)];
  const commands = asks.map((ask) => ({ by: OLGA, key: { id: '', fingerprint: '' }, ...ask }));
  const seen = simulate(root.state, commands, root.now, (state, answers) => [
    state.timeline('default').at('cores', root.now + HOUR_MS),
    answers.map((answer) => ('refused' in answer ? answer.refused.reason : 'done')),
  ]);
  t.deepEqual(seen, [0, ['done', 'NO_CAPACITY']]);
  t.is(dumpRoot(root.state), before);
});

test('time never goes back', (t) => {
  const root = new Root();
  root.grant({ cores: 1 });
  const plan = planEntry(
    root.state,
    [{ by: UMA, key: { id: 'r', fingerprint: '' }, ...root.book({ amounts: { cores: 1 } }, 1, 2, { by: UMA }) }],
    root.now - HOUR_MS,
  );
  t.is(plan.entry?.atMs, root.now);
  plan.drop();
});
