import test from 'ava';
import { caller, OPERATOR, Scene } from '../../../simulation/scene.js';
import { bench, named, offer, request, requirement } from '../../../simulation/specs.js';
import type { LabRules, ReservationSpec } from '../model.js';
import { planAcquire } from './acquire.js';
import { planDeleteBench, planPutOffer } from './inventory.js';
import { planExtend } from './leases.js';
import type { Reserved } from './reservations.js';
import { planDeleteReservation, planPutReservation } from './reservations.js';
import { planDue } from './streams.js';

const any = requirement();
const RULES: Partial<LabRules> = { bookingNoticeMs: 10_000, openEndedMs: 5_000 };

/** A lab where bookings can be made: of ann, on bench b, from in 20 s for 30 s, unless said otherwise. */
class Lab extends Scene {
  constructor(...names: readonly string[]) {
    super(RULES, ...names.map((name) => bench(name)));
  }

  reserve(more: Partial<ReservationSpec> = {}, inMs = 20_000, force = false): Reserved {
    const startMs = this.now + inMs;
    const spec = { id: 'k', version: 1, benches: ['b'], owners: ['ann'], startMs, endMs: startMs + 30_000, ...more };
    return this.run((draft) => planPutReservation(draft, spec, force, OPERATOR));
  }

  remove(version: number, ifUnused = false, endMs?: number): Reserved {
    const deletion = { id: 'k', version, ifUnused, ...(endMs !== undefined && { endMs }) };
    return this.run((draft) => planDeleteReservation(draft, deletion, OPERATOR));
  }

  /** Lets time pass, and does what reservations demand of it. */
  pass(ms: number): void {
    this.now += ms;
    this.run((draft) => planDue(draft, { kind: 'reservation', id: 'k' }));
  }

  /** Ends of leases, in order. */
  get ends(): readonly string[] {
    return this.changes.flatMap((change) =>
      change.kind === 'leaseEnded' ? [`${change.lease.owner} ${change.reason}`] : [],
    );
  }

  refusalOf(what: () => unknown): string {
    return this.refusal(what).reason;
  }
}

test('a lease without an end gets the start of a reservation, and another one when that moves or goes', (t) => {
  const lab = new Lab('b');
  lab.acquire('open', [any], { owner: 'bob' });
  const { startMs } = lab.reserve().reservation ?? { startMs: 0 };
  t.is(lab.leaseOf('open').endMs, startMs);
  t.true(lab.changes.some((change) => change.kind === 'leasePut'));
  t.true(lab.reserve({ version: 2 }, 60_000).done);
  t.is(lab.leaseOf('open').endMs, lab.now + 60_000);
  t.is(
    lab.refusalOf(() => lab.reserve({ version: 3 }, 9_999)),
    'BENCH_HELD',
    'it must be warned in time',
  );
  t.is(lab.leaseOf('open').endMs, lab.now + 60_000);
  t.true(lab.remove(3).done);
  t.is(lab.leaseOf('open').endMs, undefined);
});

test('a lease keeps what max_duration promised, unless it is forced', (t) => {
  const lab = new Lab('b');
  lab.acquire('long', [any], { owner: 'bob', maxDurationMs: 40_000 });
  const { endMs = 0 } = lab.leaseOf('long');
  const refusal = lab.refusal(() => lab.reserve({}, 30_000));
  t.is(refusal.reason, 'BENCH_HELD');
  t.like(refusal.details.metadata, { bench: 'b', owner: 'bob', until: new Date(endMs).toISOString() });
  t.true(lab.reserve({ startMs: endMs, endMs: endMs + 1 }).done, 'back to back is no conflict');
  t.true(lab.reserve({ version: 2 }, 30_000, true).done);
  t.is(lab.leaseOf('long').endMs, lab.now + 30_000);
  lab.remove(3);
  t.is(lab.leaseOf('long').endMs, endMs);
});

test('a reservation that begins soon is refused while somebody waits for the bench', (t) => {
  const lab = new Lab('b', 'c');
  lab.acquire('h1', [named('b')], { maxDurationMs: 1_000 });
  lab.acquire('h2', [named('c')], { maxDurationMs: 1_000 });
  lab.acquire('waits', [any], { owner: 'bob', maxDurationMs: 1_000 });
  const refusal = lab.refusal(() => lab.reserve({}, 2_000));
  t.is(refusal.reason, 'BENCH_HELD');
  t.like(refusal.details.metadata, { owner: 'bob' });
  t.true(lab.reserve({}, 10_000).done);
});

test('two reservations of one bench never overlap, not even by force', (t) => {
  const lab = new Lab('b', 'c');
  const { startMs = 0, endMs = 0 } = lab.reserve().reservation ?? {};
  const other = { id: 'other', benches: ['c', 'b'] };
  const refusal = lab.refusal(() => lab.reserve({ ...other, startMs: endMs - 1, endMs: endMs + 9 }, 0, true));
  t.is(
    lab.refusalOf(() => lab.reserve({ ...other, startMs: startMs - 9, endMs: startMs + 1 }, 0, true)),
    'BENCH_BOOKED',
  );
  t.is(refusal.reason, 'BENCH_BOOKED');
  t.like(refusal.details.metadata, { bench: 'b', booking: 'k', owner: 'ann', from: new Date(startMs).toISOString() });
  t.is(lab.state.reservations.size, 1);
  t.true(lab.reserve({ id: 'other', startMs: endMs, endMs: endMs + 9 }).done);
});

test('what takes no longer than until the start goes first, what takes longer waits', (t) => {
  const lab = new Lab('b');
  lab.reserve();
  t.is(lab.acquire('long', [any], { maxDurationMs: 25_000 }).kind, 'waiting');
  t.is(lab.acquire('short', [any], { maxDurationMs: 3_000 }).kind, 'granted');
  lab.release('short');
  lab.acquire('open', [any]);
  t.is(lab.leaseOf('open').endMs, lab.state.reservations.get('k')?.startMs, 'an end that it did not ask for');
  lab.release('open');
  lab.now += 16_000;
  t.is(lab.acquire('late', [any]).kind, 'waiting', 'less than what one needs that does not say how long');
  t.is(lab.acquire('brief', [any], { maxDurationMs: 1_000 }).kind, 'granted');
});

test('who is shut out from one bench claims no other', (t) => {
  const lab = new Lab('b', 'c');
  lab.acquire('holder', [named('b')], { maxDurationMs: 15_000 });
  lab.reserve();
  lab.acquire('pair', [named('b'), named('c')], { maxDurationMs: 60_000 });
  t.is(lab.acquire('single', [named('c')]).kind, 'granted');
  lab.release('single');
  lab.acquire('quick pair', [named('b'), named('c')], { maxDurationMs: 4_000, priority: 60 });
  t.is(lab.acquire('next', [named('c')]).kind, 'waiting', 'it claims what it can still use');
  lab.now += 16_001;
  lab.run((draft) => planDue(draft, { kind: 'claims', id: '' }));
  t.deepEqual(lab.held('next'), ['c'], 'until a reservation is too near');
});

test('at the start the owner has all of it, in the append that ends what was there', (t) => {
  const lab = new Lab('b', 'c');
  lab.acquire('bob', [named('b')], { owner: 'bob' });
  lab.acquire('cem', [named('c')], { owner: 'cem', maxDurationMs: 20_000 });
  lab.reserve({ benches: ['b', 'c'], startMs: lab.now + 20_000 });
  t.is(lab.acquire('mine', [], { booking: 'k' }).kind, 'waiting');
  t.is(lab.acquire('first', [any], { owner: 'bob', priority: 100 }).kind, 'waiting');
  lab.pass(20_000);
  t.deepEqual(lab.ends, ['bob BOOKED', 'cem MAX_DURATION']);
  t.deepEqual(lab.held('mine'), ['b', 'c']);
  t.is(lab.leaseOf('mine').endMs, lab.state.reservations.get('k')?.endMs);
  t.true(lab.state.reservations.get('k')?.used);
  lab.release('mine');
  t.deepEqual(lab.queue, ['first'], 'what is not used stays booked');
  t.is(lab.acquire('again', [any], { booking: 'k' }).kind, 'granted');
  lab.pass(30_000);
  t.deepEqual(lab.ends, ['ann BOOKING_OVER']);
  t.truthy(lab.held('first'));
  t.is(lab.state.reservations.size, 0);
});

test('what is booked is for its owners and operators, and only while it is booked', (t) => {
  const lab = new Lab('b', 'c');
  lab.reserve({}, 0);
  t.is(
    lab.refusalOf(() => lab.acquire('r1', [], { owner: 'bob', booking: 'k' })),
    'PERMISSION_DENIED',
  );
  t.is(
    lab.refusalOf(() => lab.acquire('r2', [], { booking: 'other' })),
    'NO_SUCH_BOOKING',
  );
  t.is(
    lab.refusalOf(() => lab.acquire('r3', [named('c')], { booking: 'k' })),
    'NO_SUCH_BENCH',
  );
  t.deepEqual(lab.acquire('r4', [any], { owner: 'bob', booking: 'k', asOperator: true }).kind, 'granted');
  lab.reserve({ version: 2, owners: ['cem'] }, 0);
  lab.acquire('r5', [any], { owner: 'cem', booking: 'k' });
  lab.reserve({ version: 3, owners: ['dan'] }, 0);
  t.like(lab.changes[0], { kind: 'requestGone', reason: 'BOOKING_OVER' });
  lab.now += 30_000;
  t.is(
    lab.refusalOf(() => lab.acquire('r6', [], { owner: 'dan', booking: 'k' })),
    'NO_SUCH_BOOKING',
  );
});

test('a request that asks for all of a booking follows it to other benches', (t) => {
  const lab = new Lab('b', 'c');
  lab.reserve();
  lab.acquire('mine', [], { booking: 'k' });
  lab.reserve({ version: 2, benches: ['c'] });
  lab.pass(20_000);
  t.deepEqual(lab.held('mine'), ['c']);
});

test('a lease is not moved out of its booking, unless that is forced', (t) => {
  const lab = new Lab('b', 'c');
  lab.reserve({}, 0);
  lab.acquire('mine', [], { booking: 'k' });
  t.is(
    lab.refusalOf(() => lab.reserve({ version: 2, benches: ['c'] }, 0)),
    'BENCH_HELD',
  );
  t.is(
    lab.refusalOf(() => lab.reserve({ version: 2 }, 1_000)),
    'BENCH_HELD',
  );
  const { startMs = 0 } = lab.state.reservations.get('k') ?? {};
  lab.reserve({ version: 2, startMs, endMs: startMs + 90_000 });
  t.is(lab.leaseOf('mine').endMs, startMs + 90_000, 'it moves with it');
  lab.reserve({ version: 3 }, 1_000, true);
  t.deepEqual(lab.ends, ['ann BOOKING_OVER']);
});

test('a booking that has begun gets another bench by force, and who holds that loses it at once', (t) => {
  const lab = new Lab('b', 'c');
  lab.acquire('bob', [named('c')], { owner: 'bob' });
  lab.reserve({}, 0);
  const { startMs } = lab.state.reservations.get('k')!;
  t.is(
    lab.refusalOf(() => lab.reserve({ version: 2, benches: ['c'], startMs })),
    'BENCH_HELD',
  );
  lab.reserve({ version: 2, benches: ['c'], startMs }, 0, true);
  t.deepEqual(lab.ends, ['bob BOOKED']);
  t.is(lab.acquire('mine', [], { booking: 'k' }).kind, 'granted');
});

test('Extend into a reservation is refused, and so is one beyond the booking that is spent', (t) => {
  const lab = new Lab('b', 'c');
  lab.acquire('r', [named('b')], { maxDurationMs: 1_000 });
  const { startMs = 0 } = lab.reserve().reservation ?? {};
  const { id } = lab.leaseOf('r');
  const extend = (ms: number): unknown => lab.run((draft) => planExtend(draft, id, caller('ann'), ms));
  t.like(
    lab.refusal(() => extend(20_001)),
    { reason: 'BENCH_BOOKED', details: { metadata: { booking: 'k' } } },
  );
  extend(20_000);
  t.is(lab.leaseOf('r').endMs, startMs);
  lab.reserve({ id: 'mine', benches: ['c'] }, 0);
  const lease = lab.acquire('m', [], { booking: 'mine' });
  const mine = lease.kind === 'granted' ? lease.lease.id : '';
  t.is(
    lab.refusalOf(() => lab.run((draft) => planExtend(draft, mine, caller('ann'), 60_000))),
    'BENCH_BOOKED',
  );
});

test('versions decide: what is older changes nothing, also after a deletion', (t) => {
  const lab = new Lab('b');
  lab.reserve({ version: 5 });
  const older = lab.reserve({ version: 4, owners: ['bob'] });
  t.like(older, { done: false, reservation: { version: 5, owners: ['ann'] } });
  const { startMs, endMs } = older.reservation!;
  t.true(lab.reserve({ version: 5, startMs, endMs }).done, 'a repeat');
  t.false(lab.remove(4).done);
  t.true(lab.remove(5).done);
  t.is(lab.state.reservations.size, 0);
  t.like(lab.reserve({ version: 5 }), { done: false, reservation: undefined });
  t.true(lab.reserve({ version: 6 }).done);
});

test('the deletion of one that never came is remembered until it would have ended', (t) => {
  const lab = new Lab('b');
  const late = { startMs: lab.now + 1_000, endMs: lab.now + 90_000 };
  t.true(lab.remove(2, true, late.endMs).done);
  t.false(lab.reserve({ ...late, version: 1 }).done);
  lab.now += 90_000;
  t.true(lab.reserve({ version: 1 }).done);
});

test('only what nobody used is deleted when that is asked for', (t) => {
  const lab = new Lab('b');
  lab.reserve({}, 0);
  lab.acquire('mine', [], { booking: 'k' });
  lab.release('mine');
  t.like(lab.remove(2, true), { done: false });
  lab.acquire('again', [], { booking: 'k' });
  t.true(lab.remove(2).done);
  t.deepEqual(lab.ends, ['ann BOOKING_OVER']);
});

test('a reserved bench is removed by force only', (t) => {
  const lab = new Lab('b');
  lab.reserve();
  lab.acquire('mine', [], { booking: 'k' });
  t.is(
    lab.refusalOf(() => lab.run((draft) => planDeleteBench(draft, 'b', '', { force: false }, OPERATOR))),
    'BENCH_BOOKED',
  );
  lab.run((draft) => planDeleteBench(draft, 'b', '', { force: true }, OPERATOR));
  t.deepEqual(lab.queue, ['mine'], 'the booking may get another bench');
  t.is(
    lab.refusalOf(() => lab.reserve({ version: 2 })),
    'NO_SUCH_BENCH',
  );
  t.true(lab.reserve({ version: 2 }, 0, true).done, 'as what a lab lost comes back');
  lab.run((draft) => {
    draft.emit({ type: 'BenchPut', spec: bench('b'), origin: 'inventory', atMs: draft.now });
    draft.schedule();
  });
  t.deepEqual(lab.held('mine'), ['b']);
});

test('what is on a bench that is cleaned ends early enough, and the booking gets it once it is clean', (t) => {
  const lab = new Lab('b');
  lab.run((draft) => {
    planPutOffer(draft, offer('farm', [], { makeTimeMs: 4_000 }));
    draft.emit({ type: 'BenchPut', spec: bench('p', { recycle: 'CLEAN' }), origin: 'pool/farm', atMs: draft.now });
  });
  lab.acquire('bob', [named('p')], { owner: 'bob' });
  const { startMs = 0 } = lab.reserve({ benches: ['p'] }).reservation ?? {};
  const { id, endMs } = lab.leaseOf('bob');
  t.is(endMs, startMs - 4_000);
  lab.acquire('mine', [], { booking: 'k' });
  lab.now += 16_000;
  lab.run((draft) => planDue(draft, { kind: 'leaseEnd', id }));
  t.deepEqual(lab.ends, ['bob BOOKED']);
  t.is(lab.acquire('brief', [named('p')], { maxDurationMs: 1 }).kind, 'waiting');
  lab.pass(4_000);
  t.is(lab.held('mine'), undefined);
  lab.run((draft) => {
    draft.emit({ type: 'BenchCleaned', name: 'p' });
    draft.schedule();
  });
  t.deepEqual(lab.held('mine'), ['p']);
});

test('one booking after the other: what ends makes room for what starts', (t) => {
  const lab = new Lab('b');
  const { endMs = 0 } = lab.reserve({}, 0).reservation ?? {};
  lab.reserve({ id: 'next', owners: ['bob'], startMs: endMs, endMs: endMs + 1_000 });
  lab.acquire('mine', [], { booking: 'k' });
  lab.acquire('his', [], { owner: 'bob', booking: 'next' });
  lab.pass(30_000);
  t.deepEqual(lab.ends, ['ann BOOKING_OVER']);
  t.deepEqual(lab.held('his'), ['b']);
});

test('nothing is free in the time of a booking: who does not wait is told whose it is', (t) => {
  const lab = new Lab('b');
  lab.reserve({}, 0);
  const spec = request('r', [any], { owner: 'bob', waitMs: 0 });
  const refusal = lab.refusal(() => lab.run((draft) => planAcquire(draft, spec, 's1')));
  t.is(refusal.reason, 'BENCH_BUSY');
  t.regex(refusal.message, /'b' is booked by ann from .+ until /);
});
