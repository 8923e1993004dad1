import type { Berth } from '@berth/client';
import { BookingState, connect } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { closedAfter, findProgram, seededRandom, startBerthd, startRedisServer, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { unlessAway } from '../driver/until-answered.js';

const ROUNDS = Number(process.env['BERTH_RUNS'] ?? 2);
const FAILPOINTS = ['booking.beforeAppend', 'booking.afterAppend', 'booking.beforeAnswer'] as const;
const BENCHES = 3;
const HOUR_MS = 3_600_000;
/** The ledger and the lab may differ for so long. */
const EQUAL_WITHIN_MS = 65_000;
/** Firm, as far as a list tells. */
const FIRM = [BookingState.BOOKED, BookingState.ACTIVE, BookingState.HELD];

interface Scene {
  readonly berthd: Berthd;
  readonly berth: Berth;
}

async function start(t: ExecutionContext, redisUrl?: string): Promise<Scene> {
  const berthd = await startBerthd({
    inventory: inventoryOf(BENCHES),
    settings: { booking: { compareMs: 2000 } },
    ...(redisUrl !== undefined && { redisUrl }),
  });
  t.teardown(async () => {
    if (!t.passed) t.log(berthd.log.split('\n').slice(-25).join('\n'));
    await berthd.stop();
  });
  const berth = closedAfter(t, connect({ address: berthd.address, user: 'ann', role: 'operator', timeoutMs: 10_000 }));
  return { berthd, berth };
}

/** Books a bench for an hour that begins so many hours from now. */
async function book({ bookings }: Berth, bench: string, hour: number, requestId: string): Promise<string> {
  const startMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + hour * HOUR_MS;
  const range = {
    start: { at: { $case: 'time' as const, value: new Date(startMs) } },
    end: { at: { $case: 'time' as const, value: new Date(startMs + HOUR_MS) } },
  };
  const { booking } = await bookings.createBooking({
    booking: { spans: [{ range, benches: { names: [bench] } }] },
    requestId,
  });
  return booking?.id ?? '';
}

/** What ledger and lab have, each as one text. */
async function both({ bookings, lease }: Berth): Promise<readonly [string, string]> {
  const { bookings: firm } = await bookings.listBookings({ states: FIRM, pageSize: 1000 });
  const { reservations } = await lease.listReservations({ pageSize: 1000 });
  const booked = firm.map(({ id, spans }) => `${id} ${spans.flatMap(({ benches }) => benches?.names ?? []).join()}`);
  const reserved = reservations.map(({ id, benches }) => `${id} ${benches.join()}`);
  return [booked.sort().join('\n'), reserved.sort().join('\n')];
}

async function comeToBeEqual(t: ExecutionContext, { berth }: Scene): Promise<void> {
  let seen: readonly string[] = [];
  const isEqual = async (): Promise<boolean> => {
    const pending = await berth.bookings.listBookings({ states: [BookingState.PENDING] });
    seen = await both(berth);
    return pending.bookings.length === 0 && seen[0] === seen[1];
  };
  await until(isEqual, { what: 'ledger and lab to be equal', timeoutMs: EQUAL_WITHIN_MS }).catch(() => {
    t.deepEqual(seen[0], seen[1]);
    t.fail('a booking is still PENDING');
  });
}

/** Books and cancels until the process is gone. Answers what was acknowledged: booked, and not begun to be cancelled. */
async function work({ berthd }: Scene, round: number): Promise<readonly string[]> {
  await using berth = connect({ address: berthd.address, user: 'ann', role: 'operator', timeoutMs: 3000 });
  const kept: string[] = [];
  const isRunning = (): boolean => berthd.running;
  for (let turn = 0; isRunning(); turn += 1) {
    try {
      const bench = `b${String(1 + (turn % BENCHES))}`;
      // Each has a time of its own, also in later rounds.
      const hour = 2 + round * 200 + turn;
      const id = await book(berth, bench, hour, `hour${String(hour)}`);
      if (turn % 2 === 0) kept.push(id);
      else await berth.bookings.cancelBooking({ id });
    } catch (error) {
      if (isRunning()) unlessAway(error);
    }
  }
  return kept;
}

for (const failpoint of FAILPOINTS) {
  test(`kill -9 at ${failpoint} within the two steps: after a minute ledger and lab are equal`, async (t) => {
    const random = seededRandom();
    t.log(`BERTH_SEED=${String(random.seed)}`);
    t.timeout(120_000 + ROUNDS * 60_000);
    const scene = await start(t);
    const { berthd, berth } = scene;
    const kept: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await berthd.kill('SIGKILL');
      // A booking is two entries, and so is its end: each place in them is met.
      await berthd.start({ BERTH_FAILPOINT: `${failpoint}:exit@${String(1 + random.int(8))}` });
      kept.push(...(await work(scene, round)));
      t.is(await berthd.ended(), 'SIGKILL');
    }
    await berthd.start();
    await until(async () => (await berth.bookings.listBookings({})).bookings.length >= kept.length, {
      what: 'bookings to be listed',
      timeoutMs: 30_000,
    });
    await comeToBeEqual(t, scene);
    for (const id of kept) {
      t.is((await berth.bookings.getBooking({ id })).booking?.state, BookingState.BOOKED, id);
    }
  });
}

if (findProgram('redis-server') !== undefined) {
  test('a Redis that comes back empty has its reservations again after a minute', async (t) => {
    t.timeout(180_000);
    const redis = await startRedisServer();
    t.teardown(() => redis.stop());
    const scene = await start(t, redis.url);
    const { berth } = scene;
    await until(async () => (await berth.inventory.listBenches({})).benches.length === BENCHES, { what: 'benches' });
    for (let hour = 2; hour < 5; hour += 1) await book(berth, 'b1', hour, `hour${String(hour)}`);
    const [booked] = await both(berth);
    t.is(booked.split('\n').length, 3);
    await comeToBeEqual(t, scene);
    await redis.restart({ empty: true });
    await until(
      async () => {
        const [ledger, lab] = await both(berth);
        return ledger === booked && lab === booked;
      },
      { what: 'the reservations to be back', timeoutMs: EQUAL_WITHIN_MS },
    );
    await comeToBeEqual(t, scene);
  });
}
