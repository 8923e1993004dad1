import { BerthError, SYSTEM } from '@berth/kernel';
import type { CollectionStore } from '@berth/storage';
import type { FakeClock, SeededRandom } from '@berth/testkit';
import { fakeClock } from '@berth/testkit';
import { runSeeds } from '@berth/testkit/seeded';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Booking } from '../../domain/index.js';
import type { TestBookings } from '../bookings.fixture.js';
import { benchBooking, DAY_MS, HOUR_MS, openBookings, openStore, user } from '../bookings.fixture.js';
import { FakeLab } from './fake-lab.fixture.js';
import { compareLab } from './lab-comparison.js';
import { LabFollower } from './lab-follower.js';

const FROM_MS = Date.UTC(2026, 0, 2);
const BENCHES = ['b1', 'b2', 'b3'];

interface Scene {
  readonly store: CollectionStore;
  readonly clock: FakeClock;
  readonly lab: FakeLab;
  readonly bookings: TestBookings;
}

async function open(t: ExecutionContext, lab = new FakeLab(BENCHES)): Promise<Scene> {
  const clock = fakeClock();
  const store = await openStore(t, 'sqlite');
  return { store, clock, lab, bookings: await openBookings(t, store, { clock, labs: lab }) };
}

function create({ uses }: TestBookings, names: readonly string[], id = '', hour = 0): Promise<{ booking: Booking }> {
  const startMs = FROM_MS + hour * HOUR_MS;
  return uses.createBooking(
    { booking: benchBooking(names, startMs, startMs + HOUR_MS), force: false },
    user('ann', id),
  );
}

function cancel({ uses }: TestBookings, id: string): Promise<unknown> {
  return uses.cancelBooking({ id, etag: '', reason: '', scope: 'one' }, user('ann'));
}

function refusal(t: ExecutionContext, call: Promise<unknown>): Promise<BerthError> {
  return t.throwsAsync(call, { instanceOf: BerthError });
}

/** What the ledger and the lab have, as text, so that a difference can be read. */
async function both({ bookings: { context }, lab, clock }: Scene): Promise<{ ledger: string[]; lab: string[] }> {
  const replica = await context.roots.of('lab/default');
  const reserved = await replica.read((state) => state.reserved(clock.now()));
  const ledger = reserved.map(
    (one) => `${one.id} ${String(one.reserved)} ${Object.keys(one.spans[0]?.amounts ?? {}).join()}`,
  );
  const has = [...lab.reservations.values()].filter(({ endMs }) => endMs > clock.now());
  return {
    ledger: ledger.sort(),
    lab: has.map(({ id, version, benches }) => `${id} ${String(version)} ${benches.join()}`).sort(),
  };
}

/** Runs a follower until nothing is to be done any more, over a minute of the clock. */
async function follow(t: ExecutionContext, scene: Scene): Promise<void> {
  const { bookings, clock, lab } = scene;
  const over = new AbortController();
  const replica = await bookings.context.roots.of('lab/default');
  const running = new LabFollower(bookings.context, replica).run(over.signal);
  for (let second = 0; second < 70; second += 1) {
    for (let turns = 0; turns < 12; turns += 1) await new Promise(setImmediate);
    clock.advance(1000);
  }
  for (let turns = 0; turns < 50; turns += 1) await new Promise(setImmediate);
  over.abort();
  lab.changed();
  clock.advance(60_000);
  await running;
  t.deepEqual(await replica.read((state) => state.labSteps().map(({ id }) => id)), []);
}

test('a booking of benches is firm when the lab has taken it, and free when the lab has given it back', async (t) => {
  const scene = await open(t);
  const { bookings, lab } = scene;
  const { booking } = await create(bookings, ['b1', 'b2']);
  t.is(booking.state, 'BOOKED');
  t.like(lab.reservations.get(booking.id), { benches: ['b1', 'b2'], owners: ['ann'], startMs: FROM_MS });
  const { ledger, lab: has } = await both(scene);
  t.deepEqual(ledger, has);
  t.is((await refusal(t, create(bookings, ['b2']))).reason, 'NO_CAPACITY');
  await cancel(bookings, booking.id);
  t.is(lab.reservations.size, 0);
  await create(bookings, ['b2']);
});

test('what the lab refuses is refused, also to repeats, and nothing stays booked', async (t) => {
  const scene = await open(t);
  const { bookings, lab } = scene;
  lab.held.add('b1');
  const [one, two] = await Promise.all([
    refusal(t, create(bookings, ['b1'], 'r1')),
    refusal(t, create(bookings, ['b1'], 'r1')),
  ]);
  t.is(one.reason, 'BENCH_HELD');
  t.is(two.reason, 'BENCH_HELD');
  lab.held.clear();
  t.is((await refusal(t, create(bookings, ['b1'], 'r1'))).reason, 'BENCH_HELD', 'the answer stays');
  t.is((await create(bookings, ['b1'], 'r2')).booking.state, 'BOOKED');
});

test('a lab that is away leaves the step in the ledger; a repeat makes it', async (t) => {
  const { bookings, lab } = await open(t);
  await create(bookings, ['b3']);
  lab.trouble = (call) => (call === 'put' ? 'before' : undefined);
  t.is((await refusal(t, create(bookings, ['b1'], 'r1'))).reason, 'STORE_UNAVAILABLE');
  t.is((await refusal(t, create(bookings, ['b1'], 'r2'))).reason, 'NO_CAPACITY', 'it counts as used');
  lab.trouble = () => undefined;
  t.is((await create(bookings, ['b1'], 'r1')).booking.state, 'BOOKED');
  t.is(lab.reservations.size, 2);
});

for (const call of ['put', 'free'] as const) {
  for (const when of ['before', 'after'] as const) {
    test(`a process that ends ${when} the ${call} leaves both equal after a minute`, async (t) => {
      const scene = await open(t);
      const { bookings, lab } = scene;
      const { booking } = await create(bookings, ['b1']);
      lab.trouble = (made) => (made === call ? when : undefined);
      await (call === 'put' ? refusal(t, create(bookings, ['b2'])) : refusal(t, cancel(bookings, booking.id)));
      lab.trouble = () => undefined;
      await follow(t, scene);
      const { ledger, lab: has } = await both(scene);
      t.deepEqual(ledger, has);
      t.is(has.length, call === 'put' ? 2 : 0);
    });
  }
}

test('a lab that comes back empty gets its reservations back; what it has too much goes', async (t) => {
  const scene = await open(t);
  const { bookings, lab } = scene;
  const { booking } = await create(bookings, ['b1']);
  const version = lab.reservations.get(booking.id)?.version;
  lab.lose();
  lab.held.add('b1');
  const extra = { id: 'bk-stranger', version: 3, benches: ['b2'], owners: ['eve'], used: false };
  lab.reservations.set('bk-stranger', { startMs: FROM_MS, endMs: FROM_MS + HOUR_MS, ...extra });
  await follow(t, scene);
  t.deepEqual([...lab.reservations.keys()], [booking.id]);
  t.is(lab.reservations.get(booking.id)?.version, version);
});

test('what a lease spends is used: the ledger learns it', async (t) => {
  const scene = await open(t);
  const { bookings, lab, clock } = scene;
  const { booking } = await create(bookings, ['b1']);
  clock.advance(FROM_MS - clock.now() + 60_000);
  lab.use(booking.id);
  await follow(t, scene);
  t.not((await bookings.uses.getBooking(booking.id)).usedMs, undefined);
});

test('benches that nobody takes are free again, unless the lab says that they are used', async (t) => {
  const scene = await open(t);
  const { bookings, lab, clock } = scene;
  const [unused, used] = [(await create(bookings, ['b1'])).booking, (await create(bookings, ['b2'])).booking];
  clock.advance(FROM_MS - clock.now() + 60_000);
  // Nobody tells the ledger: the lab decides.
  const reservation = lab.reservations.get(used.id);
  if (reservation !== undefined) lab.reservations.set(used.id, { ...reservation, used: true });
  const replica = await bookings.context.roots.of('lab/default');
  clock.advance(30 * 60_000);
  await replica.read(() => undefined);
  await follow(t, scene);
  t.is((await bookings.uses.getBooking(unused.id)).state, 'RELEASED');
  t.is((await bookings.uses.getBooking(used.id)).state, 'BOOKED');
  t.deepEqual([...lab.reservations.keys()], [used.id]);
});

test('a booking whose bench is out of order is degraded; one by requirement moves to another bench', async (t) => {
  const scene = await open(t);
  const { bookings, lab, clock } = scene;
  const { booking: named } = await create(bookings, ['b1']);
  const [span] = benchBooking([], FROM_MS, FROM_MS + HOUR_MS).spans;
  if (span === undefined) throw new Error('there is no span');
  const take = { kind: 'benches', lab: '', names: [], requirements: [{ attributes: ['a'] }] } as const;
  const wished = { ...benchBooking([], FROM_MS, FROM_MS + HOUR_MS), spans: [{ ...span, take }] };
  const { booking: chosen } = await bookings.uses.createBooking({ booking: wished, force: false }, user('bob'));
  t.deepEqual(lab.reservations.get(chosen.id)?.benches, ['b2']);
  clock.advance(FROM_MS - clock.now() - HOUR_MS / 2);
  lab.setReady('b1', false, 'broken');
  lab.setReady('b2', false, 'broken');
  await follow(t, scene);
  t.like(await bookings.uses.getBooking(named.id), { degraded: true, benchLost: true });
  t.false((await bookings.uses.getBooking(chosen.id)).degraded);
  t.deepEqual(lab.reservations.get(chosen.id)?.benches, ['b3']);
  lab.setReady('b1', true);
  await follow(t, scene);
  t.false((await bookings.uses.getBooking(named.id)).degraded);
});

test('a bench that was added a moment ago can be booked; one that was removed degrades what had it', async (t) => {
  const scene = await open(t);
  const { bookings, lab } = scene;
  await create(bookings, ['b1']);
  t.is((await refusal(t, create(bookings, ['b9']))).reason, 'NO_SUCH_BENCH');
  lab.setReady('b9', true);
  const { booking } = await create(bookings, ['b9']);
  lab.benches.delete('b9');
  await follow(t, scene);
  t.true((await bookings.uses.getBooking(booking.id)).degraded);
});

test('maintenance of benches is a reservation of operators', async (t) => {
  const scene = await open(t);
  const { bookings, lab } = scene;
  await create(bookings, ['b1']);
  const range = {
    start: { atMs: FROM_MS + DAY_MS },
    end: { atMs: FROM_MS + 2 * DAY_MS },
    zone: '',
    path: 'grant.range',
  };
  const by = { actor: SYSTEM, operator: true };
  const call = { by, role: 'operator', key: { id: '', fingerprint: '' } };
  const grant = await bookings.uses.createGrant(
    { kind: 'maintenance', cluster: 'lab/default', amounts: {}, benches: ['b2'], range, description: '', labels: {} },
    call,
  );
  await follow(t, scene);
  t.like(lab.reservations.get(grant.id), { benches: ['b2'], owners: [] });
  await bookings.uses.deleteGrant({ id: grant.id, etag: '', force: false }, call);
  await follow(t, scene);
  t.false(lab.reservations.has(grant.id));
});

function lost(lab: FakeLab): number {
  lab.lose();
  return lab.reservations.size;
}

/** Gives random commands while the lab fails around its calls and loses what it has; then both must come to be equal. */
async function story(t: ExecutionContext, random: SeededRandom): Promise<readonly string[]> {
  const scene = await open(t);
  const { bookings, lab, clock } = scene;
  const ids: string[] = [];
  lab.trouble = () => (random.int(4) > 0 ? undefined : random.int(2) === 0 ? 'before' : 'after');
  for (let step = 0; step < 30; step += 1) {
    const one = ids[random.int(Math.max(1, ids.length))] ?? '';
    const bench = BENCHES[random.int(BENCHES.length)] ?? 'b1';
    const acts = [
      async () => ids.push((await create(bookings, [bench], `r${String(step)}`, random.int(4))).booking.id),
      () => cancel(bookings, one),
      () => move(bookings, one, bench, random.int(4)),
      () => Promise.resolve(random.int(5) === 0 ? lost(lab) : undefined),
      () => Promise.resolve(random.int(2) === 0 ? lab.held.add(bench) : lab.held.delete(bench)),
    ];
    await acts[random.int(acts.length)]?.().catch((error: unknown) => {
      if (!(error instanceof BerthError) || error.kind === 'internal') throw error;
    });
    clock.advance(random.int(3000));
  }
  lab.trouble = () => undefined;
  if ((await bookings.context.roots.find('lab/default')) === undefined) return [];
  await follow(t, scene);
  const { ledger, lab: has } = await both(scene);
  const replica = await bookings.context.roots.of('lab/default');
  const view = await lab.look();
  const after = await replica.read((state) => compareLab(state, view, clock.now()));
  const left = after.put.map(({ id }) => `${id} is still to be put`);
  return ledger.join() === has.join() ? left : [`ledger: ${ledger.join('; ')}`, `lab: ${has.join('; ')}`];
}

function move({ uses }: TestBookings, id: string, bench: string, hour: number): Promise<unknown> {
  const startMs = FROM_MS + hour * HOUR_MS;
  const { spans } = benchBooking([bench], startMs, startMs + HOUR_MS);
  return uses.updateBooking({ id, etag: '', patch: { spans }, scope: 'one', force: false }, user('ann'));
}

test('whatever fails, a ledger and its lab come to be equal', async (t) => {
  await runSeeds(t, 20, (random) => story(t, random));
});
