import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import { BerthError, connect, Status } from '@berth/client';
import type { Berthd, SeededRandom } from '@berth/testkit';
import { checkHistory, requireMongo, requireServer, seededRandom, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { inventoryOf } from '../driver/benches.js';
import { BookingCaller, faultsOf, firstDayMs, grantDays } from '../driver/booking-caller.js';
import type { Cluster } from '../driver/cluster.js';
import { startCluster } from '../driver/cluster.js';
import { ClusterHistory } from '../driver/cluster-history.js';
import { currentGrants } from '../driver/current-grants.js';
import { LoadWork } from '../driver/load-work.js';
import { RoamingClient } from '../driver/roaming-client.js';
import { untilAnswered } from '../driver/until-answered.js';
import { WatchedLab } from '../driver/watched-lab.js';

const CLIENTS = 6;
/** Requests that end, bookings that are acknowledged and tickets that are used between two blows. */
const REQUESTS = 40;
const BOOKINGS = 4;
const TICKETS = 2;
const POOLS = 'few:\n  cmd_new: echo "$BERTH_NAME"\n  cmd_delete: "true"\n  max: 2\n  tags: [few]\n';

/** What is going on, and how much of it. */
class Load {
  readonly history = new ClusterHistory();
  readonly booking: BookingCaller;
  requests = 0;
  tickets = 0;
  isStopping = false;
  readonly working: Promise<unknown>;
  readonly #clients: readonly RoamingClient[];

  constructor(cluster: Cluster, firstMs: number, random: SeededRandom) {
    const gateways = cluster.of('gateway').map(({ address }) => ({ address: `https://${address}`, down: false }));
    this.#clients = Array.from({ length: CLIENTS }, (_, i) => {
      const name = `client-${String(i)}`;
      const open = (address: string): Berth => speakFor(cluster, address, name);
      return new RoamingClient(name, gateways, this.history, random, new LoadWork(name, this.history, random), open);
    });
    this.booking = new BookingCaller('booker', firstMs, random);
    const [booker, ann] = [cluster.connect('bob'), cluster.connect('ann')];
    this.working = Promise.all([
      ...this.#clients.map((client) => this.#roam(client)),
      this.booking.work(() => (this.isStopping ? undefined : booker)),
      this.#useTickets(ann),
    ]);
  }

  async more(): Promise<void> {
    const before = [this.requests, this.booking.acknowledged, this.tickets] as const;
    const isDone = (): boolean =>
      this.requests >= before[0] + REQUESTS &&
      this.booking.acknowledged >= before[1] + BOOKINGS &&
      this.tickets >= before[2] + TICKETS;
    const what = `the load to go on after ${before.join(', ')}`;
    await Promise.race([until(isDone, { what, timeoutMs: 120_000 }), this.working]);
  }

  close(): void {
    this.isStopping = true;
    for (const client of this.#clients) client.close();
  }

  async #roam(client: RoamingClient): Promise<void> {
    while (!this.isStopping) {
      await client.once();
      this.requests += 1;
    }
  }

  async #useTickets(berth: Berth): Promise<void> {
    for (let i = 1; !this.isStopping; i += 1) {
      const requestId = `ticket-${String(i)}`;
      const { ticket } = await untilAnswered(() => berth.pools.createTicket({ tags: ['few'], requestId }));
      const number = ticket?.number ?? 0;
      await untilAnswered(async () => {
        for await (const news of berth.waitTicket({ number })) if (news.ticket?.ready === true) return;
      });
      await untilAnswered(() => berth.pools.closeTicket({ number }));
      this.tickets += 1;
    }
  }
}

/** A service's client that calls for somebody. */
function speakFor({ credentials }: Cluster, address: string, user: string): Berth {
  const tls = { ca: credentials.authority.ca };
  return connect({ address, user, role: 'operator', token: credentials.token('roles'), tls });
}

async function killed(
  process: Berthd | undefined,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  if (process === undefined) throw new Error('there is no such process');
  await process.kill('SIGKILL');
  await meanwhile();
  await process.start();
}

/** A role of which nothing is left is told so, by an error in time, by health and by /readyz. */
async function isTold(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const berth = cluster.connect('ann');
  const service = 'berth.tracker.v1.AllocationService';
  await until(async () => (await berth.health(service)) === 'NOT_SERVING', {
    what: 'health to say so',
    timeoutMs: 20_000,
  });
  t.is(await berth.health('berth.lease.v1.LeaseService'), 'SERVING');
  const startedMs = performance.now();
  const error = await t.throwsAsync(berth.allocations.listAllocations({}, { retry: false }), {
    instanceOf: BerthError,
  });
  t.true(performance.now() - startedMs < 2500);
  t.is(error.code, Status.UNAVAILABLE);
  t.is(error.reason, 'ROLE_UNAVAILABLE');
  t.is(error.details.metadata?.['role'], 'tracker');
  t.is(error.details.retryAfterMs, 1000);
  t.is(await readiness(cluster), 503);
}

async function readiness({ credentials, of }: Cluster): Promise<number | undefined> {
  const { get } = await import('node:https');
  return new Promise((resolve, reject) => {
    get(`${of('gateway')[0]?.http ?? ''}/readyz`, { ca: credentials.authority.ca }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

if (requireServer(test, 'redis-server') && requireMongo(test)) {
  test('kill -9 of each kind of process and of the stores under load: clients go on, and nothing acknowledged is lost', async (t) => {
    t.timeout(900_000);
    const file = join(tempFolder(t), 'pools.yaml');
    writeFileSync(file, POOLS);
    const session = { sessionTtlMs: 1500 };
    const settings = { pool: { pool: { file } }, lease: { lease: session } };
    const cluster = await startCluster(t, { inventory: inventoryOf(4), settings });
    const firstMs = firstDayMs();
    const operator = cluster.connect('op');
    await grantDays(operator, firstMs);
    // Held through it all by the library, which comes back by itself.
    const held = await cluster.connect('ann').acquire({ bench: 'b4', reconnectGrace: '60s' });
    const watched = new WatchedLab(cluster.connect('guest'));
    const random = seededRandom();
    t.log(`BERTH_SEED=${String(random.seed)}`);
    const load = new Load(cluster, firstMs, random);
    t.teardown(() => {
      load.close();
    });
    await load.more();
    const first = (role: Parameters<Cluster['of']>[0]): Berthd | undefined => cluster.of(role)[0];
    const blows = {
      gateway: () => killed(first('gateway')),
      lease: () => killed(first('lease')),
      pool: () => killed(first('pool')),
      booking: () => killed(first('booking')),
      tracker: () => killed(first('tracker'), () => isTold(t, cluster)),
      Redis: () => cluster.redis.restart(),
      MongoDB: () => cluster.mongo.restart(),
    };
    for (const [name, strike] of Object.entries(blows)) {
      const startedMs = performance.now();
      await strike();
      await load.more();
      t.log(`${name}: ${(performance.now() - startedMs).toFixed(0)} ms`);
      t.false(held.signal.aborted, `${name}: ${String(held.signal.reason)}`);
    }
    load.isStopping = true;
    await load.working;
    t.is(watched.failure, undefined);
    watched.stop();
    await held.release();
    await until(async () => (await readiness(cluster)) === 200, { what: 'readiness', timeoutMs: 30_000 });
    const grants = await untilLeft(operator);
    t.deepEqual(checkHistory(load.history.events, grants), []);
    await load.booking.settle(cluster.connect('bob'));
    t.deepEqual(await faultsOf(operator, firstMs, [load.booking]), []);
    const { tickets } = await operator.pools.listTickets({});
    t.deepEqual(tickets, []);
    t.log(`${String(load.history.count('granted'))} grants, ${String(load.tickets)} tickets`);
  });
}

/** What is held once the last hang-ups have arrived: nothing, if all is well. */
async function untilLeft(berth: Berth) {
  const look = async () =>
    (await currentGrants(berth)).filter(({ benches }) => benches.some((name) => name.startsWith('b')));
  await until(async () => (await look()).length === 0, { what: 'nothing to be held', timeoutMs: 30_000 }).catch(
    () => undefined,
  );
  return look();
}
