import { BerthError } from '@berth/kernel';
import type { FaultProxy, MongoServer } from '@berth/testkit';
import { requireServer, startFaultProxy, startMongo, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Collection, CollectionStore, Write } from '../collection/collection.js';
import type { Thing } from '../collection/conformance/subject.js';
import { insertAll, thingSpec } from '../collection/conformance/subject.js';
import { openMongoCollectionStore } from './mongo-collection-store.js';

/** Half of it is for trying again, on a machine that is busy with other tests. */
const answerWithinMs = 60_000;

interface Scene {
  readonly proxy: FaultProxy;
  /** Through the proxy. */
  readonly things: Collection<Thing>;
  /** Of `things`. */
  readonly store: CollectionStore;
  /** The same ones, on a way of their own. */
  readonly direct: Collection<Thing>;
}

let server: MongoServer | undefined;
let databases = 0;

/** A collection that is reached over a proxy, with the document `a` in it. */
async function startScene(t: ExecutionContext): Promise<Scene> {
  if (server === undefined) throw new Error('MongoDB is not started');
  const { url, port } = server;
  const proxy = await startFaultProxy(port);
  t.teardown(() => proxy.stop());
  databases += 1;
  const database = `lost-${String(databases)}`;
  const open = async (at: string) => {
    const store = await openMongoCollectionStore({ url: at, database, answerWithinMs });
    t.teardown(() => store.close());
    return { store, things: await store.collection<Thing>(thingSpec('things')) };
  };
  const { things: direct } = await open(url);
  await insertAll(direct, [{ id: 'a', count: 0 }]);
  // The driver would find its own way to the members of the replica set.
  return { proxy, direct, ...(await open(`mongodb://${proxy.address}/?directConnection=true`)) };
}

/**
 * The driver repeats a write once, in a way that the server knows again; that waits 2 s for a server (SELECT_WITHIN_MS), which
 * it looks for twice a second. After so many looks it has given up.
 */
const LOOKS = 12;

interface LostWrite<R> {
  readonly write: () => Promise<R>;
  /** Whether it got through. */
  readonly done: () => Promise<boolean>;
  /** What others do before the network is healed. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** Makes a write that gets through and whose answer is lost, and heals the network when the driver has given up. */
async function loseAnswer<R>({ proxy }: Scene, { write, done, meanwhile }: LostWrite<R>): Promise<R> {
  proxy.loseAnswers();
  const answer = write();
  // It may be refused before it is awaited below.
  answer.catch(() => undefined);
  await until(done, { what: 'the write to get through', timeoutMs: 20_000 });
  await meanwhile?.();
  const looked = proxy.accepted + LOOKS;
  await until(() => proxy.accepted >= looked, { what: 'the driver to give up', timeoutMs: 25_000 });
  proxy.heal();
  return answer;
}

async function revisionOf(things: Collection<Thing>, id: string): Promise<string> {
  return (await things.get(id))?.revision ?? '';
}

if (requireServer(test, 'mongod')) {
  test.before(async () => {
    server = await startMongo();
  });
  test.after.always(() => server?.stop());

  test('an insert whose answer was lost is told as done, and is there once', async (t) => {
    const scene = await startScene(t);
    const { things, direct } = scene;
    const batch = [{ id: 'b', host: 'one' }, { id: 'a' }, { id: 'c', host: 'two' }];
    const results = await loseAnswer(scene, {
      write: () => things.insert(batch),
      done: async () => (await direct.count()) === 3,
    });
    t.deepEqual(results, [
      { outcome: 'inserted', revision: await revisionOf(direct, 'b') },
      { outcome: 'duplicate', index: 'id', existing: 'a' },
      { outcome: 'inserted', revision: await revisionOf(direct, 'c') },
    ]);
    t.is(await direct.count(), 3);
  });

  test('a replace whose answer was lost is told as done', async (t) => {
    const scene = await startScene(t);
    const { things, direct } = scene;
    const before = await revisionOf(direct, 'a');
    const result = await loseAnswer(scene, {
      write: () => things.replace({ id: 'a', count: 1 }, before),
      done: async () => (await direct.get('a'))?.value.count === 1,
    });
    t.deepEqual(result, { outcome: 'replaced', revision: await revisionOf(direct, 'a') });
    t.deepEqual(await things.replace({ id: 'a', count: 2 }, before), { outcome: 'stale' });
  });

  test('a replace whose answer was lost, and that others replaced since, is told as unknown, and not done again', async (t) => {
    const scene = await startScene(t);
    const { things, direct } = scene;
    const before = await revisionOf(direct, 'a');
    const result = loseAnswer(scene, {
      write: () => things.replace({ id: 'a', count: 1 }, before),
      done: async () => (await direct.get('a'))?.value.count === 1,
      meanwhile: async () => direct.replace({ id: 'a', count: 2 }, await revisionOf(direct, 'a')),
    });
    const error = await t.throwsAsync(result, { instanceOf: BerthError });
    t.is(error.reason, 'STORE_UNAVAILABLE');
    t.regex(error.message, /cannot be told whether a was written.*read it again/);
    t.is((await direct.get('a'))?.value.count, 2);
  });

  test('a remove whose answer was lost is told as unknown, and its repeat as gone', async (t) => {
    const scene = await startScene(t);
    const { things, direct } = scene;
    const before = await revisionOf(direct, 'a');
    const result = loseAnswer(scene, {
      write: () => things.remove('a', before),
      done: async () => (await direct.get('a')) === undefined,
    });
    const error = await t.throwsAsync(result, { instanceOf: BerthError });
    t.is(error.reason, 'STORE_UNAVAILABLE');
    t.regex(error.message, /cannot be told whether a was removed.*read it again/);
    t.is(await things.remove('a', before), 'gone');
  });

  /** A replace of `a` and an insert, both or neither. */
  async function both(direct: Collection<Thing>): Promise<Write<Thing>[]> {
    const collection = 'things';
    return [
      { collection, replace: { id: 'a', count: 1 }, expected: await revisionOf(direct, 'a') },
      { collection, insert: { id: 'b', host: 'one' } },
    ];
  }

  test('several writes whose commit is not answered are told as done, and are done once', async (t) => {
    const { proxy, store, direct } = await startScene(t);
    const writes = await both(direct);
    proxy.loseAnswers('commitTransaction');
    const before = proxy.accepted;
    const answer = store.writeAll(writes);
    await until(async () => (await direct.count()) === 2, { what: 'the commit to get through', timeoutMs: 20_000 });
    // A lost answer costs the connection: the commit was asked for again on others, and those answers were lost too.
    await until(() => proxy.accepted >= before + 3, { what: 'the commit to be asked for again', timeoutMs: 20_000 });
    // Another writer changes what was written: still the commit says whether it was.
    t.is((await direct.replace({ id: 'a', count: 5 }, await revisionOf(direct, 'a'))).outcome, 'replaced');
    proxy.heal();
    t.deepEqual(await answer, { outcome: 'written' });
    t.is((await direct.get('a'))?.value.count, 5);
    t.like(await store.writeAll(writes), { write: 0, outcome: 'stale' });
  });

  test('several writes of which one is not answered are begun again, and are done once', async (t) => {
    const { proxy, store, direct } = await startScene(t);
    const writes = await both(direct);
    proxy.loseAnswers('startTransaction');
    const before = proxy.accepted;
    const answer = store.writeAll(writes);
    await until(() => proxy.accepted >= before + 3, { what: 'the writes to be tried again', timeoutMs: 20_000 });
    t.is(await direct.count(), 1);
    proxy.heal();
    t.deepEqual(await answer, { outcome: 'written' });
    t.is((await direct.get('a'))?.value.count, 1);
    t.is(await direct.count({ host: 'one' }), 1);
  });

  test('a remove whose answer was lost does not take what was inserted since', async (t) => {
    const scene = await startScene(t);
    const { things, direct } = scene;
    const before = await revisionOf(direct, 'a');
    const result = await loseAnswer(scene, {
      write: () => things.remove('a', before),
      done: async () => (await direct.get('a')) === undefined,
      meanwhile: () => insertAll(direct, [{ id: 'a', count: 7 }]),
    });
    t.is(result, 'stale');
    t.is((await direct.get('a'))?.value.count, 7);
  });
}
