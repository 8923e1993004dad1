import { systemClock } from '@berth/kernel';
import { openSqliteEventLogStore } from '@berth/storage';
import { fakeClock, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Draft } from '../domain/index.js';
import {
  planApplyInventory,
  planCancel,
  planCreateBench,
  planDeleteBench,
  planExtend,
  planPrioritise,
  planPutOffer,
  planRelease,
  planRevoke,
  planSetCondition,
  planTransfer,
  planUpdateBench,
} from '../domain/index.js';
import type { HeldStore } from './held-log.fixture.js';
import { heldStore, lateStore, slowStore } from './held-log.fixture.js';
import { bench, openTestLab, request, TestStream } from './lab.fixture.js';
import type { OpenLab } from './open-lab.js';

const operator = { actor: { name: 'op', kind: 'caller' as const }, operator: true };
const unnamed = { requestId: '', fingerprint: '' };
const OFFER = { pool: 'p', location: '', attributes: [], entities: {}, labels: {}, available: 1, blockedReason: '' };

async function open(t: ExecutionContext): Promise<{ lab: OpenLab; store: HeldStore }> {
  const store = heldStore(await openSqliteEventLogStore({ dir: ':memory:', clock: systemClock() }));
  const { lab, close } = await openTestLab({ store, benches: [bench('b1', 'a'), bench('b2', 'b')] });
  t.teardown(async () => {
    store.release();
    await close();
    await store.close();
  });
  return { lab, store };
}

/** A change of each kind, of a lab in which `leaseId` holds b1 and 'waits' waits for it. */
const CHANGES: Readonly<Record<string, (leaseId: string) => (draft: Draft) => unknown>> = {
  release: (id) => (draft) => planRelease(draft, id, operator),
  revoke: (id) => (draft) => planRevoke(draft, id, operator, 'why'),
  extend: (id) => (draft) => planExtend(draft, id, operator, 60_000),
  transfer: (id) => (draft) =>
    planTransfer(draft, operator, { leaseId: id, newOwner: 'carol', hold: 'MANUAL', message: '' }),
  cancel: () => (draft) => planCancel(draft, 'waits', operator, 'why'),
  prioritise: () => (draft) => planPrioritise(draft, 'waits', operator, 60),
  'create bench': () => (draft) => planCreateBench(draft, bench('new'), 'inventory'),
  'update bench': () => (draft) => planUpdateBench(draft, 'b2', '', (spec) => ({ ...spec, location: 'l' })),
  'delete bench': () => (draft) => planDeleteBench(draft, 'b2', '', { force: false }, operator),
  'apply inventory': () => (draft) =>
    planApplyInventory(draft, { specs: [bench('new')], prune: false, force: false }, operator),
  'set condition': () => (draft) => planSetCondition(draft, 'b2', '', { state: 'OFFLINE', reason: 'x' }, operator),
  'put offer': () => (draft) => planPutOffer(draft, { ...OFFER, updatedMs: 0 }),
};

for (const [what, plan] of Object.entries(CHANGES)) {
  for (const end of ['fail', 'release'] as const) {
    test(`${what}: nobody is told that it is done while its append is on its way, and it ${end === 'fail' ? 'fails with it' : 'is done with it'}`, async (t) => {
      const { lab, store } = await open(t);
      const [holder, waiter] = [new TestStream(), new TestStream()];
      await lab.acquire(request('holds', 'a', { hold: 'MANUAL' }), holder, holder);
      const waiting = lab.acquire(request('waits', 'a'), waiter, waiter);
      // It may be cancelled, or told that the lab closes.
      waiting.catch(() => undefined);
      await until(() => waiter.positions.length > 0, { what: 'it waits' });
      const { revision } = lab.state;

      store.hold();
      let told: unknown = 'nothing';
      const done = lab.run({ ...unnamed, plan: plan(holder.lease?.id ?? '') }).then(
        (answer) => {
          told = { answer };
        },
        (error: unknown) => {
          told = error;
        },
      );
      await store.held();
      // Whatever would be told without the store is told by now.
      await new Promise(setImmediate);
      t.is(told, 'nothing');
      t.is(lab.state.revision, revision);
      t.deepEqual([waiter.lease, waiter.endedBy], [undefined, undefined]);

      store[end]();
      await done;
      if (end === 'release') t.true(told instanceof Object && 'answer' in told, String(told));
      else t.like(told, { reason: 'STORE_UNAVAILABLE' });
      t.is(lab.state.revision > revision, end === 'release');
      waiter.hangUp();
    });
  }
}

for (const end of ['release', 'fail'] as const) {
  test(`a call that ends while its Acquire is being committed leaves nothing held, when the append ${end === 'fail' ? 'fails' : 'arrives'}`, async (t) => {
    // With the stream forgotten the call never ends: that need not take ava's three minutes.
    t.timeout(20_000);
    const { lab, store } = await open(t);
    const stream = new TestStream();
    store.hold();
    const asked = lab.acquire(request('goes', 'a'), stream, stream);
    const over = asked.catch(() => undefined);
    await store.held();
    stream.hangUp();
    store[end]();
    await over;
    const next = new TestStream();
    const granted = lab.acquire(request('next', 'a'), next, next);
    await until(() => next.lease !== undefined, { what: 'the bench to be given on' });
    t.is(lab.state.leaseOf.get('goes'), undefined);
    next.hangUp();
    await granted;
  });
}

test('a repeated Acquire whose call is over before it is planned takes no lease over', async (t) => {
  t.timeout(20_000);
  const { lab, store } = await open(t);
  const holder = new TestStream();
  const holding = lab.acquire(request('holds', 'a'), holder, holder);
  await until(() => holder.lease !== undefined, { what: 'the lease' });
  store.hold();
  const other = lab.run({ ...unnamed, plan: (draft) => planCreateBench(draft, bench('new'), 'inventory') });
  await store.held();
  // Waits behind the append that is on its way, and is over before its turn.
  const late = new TestStream();
  const asked = lab.acquire(request('holds', 'a'), late, late);
  late.hangUp();
  store.release();
  await other;
  await t.throwsAsync(asked, { message: /its caller hung up/ });
  t.deepEqual([holder.endedBy, late.lease], [undefined, undefined]);
  t.is(lab.state.leaseOf.get('holds')?.id, holder.lease?.id);
  holder.hangUp();
  await holding;
});

test('an append that failed on its way back is found: the lease of a call that ended meanwhile is given up', async (t) => {
  const { lab, store } = await open(t);
  const stream = new TestStream();
  store.lose();
  store.hold();
  const asked = lab.acquire(request('goes', 'a'), stream, stream);
  await store.held();
  stream.hangUp();
  store.release();
  await t.throwsAsync(asked, { message: /does not answer/ });
  const next = new TestStream();
  const granted = lab.acquire(request('next', 'a'), next, next);
  await until(() => next.lease !== undefined, { what: 'the bench to be given on' });
  next.hangUp();
  await granted;
});

test('a grant that is answered when the server has ended its session is not told', async (t) => {
  const store = slowStore(await openSqliteEventLogStore({ dir: ':memory:', clock: systemClock() }), 'append');
  const { lab } = await openTestLab({ store, benches: [bench('b1', 'a')] });
  t.teardown(() => store.close());
  const stream = new TestStream();
  store.hold();
  const asked = lab.acquire(request('late', 'a'), stream, stream);
  await store.held();
  await lab.close();
  store.release();
  await t.throwsAsync(asked, { message: /shuts down/ });
  t.is(stream.lease, undefined);
});

for (const graceMs of [0, 60_000]) {
  test(`an append that detaches a stream, and arrives when its caller is back, takes nothing from it (grace of ${String(graceMs)} ms)`, async (t) => {
    const clock = fakeClock();
    const store = lateStore(await openSqliteEventLogStore({ dir: ':memory:', clock }), 'append');
    const { lab, close } = await openTestLab({ store, clock, benches: [bench('b1', 'a')] });
    t.teardown(async () => {
      await close();
      await store.close();
    });
    const streams = { holds: [new TestStream(), new TestStream()], waits: [new TestStream(), new TestStream()] };
    const done: Promise<void>[] = [];
    const ask = (id: 'holds' | 'waits', time: 0 | 1): TestStream => {
      const stream = streams[id][time] ?? t.fail();
      done.push(lab.acquire(request(id, 'a', { graceMs }), stream, stream));
      return stream;
    };
    const [holder, waiter] = [ask('holds', 0), ask('waits', 0)];
    await until(() => holder.lease !== undefined && waiter.positions.length > 0, { what: 'a holder and a waiter' });
    for (const [id, stream] of [
      ['holds', holder],
      ['waits', waiter],
    ] as const) {
      store.late();
      stream.hangUp();
      await store.underWay();
      store.onTime();
      const back = ask(id, 1);
      await until(() => back.lease !== undefined || back.positions.length > 0, { what: `${id} to be back` });
      await store.arrive();
      // What the late one did is seen by whoever appends next.
      await lab.run({ ...unnamed, plan: (draft) => planPutOffer(draft, { ...OFFER, updatedMs: draft.now }) });
      const { requests, leaseOf } = lab.state;
      const at = leaseOf.get(id) ?? requests.get(id);
      t.deepEqual([back.endedBy, at?.detachedUntilMs, at === undefined], [undefined, undefined, false], id);
    }
    for (const stream of Object.values(streams).flat()) stream.hangUp();
    await Promise.all(done);
  });
}
