import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import type { Berthd, DocumentEngine } from '@berth/testkit';
import { mongoDatabase, onEachEngine, seededRandom } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { BookingCaller, faultsOf, firstDayMs, grantDays } from '../driver/booking-caller.js';
import { berthdOf } from '../driver/engines.js';
import { CALL_WITHIN_MS, untilAnswered } from '../driver/until-answered.js';

const FAILPOINTS = ['booking.beforeAppend', 'booking.afterAppend', 'booking.beforeAnswer'] as const;
const ROUNDS = Number(process.env['BERTH_RUNS'] ?? 2);
const CALLERS = 6;
const LATEST_VISIT = 10;
/** Replicas on one MongoDB; SQLite has one process. */
const REPLICAS = 3;

interface Replica {
  readonly berthd: Berthd;
  readonly berth: Berth;
}

function callerOf({ address }: Berthd) {
  return { address, user: 'ann', role: 'operator' };
}

/** Does something by a connection of its own until it is answered, with time enough on a machine that is busy. */
function patiently<T>({ berthd }: Replica, act: (berth: Berth) => Promise<T>): Promise<T> {
  return untilAnswered(async () => {
    await using berth = connect(callerOf(berthd));
    return await act(berth);
  });
}

async function startReplicas(t: ExecutionContext, engine: DocumentEngine): Promise<readonly Replica[]> {
  const settings = { roles: ['booking'], ...(engine === 'mongo' && { mongo: mongoDatabase(t) }) };
  const replicas: Replica[] = [];
  for (let i = 0; i < (engine === 'mongo' ? REPLICAS : 1); i += 1) {
    const berthd = await berthdOf(t, { settings });
    const berth = connect({ timeoutMs: CALL_WITHIN_MS, ...callerOf(berthd) });
    t.teardown(() => {
      berth.close();
    });
    replicas.push({ berthd, berth });
  }
  return replicas;
}

async function killRepeatedly(t: ExecutionContext, engine: DocumentEngine, failpoint: string): Promise<void> {
  t.timeout(90_000 + ROUNDS * 30_000);
  const random = seededRandom();
  t.log(`BERTH_SEED=${String(random.seed)}`);
  const replicas = await startReplicas(t, engine);
  const firstMs = firstDayMs();
  await patiently(replicas[0]!, (berth) => grantDays(berth, firstMs));
  const callers = Array.from({ length: CALLERS }, (_, i) => new BookingCaller(`c${String(i)}`, firstMs, random));
  let untold = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const victim = replicas[round % replicas.length]!;
    const { berthd, berth } = victim;
    await berthd.kill('SIGKILL');
    await berthd.start({ BERTH_FAILPOINT: `${failpoint}:exit@${String(1 + random.int(LATEST_VISIT))}` });
    // By whichever replica runs, until the one that is to die is gone; a caller comes to that one most of the time.
    const next = (): Berth | undefined => {
      if (!berthd.running) return undefined;
      return random.chance(0.7) ? berth : random.pick(replicas.filter((one) => one.berthd.running)).berth;
    };
    await Promise.all(callers.map((caller) => caller.work(next)));
    t.is(await berthd.ended(), 'SIGKILL');
    await berthd.start();
    untold += callers.filter(({ isBooking, cancelling }) => isBooking || cancelling !== '').length;
    t.deepEqual(await patiently(victim, (look) => faultsOf(look, firstMs, callers)), []);
  }
  await Promise.all(callers.map((caller) => patiently(random.pick(replicas), (look) => caller.settle(look))));
  for (const replica of replicas) t.deepEqual(await patiently(replica, (look) => faultsOf(look, firstMs, callers)), []);
  const acknowledged = callers.reduce((sum, caller) => sum + caller.acknowledged, 0);
  t.log(`${String(acknowledged)} answers, ${String(untold)} cut off by a kill`);
  // Else the kills did not hit what this is about.
  t.true(acknowledged >= ROUNDS && untold > 0);
}

onEachEngine(test, (engine, title) => {
  for (const failpoint of FAILPOINTS) {
    test(title(`nothing acknowledged is lost and no day oversold by kill -9 at ${failpoint}`), (t) =>
      killRepeatedly(t, engine, failpoint),
    );
  }
});
