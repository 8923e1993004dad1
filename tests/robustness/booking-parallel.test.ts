import type { Berth, Booking } from '@berth/client';
import { BerthError, BookingState, connect, Grain, toDuration, toTimeRange } from '@berth/client';
import { mongoDatabase, onEachEngine, seededRandom, until } from '@berth/testkit';
import type { DocumentEngine } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { DAY_MS, firstDayMs } from '../driver/booking-caller.js';
import { berthdOf } from '../driver/engines.js';

const CALLS = 200;
const HOLDS = 1000;
/** Made and confirmed together, so that many expire at the same time. */
const AT_ONCE = 250;
const HOLD_MS = 1000;

/** Three replicas on one MongoDB, or one process on SQLite. */
async function connections(t: ExecutionContext, engine: DocumentEngine): Promise<readonly Berth[]> {
  const settings = { roles: ['booking'], ...(engine === 'mongo' && { mongo: mongoDatabase(t) }) };
  const all: Berth[] = [];
  for (let i = 0; i < (engine === 'mongo' ? 3 : 1); i += 1) {
    const { address } = await berthdOf(t, { settings });
    const berth = connect({ address, user: 'ann', role: 'operator' });
    t.teardown(() => {
      berth.close();
    });
    all.push(berth);
  }
  return all;
}

function days(firstMs: number, from: number, until: number) {
  return toTimeRange(new Date(firstMs + from * DAY_MS), new Date(firstMs + until * DAY_MS));
}

async function grant(berth: Berth, firstMs: number, cores: number): Promise<void> {
  await berth.capacity.createGrant({ grant: { range: days(firstMs, 0, 30), amounts: { cores } } });
}

function refusalOf(result: PromiseSettledResult<unknown>): BerthError | undefined {
  return result.status === 'rejected' && result.reason instanceof BerthError ? result.reason : undefined;
}

/** One wins; the others are told what is in their way, and when there is room. */
async function raceForTheLast(t: ExecutionContext, engine: DocumentEngine): Promise<void> {
  t.timeout(120_000);
  const all = await connections(t, engine);
  const firstMs = firstDayMs();
  await grant(all[0]!, firstMs, 1);
  const spans = [{ range: days(firstMs, 5, 8), amounts: { cores: 1 } }];
  const results = await Promise.allSettled(
    Array.from({ length: CALLS }, (_, i) =>
      all[i % all.length]!.bookings.createBooking({ booking: { spans }, requestId: `race-${String(i)}` }),
    ),
  );
  const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.booking] : []));
  t.is(won.length, 1);
  t.is(won[0]?.state, BookingState.BOOKED);
  const iso = (day: number): string => new Date(firstMs + day * DAY_MS).toISOString();
  for (const error of results.filter(({ status }) => status === 'rejected').map(refusalOf)) {
    t.is(error?.reason, 'NO_CAPACITY', String(error));
    t.like(error?.details.metadata, {
      ...{ cluster: 'default', amount: 'cores', shortfall: '1', blockers: won[0]?.id },
      ...{ from: iso(5), until: iso(8), next_start: iso(8) },
    });
  }
  for (const berth of all) {
    const range = days(firstMs, 0, 30);
    const { blocks } = await berth.bookings.getAvailability({ range, calendar: { grain: Grain.DAY } });
    t.deepEqual(
      blocks.map(({ amounts }) => amounts[0]?.firm?.worst),
      Array.from({ length: 30 }, (_, day) => (day >= 5 && day < 8 ? 0 : 1)),
    );
  }
}

/** One booking, whose answer everybody gets. */
async function repeatAtOnce(t: ExecutionContext, engine: DocumentEngine): Promise<void> {
  t.timeout(120_000);
  const all = await connections(t, engine);
  const firstMs = firstDayMs();
  await grant(all[0]!, firstMs, 1000);
  const create = (i: number, cores = 1): Promise<Booking | undefined> => {
    const spans = [{ range: days(firstMs, 5, 8), amounts: { cores } }];
    return all[i % all.length]!.bookings.createBooking({ booking: { spans }, requestId: 'the-same' }).then(
      ({ booking }) => booking,
    );
  };
  const bookings = await Promise.all(Array.from({ length: CALLS }, (_, i) => create(i)));
  for (const booking of bookings) t.deepEqual(booking, bookings[0]);
  for (const berth of all) t.is((await berth.bookings.listBookings({})).bookings.length, 1);
  for (let i = 0; i < all.length; i += 1) {
    const error = await t.throwsAsync(create(i, 2), { instanceOf: BerthError });
    t.is(error.reason, 'REQUEST_ID_REUSED');
  }
}

/** Each hold is confirmed or expires, never both, and what expired is free. */
async function raceWithExpiry(t: ExecutionContext, engine: DocumentEngine): Promise<void> {
  t.timeout(180_000);
  const random = seededRandom();
  t.log(`BERTH_SEED=${String(random.seed)}`);
  const all = await connections(t, engine);
  const firstMs = firstDayMs();
  await grant(all[0]!, firstMs, HOLDS);
  const hold = async (i: number) => {
    const berth = all[i % all.length]!;
    const spans = [{ range: days(firstMs, 5, 8), amounts: { cores: 1 } }];
    const { booking } = await berth.bookings.createHold({ booking: { spans }, ttl: toDuration(HOLD_MS) });
    // About when it expires.
    return { berth, id: booking?.id ?? '', atMs: (booking?.holdExpireTime?.getTime() ?? 0) + random.int(200) - 160 };
  };
  const outcomes: { readonly id: string; readonly confirmed: PromiseSettledResult<unknown> }[] = [];
  for (let round = 0; round < HOLDS / AT_ONCE; round += 1) {
    const holds = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => hold(i)));
    const confirming = [];
    for (const { berth, id, atMs } of holds.sort((one, other) => one.atMs - other.atMs)) {
      await until(() => Date.now() >= atMs, { what: 'the hold to expire about now', timeoutMs: 60_000 });
      confirming.push(
        Promise.allSettled([berth.bookings.confirmHold({ id })]).then(([confirmed]) => ({ id, confirmed })),
      );
    }
    outcomes.push(...(await Promise.all(confirming)));
  }
  t.is(outcomes.length, HOLDS);
  const confirmed = outcomes.filter((one) => one.confirmed.status === 'fulfilled');
  for (const one of outcomes) {
    if (one.confirmed.status === 'rejected')
      t.is(refusalOf(one.confirmed)?.reason, 'HOLD_EXPIRED', String(one.confirmed.reason));
  }
  t.log(`${String(confirmed.length)} of ${String(HOLDS)} were confirmed`);
  const berth = all[0]!;
  for (const { id, confirmed: one } of outcomes) {
    const { booking } = await berth.bookings.getBooking({ id });
    t.is(booking?.state, one.status === 'fulfilled' ? BookingState.BOOKED : BookingState.EXPIRED);
  }
  const range = days(firstMs, 5, 8);
  const { blocks } = await berth.bookings.getAvailability({ range, calendar: { grain: Grain.DAY } });
  for (const { amounts } of blocks) t.is(amounts[0]?.firm?.worst, HOLDS - confirmed.length);
}

onEachEngine(test, (engine, title) => {
  test(title('200 creates for the last unit: one wins, the others are told why and when'), (t) =>
    raceForTheLast(t, engine),
  );
  test(title('200 calls with one request id make one booking and get one answer'), (t) => repeatAtOnce(t, engine));
  test(title('confirm and expiry of 1,000 holds race: one transition each'), (t) => raceWithExpiry(t, engine));
});
