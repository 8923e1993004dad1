import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Berth, connect } from '@berth/client';
import type { Berthd, BerthdOptions } from '@berth/testkit';
import { requireMongo, requireServer, restoreMongo, startMongo, startRedisServer } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berthdOf } from '../driver/engines.js';
import { tellLab } from './lab-work.js';
import { copyOf, DATABASE, STORES } from './stores.js';

/** What is over is not forgotten, however old a fixture grows. */
const KEPT = { tracker: { retention: { allocationsMs: Number.MAX_SAFE_INTEGER, plansMs: Number.MAX_SAFE_INTEGER } } };

function client(t: ExecutionContext, berthd: Berthd, user: string): Berth {
  const berth = connect({ address: berthd.address, user, role: 'admin' });
  t.teardown(() => {
    berth.close();
  });
  return berth;
}

/** A copy of a folder of a fixture, for this test. */
function copyFor(t: ExecutionContext, folder: string): string {
  const { path, remove } = copyOf(folder);
  t.teardown(remove);
  return path;
}

type Told = Record<string, object> & { readonly records: readonly { readonly records: readonly object[] }[] };

/** Deleted records are told for a day after they were deleted, and no setting of now changes that; their changes are told for ever. */
function withoutDeleted(told: Told): Told {
  const records = told.records.map((list) => ({
    ...list,
    records: list.records.filter((record) => !('deleteTime' in record)),
  }));
  return { ...told, records };
}

/** Everything that was told then is told now, whatever is told beside it. */
async function tellsTheSame(t: ExecutionContext, berthd: Berthd, toldFile: string): Promise<void> {
  const told = withoutDeleted(JSON.parse(readFileSync(toldFile, 'utf8')) as Told);
  const now = withoutDeleted((await tellLab(client(t, berthd, 'op'))) as Told);
  for (const [what, before] of Object.entries(told)) t.like({ [what]: now[what] }, { [what]: before }, what);
}

/** What is held goes on: its holder can end it, and the next one gets the bench with a higher token. */
async function goesOn(t: ExecutionContext, berthd: Berthd): Promise<void> {
  const ann = client(t, berthd, 'ann');
  const { leases } = await ann.lease.listLeases({ owner: 'ann' });
  t.is(leases.length, 1);
  await ann.lease.release({ leaseId: leases[0]?.id ?? '' });
  const next = await client(t, berthd, 'eve').acquire({ bench: 'b1', hold: 'manual' });
  t.true(next.fencingToken > (leases[0]?.fencingToken ?? 0n));
  const more = await ann.records.claimAddresses({ range: 'lab', count: 1, owner: 'eve' });
  t.is(more.records.length, 1);
}

async function check(t: ExecutionContext, options: BerthdOptions, toldFile: string): Promise<void> {
  const berthd = await berthdOf(t, { ...options, settings: { ...KEPT, ...options.settings } });
  await tellsTheSame(t, berthd, toldFile);
  await goesOn(t, berthd);
}

const servers = requireServer(test, 'redis-server') && requireMongo(test);

for (const version of readdirSync(STORES)) {
  const folder = join(STORES, version);

  test(`the SQLite store of ${version} is opened with nothing lost`, async (t) => {
    await check(t, { dataDir: copyFor(t, join(folder, 'sqlite')) }, join(folder, 'sqlite.json'));
  });

  test(`what is held in the SQLite store of ${version} counts towards limits that came later`, async (t) => {
    const lease = { limits: { roles: { user: { held: 1 } } } };
    const berthd = await berthdOf(t, { dataDir: copyFor(t, join(folder, 'sqlite')), settings: { ...KEPT, lease } });
    const ann = connect({ address: berthd.address, user: 'ann', role: 'user' });
    t.teardown(() => {
      ann.close();
    });
    const { leases } = await ann.lease.listLeases({ owner: 'ann' });
    t.is(leases.length, 1);
    const second = ann.acquire({ attributes: ['board'], wait: 0 });
    await t.throwsAsync(second, { message: /ann \(role 'user'\) may hold 1 bench at a time and holds 1/ });
  });

  (servers ? test : test.skip)(`the Redis and MongoDB stores of ${version} are opened with nothing lost`, async (t) => {
    const redis = await startRedisServer({ dir: copyFor(t, join(folder, 'redis')) });
    const mongo = await startMongo();
    t.teardown(() => Promise.all([redis.stop(), mongo.stop()]));
    await restoreMongo(mongo.url, DATABASE, join(folder, 'mongo.jsonl'));
    await check(t, { redisUrl: redis.url, settings: { mongo: { url: mongo.url } } }, join(folder, 'redis.json'));
  });
}
