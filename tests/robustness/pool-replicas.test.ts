import type { Berth } from '@berth/client';
import { BerthError, connect } from '@berth/client';
import { requireMongo, requireServer, someMongo, startRedisServer, until } from '@berth/testkit';
import type { Berthd } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { berthdOf } from '../driver/engines.js';
import type { HookRun } from '../driver/pool-lab.js';
import { PoolLab } from '../driver/pool-lab.js';

const MAX = 4;
const OPTIONS = [
  '  max_starting: 3',
  '  max_prealloc: 1',
  '  tags: [thing]',
  '  reuse_opportunity_time: 1',
  '  retry: { initial: 500ms, max: 1s }',
].join('\n');
/** Three times as long as the lock of the reconciler lasts. */
const PAUSE_MS = 30_000;

interface Replica {
  readonly berthd: Berthd;
  readonly berth: Berth;
  paused: boolean;
}

/** Two replicas on one Redis and one MongoDB. */
async function startReplicas(t: ExecutionContext, file: string): Promise<readonly [Replica, Replica]> {
  const [redis, mongo] = [await startRedisServer(), await someMongo()];
  t.teardown(() => redis.stop());
  t.teardown(() => mongo.stop());
  const settings = { mongo: { url: mongo.url, database: mongo.database(t) }, pool: { file } };
  const start = async (): Promise<Replica> => {
    const berthd = await berthdOf(t, { redisUrl: redis.url, settings });
    const berth = connect({ address: berthd.address, user: 'ann', role: 'operator', timeoutMs: 5000 });
    t.teardown(() => {
      berth.close();
    });
    return { berthd, berth, paused: false };
  };
  return [await start(), await start()];
}

/** Takes and gives back resources, until told, and counts. A call that a paused replica had is made again. */
async function work(
  replicas: readonly Replica[],
  sandbox: string,
  all: { served: number; over: boolean },
): Promise<void> {
  let served = 0;
  const call = async <T>(act: (berth: Berth) => Promise<T>): Promise<T> => {
    for (let tries = 0; ; tries += 1) {
      const running = replicas.filter(({ paused }) => !paused);
      const { berth } = running[(served + tries) % running.length]!;
      try {
        return await act(berth);
      } catch (error) {
        if (tries > 20 || !(error instanceof BerthError)) throw error;
      }
    }
  };
  for (; !all.over; served += 1) {
    const requestId = `${sandbox}-${String(served)}`;
    const number =
      (await call((berth) => berth.pools.createTicket({ tags: ['thing'], sandbox, requestId }))).ticket?.number ?? 0;
    const isReady = async () => (await call((berth) => berth.pools.getTicket({ number }))).ticket?.ready;
    await until(isReady, { what: `ticket ${String(number)}`, timeoutMs: 120_000 });
    await call((berth) => berth.pools.closeTicket({ number }));
    all.served += 1;
  }
}

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Pauses a replica for three lock times at least, and until others do its work. */
async function pauseFor(replica: Replica, isReplaced: () => boolean): Promise<Span> {
  const fromMs = Date.now();
  replica.paused = true;
  await replica.berthd.kill('SIGSTOP');
  const isLong = () => Date.now() > fromMs + PAUSE_MS && isReplaced();
  await until(isLong, { what: 'three lock times, and the other one to have taken over', timeoutMs: 4 * PAUSE_MS });
  await replica.berthd.kill('SIGCONT');
  replica.paused = false;
  return { fromMs, untilMs: Date.now() };
}

function groups(runs: readonly HookRun[], by: (run: HookRun) => string): readonly (readonly HookRun[])[] {
  return [...new Set(runs.map(by))].map((one) => runs.filter((run) => by(run) === one));
}

/** Commands of one resource that ran at the same time. */
function overlaps(runs: readonly HookRun[]): readonly string[] {
  return groups(runs, ({ key }) => key.split('/')[0] ?? '').flatMap((all) => {
    const inOrder = all.toSorted((a, b) => a.beginMs - b.beginMs);
    return inOrder.flatMap(({ key, beginMs }, i) => {
      const before = inOrder[i - 1];
      return before?.endMs !== undefined && before.endMs > beginMs ? [`${before.key} and ${key}`] : [];
    });
  });
}

/** Keys that came twice though no replica was paused between them, or that were of cmd_new. */
function wrongRepeats(runs: readonly HookRun[], pauses: readonly Span[]): readonly string[] {
  return groups(runs, ({ key }) => key).flatMap((all) => {
    const key = all[0]?.key ?? '';
    const times = all.map(({ beginMs }) => beginMs);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    // The one that goes on notices within the time of the lock.
    const isAcross = pauses.some(({ fromMs, untilMs }) => first <= untilMs + 10_000 && last >= fromMs);
    return all.length > 1 && (key.includes('/new/') || !isAcross) ? [`${key} ${String(all.length)} times`] : [];
  });
}

if (requireMongo(test) && requireServer(test, 'redis-server')) {
  test('of two replicas one reconciles; one that is paused and goes on makes nothing twice', async (t) => {
    t.timeout(480_000);
    const lab = new PoolLab(t, { max: MAX, options: OPTIONS });
    const replicas = await startReplicas(t, lab.file);
    const all = { served: 0, over: false };
    const working = Promise.all(['a', 'b', 'c'].map((sandbox) => work(replicas, sandbox, all)));
    const reconciles = ({ berthd }: Replica): boolean => berthd.log.includes('"state":"UP"');
    const leader = await until(() => replicas.find(reconciles), { what: 'a resource', timeoutMs: 60_000 });
    t.deepEqual(replicas.filter(reconciles), [leader], 'one reconciles');
    const pauses = [await pauseFor(leader, () => replicas.every(reconciles))];
    const enough = all.served + 10;
    await until(() => all.served >= enough, { what: 'ten more tickets', timeoutMs: 120_000 });
    all.over = true;
    await working;
    t.log(`${String(all.served)} tickets were served, ${String(lab.runs.length)} commands ran`);
    const { berth } = replicas[0];
    const isAtRest = async () => {
      const { resources } = await berth.pools.listResources({});
      const names = resources.filter(({ upTime, leaseId }) => upTime && leaseId === '').map(({ name }) => name);
      return (
        names.length === 1 &&
        resources.length === 1 &&
        names.join() === lab.things.join() &&
        lab.processes().length === 0
      );
    };
    await until(isAtRest, { what: 'the pool to come to rest', timeoutMs: 60_000 });
    t.is(lab.faults, '');
    t.deepEqual(overlaps(lab.runs), []);
    t.deepEqual(wrongRepeats(lab.runs, pauses), []);
  });
}
