import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { checkSeeded } from '@berth/testkit/seeded';
import { dumpRoot } from '../../../simulation/dump-root.js';
import type { Booking } from '../model/booking.js';
import { isFirm } from '../model/booking.js';
import { overlap } from '../time/interval.js';
import { benchesOf } from './choose-benches.js';
import { Root, wishes } from './root.fixture.js';

const BENCHES = ['b1', 'b2', 'b3'];

type Step = (root: Root) => void;

const from = fc.integer({ min: 0, max: 8 });
const length = fc.integer({ min: 1, max: 5 });
const which = fc.nat(50);
const benches = fc.oneof(
  fc.subarray(BENCHES, { minLength: 1, maxLength: 2 }).map((names) => ({ names })),
  fc
    .record({ count: fc.integer({ min: 1, max: 2 }), weights: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)) })
    .map(({ count, weights }) => ({
      count,
      requirement: '',
      candidates: BENCHES.map((bench, at) => ({ bench, weight: weights[at] ?? 0 })),
    })),
);

function bookings({ state }: Root, meant: (booking: Booking) => boolean): Booking[] {
  return [...state.bookings.values()].filter(meant);
}

const create = fc
  .record({ from, length, benches, waits: fc.boolean(), holds: fc.boolean() })
  .map((ask): Step => (root) => {
    const hour = (root.now - Date.UTC(2030, 0, 1, 12)) / 3_600_000;
    const wanted = wishes('olga', { whenFull: ask.waits ? 'WAIT' : 'REFUSE', releaseAfterMs: 1_800_000 });
    const hold = ask.holds ? { holdMs: 3_600_000 } : {};
    root.plan([
      root.book({ benches: ask.benches }, hour + ask.from, hour + ask.from + ask.length, { wishes: wanted, ...hold }),
    ]);
  });

const settle = fc.record({ which, refused: fc.boolean() }).map((ask): Step => (root) => {
  const open = root.state.labSteps();
  const booking = open[ask.which % open.length];
  if (booking?.lab === undefined) return;
  const refusal = ask.refused ? { refusal: { reason: 'BENCH_HELD', message: 'held' } } : {};
  root.give({ kind: 'settle', id: booking.id, version: booking.lab.version, ...refusal });
});

const cancel = which.map((at): Step => (root) => {
  const all = bookings(root, () => true);
  const booking = all[at % all.length];
  if (booking !== undefined) root.plan([{ kind: 'cancelBooking', id: booking.id, scope: 'ONE', why: '' }]);
});

const update = fc.record({ which, from, length, benches }).map((ask): Step => (root) => {
  const all = bookings(root, isFirm);
  const booking = all[ask.which % all.length];
  if (booking === undefined) return;
  const { spans } = root.book({ benches: ask.benches }, ask.from, ask.from + ask.length);
  root.plan([{ kind: 'updateBookings', bookings: [{ id: booking.id, change: { spans } }] }]);
});

const inventory = fc.subarray(BENCHES).map(
  (there): Step =>
    (root) =>
      void root.give({ kind: 'inventory', benches: there }),
);

const lose = fc.record({ which, lost: fc.subarray(BENCHES) }).map((ask): Step => (root) => {
  const all = bookings(root, isFirm);
  const booking = all[ask.which % all.length];
  const candidates = BENCHES.map((bench) => ({ bench, weight: 1 }));
  if (booking !== undefined)
    root.give({ kind: 'benchLost', id: booking.id, lost: ask.lost, why: 'out of order', candidates });
});

const pass = fc.constantFrom(0.25, 1, 3).map(
  (hours): Step =>
    (root) =>
      root.pass(hours),
);

const steps = fc.array(
  fc.oneof({ weight: 4, arbitrary: create }, { weight: 4, arbitrary: settle }, cancel, update, inventory, lose, pass),
  {
    maxLength: 40,
  },
);

test('never do two firm bookings have one bench at one time, and every step at the lab comes to an end', (t) => {
  checkSeeded(
    t,
    300,
    fc.property(steps, (all) => {
      const root = new Root('lab/default');
      root.give({ kind: 'inventory', benches: BENCHES });
      for (const step of all) {
        step(root);
        assertApart(bookings(root, isFirm));
      }
      const follower = new Root('lab/default').state;
      for (const entry of root.entries) follower.apply(JSON.parse(JSON.stringify(entry)) as typeof entry);
      assert.equal(dumpRoot(follower), dumpRoot(root.state));
      // With all steps taken nothing is left open, and with all cancelled every bench is free.
      for (let [booking] = root.state.labSteps(); booking?.lab !== undefined; [booking] = root.state.labSteps()) {
        root.give({ kind: 'settle', id: booking.id, version: booking.lab.version });
      }
      assertApart(bookings(root, isFirm));
      for (const { id } of bookings(root, () => true)) root.give({ kind: 'cancelBooking', id, scope: 'ONE', why: '' });
      for (let [booking] = root.state.labSteps(); booking?.lab !== undefined; [booking] = root.state.labSteps()) {
        root.give({ kind: 'settle', id: booking.id, version: booking.lab.version });
      }
      root.give({ kind: 'inventory', benches: BENCHES });
      for (const bench of BENCHES)
        assert.equal(root.state.timeline('lab/default').worst(bench, root.now, root.now + 1e9), 10_000);
    }),
  );
});

function assertApart(firm: readonly Booking[]): void {
  for (const [at, one] of firm.entries()) {
    for (const other of firm.slice(at + 1)) {
      const shared = benchesOf(one).filter((bench) => benchesOf(other).includes(bench));
      for (const bench of shared) {
        const clash = one.spans.some(
          (span) => bench in span.amounts && other.spans.some((its) => bench in its.amounts && overlap(span, its)),
        );
        assert.ok(!clash, `${one.id} and ${other.id} have ${bench}: ${JSON.stringify([one, other])}`);
      }
    }
  }
}
