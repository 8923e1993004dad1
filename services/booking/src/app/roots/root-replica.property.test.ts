import { BerthError } from '@berth/kernel';
import type { SeededRandom } from '@berth/testkit';
import { fakeClock } from '@berth/testkit';
import { runSeeds } from '@berth/testkit/seeded';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { isFirm, snapshotOf } from '../../domain/index.js';
import type { TestBookings } from '../bookings.fixture.js';
import { bookingOf, DAY_MS, grantOf, openBookings, openStore, operator, user } from '../bookings.fixture.js';
import type { FlakyLedgers } from './flaky-ledgers.fixture.js';
import { flakyLedgers } from './flaky-ledgers.fixture.js';

const REPLICAS = 3;
const CALLS = 60;
const CORES = 6;
const DAYS = 4;
const FROM_MS = Date.UTC(2026, 0, 10);
const UNTIL_MS = FROM_MS + DAYS * DAY_MS;

interface Scene {
  readonly replicas: readonly TestBookings[];
  readonly flaky: readonly FlakyLedgers[];
  readonly random: SeededRandom;
  /** What was acknowledged: the id of the booking by the request, and which were cancelled. */
  readonly made: Map<string, string>;
  readonly cancelled: Set<string>;
  /** Those that a cancel was asked for, answered or not. */
  readonly touched: Set<string>;
}

async function open(t: ExecutionContext, random: SeededRandom): Promise<Scene> {
  const store = await openStore(t, 'sqlite');
  const clock = fakeClock();
  const replicas: TestBookings[] = [];
  const flaky: FlakyLedgers[] = [];
  const calm = await openBookings(t, store, { clock });
  await calm.uses.createGrant(grantOf(CORES, FROM_MS, UNTIL_MS), operator());
  for (let at = 0; at < REPLICAS; at += 1) {
    const one = flakyLedgers(calm.context.ledgers, random);
    flaky.push(one);
    // It starts without trouble when it is lucky; else it is tried again.
    replicas.push(await untilAnswered(() => openBookings(t, store, { clock, seen: () => one.ledgers })));
  }
  return { replicas, flaky, random, made: new Map(), cancelled: new Set(), touched: new Set() };
}

/** Calls again, as a client does, until it is answered. */
async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof BerthError && error.kind === 'unavailable')) throw error;
    }
  }
}

function anyOf({ replicas, random }: Scene): TestBookings {
  const one = replicas[random.int(replicas.length)];
  if (one === undefined) throw new Error('there are no replicas');
  return one;
}

/** Books and sometimes cancels; each try through another replica, by the same request id. */
async function work(scene: Scene, call: number): Promise<void> {
  const { random, made, cancelled, touched } = scene;
  const day = random.int(DAYS);
  const startMs = FROM_MS + day * DAY_MS;
  const endMs = Math.min(UNTIL_MS, startMs + (1 + random.int(2)) * DAY_MS);
  const booking = bookingOf(1 + random.int(3), startMs, endMs);
  const request = `r${String(call)}`;
  try {
    if (random.int(4) === 0) {
      const hold = await untilAnswered(() =>
        anyOf(scene).uses.createHold({ booking, ttlMs: 4000 }, user('ann', request)),
      );
      await untilAnswered(() => anyOf(scene).uses.confirmHold({ id: hold.id, etag: '' }, user('ann', `${request}c`)));
      made.set(request, hold.id);
      return;
    }
    const { id } = (
      await untilAnswered(() => anyOf(scene).uses.createBooking({ booking, force: false }, user('ann', request)))
    ).booking;
    made.set(request, id);
    if (random.int(2) === 0) return;
    touched.add(id);
    const cancel = { id, etag: '', reason: '', scope: 'one' } as const;
    await untilAnswered(() => anyOf(scene).uses.cancelBooking(cancel, user('ann', `${request}x`)));
    cancelled.add(id);
  } catch (error) {
    const reasons = ['NO_CAPACITY', 'HOLD_EXPIRED', 'BOOKING_OVER'];
    if (!(error instanceof BerthError && reasons.includes(error.reason))) throw error;
  }
}

async function story(t: ExecutionContext, random: SeededRandom): Promise<readonly string[]> {
  const scene = await open(t, random);
  const { replicas, flaky, made, cancelled, touched } = scene;
  const clock = replicas[0]?.clock;
  const working: Promise<void>[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    working.push(work(scene, call));
    if (random.int(3) === 0) await new Promise(setImmediate);
    if (random.int(10) === 0) clock?.advance(random.int(3000));
  }
  await Promise.all(working);
  for (const ledgers of flaky) await ledgers.calm();
  const states = await Promise.all(
    replicas.map(async ({ context }) => {
      const replica = await context.roots.of('default');
      return replica.read((state) => ({
        // In whatever order a replica came to have them.
        items: Array.from(snapshotOf(state, 0), (item) => JSON.stringify(item)).sort(),
        worst: state.timeline('default').worst('cores', FROM_MS, UNTIL_MS),
        bookings: new Map(state.bookings),
      }));
    }),
  );
  const faults: string[] = [];
  const [first] = states;
  const text = first?.items.join('\n');
  if (states.some(({ items }) => items.join('\n') !== text)) faults.push('the replicas have different states');
  if (states.some(({ worst }) => worst < 0)) faults.push('more is booked than there is');
  for (const [request, id] of made) {
    const booking = first?.bookings.get(id);
    if (booking === undefined) faults.push(`${request}: the booking is lost`);
    else if (cancelled.has(id) ? booking.state !== 'CANCELLED' : !touched.has(id) && !isFirm(booking)) {
      faults.push(`${request}: it is ${booking.state}`);
    }
  }
  const known = new Set(made.values());
  const extra = [...(first?.bookings.values() ?? [])].filter(({ id, state }) => !known.has(id) && state === 'BOOKED');
  if (extra.length > 0) faults.push(`${String(extra.length)} bookings that nobody was told of`);
  return faults;
}

test('replicas with appends that are lost, late or not answered agree, lose nothing and never oversell', async (t) => {
  await runSeeds(t, 15, (random) => story(t, random));
});
