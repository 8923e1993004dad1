import type { Berthd, RedisServer, Violation } from '@berth/testkit';
import { checkHistory, seededRandom, startBerthd, startRedisServer, until } from '@berth/testkit';
import { connect } from '@berth/client';
import { inventoryOf } from './benches.js';
import { ClusterHistory } from './cluster-history.js';
import { currentGrants } from './current-grants.js';
import type { Engine } from './engines.js';
import { LoadWork } from './load-work.js';
import { RoamingClient } from './roaming-client.js';

export interface LoadOptions {
  readonly engine: Engine;
  readonly seconds: number;
}

export interface LoadResult {
  readonly seed: number;
  readonly grants: number;
  readonly blows: number;
  readonly violations: readonly Violation[];
  /** Waiting or held after everybody gave back what it had. */
  readonly left: readonly string[];
}

interface Replica {
  readonly berthd: Berthd;
  readonly address: string;
  down: boolean;
}

const BENCHES = 5;
const CLIENTS = 12;
const SESSION_TTL_MS = 1000;
const BLOW_EVERY_MS = 4000;

/**
 * Random load: 12 clients ask, wait, hold, change, transfer, repeat and give back, while every four seconds a server process
 * is killed with SIGKILL and started again: the only one on SQLite; on Redis one of two, or it is stopped with SIGSTOP for
 * up to three session TTLs instead. What the clients saw is checked in the end.
 */
export async function runRandomLoad({ engine, seconds }: LoadOptions): Promise<LoadResult> {
  const redis = engine === 'redis' ? await startRedisServer() : undefined;
  const replicas: Replica[] = [];
  try {
    for (let i = 0; i < (redis === undefined ? 1 : 2); i++) replicas.push(await startReplica(redis));
    return await load(replicas, seconds);
  } finally {
    for (const { berthd } of replicas) await berthd.stop();
    await redis?.stop();
  }
}

async function startReplica(redis: RedisServer | undefined): Promise<Replica> {
  const berthd = await startBerthd({
    ...(redis !== undefined && { redisUrl: redis.url }),
    inventory: inventoryOf(BENCHES),
    settings: { lease: { sessionTtlMs: SESSION_TTL_MS } },
  });
  return { berthd, address: berthd.address, down: false };
}

async function load(replicas: readonly Replica[], seconds: number): Promise<LoadResult> {
  const random = seededRandom();
  const history = new ClusterHistory();
  const clients = Array.from({ length: CLIENTS }, (_, i) => {
    const name = `client-${String(i)}`;
    return new RoamingClient(name, replicas, history, random, new LoadWork(name, history, random));
  });
  const endMs = performance.now() + seconds * 1000;
  let running = true;
  const working = Promise.all(
    clients.map(async (client) => {
      while (running) await client.once();
    }),
  );
  let blows = 0;
  try {
    for (; performance.now() + BLOW_EVERY_MS < endMs; blows++) {
      await Promise.race([passed(BLOW_EVERY_MS), working]);
      await strike(random.pick(replicas), replicas.length > 1 && random.chance(0.5) ? random.int(3000) : undefined);
    }
    await Promise.race([passed(Math.max(0, endMs - performance.now())), working]);
    running = false;
    await working;
    const [current, left] = await settled(replicas);
    const violations = checkHistory(history.events, current);
    return { seed: random.seed, grants: history.count('granted'), blows, violations, left };
  } finally {
    running = false;
    for (const client of clients) client.close();
  }
}

/** Pauses a replica for a time, or kills it and starts it again. */
async function strike(replica: Replica, pauseMs: number | undefined): Promise<void> {
  if (pauseMs === undefined) {
    await replica.berthd.kill('SIGKILL');
    await replica.berthd.start();
    return;
  }
  await replica.berthd.kill('SIGSTOP');
  await passed(pauseMs);
  await replica.berthd.kill('SIGCONT');
}

async function passed(ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  await until(() => performance.now() >= endMs, { what: 'time to pass', timeoutMs: ms + 10_000 });
}

/** What is held, and what is left at all, once the last hang-ups have arrived. */
async function settled(replicas: readonly Replica[]) {
  await using berth = connect({ address: replicas[0]?.address ?? '' });
  const look = async () => {
    const grants = await currentGrants(berth);
    const { requests } = await berth.lease.listQueue({});
    return { grants, left: [...grants.map(({ lease }) => lease), ...requests.map(({ requestId }) => requestId)] };
  };
  await until(async () => (await look()).left.length === 0, { what: 'nothing to be left', timeoutMs: 30_000 }).catch(
    () => undefined,
  );
  const { grants, left } = await look();
  return [grants, left] as const;
}
