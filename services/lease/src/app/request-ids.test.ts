import { systemClock } from '@berth/kernel';
import { openRedisEventLogStore } from '@berth/storage';
import { requireServer, startRedisServer, until } from '@berth/testkit';
import test from 'ava';
import type { Draft } from '../domain/index.js';
import { planCreateBench, planRelease, planRevoke, planUpdateBench } from '../domain/index.js';
import type { Command } from './command.js';
import { bench, named, openTestLab, request, TestStream } from './lab.fixture.js';

const withRedis = requireServer(test, 'redis-server') ? test : test.skip;
const operator = { actor: { name: 'op', kind: 'caller' as const }, operator: true };
const unnamed = { requestId: '', fingerprint: '' };

/** Moves the bench b1; how many events that made. */
function move(draft: Draft, location: string): number {
  const events = draft.events.length;
  planUpdateBench(draft, 'b1', '', (spec) => ({ ...spec, location }));
  return draft.events.length - events;
}

withRedis('one request id that reaches two replicas at the same moment is one request', async (t) => {
  const redis = await startRedisServer();
  const clock = systemClock();
  const stores = await Promise.all([0, 1].map(() => openRedisEventLogStore({ url: redis.url, clock })));
  const benches = ['b1', 'b2'].map((name) => bench(name, 'a'));
  const labs: Awaited<ReturnType<typeof openTestLab>>[] = [];
  for (const store of stores) labs.push(await openTestLab({ store, benches }));
  for (let i = 0; i < 20; i++) {
    const asked = labs.map(async ({ lab }) => {
      const stream = new TestStream();
      await lab.acquire(request(`r${String(i)}`, 'a', { hold: 'MANUAL' }), stream, stream);
      return { lab, lease: stream.lease ?? t.fail() };
    });
    const [one, other] = await Promise.all(asked);
    t.is(one?.lease.id, other?.lease.id);
    t.is(one?.lease.token, other?.lease.token);
    const id = one?.lease.id ?? '';
    t.true(await one?.lab.run({ ...unnamed, plan: (draft) => planRelease(draft, id, operator) }));
  }
  for (const { close } of labs) await close();
  await Promise.all(stores.map((store) => store.close()));
  await redis.stop();
});

withRedis(
  'a call that may change nothing and reaches two replicas, amid the changes of others, acts once',
  async (t) => {
    const redis = await startRedisServer();
    const clock = systemClock();
    const stores = await Promise.all([0, 1].map(() => openRedisEventLogStore({ url: redis.url, clock })));
    const [one, two] = await Promise.all(stores.map((store) => openTestLab({ store })));
    if (one === undefined || two === undefined) throw new Error('unreachable');
    await one.lab.run({ ...unnamed, plan: (draft) => planCreateBench(draft, bench('b1', 'a'), 'inventory') });
    const home = (i: number): Command<number> => named(`m${String(i)}`, 'home', (draft) => move(draft, 'home'));
    const away = { ...unnamed, plan: (draft: Draft) => move(draft, 'away') };
    const first: number[] = [];
    for (let i = 0; i < 30; i++) {
      const asked = [one.lab.run(home(i)), two.lab.run(home(i)), ...(i % 3 > 0 ? [two.lab.run(away)] : [])];
      const [told = NaN, toldByTheOther = NaN] = await Promise.all(asked);
      t.is(told, toldByTheOther);
      first.push(told);
    }
    t.true(first.includes(0) && first.includes(1), 'some changed nothing, some did');
    await one.lab.run(home(30));
    await two.lab.run(away);
    const { revision } = two.lab.state;
    for (const [i, told] of first.entries()) t.is(await two.lab.run(home(i)), told);
    t.is(two.lab.state.revision, revision);
    t.is(two.lab.state.benches.get('b1')?.spec.location, 'away');
    await one.close();
    await two.close();
    await Promise.all(stores.map((store) => store.close()));
    await redis.stop();
  },
);

test('what changed nothing is remembered, and nobody hears of it', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const { revision } = lab.state;
  let heard = 0;
  lab.changes.read(revision, () => (heard += 1));
  const home = named('h1', 'home', (draft) => move(draft, ''));
  t.is(await lab.run(home), 0);
  t.is(lab.state.revision, revision);
  // Watchers are told in a turn of their own.
  await new Promise(setImmediate);
  t.is(heard, 0);
  await lab.run({ ...unnamed, plan: (draft) => move(draft, 'away') });
  await until(() => heard === 1, { what: 'the change to be heard' });
  t.is(await lab.run(home), 0);
  t.is(lab.state.benches.get('b1')?.spec.location, 'away');
  await close();
});

test('a repeat that is planned together with the end of its request is told of the end', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const [first, again] = [new TestStream(), new TestStream()];
  await lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), first, first);
  const id = first.lease?.id ?? '';
  // One turn, so one batch: the repeat finds no request in the draft, and nothing remembered in the store yet.
  const released = lab.run({ ...unnamed, plan: (draft) => planRelease(draft, id, operator) });
  const repeated = lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), again, again);
  t.true(await released);
  await t.throwsAsync(repeated, { message: /has ended \(released/ });
  t.is(lab.state.leases.size, 0);
  await close();
});

test('the id of a request that waits or holds is refused to every other call', async (t) => {
  const { lab, close } = await openTestLab({ benches: [bench('b1', 'a')] });
  const [holder, waiter] = [new TestStream(), new TestStream()];
  await lab.acquire(request('r1', 'a', { hold: 'MANUAL' }), holder, holder);
  const waiting = lab.acquire(request('r2', 'a'), waiter, waiter);
  const id = holder.lease?.id ?? '';
  const revoke = (requestId: string): Promise<boolean> =>
    lab.run(named(requestId, 'revoke', (draft) => planRevoke(draft, id, operator, 'power cut')));
  await t.throwsAsync(revoke('r1'), { message: /request_id: 'r1' was used/ });
  await t.throwsAsync(revoke('r2'), { message: /request_id: 'r2' was used/ });
  t.truthy(lab.state.leases.get(id));
  t.true(await revoke('r3'));
  waiter.hangUp();
  await waiting;
  await close();
});
