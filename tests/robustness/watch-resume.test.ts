import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import { BerthError, connect } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { startRedisServer, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { manual, openAcquire } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import type { Engine } from '../driver/engines.js';
import { berthdOf, ENGINES } from '../driver/engines.js';
import { WatchedLab } from '../driver/watched-lab.js';

const ONE = { requirements: [{ bench: 'b1' }] };

function client(t: ExecutionContext, { address }: Berthd): Berth {
  const berth = connect({ address, role: 'operator' });
  t.teardown(() => berth.close());
  return berth;
}

/** A server on an engine, whose store can be set back to what it was. */
interface Setup {
  readonly berthd: Berthd;
  /** Keeps the store as it is now; what it answers brings it back, and restarts what must be. */
  readonly copy: () => Promise<() => Promise<void>>;
}

async function start(t: ExecutionContext, engine: Engine): Promise<Setup> {
  const inventory = inventoryOf(2);
  if (engine === 'redis') {
    const redis = await startRedisServer();
    t.teardown(() => redis.stop());
    const copy = (): Promise<() => Promise<void>> => {
      const from = redis.copyData();
      return Promise.resolve(() => redis.restart({ from }));
    };
    return { berthd: await berthdOf(t, { redisUrl: redis.url, inventory }), copy };
  }
  const folder = tempFolder(t);
  const [dataDir, saved] = [join(folder, 'data'), join(folder, 'saved')];
  const berthd = await berthdOf(t, { dataDir, inventory });
  const copy = async (): Promise<() => Promise<void>> => {
    await berthd.kill('SIGKILL');
    cpSync(dataDir, saved, { recursive: true });
    await berthd.start();
    return async () => {
      await berthd.kill('SIGKILL');
      rmSync(dataDir, { recursive: true });
      cpSync(saved, dataDir, { recursive: true });
      await berthd.start();
    };
  };
  return { berthd, copy };
}

/** A lease of b1 that has ended again; what is away for a moment is waited for. */
async function cycle(berth: Berth): Promise<string> {
  const id = await until(
    async () => {
      try {
        return (await openAcquire(berth, manual(ONE)).granted()).id;
      } catch {
        return undefined;
      }
    },
    { what: 'a lease', timeoutMs: 30_000 },
  );
  await berth.lease.release({ leaseId: id });
  return id;
}

async function revisionOf(berth: Berth): Promise<number> {
  return (await berth.lease.listLeases({})).revision;
}

/** The leases that a watch from a revision tells of, until one of them is this; or why it ended. */
async function grantsFrom(berth: Berth, fromRevision: number, last: string): Promise<string[] | BerthError> {
  const grants: string[] = [];
  try {
    for await (const { changes } of berth.lease.watch({ fromRevision }, { retry: false })) {
      for (const { kind } of changes) if (kind?.$case === 'leasePut') grants.push(kind.value.id);
      if (grants.includes(last)) return grants;
    }
  } catch (error) {
    if (error instanceof BerthError) return error;
    throw error;
  }
  return grants;
}

for (const engine of ENGINES) {
  test(`a watcher that is some changes behind resumes after a restart without a gap (${engine})`, async (t) => {
    const { berthd } = await start(t, engine);
    const berth = client(t, berthd);
    const before = await revisionOf(berth);
    const expected: string[] = [];
    for (const how of ['SIGTERM', 'SIGKILL'] as const) {
      for (let i = 0; i < 3; i++) expected.push(await cycle(berth));
      await berthd.kill(how);
      await berthd.start();
    }
    const last = await cycle(berth);
    t.deepEqual(await grantsFrom(berth, before, last), [...expected, last]);
  });

  test(`after the store came back with an older copy no watch goes on from what it has lost (${engine})`, async (t) => {
    const { berthd, copy } = await start(t, engine);
    const berth = client(t, berthd);
    const kept = await cycle(berth);
    const early = await revisionOf(berth);
    const bringBack = await copy();
    // A lease that only the lost tail has: a watcher that was told of it must be told to forget it.
    const watched = new WatchedLab(berth);
    t.teardown(() => {
      watched.stop();
    });
    const phantom = await openAcquire(berth, manual({ requirements: [{ bench: 'b2' }] })).granted();
    const lost = await revisionOf(berth);
    await until(() => watched.leases.has(phantom.id), { what: 'the watcher to see the lease' });

    await bringBack();
    const last = await cycle(berth);
    t.true((await revisionOf(berth)) > lost, 'the log has gone on past what was lost');
    const refused = await grantsFrom(berth, lost, last);
    t.true(refused instanceof BerthError && refused.reason === 'REVISION_TRIMMED', String(refused));
    const grants = await grantsFrom(berth, early, last);
    t.true(Array.isArray(grants) && grants.at(-1) === last && !grants.includes(phantom.id) && !grants.includes(kept));
    await until(() => watched.snapshots === 2, { what: 'the watcher to begin again', timeoutMs: 30_000 });
    const newest = await cycle(berth);
    await until(() => watched.grants.includes(newest) && watched.leases.size === 0, { what: 'the watcher to follow' });
    t.is(watched.snapshots, 2);
    t.is(watched.failure, undefined);
    t.deepEqual([...watched.benches], ['b1', 'b2']);
    t.is((await berth.lease.listLeases({})).leases.length, 0);
  });
}
