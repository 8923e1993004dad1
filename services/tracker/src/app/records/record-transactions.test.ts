import { BerthError, systemClock } from '@berth/kernel';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pino } from 'pino';
import type { Deed, Kind } from '../../domain/records/index.js';
import { deletedBody, nextBody } from '../../domain/records/index.js';
import { openRecordCollections } from '../../store/records/open-record-collections.js';
import type { Hooks } from '../../transport/hooked-store.fixture.js';
import { hookedStore } from '../../transport/hooked-store.fixture.js';
import { openPlace } from '../../transport/records/record-server.fixture.js';
import { createRecord } from './create-record.js';
import { RangeHints } from './range-hints.js';
import type { RecordContext } from './record-context.js';
import { RecordKinds } from './record-kinds.js';
import { RecordTransactions } from './record-transactions.js';

interface Opened {
  readonly ctx: RecordContext;
  readonly machines: Kind;
  readonly deed: (action: Deed['action']) => Deed;
}

async function openRecords(t: ExecutionContext, hooks: Hooks = {}): Promise<Opened> {
  const clock = systemClock();
  const store = await openPlace({ dir: ':memory:' }, clock);
  t.teardown(() => store.close());
  const collections = await openRecordCollections(hookedStore(store, 'records', hooks));
  const kinds = new RecordKinds(collections);
  await kinds.use([]);
  const ctx: RecordContext = {
    collections,
    kinds,
    clock,
    logger: pino({ level: 'silent' }),
    failpoint: () => undefined,
    rangeHints: new RangeHints(),
    requestIdTtlMs: 1000,
  };
  const nowMs = clock.now();
  const deed = (action: Deed['action']): Deed => ({ action, actor: { name: 'ann', kind: 'caller' }, nowMs });
  return { ctx, machines: kinds.named('machines'), deed };
}

test('who read a record while it was held, and then put back, does not take it as changed by the commit', async (t) => {
  const { ctx, machines, deed } = await openRecords(t);
  const { collections } = ctx;
  const { id } = await createRecord(ctx, machines, { hostname: 'm1' }, deed('create'), false);
  const free = (await collections.records.get(id))!;

  const transactions = new RecordTransactions(ctx);
  const transaction = await transactions.begin(undefined);
  if ('changes' in transaction) return t.fail();
  const { nowMs } = deed('claim');
  const claimed = nextBody(free.value.body, { claim: { owner: 'bob', sinceMs: nowMs } }, nowMs);
  await transaction.hold([{ stored: free, body: claimed }], deed('claim'));
  const held = (await collections.records.get(id))!;
  await transaction.startOver();
  await transaction.commit();

  const [seen] = await transactions.visible([held]);
  t.is(seen?.body.claim, undefined);
  t.is((await transactions.settle(held))?.value.body.claim, undefined);
  const { documents } = await collections.changes.find({ where: { recordId: id }, limit: 10 });
  t.deepEqual(
    documents.map(({ value }) => value.action),
    ['create'],
  );
});

test('a unique value that a transaction gives up is not taken before it is sure that it does', async (t) => {
  const triedNames: unknown[] = [];
  const { ctx, machines, deed } = await openRecords(t, {
    insert: (documents) => {
      for (const document of documents) triedNames.push('id' in document && document.id);
      return Promise.resolve();
    },
  });
  const { records } = ctx.collections;
  const { id } = await createRecord(ctx, machines, { hostname: 'm1' }, deed('create'), false);
  const free = (await records.get(id))!;
  const transaction = await new RecordTransactions(ctx).begin(undefined);
  if ('changes' in transaction) return t.fail();
  await transaction.hold(
    [{ stored: free, body: deletedBody(free.value.body, deed('release').nowMs, 1000) }],
    deed('release'),
  );
  triedNames.length = 0;
  const creating = t.throwsAsync(createRecord(ctx, machines, { hostname: 'M1' }, deed('create'), false), {
    instanceOf: BerthError,
  });
  await until(() => triedNames.length > 0, { what: 'another record to try for the name' });
  await transaction.giveUp();
  t.is((await creating).reason, 'RECORD_EXISTS');
  const { documents } = await records.find({ limit: 10 });
  t.deepEqual(
    documents.map(({ value }) => [value.id, value.hold, value.uniques]),
    [[id, undefined, ['machines/hostname/m1']]],
  );
});
