import { BerthError, systemClock } from '@berth/kernel';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pino } from 'pino';
import type { Deed, Kind } from '../../domain/records/index.js';
import { etagOf } from '../../domain/records/index.js';
import { openRecordCollections } from '../../store/records/open-record-collections.js';
import { openPlace } from '../../transport/records/record-server.fixture.js';
import { claimRecords } from './claim-records.js';
import { createRecord } from './create-record.js';
import { getRecord } from './find-record.js';
import { RangeHints } from './range-hints.js';
import type { RecordContext } from './record-context.js';
import { RecordKinds } from './record-kinds.js';
import { deleteRecord, updateRecord } from './update-record.js';

interface Opened {
  readonly ctx: RecordContext;
  readonly machines: Kind;
  readonly deed: (action: Deed['action']) => Deed;
  /** Makes a call that is stopped before it writes, until `go`; resolves when it is there. */
  readonly stopped: <R>(call: () => Promise<R>) => Promise<{ readonly answer: Promise<R>; readonly go: () => void }>;
}

async function openRecords(t: ExecutionContext): Promise<Opened> {
  const clock = systemClock();
  const store = await openPlace({ dir: ':memory:' });
  t.teardown(() => store.close());
  const collections = await openRecordCollections(store);
  const kinds = new RecordKinds(collections);
  await kinds.use([]);
  let stop: (() => Promise<void>) | undefined;
  const ctx: RecordContext = {
    collections,
    kinds,
    clock,
    logger: pino({ level: 'silent' }),
    failpoint: async (name) => {
      const now = name === 'tracker.beforeCommit' ? stop : undefined;
      if (now !== undefined) stop = undefined;
      await now?.();
    },
    rangeHints: new RangeHints(),
    requestIdTtlMs: 1000,
  };
  const nowMs = clock.now();
  return {
    ctx,
    machines: kinds.named('machines'),
    deed: (action) => ({ action, actor: { name: 'ann', kind: 'caller' }, nowMs }),
    async stopped(call) {
      let go = (): void => undefined;
      let there = false;
      const going = new Promise<void>((resolve) => (go = resolve));
      stop = () => {
        there = true;
        return going;
      };
      const answer = call();
      await until(() => there, { what: 'a call that is about to write' });
      return { answer, go };
    },
  };
}

async function actions({ collections }: RecordContext, recordId: string): Promise<string[]> {
  const { documents } = await collections.changes.find({ where: { recordId }, orderBy: { field: 'order' }, limit: 10 });
  return documents.map(({ value }) => value.action);
}

test('a record that a claim is about to take is free for others, and nothing is told of a claim that came too late', async (t) => {
  const { ctx, machines, deed, stopped } = await openRecords(t);
  const { id } = await createRecord(ctx, machines, { hostname: 'm1' }, deed('create'), false);
  const claim = (owner: string) => claimRecords(ctx, machines, { filters: [], count: 1, owner }, deed('claim'));
  const { answer, go } = await stopped(() => claim('bob'));
  t.is((await getRecord(ctx, machines, id, false)).body.claim, undefined);
  t.deepEqual(await actions(ctx, id), ['create']);
  const [claimed] = await claim('eve');
  t.is(claimed?.id, id);
  const late = t.throwsAsync(answer, { instanceOf: BerthError });
  go();
  t.is((await late).reason, 'NOT_ENOUGH_FREE');
  t.is((await getRecord(ctx, machines, id, false)).body.claim?.owner, 'eve');
  t.deepEqual(await actions(ctx, id), ['create', 'claim']);
});

test('a unique value that a call gives up is not taken before it is sure that it does', async (t) => {
  const { ctx, machines, deed, stopped } = await openRecords(t);
  const { id, body } = await createRecord(ctx, machines, { hostname: 'm1' }, deed('create'), false);
  const etag = etagOf(body);
  const { answer, go } = await stopped(() => deleteRecord(ctx, machines, id, etag, deed('delete')));
  const taken = createRecord(ctx, machines, { hostname: 'M1' }, deed('create'), false);
  t.is((await t.throwsAsync(taken, { instanceOf: BerthError })).reason, 'RECORD_EXISTS');
  const update = { given: { owner: 'eve' }, mask: ['owner'], etag, validateOnly: false };
  await updateRecord(ctx, machines, id, update, deed('update'));
  const deletion = t.throwsAsync(answer, { instanceOf: BerthError });
  go();
  t.is((await deletion).reason, 'STALE_ETAG');
  const { documents } = await ctx.collections.records.find({ limit: 10 });
  t.deepEqual(
    documents.map(({ value }) => [value.id, value.uniques]),
    [[id, ['machines/hostname/m1']]],
  );
  t.deepEqual(await actions(ctx, id), ['create', 'update']);
});
