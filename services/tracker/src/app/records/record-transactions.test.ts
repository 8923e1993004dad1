import { systemClock } from '@berth/kernel';
import test from 'ava';
import { pino } from 'pino';
import type { Deed } from '../../domain/records/index.js';
import { nextBody } from '../../domain/records/index.js';
import { openRecordCollections } from '../../store/records/open-record-collections.js';
import { openPlace } from '../../transport/records/record-server.fixture.js';
import { createRecord } from './create-record.js';
import { RangeHints } from './range-hints.js';
import type { RecordContext } from './record-context.js';
import { RecordKinds } from './record-kinds.js';
import { RecordTransactions } from './record-transactions.js';

test('who read a record while it was held, and then put back, does not take it as changed by the commit', async (t) => {
  const clock = systemClock();
  const store = await openPlace({ dir: ':memory:' }, clock);
  t.teardown(() => store.close());
  const collections = await openRecordCollections(store);
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
  const { id } = await createRecord(ctx, kinds.named('machines'), { hostname: 'm1' }, deed('create'), false);
  const free = (await collections.records.get(id))!;

  const transactions = new RecordTransactions(ctx);
  const transaction = await transactions.begin(undefined);
  if ('changes' in transaction) return t.fail();
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
