// node tools/run-main.mjs tests/older-stores/write.main.ts VERSION: writes the stores of a lab, as the code that runs leaves
// them, into stores/VERSION. Run once with the code of each version that is to be read for ever.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Berth, connect } from '@berth/client';
import { type Berthd, dumpMongo, startBerthd, startMongo, startRedisServer, until } from '@berth/testkit';
import { fillLab, tellLab } from './lab-work.js';
import { DATABASE, STORES } from './stores.js';

const [version] = process.argv.slice(2);
if (version === undefined) throw new Error('Which version? For example: write.main.ts 0.1.0');
const folder = join(STORES, version);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

/** Fills the lab, waits until its history is whole, writes what it tells, and ends berthd. */
async function fill(berthd: Berthd, toldFile: string): Promise<void> {
  const clients: Berth[] = [];
  const as = (user: string): Berth => {
    const client = connect({ address: berthd.address, user, role: 'admin' });
    clients.push(client);
    return client;
  };
  await fillLab(as);
  const { allocations } = as('op');
  const ofLeases = async (): Promise<number> =>
    (await allocations.listAllocations({ filter: { kinds: ['lease'] } })).allocations.length;
  await until(async () => (await ofLeases()) === 4, { what: 'the history of all leases' });
  writeFileSync(join(folder, toldFile), `${JSON.stringify(await tellLab(as('op')), undefined, 1)}\n`);
  for (const client of clients) client.close();
  await berthd.kill('SIGTERM');
}

const embedded = await startBerthd({ dataDir: join(folder, 'sqlite') });
await fill(embedded, 'sqlite.json');
await embedded.stop();

const redis = await startRedisServer();
const mongo = await startMongo();
const cluster = await startBerthd({ redisUrl: redis.url, settings: { mongo: { url: mongo.url } } });
await fill(cluster, 'redis.json');
await dumpMongo(mongo.url, DATABASE, join(folder, 'mongo.jsonl'));
await redis.kill('SIGTERM');
cpSync(redis.dir, join(folder, 'redis'), { recursive: true });
await Promise.all([cluster.stop(), redis.stop(), mongo.stop()]);
