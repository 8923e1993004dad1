import { requireMongo, someMongo } from '@berth/testkit';
import test from 'ava';
import mongoose from 'mongoose';
import { INDEXED_QUERIES, indexedThings } from '../collection/conformance/indexed-queries.js';
import type { Thing } from '../collection/conformance/subject.js';
import { insertAll, pages, thingSpec } from '../collection/conformance/subject.js';
import { openMongoCollectionStore } from './mongo-collection-store.js';

const THINGS = 3_000;
const LIMIT = 10;

interface Profiled {
  readonly op: string;
  readonly planSummary?: string;
  readonly docsExamined?: number;
}

if (requireMongo(test)) {
  test('every query goes along an index, and pages in an index’s order look at little more than they give', async (t) => {
    const server = await someMongo();
    t.teardown(() => server.stop());
    const dbName = server.database(t);
    const store = await openMongoCollectionStore({
      url: server.url,
      database: dbName,
      answerWithinMs: 60_000,
      selectWithinMs: 30_000,
    });
    const connection = await mongoose.createConnection(server.url, { dbName }).asPromise();
    t.teardown(async () => {
      await store.close();
      await connection.close();
    });
    const things = await store.collection<Thing>(thingSpec('things'));
    await insertAll(things, indexedThings(THINGS));

    const { db } = connection;
    await db?.command({ profile: 2 });
    for (const query of INDEXED_QUERIES) {
      const first = await things.find({ ...query, limit: LIMIT });
      if (first.next !== undefined) await things.find({ ...query, limit: LIMIT, after: first.next });
      await things.count(query.where);
    }
    await things.insert([{ id: 'new', host: 'host-1' }]);
    await things.replace({ id: 'thing-000001', host: 'host-2' }, 'none');
    await db?.command({ profile: 0 });

    const profiled = (await db
      ?.collection('system.profile')
      .find({ ns: `${dbName}.things`, planSummary: { $exists: true } })
      .toArray()) as unknown as Profiled[];
    t.true(profiled.length > 3 * INDEXED_QUERIES.length - 3);
    const scans = profiled.filter(({ planSummary }) => planSummary?.includes('COLLSCAN'));
    t.deepEqual(scans, []);
    const wasteful = profiled.filter(({ op, docsExamined = 0 }) => op === 'query' && docsExamined > 2 * LIMIT);
    t.deepEqual(wasteful, []);
    t.is((await pages(things, { orderBy: { field: 'host' }, limit: 500 })).length, THINGS);
  });
}
