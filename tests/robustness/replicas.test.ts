import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Berthd } from '@berth/testkit';
import { checkHistory, requireServer, seededRandom, startRedisServer, until } from '@berth/testkit';
import { connect } from '@berth/client';
import { inventoryOf } from '../driver/benches.js';
import { ClusterHistory } from '../driver/cluster-history.js';
import { currentGrants } from '../driver/current-grants.js';
import { berthdOf } from '../driver/engines.js';
import { RoamingClient } from '../driver/roaming-client.js';

const BENCHES = 4;
const CLIENTS = 12;
const SESSION_TTL_MS = 1000;
/** Requests that end between two blows. */
const REQUESTS = 150;

interface Cluster {
  readonly replicas: readonly { readonly berthd: Berthd; readonly address: string; down: boolean }[];
  readonly history: ClusterHistory;
  readonly ended: () => number;
}

async function startReplicas(t: ExecutionContext, count: number): Promise<Cluster['replicas']> {
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  const replicas = [];
  for (let i = 0; i < count; i++) {
    const berthd = await berthdOf(t, {
      redisUrl: redis.url,
      inventory: inventoryOf(BENCHES),
      settings: { lease: { sessionTtlMs: SESSION_TTL_MS } },
    });
    replicas.push({ berthd, address: berthd.address, down: false });
  }
  return replicas;
}

async function moreRequests({ ended }: Cluster): Promise<void> {
  const target = ended() + REQUESTS;
  await until(() => ended() >= target, { what: `${String(REQUESTS)} more requests to end`, timeoutMs: 60_000 });
}

/** One is paused for three session TTLs, and another one is killed. */
async function strike(cluster: Cluster): Promise<void> {
  const [, paused, killed] = cluster.replicas;
  if (paused === undefined || killed === undefined) throw new Error('three replicas are needed');
  await moreRequests(cluster);
  await paused.berthd.kill('SIGSTOP');
  const resumeMs = performance.now() + 3 * SESSION_TTL_MS;
  await until(() => performance.now() > resumeMs, { what: 'three session TTLs' });
  await paused.berthd.kill('SIGCONT');
  await moreRequests(cluster);
  killed.down = true;
  await killed.berthd.kill('SIGKILL');
  await moreRequests(cluster);
}

async function nothingIsLeft(t: ExecutionContext, { replicas }: Cluster): Promise<void> {
  for (const { address } of replicas.filter(({ down }) => !down)) {
    await using berth = connect({ address });
    const left = async (): Promise<string> => {
      const { requests } = await berth.lease.listQueue({});
      return JSON.stringify([requests.map(({ requestId }) => requestId), await currentGrants(berth)]);
    };
    await until(async () => (await left()) === '[[],[]]', {
      what: 'an empty queue and free benches',
      timeoutMs: 30_000,
    }).catch(async () => {
      t.is(await left(), '[[],[]]');
    });
  }
}

if (requireServer(test, 'redis-server')) {
  test('three replicas, one paused past its session and one killed: no overlap, no lost waiter', async (t) => {
    t.timeout(150_000);
    const random = seededRandom();
    t.log(`BERTH_SEED=${String(random.seed)}`);
    const replicas = await startReplicas(t, 3);
    const history = new ClusterHistory();
    let ended = 0;
    let stopping = false;
    const clients = Array.from(
      { length: CLIENTS },
      (_, i) => new RoamingClient(`client-${String(i)}`, replicas, history, random),
    );
    t.teardown(() => clients.forEach((client) => client.close()));
    const working = clients.map(async (client) => {
      while (!stopping) {
        await client.once();
        ended += 1;
      }
    });
    const cluster = { replicas, history, ended: () => ended };
    await Promise.race([strike(cluster), Promise.all(working)]);
    stopping = true;
    await Promise.all(working);
    t.deepEqual(checkHistory(history.events), []);
    await nothingIsLeft(t, cluster);
    t.log(`${String(history.count('granted'))} grants, ${String(history.count('told'))} told`);
    t.true(history.count('granted') > REQUESTS);
    // Else the pause did not hit what this is about.
    t.regex(replicas[1]?.berthd.log ?? '', /the session had run out/);
  });
}
