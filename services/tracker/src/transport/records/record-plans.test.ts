import type { Collection, CollectionSpec, CollectionStore, Document, Query } from '@berth/storage';
import { explainQuery } from '@berth/storage';
import { onEachEngine } from '@berth/testkit';
import type { DocumentEngine } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { openRecordCollections } from '../../store/records/open-record-collections.js';
import type { Records } from '../tracker-server.fixture.js';
import { startTracker } from '../tracker-server.fixture.js';

const MACHINES = 1000;

/** The same object, with another method. */
function instead<T extends object>(target: T, name: string, method: unknown): T {
  return new Proxy(target, {
    get(_, key): unknown {
      if (key === name) return method;
      const value: unknown = Reflect.get(target, key);
      // Private fields are the target's own.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The same store; the queries of records are told. */
function toldQueries(store: CollectionStore, tell: (query: Query) => void): CollectionStore {
  const collection = async <T extends Document>(spec: CollectionSpec): Promise<Collection<T>> => {
    const opened = await store.collection<T>(spec);
    if (spec.name !== 'records') return opened;
    return instead(opened, 'find', (query: Query) => {
      tell(query);
      return opened.find(query);
    });
  };
  return instead(store, 'collection', collection);
}

/** Goes through a whole table or a whole index. */
const WHOLE = /COLLSCAN|^SCAN /;

/** Calls, and the index that the queries of each have to go along, in the names of either engine. */
const CALLS: readonly (readonly [what: string, call: (records: Records) => Promise<unknown>, index: RegExp])[] = [
  ['by its unique field', (records) => records.getRecord({ kind: 'machines', name: 'm7' }), /uniques/],
  [
    'a deleted one by its unique field',
    (records) => records.getRecord({ kind: 'machines', name: 'm7', includeDeleted: true }),
    /uniques|slot0/,
  ],
  ['all', (records) => records.listRecords({ kind: 'machines', pageSize: 5 }), /shelf/],
  ['all and deleted ones', (records) => records.listRecords({ kind: 'machines', includeDeleted: true }), /shelf/],
  ['by owner', (records) => listed(records, 'owner', { $case: 'equals', value: 'o7' }), /slot1|shelf/],
  ['by state', (records) => listed(records, 'state', { $case: 'equals', value: 'idle' }), /slot2|shelf/],
  ['by some states', (records) => listed(records, 'state', { $case: 'oneOf', value: ['idle', 'pxe'] }), /slot2|shelf/],
  ['by a prefix of the hostname', (records) => listed(records, 'hostname', { $case: 'prefix', value: 'm12' }), /slot0/],
  [
    'in the order of hostnames',
    (records) => listed(records, 'hostname', { $case: 'prefix', value: 'm12' }, 'hostname desc'),
    /slot0/,
  ],
  ['by a tag', (records) => listed(records, 'tags', { $case: 'equals', value: 't7' }), /items/],
  ['by who claimed', (records) => listed(records, 'claimed_by', { $case: 'equals', value: 'bob' }), /claimed/],
  ['free ones', (records) => records.claimRecords({ kind: 'machines', owner: 'bob' }), /free/],
  ['free addresses of a range', (records) => records.claimAddresses({ range: 'lab', owner: 'bob' }), /slot0|uniques/],
];

type Condition = NonNullable<NonNullable<Parameters<Records['listRecords']>[0]['filters']>[number]['condition']>;

function listed(records: Records, field: string, condition: Condition, orderBy = ''): Promise<unknown> {
  return records.listRecords({ kind: 'machines', filters: [{ field, condition }], orderBy, pageSize: 5 });
}

async function fill(records: Records): Promise<void> {
  const states = ['idle', 'pxe', 'in_use'];
  await records.batchCreateRecords({
    kind: 'machines',
    records: Array.from({ length: MACHINES }, (_, n) => ({
      fields: { hostname: `m${n}`, owner: `o${n % 100}`, state: states[n % 3], tags: [`t${n % 50}`] },
    })),
  });
  await records.createRecord({ record: { kind: 'address-ranges', fields: { name: 'lab', range: '10.0.0.0/24' } } });
  await records.claimAddresses({ range: 'lab', count: 20, owner: 'ann' });
  await records.claimRecords({ kind: 'machines', count: 50, owner: 'bob' });
}

async function checkPlans(t: ExecutionContext, engine: DocumentEngine): Promise<void> {
  const queries: Query[] = [];
  const seen = (store: CollectionStore) => toldQueries(store, (query) => void queries.push(query));
  const { records, store } = await startTracker(t, engine, { seen });
  await fill(records);
  const collection = (await openRecordCollections(store)).records;
  for (const [what, call, index] of CALLS) {
    queries.length = 0;
    await call(records);
    t.true(queries.length > 0, what);
    for (const query of queries) {
      const steps = await explainQuery(collection, query);
      const plan = `${what}: ${JSON.stringify(query)}: ${steps.join('; ')}`;
      t.false(
        steps.some((step) => WHOLE.test(step)),
        plan,
      );
      t.regex(steps.join('\n'), index, plan);
    }
  }
}

onEachEngine(test, (engine, title) => {
  test(title('every query of records goes along an index'), (t) => checkPlans(t, engine));
});
