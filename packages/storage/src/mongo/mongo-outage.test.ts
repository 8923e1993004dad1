import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BerthError } from '@berth/kernel';
import type { MongoServer } from '@berth/testkit';
import { failureOf, findProgram, freePort, requireServer, startMongo, until } from '@berth/testkit';
import test from 'ava';
import mongoose from 'mongoose';
import type { Collection, CollectionStore } from '../collection/collection.js';
import { increment } from '../collection/conformance/increment.js';
import type { Thing } from '../collection/conformance/subject.js';
import { insertAll, numbered, pages, thingSpec } from '../collection/conformance/subject.js';
import type { Body } from './collection-model.js';
import { insertBodies } from './insert-bodies.js';
import { openMongoCollectionStore } from './mongo-collection-store.js';
import { UniqueKeys } from './unique-keys.js';

const database = 'outage';

interface Scene {
  readonly server: MongoServer;
  readonly store: CollectionStore;
  readonly things: Collection<Thing>;
}

async function scene(body: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await startMongo();
  try {
    const store = await openMongoCollectionStore({ url: server.url, database });
    try {
      await body({ server, store, things: await store.collection<Thing>(thingSpec('things')) });
    } finally {
      await store.close();
    }
  } finally {
    await server.stop();
  }
}

/** Repeats a call until the store serves. */
function served<R>(call: () => Promise<R>): Promise<NonNullable<R>> {
  return until(call, { what: 'MongoDB to serve again', timeoutMs: 60_000 });
}

if (requireServer(test, 'mongod')) {
  test('a batch survives kill -9 of the server: each item wholly there or not, and a retry adds nothing twice', async (t) => {
    await scene(async ({ server, things }) => {
      const batch = numbered(10_000, (index) => ({
        host: `host-${String(index)}`,
        tags: ['a', 'b'],
        filling: 'x'.repeat(300),
      }));
      await insertAll(things, batch.slice(0, 100));
      const inserting = failureOf(things.insert(batch));
      await until(async () => (await things.count()) > 1_500, { what: 'a part of the batch' });
      await server.kill('SIGKILL');
      const error = await inserting;
      t.is(error.reason, 'STORE_UNAVAILABLE');
      t.is(typeof error.details.retryAfterMs, 'number');
      await server.restart();
      const there = await served(() => pages(things, { limit: 5_000 }));
      // What was acknowledged is there; what was only seen may not have reached the journal.
      t.true(there.length >= 100 && there.length < batch.length, String(there.length));
      t.deepEqual(
        there.filter(({ host, filling }) => host === undefined || String(filling).length !== 300),
        [],
      );
      t.is(await things.count({ tags: 'b' }), there.length);
      const again = await things.insert(batch);
      t.is(again.filter(({ outcome }) => outcome === 'inserted').length, batch.length - there.length);
      t.is(await things.count(), batch.length);
    });
  });

  test('a frozen server fails every call in bounded time, and serves again when it goes on', async (t) => {
    await scene(async ({ server, store, things }) => {
      await insertAll(things, [{ id: 'a', count: 0 }]);
      const found = await things.get('a');
      await server.kill('SIGSTOP');
      const calls: Promise<unknown>[] = [
        things.get('a'),
        things.getMany(['a']),
        things.insert([{ id: 'b' }]),
        things.replace({ id: 'a', count: 1 }, found?.revision ?? ''),
        things.remove('c'),
        things.find({ limit: 1 }),
        things.count(),
        store.writeAll([{ collection: 'things', insert: { id: 'd' } }]),
        store.ping(),
        store.collection(thingSpec('others')),
      ];
      for (const error of await Promise.all(calls.slice(0, -1).map(failureOf))) {
        t.is(error.reason, 'STORE_UNAVAILABLE');
        t.regex(error.message, /MongoDB at 127\.0\.0\.1:\d+ does not serve .* then retry/);
      }
      await server.kill('SIGCONT');
      await calls.at(-1)?.catch(() => undefined);
      await served(async () => {
        await store.ping();
        return things.get('a');
      });
      // What threw may have been done; asked again, the store says so.
      const { count } = (await things.get('a'))?.value ?? {};
      t.true(count === 0 || count === 1);
    });
  });

  test('increments that were acknowledged are there after the server is killed again and again', async (t) => {
    await scene(async ({ server, things }) => {
      await insertAll(things, [{ id: 'a', count: 0 }]);
      let acknowledged = 0;
      let unknown = 0;
      const ending = new AbortController();
      const writing = (async () => {
        while (!ending.signal.aborted) {
          try {
            await increment(things, 'a');
            acknowledged += 1;
          } catch (error) {
            if (!(error instanceof BerthError) || error.reason !== 'STORE_UNAVAILABLE') throw error;
            unknown += 1;
          }
        }
      })();
      for (let round = 0; round < 3; round += 1) {
        const before = acknowledged;
        await until(() => acknowledged > before + 20, { what: 'increments', timeoutMs: 60_000 });
        await server.restart();
      }
      ending.abort();
      await writing;
      const count = (await served(() => things.get('a'))).value.count ?? 0;
      t.true(count >= acknowledged && count <= acknowledged + unknown, `${String(count)} of ${String(acknowledged)}`);
    });
  });

  test('of several writes at once all or none are there after the server is killed again and again', async (t) => {
    await scene(async ({ server, store, things }) => {
      const names = { collection: 'things' } as const;
      const others = await store.collection<Thing>(thingSpec('others'));
      const written: string[] = [];
      const ending = new AbortController();
      const writing = (async () => {
        for (let batch = 0; !ending.signal.aborted; batch += 1) {
          const at = (index: number): Thing => ({ id: `${String(batch)}/${String(index)}`, time: batch, tags: ['x'] });
          const writes = [0, 1, 2].map((index) => ({ ...names, insert: at(index) }));
          try {
            const { outcome } = await store.writeAll([...writes, { collection: 'others', insert: at(3) }]);
            if (outcome === 'written') written.push(String(batch));
          } catch (error) {
            if (!(error instanceof BerthError) || error.reason !== 'STORE_UNAVAILABLE') throw error;
          }
        }
      })();
      for (let round = 0; round < 2; round += 1) {
        const before = written.length;
        await until(() => written.length > before + 20, { what: 'writes', timeoutMs: 60_000 });
        await server.restart();
      }
      ending.abort();
      await writing;
      // A call that got no answer in time may still be done: read while it is, the first collection is without it and the second has
      // it. One that was done in part would never become whole.
      const there = await served(async () => {
        const found = new Map<string, number>();
        for (const collection of [things, others]) {
          for (const { time } of await pages(collection, { limit: 1_000 })) {
            found.set(String(time), (found.get(String(time)) ?? 0) + 1);
          }
        }
        return [...found.values()].every((count) => count === 4) ? found : undefined;
      });
      t.deepEqual(
        written.filter((batch) => !there.has(batch)),
        [],
      );
    });
  });

  test('an insert that is done again collides with itself, and says that it is there', async (t) => {
    await scene(async ({ server, things }) => {
      const connection = await mongoose.createConnection(server.url, { dbName: database }).asPromise();
      const native = connection.collection('things') as unknown as mongoose.mongo.Collection<Body>;
      await insertAll(things, [{ id: 'there', host: 'taken' }]);
      const keys = new UniqueKeys(thingSpec('things'));
      const values: Thing[] = [{ id: 'a', host: 'one' }, { id: 'b', host: 'taken' }, { id: 'c' }];
      const bodies = values.map((value): Body => {
        const absent = keys.absent(value);
        return { _id: value.id, revision: `r-${value.id}`, value, ...(absent === undefined ? {} : { absent }) };
      });
      const first = await insertBodies(native, keys, bodies);
      t.deepEqual(first, [
        { outcome: 'inserted', revision: 'r-a' },
        { outcome: 'duplicate', index: 'host', existing: 'there' },
        { outcome: 'inserted', revision: 'r-c' },
      ]);
      t.deepEqual(await insertBodies(native, keys, bodies), first);
      await connection.close();
    });
  });

  test('a MongoDB that is no replica set is refused', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'berth-mongo-'));
    const port = await freePort();
    const args = ['--dbpath', dir, '--port', String(port), '--bind_ip', '127.0.0.1'];
    const child = spawn(findProgram('mongod') ?? '', args, { stdio: 'ignore' });
    try {
      const url = `mongodb://127.0.0.1:${String(port)}`;
      const refused = await until(
        async () => {
          const error = await failureOf(openMongoCollectionStore({ url, database }));
          return error.reason === 'STORE_UNAVAILABLE' ? undefined : error;
        },
        { what: 'an answer of mongod', timeoutMs: 60_000 },
      );
      t.is(refused.reason, 'INVALID_CONFIG');
      t.regex(refused.message, /no replica set.*--replSet/);
    } finally {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(dir, { recursive: true });
    }
  });
}

test('a server that is not there, and a URL that is none, are told apart', async (t) => {
  const port = String(await freePort());
  const there = await failureOf(openMongoCollectionStore({ url: `mongodb://u:secret@127.0.0.1:${port}`, database }));
  t.is(there.reason, 'STORE_UNAVAILABLE');
  t.true(there.message.includes(`127.0.0.1:${port}`));
  t.false(there.message.includes('secret'));
  const bad = await failureOf(openMongoCollectionStore({ url: 'http://127.0.0.1', database }));
  t.is(bad.reason, 'INVALID_CONFIG');
});
