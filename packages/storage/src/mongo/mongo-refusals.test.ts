import { BerthError } from '@berth/kernel';
import type { MongoServer } from '@berth/testkit';
import { requireServer, startMongo } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import mongoose from 'mongoose';
import type { Thing } from '../collection/conformance/subject.js';
import { insertAll, thingSpec } from '../collection/conformance/subject.js';
import { openMongoCollectionStore } from './mongo-collection-store.js';

const database = 'refusals';

/** How often a replace reaches the server that refuses each with this code, and what its caller is told. */
async function refusedWith(t: ExecutionContext, server: MongoServer, errorCode: number) {
  const store = await openMongoCollectionStore({ url: server.url, database });
  const admin = await mongoose.createConnection(server.url, { dbName: 'admin' }).asPromise();
  t.teardown(() => Promise.all([store.close(), admin.close()]));
  const fail = (mode: string) =>
    admin.db?.command({ configureFailPoint: 'failCommand', mode, data: { failCommands: ['update'], errorCode } });
  const things = await store.collection<Thing>(thingSpec('things'));
  const id = `of-${String(errorCode)}`;
  await insertAll(things, [{ id }]);
  const found = await things.get(id);
  const before = Number((await fail('alwaysOn'))?.['count']);
  const error = await t.throwsAsync(things.replace({ id, count: 1 }, found?.revision ?? ''), {
    instanceOf: BerthError,
  });
  const reached = Number((await fail('off'))?.['count']) - before;
  t.is(error.reason, 'STORE_UNAVAILABLE');
  t.is((await things.replace({ id, count: 1 }, found?.revision ?? '')).outcome, 'replaced');
  return { reached, message: error.message };
}

if (requireServer(test, 'mongod')) {
  let server: MongoServer | undefined;
  test.before(async () => {
    server = await startMongo({ failpoints: true });
  });
  test.after.always(() => server?.stop());

  test.serial('what MongoDB refuses until somebody does something about it is told at once', async (t) => {
    if (server === undefined) throw new Error('MongoDB is not started');
    const full = await refusedWith(t, server, 14_031);
    t.is(full.reached, 1);
    t.regex(full.message, /its disk is full: free some space/);
    const forbidden = await refusedWith(t, server, 13);
    t.is(forbidden.reached, 1);
    t.regex(forbidden.message, /give it the role readWrite/);
  });

  test.serial('a write that may go well the next time is tried again with growing pauses', async (t) => {
    if (server === undefined) throw new Error('MongoDB is not started');
    const { reached } = await refusedWith(t, server, 50);
    // Pauses of at least 10, 20, 40, 80, 160 and then 200 ms fit that often into half of 3 s.
    t.true(reached > 1 && reached <= 12, String(reached));
  });
}
