import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Berthd, HistoryEvent } from '@berth/testkit';
import { checkHistory, requireServer, seededRandom } from '@berth/testkit';
import type { Berth } from '@berth/client';
import { connect, HoldMode } from '@berth/client';
import { openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { currentGrants } from '../driver/current-grants.js';
import type { Engine } from '../driver/engines.js';
import { berthdOn, ENGINES } from '../driver/engines.js';
import { LastingHolder } from '../driver/lasting-holder.js';

const FAILPOINTS = ['lease.beforeAppend', 'lease.afterAppend', 'lease.beforeAnswer'] as const;
const ROUNDS = 20;
const HOLDERS = 4;
const LATEST_VISIT = 10;

interface Rounds {
  readonly t: ExecutionContext;
  readonly berthd: Berthd;
  readonly events: HistoryEvent[];
  readonly holders: readonly LastingHolder[];
  /** Grants that were committed, but that nobody was told of before the kill. */
  untold: number;
}

/** What is there right after a restart, before anybody asks again. */
async function checkAfterRestart({ t, events, holders }: Rounds, berth: Berth): Promise<number> {
  const current = await currentGrants(berth);
  // Those who wait are told at the end.
  t.deepEqual(
    checkHistory(events, current).filter(({ rule }) => rule !== 'lost waiter'),
    [],
  );
  const open = new Set(holders.map(({ asking }) => asking));
  return current.filter(({ request }) => open.has(request)).length;
}

/** Starts with the failpoint armed, checks what is there, and works until the process has killed itself. */
async function round(rounds: Rounds, failpoint: string, visit: number): Promise<void> {
  const { t, berthd, holders } = rounds;
  try {
    await berthd.start({ BERTH_FAILPOINT: `${failpoint}:exit@${String(visit)}` });
    await using berth = connect({ address: berthd.address });
    rounds.untold += await checkAfterRestart(rounds, berth);
    await Promise.all(holders.map((holder) => holder.work(berth, () => berthd.running)));
  } catch (error) {
    // A start may meet the failpoint too, by ending what hung on the process before it.
    if (berthd.running) throw error;
  }
  t.is(await berthd.ended(), 'SIGKILL');
}

/** Everybody gets what was open, and gives all back. */
async function finish({ t, berthd, events, holders }: Rounds): Promise<void> {
  await berthd.start();
  await using berth = connect({ address: berthd.address });
  await Promise.all(holders.map((holder) => holder.settle(berth)));
  t.deepEqual(checkHistory(events, await currentGrants(berth)), []);
  for (const holder of holders) await holder.giveBack(berth);
  t.deepEqual(await currentGrants(berth), []);
}

async function killRepeatedly(t: ExecutionContext, engine: Engine, failpoint: string): Promise<void> {
  const random = seededRandom();
  t.log(`BERTH_SEED=${String(random.seed)}`);
  const berthd = await berthdOn(t, engine, {
    inventory: inventoryOf(HOLDERS + 2),
    settings: { lease: { sessionTtlMs: 500 } },
  });
  const events: HistoryEvent[] = [];
  const holders = Array.from({ length: HOLDERS }, (_, i) => new LastingHolder(`holder-${String(i)}`, events, random));
  const rounds: Rounds = { t, berthd, events, holders, untold: 0 };
  await berthd.kill('SIGKILL');
  for (let i = 0; i < ROUNDS; i++) await round(rounds, failpoint, 1 + random.int(LATEST_VISIT));
  await finish(rounds);
  const grants = events.filter(({ kind }) => kind === 'granted').length;
  t.log(`${String(grants)} grants, ${String(rounds.untold)} of them committed and not told before a kill`);
  t.true(grants > ROUNDS);
  // Else the kills did not hit what this is about.
  if (failpoint !== 'lease.beforeAppend') t.true(rounds.untold > 0);
}

async function keepsOrder(t: ExecutionContext, engine: Engine): Promise<void> {
  const berthd = await berthdOn(t, engine, { inventory: inventoryOf(1), settings: { lease: { sessionTtlMs: 500 } } });
  const requests = [50, 20, 90, 50, 70].map((priority, i) => ({
    requestId: `waiter-${String(i)}`,
    requirements: [{ bench: 'b1' }],
    priority,
  }));
  const before = connect({ address: berthd.address });
  const holder = openAcquire(before, { requestId: 'holder', requirements: [{ bench: 'b1' }], hold: HoldMode.MANUAL });
  const lease = await holder.granted();
  for (const request of requests) await openAcquire(before, request).queued();
  const order = await queueOf(before);
  t.deepEqual(order, ['waiter-2', 'waiter-4', 'waiter-0', 'waiter-3', 'waiter-1']);
  await berthd.kill('SIGKILL');
  before.close();

  await berthd.start();
  await using after = connect({ address: berthd.address });
  t.deepEqual(await queueOf(after), order);
  // They come back in an order of their own.
  const streams = [...requests].reverse().map((request) => openAcquire(after, request));
  for (const stream of streams) await stream.queued();
  t.deepEqual(await queueOf(after), order);
  await after.lease.release({ leaseId: lease.id });
  const granted: string[] = [];
  for (const requestId of order) {
    const stream = streams.find((one) => one.requestId === requestId)!;
    await stream.granted();
    granted.push(requestId);
    t.is(streams.filter((one) => one.lease !== undefined).length, granted.length);
    stream.hangUp();
  }
  t.deepEqual(granted, order);
}

async function queueOf(berth: Berth): Promise<string[]> {
  const { requests } = await berth.lease.listQueue({});
  return requests.map(({ requestId }) => requestId);
}

requireServer(test, 'redis-server');
for (const engine of ENGINES) {
  for (const failpoint of FAILPOINTS) {
    test(
      `${engine}: nothing acknowledged is lost by ${String(ROUNDS)} kills at ${failpoint}`,
      killRepeatedly,
      engine,
      failpoint,
    );
  }
  test(`${engine}: the queue keeps its order over a kill`, keepsOrder, engine);
}
